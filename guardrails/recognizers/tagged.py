"""What the trained branch has tagged, as one more Presidio recognizer. Runs no model: its tags come as entities."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from presidio_analyzer import AnalysisExplanation, LocalRecognizer, RecognizerResult

from guardrails.presidio import MODEL
from guardrails.recognizers.base import Result
from guardrails.recognizers.names import is_family, is_given, is_number_kind, is_stop
from models.tagging import Tagged

_WORD = re.compile(r"\w+")
_NUMBER_NEXT = re.compile(r"\W{1,3}(?:(?:is|no|nr|number)\W{1,3})?[^\W\d]{0,6}\d")
_SHORT = 5
_SPELT = re.compile(r"[^\W\d_]{2}")
_DAY = re.compile(r"\d|[^\W\d_]{3}")
_PHONE_LINE = re.compile(r"\s+^(?!\d{5}-\d{4}$)[^\w\n]*(?:\d[^\w\n]*){7,15}(?:x\d+)?$", re.MULTILINE)
_PHONE_LAST = re.compile(r"\s+\+?\d{9,15}$")
KINDS = ("NAME", "ADDRESS", "DOB", "PLACE", "ORG")


class TaggedRecognizer(LocalRecognizer):  # type: ignore[misc]
    """Turns the entities of Presidio's artifacts (`models.tagging.Tagged`) into results."""

    def __init__(self) -> None:
        super().__init__(supported_entities=list(KINDS), supported_language="en", name=MODEL)
        self.sure = False

    def load(self) -> None:
        """Nothing to load."""

    def analyze(self, text: str, entities: list[str], nlp_artifacts: Any = None) -> list[RecognizerResult]:
        """Return a result for each entity that may be what it was tagged.

        No name of words that none holds ("Hiya"), of single letters ("d.o.b.") or of the kind of a number ("IBAN"), a
        date of birth from its first number or month on, an address up to the telephone number under it.
        """
        named = {Result.RECOGNIZER_NAME_KEY: self.name, Result.RECOGNIZER_IDENTIFIER_KEY: self.id}
        return [
            Result(e.kind, start, end, e.score, AnalysisExplanation(self.name, e.score), named)
            for e in nlp_artifacts.entities
            for start, end in _kept(text, e)
        ]


def _kept(text: str, tag: Tagged) -> Iterator[tuple[int, int]]:
    """What is left of a tagged stretch, if anything is."""
    if tag.kind == "NAME":
        start, end = _without_kinds(text, tag)
        words = text[start:end]
        if _SPELT.search(words) and not all(map(is_stop, _WORD.findall(words))):
            yield start, end
    elif tag.kind == "DOB":
        day = _DAY.search(text, tag.start, tag.end)
        if day and any(map(str.isdigit, text[tag.start : tag.end])):
            yield day.start(), tag.end
    else:
        yield tag.start, _before_phone(text, tag) if tag.kind == "ADDRESS" else tag.end


def _without_kinds(text: str, tag: Tagged) -> tuple[int, int]:
    """A tagged name without the kinds of numbers that stand at its ends: "IBAN", "Kennzeichen"."""
    within = list(_WORD.finditer(text, tag.start, tag.end))
    kept = [word for word in within if not _is_kind(text, word)]
    if len(kept) == len(within):
        return tag.start, tag.end
    return (kept[0].start(), kept[-1].end()) if kept else (tag.start, tag.start)


def _is_kind(text: str, word: re.Match[str]) -> bool:
    """Whether a word names a kind of number: a short one, or what people are called too ("Pan", "Nino"), in capitals
    before a number alone."""
    if not is_number_kind(word[0]):
        return False
    if len(word[0]) > _SHORT and not is_given(word[0]) and not is_family(word[0]):
        return True
    return word[0].isupper() and _NUMBER_NEXT.match(text, word.end()) is not None


def _before_phone(text: str, tag: Tagged) -> int:
    line = _PHONE_LINE.search(text, tag.start)
    end = min(line.start(), tag.end) if line else tag.end
    last = _PHONE_LAST.search(text, tag.start, end)
    return last.start() if last else end
