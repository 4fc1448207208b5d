"""What our recognizers share: match, check, score. Presidio runs them and adds its context words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from presidio_analyzer import AnalysisExplanation, LocalRecognizer, PatternRecognizer, RecognizerResult

Hit = tuple[int, int, float]
"""Start, end, score in 0..1."""

_TIME_LIMIT = 0.05


class Recognizer(LocalRecognizer):  # type: ignore[misc]
    """A function from text to hits, under one placeholder label.

    `context` are words of which one within the five before a hit (or the one after) adds .35 to its score.
    `gate` is a cheap pattern without which the function finds nothing.
    """

    def __init__(
        self,
        name: str,
        label: str,
        find: Callable[[str], Iterator[Hit]],
        context: Sequence[str] = (),
        gate: str = "",
    ) -> None:
        super().__init__(supported_entities=[label], supported_language="en", name=name, context=list(context))
        self._find = find
        self._gate = re.compile(gate, re.IGNORECASE) if gate else None

    def load(self) -> None:
        """Nothing to load."""

    def analyze(self, text: str, entities: list[str], nlp_artifacts: Any = None) -> list[RecognizerResult]:
        """Return the hits as Presidio results."""
        if self._gate is not None and not self._gate.search(text):
            return []
        return [self._result(start, end, score) for start, end, score in self._find(text) if end > start]

    def _result(self, start: int, end: int, score: float) -> RecognizerResult:
        return RecognizerResult(
            self.supported_entities[0],
            start,
            end,
            score,
            AnalysisExplanation(recognizer=self.name, original_score=score),
            {
                RecognizerResult.RECOGNIZER_NAME_KEY: self.name,
                RecognizerResult.RECOGNIZER_IDENTIFIER_KEY: self.id,
            },
        )


def pattern(
    name: str,
    label: str,
    regex: str,
    score: float,
    *,
    context: Sequence[str] = (),
    check: Callable[[str], bool] | None = None,
    gate: str = "",
    exact: bool = False,
) -> Recognizer:
    """Return a recognizer of one pattern. A group named `value` narrows the hit; `exact` minds the case."""
    compiled = re.compile(regex, 0 if exact else re.IGNORECASE)
    group: int | str = "value" if "value" in compiled.groupindex else 0

    def find(text: str) -> Iterator[Hit]:
        for match in compiled.finditer(text):
            if check is None or check(match[group]):
                yield match.start(group), match.end(group), score

    return Recognizer(name, label, find, context, gate)


def adopt(recognizer: PatternRecognizer, label: str, gate: str = r"\d", cap: float = 1.0) -> Recognizer:
    """Return one of Presidio's pattern recognizers under our label.

    Differs in two ways: a pattern that runs out of time raises (Presidio skips it, which fails open), and a
    score rises no higher than `cap` without a context word, for checksums that one number in ten passes.
    """
    import regex

    flags = regex.DOTALL | regex.MULTILINE | regex.IGNORECASE
    patterns = [(regex.compile(p.regex, flags), p.score) for p in recognizer.patterns]

    def find(text: str) -> Iterator[Hit]:
        for compiled, score in patterns:
            for match in compiled.finditer(text, timeout=_TIME_LIMIT):
                valid = recognizer.validate_result(match[0])
                if valid is False or recognizer.invalidate_result(match[0]):
                    continue
                yield match.start(), match.end(), min(cap, 1.0 if valid else score)

    return Recognizer(type(recognizer).__name__, label, find, recognizer.context or (), gate)
