"""The dense index: which tickets lie nearest to a message. Knows serial numbers and vectors, never text.

Vectors have length 1, so the inner product is the cosine similarity. Small indexes are searched exactly;
larger ones in the cells (FAISS IVF) nearest to the query. IVF rather than HNSW, because a ticket can be
taken out of it for good, which is what forgetting a customer asks for.

| tickets          | kind | searched                  |
|------------------|------|---------------------------|
| up to FLAT_LIMIT | flat | every vector              |
| more             | ivf  | PROBES of 4 sqrt(n) cells |
"""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence
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
    """A ticket, by its serial number in the store, near a message; `similarity` is the cosine, -1..1."""

    serial: int
    similarity: float


class TicketIndex:
    """Tickets by the direction of their question's embedding.

    Any number of threads may search while one adds or removes: a search works on the state that it
    began with. Changes are in memory until `save`.
    """

    def __init__(self, index: Any, encoder: str, fingerprint: str) -> None:
        self._index = index  # never changed in place: a writer makes the next one and swaps it in
        self._writing = threading.Lock()
        self.encoder = encoder
        self.fingerprint = fingerprint

    @classmethod
    def build(
        cls,
        serials: Sequence[int],
        vectors: np.ndarray,
        *,
        encoder: str,
        fingerprint: str,
        flat_limit: int = FLAT_LIMIT,
    ) -> TicketIndex:
        """An index of tickets by `vectors` (n, dim), float32, each of length 1; `serials` are unique, 0 or more.

        `encoder` is the version of the model that made the vectors, `fingerprint` that of the store's
        tickets; both are compared when the index is opened again.
        """
        keys = np.asarray(serials, dtype=np.int64)
        if len(np.unique(keys)) != len(keys):
            raise ValueError(f"{len(keys) - len(np.unique(keys))} of {len(keys)} serial numbers stand twice")
        return cls(_faiss_of(keys, vectors, flat_limit), encoder, fingerprint)

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
            described = (saved.meta["count"], saved.meta["dim"])
        except (RuntimeError, OSError, KeyError) as error:
            raise IndexDamaged(f"The index in {folder} cannot be read. Build it again.") from error
        if (index.ntotal, index.d) != described:
            raise IndexDamaged(f"The index in {folder} is not what its meta.json says. Build it again.")
        return cls(index, str(saved.meta["encoder"]), str(saved.meta["fingerprint"]))

    def save(self, folder: Path) -> None:
        """Writes the index to `folder`; a reader sees the old one or the new one, nothing between."""
        with self._writing:
            index = self._index
            meta = {
                "encoder": self.encoder,
                "fingerprint": self.fingerprint,
                "kind": self.kind,
                "dim": self.dim,
                "count": len(self),
            }
        Snapshot.write(folder, meta, {"index.faiss": lambda path: faiss.write_index(index, str(path))})

    def __len__(self) -> int:
        return int(self._index.ntotal)

    @property
    def dim(self) -> int:
        """Numbers in a vector."""
        return int(self._index.d)

    @property
    def kind(self) -> str:
        """Either "flat" or "ivf", as the table above says."""
        return "ivf" if isinstance(self._index, faiss.IndexIVF) else "flat"

    def serials(self) -> np.ndarray:
        """The serial numbers of all tickets in it, (n,) int64, ascending."""
        index = self._index
        if isinstance(index, faiss.IndexIVF):
            lists: Any = index.invlists
            parts = [faiss.rev_swig_ptr(lists.get_ids(c), lists.list_size(c)).copy() for c in range(index.nlist)]
            return np.sort(np.concatenate(parts))
        return np.sort(faiss.vector_to_array(index.id_map))

    def search(self, vector: np.ndarray, k: int) -> list[Hit]:
        """At most `k` tickets nearest to `vector` (dim,), nearest first; fewer when there are no more."""
        index = self._index
        k = min(k, index.ntotal)
        if k <= 0:
            return []
        query = np.ascontiguousarray(vector, dtype=np.float32).reshape(1, -1)
        faiss.omp_set_num_threads(1)  # of this thread; one query gains nothing from more, and waits for them under load
        similarities, keys = index.search(query, k)
        found = zip(keys[0].tolist(), similarities[0].tolist(), strict=True)
        return [Hit(key, similarity) for key, similarity in found if key >= 0]  # -1: the cells held fewer

    def add(self, serials: Sequence[int], vectors: np.ndarray, *, fingerprint: str) -> None:
        """Adds tickets; those that are in it already get the new vector. `fingerprint`: the store's, now."""
        with self._writing:
            keys = np.asarray(serials, dtype=np.int64)
            index = _own_copy(self._index)
            index.remove_ids(keys)
            if self.kind == "flat" and index.ntotal + len(keys) > FLAT_LIMIT:
                old = index.index.reconstruct_n(0, index.ntotal)
                all_keys = np.concatenate([faiss.vector_to_array(index.id_map), keys])
                index = _faiss_of(all_keys, np.vstack([old, vectors]), FLAT_LIMIT)
            else:
                index.add_with_ids(np.ascontiguousarray(vectors, dtype=np.float32), keys)
            self._index, self.fingerprint = index, fingerprint

    def remove(self, serials: Sequence[int], *, fingerprint: str) -> int:
        """Takes tickets out for good; says how many were in it. `fingerprint`: the store's, now."""
        with self._writing:
            index = _own_copy(self._index)
            removed = int(index.remove_ids(np.asarray(serials, dtype=np.int64)))
            self._index, self.fingerprint = index, fingerprint
            return removed


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
