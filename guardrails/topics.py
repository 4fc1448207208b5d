"""What a text is about that it should not be: banned topics, competitors, and what is no business of the shop's."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from guardrails.guard import Message
from guardrails.rules import Table
from guardrails.verdict import Finding

LISTS = frozenset({"banned", "competitor"})


@dataclass(frozen=True, slots=True)
class TopicsGuard:
    """Finds the operator's words, whole, in every reading of a text, and requests that no shop is there for.

    `words` are a pattern by label (`banned`, `competitor`); `table` the requests, labelled `off_topic` (None: not
    looked for, as on the way out, where the bot writes no poems).
    """

    words: Mapping[str, re.Pattern[str]]
    table: Table | None
    name: str = "topics"

    @classmethod
    def build(
        cls, banned: Iterable[str] = (), competitors: Iterable[str] = (), *, requests: bool = True
    ) -> TopicsGuard:
        """Return the guard for the operator's words; spaces in them stand for any white space or hyphen."""
        lists = {"banned": list(banned), "competitor": list(competitors)}
        words = {label: _whole(entries) for label, entries in lists.items() if entries}
        return cls(words, Table.load("topics") if requests else None)

    @property
    def labels(self) -> frozenset[str]:
        """Those of the lists, also of empty ones, and of the requests."""
        return (self.table.labels if self.table else frozenset()) | LISTS

    def measure(self, message: Message) -> list[Finding]:
        """Return at most one finding per label."""
        found = self.table.find(self.name, message.views.letters) if self.table else []
        for label, pattern in self.words.items():
            spans = {
                view.span(*match.span(), label): None
                for view in message.views.letters
                for match in pattern.finditer(view.text)
            }
            if spans:
                found.append(Finding(self.name, label, 1.0, tuple(spans), f"a word of the list: {label}"))
        return found


def _whole(entries: Iterable[str]) -> re.Pattern[str]:
    parts = (r"[\s\-]+".join(map(re.escape, entry.split())) for entry in entries if entry.strip())
    return re.compile(rf"(?<!\w)(?:{'|'.join(parts)})(?:'?s)?(?!\w)", re.IGNORECASE)
