"""Passwords, keys and tokens that someone pasted or told. Patterns only; nothing is tried out or sent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from guardrails.guard import Message
from guardrails.rules import Table
from guardrails.splits import Joined
from guardrails.verdict import Finding
from guardrails.view import View


class SecretsGuard:
    """Finds secrets; the span is the secret alone where a cue introduces it."""

    name = "secrets"

    def __init__(self) -> None:
        self._table = Table.load("secrets")
        self.labels = self._table.labels

    def measure(self, message: Message) -> list[Finding]:
        """Return at most one finding per label, and one for each secret that the message before announced."""
        return [*self._table.find(self.name, message.views.leet), *self._announced(message)]

    def _announced(self, message: Message) -> Iterator[Finding]:
        base = message.views.base
        joined = Joined.of(message.before, base.text) if message.before else None
        if joined is None or not joined.announced:
            return
        for hit in self._table.find(self.name, [View(joined.text)]):
            for span in hit.spans:
                place, start, end = joined.parts(span.start, span.end)[-1]
                if place == len(message.before):
                    yield replace(hit, spans=(base.span(start, end, hit.label),))
