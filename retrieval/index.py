"""The dense index: which tickets' questions lie nearest to a message. Knows ids and vectors, never text.

Vectors have length 1, so the inner product is the cosine similarity. Small indexes are searched exactly;
larger ones in the cells (FAISS IVF) nearest to the query. IVF rather than HNSW, because a ticket can be
taken out of it for good, which is what forgetting a customer asks for.

| tickets          | kind | searched                  |
|------------------|------|---------------------------|
| up to FLAT_LIMIT | flat | every vector              |
| more             | ivf  | PROBES of 4 sqrt(n) cells |
"""

from __future__ import annotations

import hashlib
import json
import math
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import faiss
import numpy as np

from retrieval.errors import IndexDamaged
from retrieval.snapshot import Snapshot

FLAT_LIMIT = 20_000
PROBES = 32
TRAINING_VECTORS_PER_CELL = 40


@dataclass(frozen=True, slots=True)
class Hit:
    """A ticket near a message; `similarity` is the cosine, -1..1."""

    ticket: str
    similarity: float


@dataclass(frozen=True, slots=True)
class _State:
    """What one search sees. Never changed: a writer makes the next one and swaps it in."""

    faiss: Any
    tickets: Mapping[int, str]


class TicketIndex:
    """Tickets by the direction of their question's embedding.

    Any number of threads may search while one adds or removes: a search works on the state that it
    began with. Changes are in memory until `save`.
    """

    def __init__(self, state: _State, encoder: str, fingerprint: str) -> None:
        self._state = state
        self._writing = threading.Lock()
        self.encoder = encoder
        self.fingerprint = fingerprint

    @classmethod
    def build(
        cls,
        tickets: Sequence[str],
        vectors: np.ndarray,
        *,
        encoder: str,
        fingerprint: str,
        flat_limit: int = FLAT_LIMIT,
    ) -> TicketIndex:
        """An index of `tickets` (unique ids) by `vectors` (n, dim), float32, each of length 1.

        `encoder` is the version of the model that made the vectors, `fingerprint` that of the store's
        tickets; both are compared when the index is opened again.
        """
        keys = np.array([_key(ticket) for ticket in tickets], dtype=np.int64)
        named = dict(zip(keys.tolist(), tickets, strict=True))
        if len(named) != len(tickets):
            raise ValueError(f"{len(tickets) - len(named)} of {len(tickets)} ticket ids stand twice")
        return cls(_State(_faiss_of(keys, vectors, flat_limit), named), encoder, fingerprint)

    @classmethod
    def open(cls, folder: Path, *, encoder: str | None = None, fingerprint: str | None = None) -> TicketIndex:
        """Opens a saved index, mapped into memory. Raises IndexDamaged when it is missing or corrupt, or was
        made by another encoder or from other tickets than the ones named (None: any will do)."""
        saved = Snapshot.read(folder)
        for what, found, wanted in (
            ("encoder", saved.meta.get("encoder"), encoder),
            ("tickets' fingerprint", saved.meta.get("fingerprint"), fingerprint),
        ):
            if wanted is not None and found != wanted:
                raise IndexDamaged(
                    f"The index in {folder} does not match: its {what} is {found}, but {wanted} serves. "
                    "Build it again with: handrail index build"
                )
        try:
            index = faiss.read_index(str(saved.files["index.faiss"]), faiss.IO_FLAG_MMAP_IFC)
            tickets = json.loads(saved.files["tickets.json"].read_text("utf-8"))
            state = _State(index, {_key(ticket): ticket for ticket in tickets})
            cut = index.ntotal != len(state.tickets) or index.d != saved.meta["dim"]
        except (RuntimeError, OSError, ValueError, KeyError, TypeError) as error:
            raise IndexDamaged(f"The index in {folder} cannot be read. Build it again.") from error
        if cut:
            raise IndexDamaged(f"The index in {folder} has vectors without tickets. Build it again.")
        return cls(state, str(saved.meta["encoder"]), str(saved.meta["fingerprint"]))

    def save(self, folder: Path) -> None:
        """Writes the index to `folder`; a reader sees the old one or the new one, nothing between."""
        state = self._state
        meta = {
            "encoder": self.encoder,
            "fingerprint": self.fingerprint,
            "kind": self.kind,
            "dim": self.dim,
            "count": len(self),
        }
        writers = {
            "index.faiss": lambda path: faiss.write_index(state.faiss, str(path)),
            "tickets.json": lambda path: path.write_text(json.dumps(list(state.tickets.values())), "utf-8"),
        }
        Snapshot.write(folder, meta, writers)

    def __len__(self) -> int:
        return len(self._state.tickets)

    def __contains__(self, ticket: str) -> bool:
        return _key(ticket) in self._state.tickets

    @property
    def dim(self) -> int:
        """Numbers in a vector."""
        return int(self._state.faiss.d)

    @property
    def kind(self) -> str:
        """"flat" or "ivf", as the table above says."""
        return "ivf" if isinstance(self._state.faiss, faiss.IndexIVF) else "flat"

    def search(self, vector: np.ndarray, k: int) -> list[Hit]:
        """At most `k` tickets nearest to `vector` (dim,), nearest first; fewer when there are no more."""
        state = self._state
        k = min(k, len(state.tickets))
        if k <= 0:
            return []
        query = np.ascontiguousarray(vector, dtype=np.float32).reshape(1, -1)
        similarities, keys = state.faiss.search(query, k)
        return [
            Hit(state.tickets[key], float(similarity))
            for key, similarity in zip(keys[0].tolist(), similarities[0].tolist(), strict=True)
            if key in state.tickets
        ]

    def add(self, tickets: Sequence[str], vectors: np.ndarray, *, fingerprint: str) -> None:
        """Adds tickets; those that are in it already get the new vector. `fingerprint`: the store's, now."""
        with self._writing:
            keys = np.array([_key(ticket) for ticket in tickets], dtype=np.int64)
            index = _own_copy(self._state.faiss)
            index.remove_ids(keys)
            named = {**self._state.tickets, **dict(zip(keys.tolist(), tickets, strict=True))}
            if self.kind == "flat" and len(named) > FLAT_LIMIT:
                old = index.index.reconstruct_n(0, index.ntotal)
                all_keys = np.concatenate([faiss.vector_to_array(index.id_map), keys])
                index = _faiss_of(all_keys, np.vstack([old, vectors]), FLAT_LIMIT)
            else:
                index.add_with_ids(np.ascontiguousarray(vectors, dtype=np.float32), keys)
            self._state, self.fingerprint = _State(index, named), fingerprint

    def remove(self, tickets: Sequence[str], *, fingerprint: str) -> int:
        """Takes tickets out for good; says how many were in it. `fingerprint`: the store's, now."""
        with self._writing:
            keys = np.array([_key(ticket) for ticket in tickets], dtype=np.int64)
            index = _own_copy(self._state.faiss)
            removed = int(index.remove_ids(keys))
            gone = set(keys.tolist())
            named = {key: ticket for key, ticket in self._state.tickets.items() if key not in gone}
            self._state, self.fingerprint = _State(index, named), fingerprint
            return removed


def _key(ticket: str) -> int:
    """A stable positive 64-bit number for a ticket's id, since FAISS knows no others."""
    digest = hashlib.blake2b(ticket.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1


def _faiss_of(keys: np.ndarray, vectors: np.ndarray, flat_limit: int) -> Any:
    vectors = np.ascontiguousarray(vectors, dtype=np.float32)
    count, dim = vectors.shape
    if count <= flat_limit:
        index: Any = faiss.IndexIDMap2(faiss.IndexFlatIP(dim))
    else:
        cells = round(4 * math.sqrt(count))
        index = faiss.index_factory(dim, f"IVF{cells},Flat", faiss.METRIC_INNER_PRODUCT)
        sample = np.random.default_rng(0).permutation(count)[: cells * TRAINING_VECTORS_PER_CELL]
        index.train(vectors[np.sort(sample)])
        index.nprobe = min(PROBES, cells)
    index.add_with_ids(vectors, keys)
    return index


def _own_copy(index: Any) -> Any:
    """A copy in memory of our own; one that is mapped from a file cannot be changed (FAISS would abort)."""
    return faiss.deserialize_index(faiss.serialize_index(index))
