"""Passwords, keys and tokens that someone pasted or told. Patterns only; nothing is tried out or sent."""

from __future__ import annotations

from guardrails.guard import Message
from guardrails.rules import Table
from guardrails.verdict import Finding


class SecretsGuard:
    """Finds secrets; the span is the secret alone where a cue introduces it."""

    name = "secrets"

    def __init__(self) -> None:
        self._table = Table.load("secrets")
        self.labels = self._table.labels

    def measure(self, message: Message) -> list[Finding]:
        """Return at most one finding per label."""
        return self._table.find(self.name, message.views.plain)
