"""An encoder that needs no model, and a store that needs no database."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import blake2b

import numpy as np
import pytest

from retrieval.passage import Ticket


class HashingEncoder:
    """Texts with the same words have the same direction."""

    def __init__(self, dim: int = 256) -> None:
        self.dim = dim

    def encode(self, texts: Sequence[str], batch: int = 64) -> np.ndarray:
        vectors = np.zeros((len(texts), self.dim), dtype=np.float32)
        for row, text in zip(vectors, texts, strict=True):
            for word in re.findall(r"\w+", text.lower()):
                row[int.from_bytes(blake2b(word.encode(), digest_size=4).digest()) % self.dim] += 1
        return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)


class ListStore:
    """Tickets with their serial numbers, in memory."""

    def __init__(self, tickets: Iterable[Ticket] = ()) -> None:
        self.rows: dict[int, Ticket] = dict(enumerate(tickets, start=1))

    def by_serial(self, serials: Sequence[int]) -> Mapping[int, Ticket]:
        return {serial: self.rows[serial] for serial in serials if serial in self.rows}

    def each(self) -> Iterable[tuple[int, Ticket]]:
        return iter(list(self.rows.items()))

    def serials(self) -> list[int]:
        return sorted(self.rows)

    def fingerprint(self) -> str:
        return blake2b(repr(sorted(self.rows)).encode(), digest_size=8).hexdigest()


@pytest.fixture
def encoder() -> HashingEncoder:
    return HashingEncoder()


@pytest.fixture
def store_of() -> Callable[..., ListStore]:
    """Makes a store of (question, answer) pairs; ids are t1, t2, ... in their order."""

    def make(*pairs: tuple[str, str]) -> ListStore:
        return ListStore(Ticket(f"t{i}", question, answer) for i, (question, answer) in enumerate(pairs, start=1))

    return make
