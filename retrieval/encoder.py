"""What turns text into vectors, as retrieval sees it; models/runtime.py provides it."""

from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import Protocol

import numpy as np

from retrieval.passage import Ticket

Progress = Callable[[int], None]
"""Told how many tickets were done since it was last told."""


class Encoder(Protocol):
    """Gives (texts, dim) float32 vectors of length 1."""

    def encode(self, texts: Sequence[str], batch: int = 64) -> np.ndarray:
        """Vectors of `texts`, in their order; (0, dim) for none."""
        ...


def ticket_vectors(tickets: Sequence[Ticket], encoder: Encoder) -> np.ndarray:
    """Where tickets lie for a search, (tickets, dim), each of length 1.

    Half-way between the question alone and question with answer: an answer names the subject that a terse
    or rambling customer did not. Recall at 5 on held-out twitter_care and demo questions: docs/retrieval.md.
    """
    questions = encoder.encode([ticket.question for ticket in tickets])
    wholes = encoder.encode([f"{ticket.question}\n{ticket.answer}" for ticket in tickets])
    both = questions + wholes
    vectors: np.ndarray = both / np.maximum(np.linalg.norm(both, axis=1, keepdims=True), 1e-12)
    return vectors.astype(np.float32, copy=False)


def encoded(
    tickets: Iterable[tuple[int, Ticket]], encoder: Encoder, progress: Progress | None = None, batch: int = 256
) -> tuple[list[int], np.ndarray]:
    """Serial numbers and vectors of tickets, which are read a batch at a time; only the vectors are kept."""
    rows = iter(tickets)
    serials: list[int] = []
    vectors = [ticket_vectors([], encoder)]
    while chunk := list(islice(rows, batch)):
        serials += [serial for serial, _ in chunk]
        vectors.append(ticket_vectors([ticket for _, ticket in chunk], encoder))
        if progress:
            progress(len(chunk))
    return serials, np.concatenate(vectors)
