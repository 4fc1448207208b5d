"""What the trained branch has tagged, as one more Presidio recognizer. Runs no model: its tags come as entities."""

from __future__ import annotations

import re
from typing import Any

from presidio_analyzer import AnalysisExplanation, LocalRecognizer, RecognizerResult

from guardrails.recognizers.base import Result
from guardrails.recognizers.names import is_stop
from models.tagging import Tagged

_WORD = re.compile(r"\w+")
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
        """Return a result for each entity, but for a name of words that none holds ("Hiya"); an address ends before the
        telephone number under it."""
        named = {Result.RECOGNIZER_NAME_KEY: self.name, Result.RECOGNIZER_IDENTIFIER_KEY: self.id}
        return [
            Result(e.kind, e.start, _end(text, e), e.score, AnalysisExplanation(self.name, e.score), named)
            for e in nlp_artifacts.entities
            if e.kind != "NAME" or not all(map(is_stop, _WORD.findall(text[e.start : e.end])))
        ]


def _end(text: str, tag: Tagged) -> int:
    if tag.kind != "ADDRESS":
        return tag.end
    line = _PHONE_LINE.search(text, tag.start)
    end = min(line.start(), tag.end) if line else tag.end
    last = _PHONE_LAST.search(text, tag.start, end)
    return last.start() if last else end
