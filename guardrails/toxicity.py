"""Abuse: what the toxicity branch says, and a few words that leave no doubt. Knows no threshold."""

from __future__ import annotations

from dataclasses import dataclass, field

from guardrails.guard import Message
from guardrails.model import ModelHead
from guardrails.rules import Table
from guardrails.verdict import Finding


@dataclass(frozen=True, slots=True)
class ToxicityGuard:
    """Labels as Detoxify names them. `head` None: only the rules measure."""

    head: ModelHead | None = None
    name: str = "toxicity"
    table: Table = field(default_factory=lambda: Table.load("toxicity"))

    def measure(self, message: Message) -> list[Finding]:
        """Return a finding for each label that a rule gives, and for each that the model does."""
        ruled = self.table.find(self.name, message.views.letters)
        return ruled + (self.head.findings(self.name, message) if self.head else [])
