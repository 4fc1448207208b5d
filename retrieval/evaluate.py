"""How well the right support document is found for a customer's words, on real conversations.

Protocol. Conversations of IBM's Twitter customer care set, each resolved by one support document (docID). They
are shuffled with a seed; the first fifth is held out. The others are the past tickets: each is known by its
customer's turns and its answer, and stands for its document. For a held-out conversation, whose agents' turns are
not looked at, tickets are ranked by the customer's turns, and documents by their tickets: T log(sum exp(s/T)) over
a document's tickets for similarities s (T = 0.05), their best ticket for BM25. Recall at k: the share of held-out
conversations whose document is among the k first. A document that none of the past tickets had cannot be found;
the share of those that can be is given as the ceiling. Intervals: 95 %, bootstrap over held-out conversations.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import bm25s
import numpy as np

from retrieval.cleaning import clean_answer, clean_question
from retrieval.encoder import Encoder, ticket_vectors
from retrieval.lexical import words_of
from retrieval.passage import Ticket
from retrieval.sources.conversations import conversation_tickets
from retrieval.sources.json_items import json_items
from retrieval.sources.raw import BadRow, RawTicket, Role

AT = (1, 5, 10)
TEMPERATURE = 0.05
RESAMPLES = 2000

Scores = Callable[[int], np.ndarray]
"""From the place of a question to the score of each past ticket, (tickets,)."""


@dataclass(frozen=True, slots=True)
class Recall:
    """Share of questions, 0..1, whose document is among the first k, with its 95 % interval, for each k of AT."""

    name: str
    shares: tuple[float, ...]
    intervals: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class RetrievalReport:
    """What `evaluate_retrieval` found. `ceiling` is the share of questions whose document some ticket had."""

    tickets: int
    questions: int
    documents: int
    ceiling: float
    seed: int
    recalls: tuple[Recall, ...]

    def to_dict(self) -> dict[str, object]:
        """The report, fit for JSON."""
        rows = {
            recall.name: {
                f"recall_at_{k}": {"share": round(share, 4), "low": round(low, 4), "high": round(high, 4)}
                for k, share, (low, high) in zip(AT, recall.shares, recall.intervals, strict=True)
            }
            for recall in self.recalls
        }
        counts = {name: getattr(self, name) for name in ("tickets", "questions", "documents", "seed")}
        return counts | {"ceiling": round(self.ceiling, 4)} | rows


@dataclass(frozen=True, slots=True, repr=False)
class Case:
    """One real conversation: what the customer said, the last answer, and the document that resolved it."""

    question: str
    answer: str
    document: str


def evaluate_retrieval(
    conversations: Path, encoder: Encoder, *, seed: int = 0, extra: Mapping[str, Encoder] | None = None
) -> RetrievalReport:
    """Compares retrieval as it serves with BM25 alone, with the encoder's plain nearest question ("untuned
    encoder"), and with the encoders of `extra` by name. Raises SourceError for a file that cannot be read."""
    asked, past = split_cases(conversations, seed)
    documents = [case.document for case in past]
    wanted = [case.document for case in asked]

    def measured(name: str, scores: Scores, temperature: float = TEMPERATURE) -> Recall:
        ranks = [_rank(scores(place), documents, want, temperature) for place, want in enumerate(wanted)]
        return _recall(name, np.array(ranks), seed)

    recalls = [measured("bm25", _bm25(past, asked), 0.0)]
    for name, model in {"": encoder, **(extra or {})}.items():
        queries = model.encode([case.question for case in asked])
        plain = model.encode([case.question for case in past])
        both = ticket_vectors([Ticket("", case.question, case.answer) for case in past], model)
        prefix = f"{name}: " if name else ""
        recalls.append(measured(f"{prefix}untuned encoder", lambda i, q=queries, v=plain: v @ q[i], 0.0))  # type: ignore[misc]
        recalls.append(measured(f"{prefix}handrail", lambda i, q=queries, v=both: v @ q[i]))  # type: ignore[misc]
    known = set(documents)
    ceiling = sum(want in known for want in wanted) / len(wanted)
    return RetrievalReport(len(past), len(asked), len(known), ceiling, seed, tuple(recalls))


def split_cases(conversations: Path, seed: int = 0) -> tuple[list[Case], list[Case]]:
    """The held-out fifth of the conversations, by seed, and the others."""
    cases = _cases(conversations)
    random.Random(seed).shuffle(cases)
    held = len(cases) // 5
    return cases[:held], cases[held:]


def _cases(path: Path) -> list[Case]:
    """The conversations of which customer's turns, answer and document are known, in the file's order."""
    cases = []
    raws = conversation_tickets(path)
    for raw, item in zip(raws, json_items(path), strict=True):
        if isinstance(raw, BadRow) or isinstance(item, BadRow):
            continue
        asked = "\n".join(clean_question(said.text, raw.accounts) for said in raw.said if said.role is Role.CUSTOMER)
        if asked.strip():
            cases.append(Case(asked, _last_answer(raw), str(item[1]["agentURL"]["doc_id"])))
    return cases


def _last_answer(raw: RawTicket) -> str:
    return clean_answer(raw.said[-1].text)


def _bm25(past: Sequence[Case], asked: Sequence[Case]) -> Scores:
    index = bm25s.BM25()
    index.index([words_of(case.question) for case in past], show_progress=False)
    return lambda place: np.asarray(index.get_scores(words_of(asked[place].question)))


def _rank(scores: np.ndarray, documents: Sequence[str], wanted: str, temperature: float) -> int:
    """How many documents rank before the wanted one (ties count half, rounded up); a large number when unknown."""
    by_document: dict[str, list[float]] = {}
    for document, score in zip(documents, scores.tolist(), strict=True):
        by_document.setdefault(document, []).append(score)
    if wanted not in by_document:
        return len(documents)
    if temperature:
        ranked = {d: float(np.logaddexp.reduce(np.array(s) / temperature)) for d, s in by_document.items()}
    else:
        ranked = {document: max(scored) for document, scored in by_document.items()}
    own = ranked.pop(wanted)
    ties = sum(score == own for score in ranked.values())
    return sum(score > own for score in ranked.values()) + (ties + 1) // 2


def _recall(name: str, ranks: np.ndarray, seed: int) -> Recall:
    draws = np.random.default_rng(seed).integers(0, len(ranks), (RESAMPLES, len(ranks)))
    shares, intervals = [], []
    for k in AT:
        found = ranks < k
        low, high = np.quantile(found[draws].mean(axis=1), (0.025, 0.975))
        shares.append(float(found.mean()))
        intervals.append((float(low), float(high)))
    return Recall(name, tuple(shares), tuple(intervals))
