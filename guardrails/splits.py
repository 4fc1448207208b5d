"""Values that come in pieces, a message each: where an earlier message may go on in the next. Knows no recognizer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from guardrails.verdict import Span

_LEAD = re.compile(
    r"\s*(?:(?:and|then|next|so|also|plus|followed by|the (?:rest|other (?:half|part))|rest|last (?:four|4|part|digits)"
    r"|it(?:'s| is)|is|are|ends? (?:in|with)|continued?)\b|[,;:…>-](?=\s)|\s)*",
    re.IGNORECASE,
)
_TRAIL = re.compile(
    r"(?:\s|[,;:…>-]|\.{2,}|\b(?:and|then|more (?:coming|to come|to follow)|to be continued|tbc|cont(?:inued)?)\b)*$",
    re.IGNORECASE,
)
_OPEN = re.compile(r"(?:\d|@[\w.-]*|(?<![\w.])[\w+-]+\.[\w+-]+|\b[A-Z]{2}\d\d\s?\w*)$")
_ON = re.compile(r"\d|@[\w.-]+|[\w-]+\.\w|\.\w|[A-Z]{4}\b")
_LONGEST = 120  # characters of the first and the last message that count


@dataclass(frozen=True, slots=True)
class Split:
    """A part of a value in an earlier message: its place there, and the span of the value's end in the last."""

    message: int
    start: int
    end: int
    last: Span


@dataclass(frozen=True, slots=True, repr=False)
class Joined:
    """Messages read as one. `stretches` are (message, its start there, its start in `text`, length)."""

    text: str
    stretches: tuple[tuple[int, int, int, int], ...]

    @classmethod
    def of(cls, before: Sequence[str], last: str) -> Joined | None:
        """Join `last` to those of the messages before it that it goes on from; None where it starts anew."""
        texts = [*before, last]
        first = len(before)
        while first and _goes_on(texts[first - 1], texts[first]):
            first -= 1
        if first == len(before):
            return None
        text, stretches = "", []
        for place in range(first, len(texts)):
            start = _begin(texts[place]) if place > first else max(0, _end(texts[place]) - _LONGEST)
            end = _end(texts[place]) if place < len(before) else min(len(last), start + _LONGEST)
            if text and "@" not in (text[-1], texts[place][start]) and "." not in (text[-1], texts[place][start]):
                text += " "
            stretches.append((place, start, len(text), end - start))
            text += texts[place][start:end]
        return cls(text, tuple(stretches))

    def parts(self, start: int, end: int) -> list[tuple[int, int, int]]:
        """Where `[start, end)` of the text stands: (message, start, end) in each message that has a part of it."""
        return [
            (place, own + max(start - at, 0), own + min(end - at, length))
            for place, own, at, length in self.stretches
            if start < at + length and end > at
        ]


def _goes_on(earlier: str, later: str) -> bool:
    begin = _begin(later)
    return bool(_ON.match(later, begin) and _OPEN.search(earlier, 0, _end(earlier)))


def _begin(text: str) -> int:
    found = _LEAD.match(text)
    return found.end() if found else 0


def _end(text: str) -> int:
    found = _TRAIL.search(text)
    return found.start() if found else len(text)
