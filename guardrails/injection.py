"""Attempts to steer the system: structure rules, and the injection branch where there is one."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from guardrails.guard import Message
from guardrails.model import ModelHead
from guardrails.normalise import hidden
from guardrails.rules import Table
from guardrails.verdict import Finding
from guardrails.view import View

_TURNED = re.compile(r"\b(?:ignore|disregard|instructions?|system prompt|password|reveal)\b", re.IGNORECASE)
_HARMLESS = frozenset({"benign", "safe", "none"})


@dataclass(frozen=True, slots=True)
class InjectionGuard:
    """Finds attacks in every reading of a text: decoded, in leetspeak, backwards. `head` None: rules alone."""

    head: ModelHead | None = None
    name: str = "injection"
    table: Table = field(default_factory=lambda: Table.load("injection"))

    def measure(self, message: Message) -> list[Finding]:
        """Return one finding per kind of attack, and those of the model."""
        views = [*message.views.letters, *(v for v in message.views.turned if _TURNED.search(v.text))]
        if secret := hidden(message.original):
            end = len(message.original)
            views.append(View(secret, [0] * len(secret), [end] * len(secret)))
        modelled = self.head.findings(self.name, message) if self.head else []
        return self.table.find(self.name, views) + [f for f in modelled if f.label not in _HARMLESS]
