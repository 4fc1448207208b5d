"""What our recognizers share: match, check, score. Presidio runs them and adds its context words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from presidio_analyzer import AnalysisExplanation, LocalRecognizer, PatternRecognizer, RecognizerResult

Hit = tuple[int, int, float]
"""Start, end, score in 0..1."""

_TIME_LIMIT = 0.25


class Result(RecognizerResult):  # type: ignore[misc]
    """A Presidio result that copies in a microsecond: Presidio copies each one deeply."""

    def __deepcopy__(self, memo: dict[int, Any]) -> Result:
        return Result(
            self.entity_type, self.start, self.end, self.score, self.analysis_explanation, self.recognition_metadata
        )


class Recognizer(LocalRecognizer):  # type: ignore[misc]
    """A function from text to hits, under one placeholder label.

    `context` are words of which one within the five before a hit, or the one after, adds .4 to its score.
    `sure`: each hit was checked, or stands beside the word that names it. The rest says when the function can find
    nothing and need not run: unless the text has `digits` digits and, where `cues` or a `shape` are given, one of these
    lower-case strings or this pattern.
    """

    def __init__(
        self,
        name: str,
        label: str,
        find: Callable[[str], Iterator[Hit]],
        *,
        context: Sequence[str] = (),
        cues: Sequence[str] = (),
        digits: int = 0,
        shape: str = "",
        sure: bool = False,
    ) -> None:
        super().__init__(supported_entities=[label], supported_language="en", name=name, context=list(context))
        self._find, self._cues, self._digits = find, tuple(cues), digits
        self.sure = sure
        self._shape = re.compile(shape) if shape else None

    def load(self) -> None:
        """Nothing to load."""

    def applies(self, text: str, lower: str, digits: int) -> bool:
        """Say whether the recognizer could find anything in `text`, given in lower case and its count of digits."""
        if digits < self._digits:
            return False
        if not self._cues and self._shape is None:
            return True
        return any(cue in lower for cue in self._cues) or bool(self._shape and self._shape.search(text))

    def finds(self, text: str) -> bool:
        """Say whether there is any hit, whatever its score."""
        return next(self._find(text), None) is not None

    def analyze(self, text: str, entities: list[str], nlp_artifacts: Any = None) -> list[RecognizerResult]:
        """Return the hits as Presidio results."""
        return [self._result(start, end, score) for start, end, score in self._find(text) if end > start]

    def _result(self, start: int, end: int, score: float) -> Result:
        explanation = AnalysisExplanation(recognizer=self.name, original_score=score)
        named = {Result.RECOGNIZER_NAME_KEY: self.name, Result.RECOGNIZER_IDENTIFIER_KEY: self.id}
        return Result(self.supported_entities[0], start, end, score, explanation, named)


def pattern(
    name: str,
    label: str,
    regex: str,
    score: float,
    *,
    check: Callable[[str], bool] | None = None,
    exact: bool = False,
    context: Sequence[str] = (),
    cues: Sequence[str] = (),
    digits: int = 0,
) -> Recognizer:
    """Return a recognizer of one pattern. A group named `value` narrows the hit; `exact` minds the case."""
    compiled = re.compile(regex, 0 if exact else re.IGNORECASE)
    group: int | str = "value" if "value" in compiled.groupindex else 0

    def find(text: str) -> Iterator[Hit]:
        for match in compiled.finditer(text):
            if check is None or check(match[group]):
                yield match.start(group), match.end(group), score

    sure = check is not None or group == "value"
    return Recognizer(name, label, find, context=context, cues=cues, digits=digits, sure=sure)


def adopt(
    recognizer: PatternRecognizer, label: str, *, cues: Sequence[str] = (), digits: int = 5, cap: float = 1.0
) -> Recognizer:
    """Return one of Presidio's pattern recognizers under our label.

    Differs in two ways: a pattern that runs out of time raises (Presidio skips it, which fails open), and a
    score rises no higher than `cap` without a context word, for checksums that one number in ten passes.
    """
    import regex  # type: ignore[import-untyped]

    flags = regex.DOTALL | regex.MULTILINE | regex.IGNORECASE
    patterns = [(regex.compile(p.regex, flags), p.score) for p in recognizer.patterns]

    def find(text: str) -> Iterator[Hit]:
        for compiled, score in patterns:
            for match in compiled.finditer(text, timeout=_TIME_LIMIT):
                valid = recognizer.validate_result(match[0])
                if valid is False or recognizer.invalidate_result(match[0]):
                    continue
                yield match.start(), match.end(), min(cap, 1.0 if valid else score)

    context = recognizer.context or ()
    return Recognizer(type(recognizer).__name__, label, find, context=context, cues=cues, digits=digits)
