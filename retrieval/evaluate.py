"""How well the right document is found for a customer's words.

What is asked and searched: retrieval/protocols.py. Tickets are ranked by the question, and documents by their tickets:
T log(sum exp(s/T)) over a document's tickets for similarities s (T as in retrieval/clusters.py, by which a running bot
ranks answers), their best ticket for BM25 and the plain encoder. Recall at k: the share of questions whose document is
among the k first; MRR: the mean of 1 / rank. A document that no ticket has cannot be found; the share of those that can
is given as the ceiling. Intervals: 95 %, bootstrap over questions; of gains, over pairs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import bm25s
import numpy as np

from retrieval.clusters import TEMPERATURE
from retrieval.encoder import Encoder, ticket_vectors
from retrieval.lexical import words_of
from retrieval.protocols import Case, Split

AT = (1, 5, 10)
RESAMPLES = 2000
BM25, PLAIN, OURS = "bm25", "untuned encoder", "handrail"

Scores = Callable[[int], np.ndarray]
"""From the place of a question to the score of each past ticket, (tickets,)."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A mean over questions with its 95 % interval."""

    mean: float
    low: float
    high: float

    @classmethod
    def of(cls, values: np.ndarray) -> Figure:
        """The mean of `values` (questions,)."""
        draws = np.random.default_rng(0).integers(0, len(values), (RESAMPLES, len(values)))
        low, high = np.quantile(values[draws].mean(axis=1), (0.025, 0.975))
        return cls(float(values.mean()), float(low), float(high))

    def to_dict(self) -> dict[str, float]:
        """The figure, fit for JSON."""
        return {"mean": round(self.mean, 4), "low": round(self.low, 4), "high": round(self.high, 4)}

    def __str__(self) -> str:
        return f"{self.mean:.1%} ({self.low:.1%} to {self.high:.1%})"


@dataclass(frozen=True, slots=True, repr=False)
class Ranking:
    """One way to search: `before` (questions,) is how many documents came before the wanted one, infinite where it
    cannot be found."""

    name: str
    before: np.ndarray

    def recall(self, k: int) -> Figure:
        """The share of questions whose document is among the first `k`."""
        return Figure.of((self.before < k).astype(float))

    def gain(self, k: int, over: Ranking) -> Figure:
        """By how much the recall at `k` is above another's."""
        return Figure.of((self.before < k).astype(float) - (over.before < k))

    def mrr(self) -> Figure:
        """The mean reciprocal rank."""
        return Figure.of(1 / (1 + self.before))

    def row(self) -> tuple[str, ...]:
        """Recall at each k and MRR, to print."""
        return (self.name, *(str(self.recall(k)) for k in AT), str(self.mrr()))


@dataclass(frozen=True, slots=True)
class RetrievalReport:
    """What `evaluate_retrieval` found. `ceiling` is the share of questions whose document some ticket had; `tickets`
    and `documents` are those of the last split."""

    tickets: int
    questions: int
    documents: int
    ceiling: float
    rankings: tuple[Ranking, ...]

    def gains(self) -> list[tuple[str, tuple[Figure, ...]]]:
        """By how much each ranking's recall, at each k, is above that of the plain encoder."""
        plain = next(ranking for ranking in self.rankings if ranking.name == PLAIN)
        return [(r.name, tuple(r.gain(k, plain) for k in AT)) for r in self.rankings if r.name not in (BM25, PLAIN)]

    def to_dict(self) -> dict[str, Any]:
        """The report, fit for JSON."""
        gains = dict(self.gains())
        shown: dict[str, Any] = {name: getattr(self, name) for name in ("tickets", "questions", "documents")}
        shown["ceiling"] = round(self.ceiling, 4)
        for ranking in self.rankings:
            figures = {f"recall_at_{k}": ranking.recall(k).to_dict() for k in AT} | {"mrr": ranking.mrr().to_dict()}
            for k, gain in zip(AT, gains.get(ranking.name, ()), strict=False):
                figures[f"gain_at_{k}"] = gain.to_dict()
            shown[ranking.name] = figures
        return shown


def evaluate_retrieval(
    splits: Sequence[Split], encoder: Encoder, extra: Mapping[str, Sequence[Encoder]] | None = None
) -> RetrievalReport:
    """Compares retrieval as it serves with BM25 alone and with the encoder's plain nearest question ("untuned
    encoder"), over the questions of all splits; and with the encoders of `extra`, by name, one a split."""
    known = _Remembering(encoder)
    parts = [
        _ranked(split, {OURS: known, **{name: models[place] for name, models in (extra or {}).items()}}, known)
        for place, split in enumerate(splits)
    ]
    rankings = tuple(Ranking(name, np.concatenate([part[name] for part in parts])) for name in parts[0])
    documents = [{case.document for case in split.past} for split in splits]
    found = [case.document in here for split, here in zip(splits, documents, strict=True) for case in split.asked]
    return RetrievalReport(len(splits[-1].past), len(found), len(documents[-1]), float(np.mean(found)), rankings)


def _ranked(split: Split, encoders: Mapping[str, Encoder], plain: Encoder) -> dict[str, np.ndarray]:
    """By the name of each way to search, how many documents come before the wanted one (questions,)."""
    documents = [case.document for case in split.past]

    def measured(scores: Scores, temperature: float) -> np.ndarray:
        asked = enumerate(split.asked)
        return np.array([_before(scores(place), documents, case.document, temperature) for place, case in asked])

    questions = [case.question for case in split.asked]
    nearest = plain.encode(questions) @ plain.encode([case.question for case in split.past]).T
    ranks = {BM25: measured(_bm25(split.past, questions), 0.0), PLAIN: measured(lambda i: nearest[i], 0.0)}
    for name, encoder in encoders.items():
        similar = encoder.encode(questions) @ ticket_vectors([case.ticket() for case in split.past], encoder).T
        ranks[name] = measured(lambda i, s=similar: s[i], TEMPERATURE)  # type: ignore[misc]
    return ranks


def _bm25(past: Sequence[Case], questions: Sequence[str]) -> Scores:
    index = bm25s.BM25()
    index.index([words_of(case.question) for case in past], show_progress=False)
    return lambda place: np.asarray(index.get_scores(words_of(questions[place])))


def _before(scores: np.ndarray, documents: Sequence[str], wanted: str, temperature: float) -> float:
    """How many documents rank before the wanted one (ties count half, rounded up); infinite when no ticket has it."""
    by_document: dict[str, list[float]] = {}
    for document, score in zip(documents, scores.tolist(), strict=True):
        by_document.setdefault(document, []).append(score)
    if wanted not in by_document:
        return np.inf
    if temperature:
        ranked = {d: float(np.logaddexp.reduce(np.array(s) / temperature)) for d, s in by_document.items()}
    else:
        ranked = {document: max(scored) for document, scored in by_document.items()}
    own = ranked.pop(wanted)
    ties = sum(score == own for score in ranked.values())
    return sum(score > own for score in ranked.values()) + (ties + 1) // 2


class _Remembering:
    """An encoder that encodes each text once: splits share most of theirs."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder, self._known = encoder, dict[str, np.ndarray]()

    def encode(self, texts: Sequence[str], batch: int = 64) -> np.ndarray:
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        self._known.update(zip(new, self._encoder.encode(new, batch), strict=True))
        return np.stack([self._known[text] for text in texts])
