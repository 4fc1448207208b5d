"""Presidio's analyzer, set up to work offline and without a trained pipeline. Knows no policy.

spaCy's blank English tokenizer gives the context words: Presidio reads them from lemmas, which a blank
pipeline lacks, so lower-cased tokens stand for them.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Container, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from guardrails.recognizers.base import Recognizer
    from models.tagging import Tagged

MODEL = "model"
"""The recognizer of what a model has tagged."""
_DIGIT = re.compile(r"\d")
_CERTAIN = 0.9


@dataclass(frozen=True, slots=True)
class Hit:
    """What a recognizer found in a text, half-open in code points; the score is in 0..1.

    `known`: a pattern vouches for it, by a check digit, by a shape of its own or by a word beside it.
    """

    start: int
    end: int
    label: str
    score: float
    recognizer: str
    known: bool


class Analyzer:
    """Finds personal data in a text with a set of recognizers."""

    def __init__(self, engine: Any, recognizers: Sequence[Recognizer], tagged: Any) -> None:
        self._engine, self._tagged = engine, tagged
        self._recognizers = recognizers

    @classmethod
    def build(cls, recognizers: Sequence[Recognizer]) -> Analyzer:
        """Set Presidio up for `recognizers` (takes about half a second)."""
        from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
        from presidio_analyzer.context_aware_enhancers import LemmaContextAwareEnhancer

        from guardrails.recognizers.tagged import TaggedRecognizer

        for name in ("presidio-analyzer", "presidio_analyzer"):
            logging.getLogger(name).setLevel(logging.CRITICAL)  # its messages quote the text
        registry = RecognizerRegistry(recognizers=list(recognizers), supported_languages=["en"])
        enhancer = LemmaContextAwareEnhancer(
            context_similarity_factor=0.4, context_suffix_count=1, context_matching_mode="whole_word"
        )
        engine = AnalyzerEngine(
            registry=registry,
            nlp_engine=blank_engine(),
            supported_languages=["en"],
            context_aware_enhancer=enhancer,
        )
        registry.recognizers = []  # each text brings those that could find something in it
        return cls(engine, recognizers, TaggedRecognizer())

    @property
    def labels(self) -> frozenset[str]:
        """What its recognizers find."""
        return frozenset(label for recognizer in self._recognizers for label in recognizer.supported_entities)

    def analyze(self, text: str, threshold: float = 0.0, tagged: Sequence[Tagged] = ()) -> list[Hit]:
        """Return each hit in `text` that reaches `threshold`; `tagged` is what a model has found in it."""
        lower, digits = text.lower(), len(_DIGIT.findall(text))
        chosen: list[Any] = [r for r in self._recognizers if r.applies(text, lower, digits)]
        if not tagged and not any(recognizer.finds(text) for recognizer in chosen):
            return []  # without a hit no context words are needed, and Presidio's tokens cost more than all patterns
        if tagged:
            chosen.append(self._tagged)
        labels = list({label for recognizer in chosen for label in recognizer.supported_entities})
        artifacts = self._engine.nlp_engine.process_text(text, "en")
        artifacts.entities = list(tagged)
        hits = self._engine.analyze(
            text,
            language="en",
            entities=labels,
            score_threshold=threshold,
            ad_hoc_recognizers=chosen,
            nlp_artifacts=artifacts,
        )
        sure = {recognizer.name for recognizer in chosen if recognizer.sure}
        return [_hit(found, sure) for found in hits]


def _hit(found: Any, sure: Container[str]) -> Hit:
    name, score = found.recognition_metadata["recognizer_name"], float(found.score)
    explained = found.analysis_explanation  # None where a recognizer gives none
    beside = explained is not None and score > explained.original_score  # a context word raised it
    vouched = score >= _CERTAIN or name in sure or beside
    return Hit(found.start, found.end, found.entity_type, score, name, vouched and name != MODEL)


def blank_engine() -> Any:
    """Return the engine of spaCy's blank English tokenizer, with lower-cased tokens for lemmas."""
    import spacy
    from presidio_analyzer.nlp_engine import NlpArtifacts, SpacyNlpEngine

    class BlankEngine(SpacyNlpEngine):  # type: ignore[misc]
        """A spaCy engine of the tokenizer alone, with lower-cased tokens for lemmas."""

        def __init__(self) -> None:
            super().__init__(models=[{"lang_code": "en", "model_name": "blank"}])
            self.nlp = {"en": spacy.blank("en")}

        def load(self) -> None:
            """Nothing to load."""

        def is_stopword(self, word: str, language: str) -> bool:
            """Count every word as context: spaCy's stop words hold "call" and "name"."""
            return False

        def _doc_to_nlp_artifact(self, doc: Any, language: str) -> Any:
            return NlpArtifacts(
                entities=[],
                tokens=doc,
                tokens_indices=[token.idx for token in doc],
                lemmas=[token.lower_ for token in doc],
                nlp_engine=self,
                language=language,
                scores=[],
            )

    return BlankEngine()
