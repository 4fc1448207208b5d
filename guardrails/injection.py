"""Attempts to steer the system: structure rules, and the injection branch where there is one."""

from __future__ import annotations

from dataclasses import dataclass, field

from guardrails.guard import Message
from guardrails.model import ModelHead
from guardrails.rules import Table
from guardrails.verdict import Finding

_HARMLESS = frozenset({"benign", "safe", "none"})


@dataclass(frozen=True, slots=True)
class InjectionGuard:
    """Finds attacks in every reading of a text: decoded, in leetspeak, backwards. `head` None: rules alone."""

    head: ModelHead | None = None
    name: str = "injection"
    table: Table = field(default_factory=lambda: Table.load("injection"))

    def measure(self, message: Message) -> list[Finding]:
        """Return one finding per kind of attack, and those of the model."""
        modelled = self.head.findings(self.name, message) if self.head else []
        return self.table.find(self.name, message.views.letters) + [f for f in modelled if f.label not in _HARMLESS]
