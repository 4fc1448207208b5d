"""Values that come in pieces, a message each: where an earlier message may go on in the next. Knows no recognizer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from guardrails.verdict import Span
from guardrails.view import View
from guardrails.views import Views

_DIGIT = r"(?:zero|oh|one|two|three|four|five|six|seven|eight|nine|double|triple)"
_STREET = r"(?:street|road|lane|avenue|drive|close|court|crescent|square|terrace|way|gardens|grove|mews|boulevard)"
_LEAD = re.compile(
    r"\s*(?:(?:and|then|next|so|also|plus|followed by|the (?:rest|other (?:half|part))|rest|last (?:four|4|part|digits)"
    r"|it(?:'s| is)|is|are|ends? (?:in|with)|continued?)\b|[,;:…>-](?=\s)|\s)*",
    re.IGNORECASE,
)
_TRAIL = re.compile(
    r"(?:\s|[,;:…>-]|(?<!\.)\.{2,}(?!\.)"
    r"|\b(?:and|then|more (?:coming|to come|to follow)|to be continued|tbc|cont(?:inued)?)\b)*$",
    re.IGNORECASE,
)
_OPEN = re.compile(
    r"(?:\d|@[\w.-]*|(?<![\w.])[\w+-]+\.[\w+-]+|\b[A-Z]{2}\d\d\s?\w*|\b\d{1,5}[A-Za-z]? [A-Z][\w'\u2019-]*"
    rf"|(?i:\b{_DIGIT}(?:[\s,-]+{_DIGIT}){{2,}}))$"
)
_ON = re.compile(rf"\d|@[\w.-]+|[\w-]+\.\w|\.\w|[A-Z]{{4}}\b|(?i:{_STREET}\b|{_DIGIT}(?:[\s,-]+{_DIGIT}){{2,}}\b)")
_CUE = re.compile(
    r"\b(?:password|passcode|pass ?phrase|pwd|pw|pin|otp|passport(?: (?:number|no\.?))?|licen[cs]e(?: number)?"
    r"|(?:my|full|sur|last|first|family) ?name|date of birth|dob|born on|(?:my|home|delivery) address)"
    r"(?:\s+(?:is|was)\s*:?|\s*[:=])\s*(?:\.{2,}|\u2026)?\s*$",
    re.IGNORECASE,
)
_ASIDE = re.compile(r"[^\d@]{0,40}")
_IN_ONE = re.compile(r"passport|licen[cs]e|\baccount\b", re.IGNORECASE)
_FEW = 6  # words of a message that may be all of what an earlier one announced
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
    announced: bool = False
    """Whether the first message ends where a value is to follow: "my password is"."""

    @classmethod
    def of(cls, before: Sequence[str], last: str) -> Joined | None:
        """Join `last` to those of the messages before it that it goes on from; None where it starts anew.

        One message between that holds no value ("wait a sec") is passed over.
        """
        texts = [*before, last]
        chain = _chain(texts)
        if len(chain) == 1:
            return None
        text, stretches = "", []
        for place in chain:
            start = _begin(texts[place]) if place > chain[0] else max(0, _end(texts[place]) - _LONGEST)
            end = _end(texts[place]) if place < len(before) else min(len(last), start + _LONGEST)
            if text and "@" not in (text[-1], texts[place][start]) and "." not in (text[-1], texts[place][start]):
                text += " "
            stretches.append((place, start, len(text), end - start))
            text += texts[place][start:end]
        return cls(text, tuple(stretches), _CUE.search(texts[chain[0]]) is not None)

    def readings(self) -> list[View]:
        """Return the text as it stands, with its numbers as they are meant, and without what parts the messages where
        the number of a document runs over them."""
        view = View(self.text)
        seams = [at - 1 for _, _, at, _ in self.stretches[1:] if self.text[at - 1 : at] == " "]
        whole = [view.edit((at, at + 1, "") for at in seams)] if seams and _IN_ONE.search(self.text) else []
        return [view, *Views(view).digits, *whole]

    def parts(self, start: int, end: int) -> list[tuple[int, int, int]]:
        """Where `[start, end)` of the text stands: (message, start, end) in each message that has a part of it."""
        return [
            (place, own + max(start - at, 0), own + min(end - at, length))
            for place, own, at, length in self.stretches
            if start < at + length and end > at
        ]


def may_go_on(text: str) -> bool:
    """Say whether a value that began in an earlier message may end in this one."""
    return len(text.split()) <= _FEW or any(char.isdigit() or char in "@." for char in text)


def _chain(texts: Sequence[str]) -> list[int]:
    """Return the places of the messages that go on from one another, up to the last."""
    place = len(texts) - 1
    chain, passed = [place], False
    while place:
        place -= 1
        if not _goes_on(texts[place], texts[chain[0]]):
            if passed or not place or not _ASIDE.fullmatch(texts[place]):
                break
            passed, place = True, place - 1
            if not _goes_on(texts[place], texts[chain[0]]):
                break
        chain.insert(0, place)
    return chain


def _goes_on(earlier: str, later: str) -> bool:
    if _CUE.search(earlier):
        return len(later.split()) <= _FEW
    begin = _begin(later)
    return bool(_ON.match(later, begin) and _OPEN.search(earlier, 0, _end(earlier)))


def _begin(text: str) -> int:
    found = _LEAD.match(text)
    return found.end() if found else 0


def _end(text: str) -> int:
    found = None if _CUE.search(text) else _TRAIL.search(text)
    return found.start() if found else len(text)
