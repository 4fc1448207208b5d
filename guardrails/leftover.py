"""The marks of redacted data in a draft, and the words that stand for such data instead."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from string import punctuation

from guardrails.guard import Message
from guardrails.placeholders import PATTERN, Placeholders
from guardrails.values import plain
from guardrails.verdict import Finding

WORDS = {
    "EMAIL": "the e-mail address",
    "PHONE": "the phone number",
    "CARD": "the card number",
    "IBAN": "the bank details",
    "BANK": "the bank details",
    "NAME": "the customer",
    "ADDRESS": "the address",
    "DOB": "the date of birth",
    "URL": "the link",
    "TEXT": "\u2026",
}
"""What stands in a draft for data that it must not name."""


def in_words(label: str) -> str:
    """Return what a customer reads in place of data of `label`."""
    return WORDS.get(label, "the number on file")


_WORD = re.compile(r"[^\s]+")
_LONGEST = 5
"""Words of a value that is looked for: a name, a card in groups of four."""
_FEWEST = 4
"""Letters and digits of such a value: fewer stand in any text."""


class PlaceholderGuard:
    """Finds placeholders in a draft, and the values that the conversation's placeholders stand for; the label is that
    of the placeholder."""

    name = "placeholder"
    labels = None  # one for each kind of value

    def __init__(self, regions: Sequence[str] = ()) -> None:
        """`regions` are those that telephone numbers are read by (ISO 3166)."""
        self._regions = tuple(regions)

    def measure(self, message: Message) -> list[Finding]:
        """Return one finding for each placeholder and each value; of values that overlap the longest."""
        view = message.views.base
        marks = [(match.start(), match.end(), match[1], "a placeholder") for match in PATTERN.finditer(view.text)]
        return [
            Finding(self.name, label, 1.0, (view.span(start, end, label),), f"{what} in the draft")
            for start, end, label, what in (*marks, *_values(view.text, message.memory, self._regions))
        ]


def _values(text: str, memory: Placeholders | None, regions: Sequence[str]) -> Iterator[tuple[int, int, str, str]]:
    if not memory:
        return
    words = [match.span() for match in _WORD.finditer(text)]
    done = 0
    for first, (start, _) in enumerate(words):
        if start < done:
            continue
        for last in reversed(words[first : first + _LONGEST]):
            value = text[start : last[1]]
            if sum(map(str.isalnum, value)) >= _FEWEST and (label := _label(value, memory, regions)):
                done = last[1]
                yield start, done, label, "a placeholder's value"
                break


def _label(value: str, memory: Placeholders, regions: Sequence[str]) -> str | None:
    """Return the label under which `memory` has a value, as it stands or without the marks about it."""
    forms = dict.fromkeys((value, value.strip(punctuation)))
    return next(
        (label for label in sorted(memory.labels) for form in forms if memory.find(label, plain(label, form, regions))),
        None,
    )
