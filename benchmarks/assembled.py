"""A customer-service bot as one would put it together from the same packages, in an afternoon.

Detoxify and Presidio on both sides, a BERT-base intent classifier, MiniLM by sentence-transformers, flat FAISS.
The BERT weights are random, from a fixed seed: a matrix product takes as long with any numbers, so the time and
the memory are those of trained models, while what this line says means nothing. Needs the [train] extra.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.retrieval import near
from models.errors import MissingExtra
from models.trunk import Trunk

TOXICITY = ("toxic", "severe_toxic", "obscene", "threat", "insult", "identity_hate")
SEED = 0
PASSAGES = 5


class AssembledLine:
    """One message in, one reply out; no policy, no explanation, no store."""

    def __init__(
        self, detoxify: Any, personal: _Presidio, intent: Any, encoder: Any, index: Any, answers: list[str]
    ) -> None:
        self._detoxify, self._personal, self._intent = detoxify, personal, intent
        self._encoder, self._index, self._answers = encoder, index, answers

    @classmethod
    def build(cls, folder: Path, questions: Sequence[str], answers: Sequence[str], *, tickets: int) -> AssembledLine:
        """Put it together; `folder` takes the checkpoint. There are as many intents as `answers`; `tickets` vectors
        are made near those of `questions`."""
        try:
            import faiss
            import torch
            from detoxify import Detoxify
            from sentence_transformers import SentenceTransformer
            from transformers import pipeline
        except ImportError as error:
            raise MissingExtra("train", error.name or "torch") from error
        torch.set_num_threads(1)
        faiss.omp_set_num_threads(1)
        checkpoint = _checkpoint(folder)
        detoxify = Detoxify(checkpoint=str(checkpoint), huggingface_config_path=str(folder))
        model, tokenizer = _bert(len(answers)), detoxify.tokenizer
        intent = pipeline("text-classification", model=model, tokenizer=tokenizer, top_k=PASSAGES, device="cpu")
        encoder = SentenceTransformer(str(Trunk.from_package().folder), device="cpu")
        vectors = near(encoder.encode(list(questions), normalize_embeddings=True), tickets, np.random.default_rng(SEED))
        index = faiss.IndexFlatIP(vectors.shape[1])
        index.add(vectors)
        return cls(detoxify, _Presidio(), intent, encoder, index, list(answers))

    def respond(self, text: str) -> str:
        """Screen, redact, classify, embed, search, and screen an answer."""
        self._detoxify.predict(text)
        safe = self._personal.redacted(text)
        self._intent(safe)
        _, places = self._index.search(self._encoder.encode([safe], normalize_embeddings=True), PASSAGES)
        answer = self._answers[int(places[0, 0]) % len(self._answers)]
        self._detoxify.predict(answer)
        return self._personal.redacted(answer)


class _Presidio:
    """Presidio with the recognizers that it comes with, but for the trained pipeline, which no package carries."""

    def __init__(self) -> None:
        import tldextract
        from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
        from presidio_analyzer.nlp_engine import NlpEngineProvider
        from presidio_anonymizer import AnonymizerEngine

        logging.getLogger("presidio-analyzer").setLevel(logging.CRITICAL)
        tldextract.tldextract.TLD_EXTRACTOR = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)  # offline
        blank = {"nlp_engine_name": "no_op", "models": [{"lang_code": "en", "model_name": "no_op"}]}
        registry = RecognizerRegistry()
        registry.load_predefined_recognizers(languages=["en"])
        registry.remove_recognizer("SpacyRecognizer")  # wants the trained pipeline
        engine = NlpEngineProvider(nlp_configuration=blank).create_engine()
        self._analyzer = AnalyzerEngine(registry=registry, nlp_engine=engine, supported_languages=["en"])
        self._anonymizer = AnonymizerEngine()

    def redacted(self, text: str) -> str:
        """The text with what was found replaced."""
        found = self._analyzer.analyze(text, language="en")
        return str(self._anonymizer.anonymize(text, found).text)


def _bert(labels: int) -> Any:
    """BERT-base for classification, 110 million random weights."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification

    torch.manual_seed(SEED)
    return BertForSequenceClassification(BertConfig(num_labels=labels)).eval()


def _checkpoint(folder: Path) -> Path:
    """A Detoxify checkpoint of BERT-base size, with config and tokenizer beside it."""
    import torch
    from transformers import AutoTokenizer

    model = _bert(len(TOXICITY))
    model.config.save_pretrained(folder)
    tokenizer = AutoTokenizer.from_pretrained(Trunk.from_package().folder)
    tokenizer.model_max_length = 512
    tokenizer.save_pretrained(folder)
    arch = {
        "model_type": str(folder),
        "model_name": "BertForSequenceClassification",
        "tokenizer_name": "AutoTokenizer",
        "num_classes": len(TOXICITY),
    }
    config = {"arch": {"args": arch}, "dataset": {"args": {"classes": list(TOXICITY)}}}
    path = folder / "random.ckpt"
    torch.save({"config": config, "state_dict": model.state_dict()}, path)
    return path
