"""What the trained branch has tagged, as one more Presidio recognizer. Runs no model: its tags come as entities."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from presidio_analyzer import AnalysisExplanation, LocalRecognizer, RecognizerResult

from guardrails.recognizers.base import Result
from guardrails.recognizers.names import is_stop
from models.tagging import Tagged

_WORD = re.compile(r"\w+")
_SPELT = re.compile(r"[^\W\d_]{2}")
_DAY = re.compile(r"\d|[^\W\d_]{3}")
_PHONE_LINE = re.compile(r"\s+^(?!\d{5}-\d{4}$)[^\w\n]*(?:\d[^\w\n]*){7,15}(?:x\d+)?$", re.MULTILINE)
_PHONE_LAST = re.compile(r"\s+\+?\d{9,15}$")
KINDS = ("NAME", "ADDRESS", "DOB", "PLACE", "ORG")


class TaggedRecognizer(LocalRecognizer):  # type: ignore[misc]
    """Turns the entities of Presidio's artifacts (`models.tagging.Tagged`) into results."""

    def __init__(self) -> None:
        super().__init__(supported_entities=list(KINDS), supported_language="en", name="model")

    def load(self) -> None:
        """Nothing to load."""

    def analyze(self, text: str, entities: list[str], nlp_artifacts: Any = None) -> list[RecognizerResult]:
        """Return a result for each entity that may be what it was tagged: no name of words that none holds ("Hiya") or
        of single letters ("d.o.b."), a date of birth from its first number or month on, an address up to the telephone
        number under it."""
        named = {Result.RECOGNIZER_NAME_KEY: self.name, Result.RECOGNIZER_IDENTIFIER_KEY: self.id}
        return [
            Result(e.kind, start, end, e.score, AnalysisExplanation(self.name, e.score), named)
            for e in nlp_artifacts.entities
            for start, end in _kept(text, e)
        ]


def _kept(text: str, tag: Tagged) -> Iterator[tuple[int, int]]:
    """What is left of a tagged stretch, if anything is."""
    if tag.kind == "NAME":
        words = text[tag.start : tag.end]
        if _SPELT.search(words) and not all(map(is_stop, _WORD.findall(words))):
            yield tag.start, tag.end
    elif tag.kind == "DOB":
        day = _DAY.search(text, tag.start, tag.end)
        if day and any(map(str.isdigit, text[tag.start : tag.end])):
            yield day.start(), tag.end
    else:
        yield tag.start, _before_phone(text, tag) if tag.kind == "ADDRESS" else tag.end


def _before_phone(text: str, tag: Tagged) -> int:
    line = _PHONE_LINE.search(text, tag.start)
    end = min(line.start(), tag.end) if line else tag.end
    last = _PHONE_LAST.search(text, tag.start, end)
    return last.start() if last else end
