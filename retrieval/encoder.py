"""What turns text into vectors, as retrieval sees it; models/runtime.py provides it."""

from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from tempfile import TemporaryFile
from typing import Protocol

import numpy as np

from retrieval.passage import Ticket

PLACING = "2"  # goes up when `placed` changes, so that an index of before is built anew
ANSWER = 0.5  # weight of the answer alone, beside question and both together
IN_MEMORY = 50_000  # vectors; 77 MB at 384 numbers each

Progress = Callable[[int], None]
"""Told how many tickets were done since it was last told."""


class Encoder(Protocol):
    """Gives (texts, dim) float32 vectors of length 1."""

    def encode(self, texts: Sequence[str], batch: int = 64) -> np.ndarray:
        """Vectors of `texts`, in their order; (0, dim) for none."""
        ...


def ticket_vectors(tickets: Sequence[Ticket], encoder: Encoder) -> np.ndarray:
    """Where tickets lie for a search, (tickets, dim), each of length 1: see `placed`."""
    return placed(
        encoder.encode([ticket.question for ticket in tickets]),
        encoder.encode([f"{ticket.question}\n{ticket.answer}" for ticket in tickets]),
        encoder.encode([ticket.answer for ticket in tickets]),
    )


def placed(questions: np.ndarray, wholes: np.ndarray, answers: np.ndarray) -> np.ndarray:
    """Where tickets lie, (tickets, dim), by the vectors (tickets, dim) of question, question with answer, and answer.

    An answer names the subject that a terse or rambling customer did not. What each part brings:
    docs/results/retrieval.md.
    """
    joined = questions + wholes + ANSWER * answers
    vectors: np.ndarray = joined / np.maximum(np.linalg.norm(joined, axis=1, keepdims=True), 1e-12)
    return vectors.astype(np.float32, copy=False)


def encoded(
    tickets: Iterable[tuple[int, Ticket]],
    count: int,
    encoder: Encoder,
    progress: Progress | None = None,
    batch: int = 256,
) -> tuple[np.ndarray, np.ndarray]:
    """Serial numbers (n,) int64 and vectors (n, dim) of the first `count` tickets, or of all where there are fewer.

    Tickets are read a batch at a time, and many vectors are kept in a temporary file that is mapped into memory, so
    that memory stays flat.
    """
    rows = islice(tickets, count)
    serials = np.empty(count, dtype=np.int64)
    vectors = _room(count, ticket_vectors([], encoder).shape[1])
    done = 0
    while chunk := list(islice(rows, batch)):
        here = slice(done, done := done + len(chunk))
        serials[here] = [serial for serial, _ in chunk]
        vectors[here] = ticket_vectors([ticket for _, ticket in chunk], encoder)
        if progress:
            progress(len(chunk))
    return serials[:done], vectors[:done]


def _room(count: int, dim: int) -> np.ndarray:
    if count <= IN_MEMORY:
        return np.empty((count, dim), dtype=np.float32)
    with TemporaryFile(prefix="handrail-") as file:
        return np.memmap(file, np.float32, "w+", shape=(count, dim))  # outlives the file's name
