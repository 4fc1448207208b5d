"""The dense index: which tickets lie nearest to a message. Knows serial numbers and vectors, never text.

Vectors have length 1, so the inner product is the cosine similarity. The kind follows the size:

| tickets          | kind | a vector takes     | searched                                          |
|------------------|------|--------------------|---------------------------------------------------|
| up to FLAT_LIMIT | flat | 4 bytes a number   | every vector                                      |
| more             | ivf  | 1 byte a number    | of 4 sqrt(n) cells the nearest, of SCANNED vectors |
|                  |      |                    | in all, but no fewer and no more cells than PROBES |

Cells (FAISS IVF, scalar quantiser over integers) rather than a graph (HNSW) or product codes with a second look,
because a ticket can be taken out of them for good, which is what forgetting a customer asks for;
docs/results/retrieval.md compares them.
What was added to a large index since it was built lies beside it, in a small flat one, until that has ADDED_LIMIT
tickets: adding neither copies nor rewrites the large one. Taking out does both.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import faiss
import numpy as np

from retrieval.errors import IndexDamaged
from retrieval.snapshot import Snapshot

FLAT_LIMIT = 20_000
SCANNED, PROBES = 16_000, (64, 128)
ADDED_LIMIT = 5_000
TRAINING_VECTORS_PER_CELL = 40
REACH = 4.3  # by how many standard deviations a number may differ from 0 and still be kept as it is
BATCH = 20_000  # vectors added at a time
MAPPED_FROM = 64_000_000  # bytes of a file; one that is mapped takes its reader down if somebody cuts it short in place
BASE, ADDED = "index.faiss", "added.faiss"

Progress = Callable[[int], None]
"""Told how many vectors were added since it was last told."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A ticket, by its serial number in the store, near a message; `similarity` is the cosine, -1..1."""

    serial: int
    similarity: float


@dataclass(frozen=True, slots=True)
class _Parts:
    """The index that was built, and what was added since to a large one."""

    base: Any
    added: Any = None

    def __len__(self) -> int:
        return int(self.base.ntotal) + (int(self.added.ntotal) if self.added is not None else 0)

    def keys(self) -> np.ndarray:
        """All serial numbers, ascending."""
        return np.sort(np.concatenate([_keys(self.base), self.beside()[0]]))

    def beside(self) -> tuple[np.ndarray, np.ndarray]:
        """Serial numbers and vectors of what was added."""
        return _content(self.added) if self.added is not None else _content(_flat_of(int(self.base.d)))

    def without(self, keys: np.ndarray) -> _Parts:
        """These, less some; what is searched meanwhile stays as it is."""
        base = _own_copy(self.base)
        base.remove_ids(keys)
        others, vectors = self.beside()
        stay = ~np.isin(others, keys)
        return _Parts(base, _filled(_flat_of(int(base.d)), others[stay], vectors[stay]) if stay.any() else None)

    def plus(self, keys: np.ndarray, vectors: np.ndarray) -> _Parts:
        """These and others, in the kind that fits the new size; none of `keys` is in it."""
        beside, known = self.beside()
        keys, vectors = np.concatenate([beside, keys]), np.vstack([known, vectors])
        if isinstance(self.base, faiss.IndexIVF) and len(keys) <= ADDED_LIMIT:
            return _Parts(self.base, _filled(_flat_of(int(self.base.d)), keys, vectors))
        if isinstance(self.base, faiss.IndexIVF) or self.base.ntotal + len(keys) <= FLAT_LIMIT:
            return _Parts(_filled(_own_copy(self.base), keys, vectors))
        old_keys, old = _content(self.base)
        return _Parts(_index_of(np.concatenate([old_keys, keys]), np.vstack([old, vectors]), FLAT_LIMIT))


class TicketIndex:
    """Tickets by the direction of their question's embedding.

    Any number of threads may search while one adds or removes: a search works on the state that it
    began with. Changes are in memory until `save`.
    """

    def __init__(self, parts: _Parts, encoder: str, fingerprint: str, saved: Snapshot | None = None) -> None:
        self._parts = parts  # never changed in place: a writer makes the next ones and swaps them in
        self._saved = (parts.base, saved.sums[BASE]) if saved else None
        self._writing = threading.Lock()
        self.encoder = encoder
        self.fingerprint = fingerprint

    @classmethod
    def build(
        cls,
        serials: Sequence[int] | np.ndarray,
        vectors: np.ndarray,
        *,
        encoder: str,
        fingerprint: str,
        flat_limit: int = FLAT_LIMIT,
        progress: Progress | None = None,
    ) -> TicketIndex:
        """An index of tickets by `vectors` (n, dim), float32, each of length 1; `serials` are unique, 0 or more.

        `encoder` is the version of the model that made the vectors, `fingerprint` that of the store's
        tickets; both are compared when the index is opened again. Vectors are read a batch at a time, so they may be
        mapped from a file.
        """
        keys = np.asarray(serials, dtype=np.int64)
        if len(np.unique(keys)) != len(keys):
            raise ValueError(f"{len(keys) - len(np.unique(keys))} of {len(keys)} serial numbers stand twice")
        return cls(_Parts(_index_of(keys, vectors, flat_limit, progress)), encoder, fingerprint)

    @classmethod
    def open(cls, folder: Path, *, encoder: str | None = None, fingerprint: str | None = None) -> TicketIndex:
        """Opens a saved index, a large one mapped into memory. Raises IndexDamaged when it is missing or corrupt, or
        was made by another encoder or from other tickets than the ones named (None: any will do)."""
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
            parts = _Parts(*(_opened(saved.files[name]) for name in (BASE, ADDED) if name in saved.files))
            described = (saved.meta["count"], saved.meta["dim"])
        except (RuntimeError, OSError, TypeError, KeyError) as error:
            raise IndexDamaged(f"The index in {folder} cannot be read. Build it again.") from error
        if (len(parts), parts.base.d) != described:
            raise IndexDamaged(f"The index in {folder} is not what its meta.json says. Build it again.")
        return cls(parts, str(saved.meta["encoder"]), str(saved.meta["fingerprint"]), saved)

    def save(self, folder: Path) -> None:
        """Writes the index to `folder`; a reader sees the old one or the new one, nothing between. A large index that
        has only been added to is not written again."""
        with self._writing:
            parts = self._parts
            meta = {
                "encoder": self.encoder,
                "fingerprint": self.fingerprint,
                "kind": self.kind,
                "dim": self.dim,
                "count": len(parts),
            }
        known = {BASE: self._saved[1]} if self._saved and self._saved[0] is parts.base else {}
        files = {BASE: parts.base} | ({ADDED: parts.added} if parts.added is not None else {})
        writers = {name: partial(_write, index) for name, index in files.items()}
        written = Snapshot.write(folder, meta, writers, known)
        self._saved = (parts.base, written.sums[BASE])

    def __len__(self) -> int:
        return len(self._parts)

    @property
    def dim(self) -> int:
        """Numbers in a vector."""
        return int(self._parts.base.d)

    @property
    def kind(self) -> str:
        """Either "flat" or "ivf", as the table above says."""
        return "ivf" if isinstance(self._parts.base, faiss.IndexIVF) else "flat"

    def serials(self) -> np.ndarray:
        """The serial numbers of all tickets in it, (n,) int64, ascending."""
        return self._parts.keys()

    def search(self, vector: np.ndarray, k: int) -> list[Hit]:
        """At most `k` tickets nearest to `vector` (dim,), nearest first; fewer when there are no more."""
        parts = self._parts
        query = np.ascontiguousarray(vector, dtype=np.float32).reshape(1, -1)
        faiss.omp_set_num_threads(1)  # of this thread; one query gains nothing from more, and waits for them under load
        hits = _nearest(parts.base, query, k)
        if parts.added is not None:
            hits = sorted([*hits, *_nearest(parts.added, query, k)], key=lambda hit: -hit.similarity)[: max(k, 0)]
        return hits

    def add(self, serials: Sequence[int] | np.ndarray, vectors: np.ndarray, *, fingerprint: str) -> None:
        """Adds tickets; those that are in it already get the new vector. `fingerprint`: the store's, now."""
        with self._writing:
            keys = np.asarray(serials, dtype=np.int64)
            known = np.isin(keys, self._parts.keys()).any()
            parts = self._parts.without(keys) if known else self._parts
            self._parts = parts.plus(keys, np.asarray(vectors, dtype=np.float32))
            self.fingerprint = fingerprint

    def remove(self, serials: Sequence[int] | np.ndarray, *, fingerprint: str) -> int:
        """Takes tickets out for good; says how many were in it. `fingerprint`: the store's, now."""
        with self._writing:
            before = len(self._parts)
            self._parts = self._parts.without(np.asarray(serials, dtype=np.int64))
            self.fingerprint = fingerprint
            return before - len(self._parts)


def _index_of(keys: np.ndarray, vectors: np.ndarray, flat_limit: int, progress: Progress | None = None) -> Any:
    """A trained index of the kind that fits, filled."""
    count, dim = vectors.shape
    if count <= flat_limit:
        return _filled(_flat_of(dim), keys, vectors, progress)
    index = untrained_cells(dim, count)
    sample = np.random.default_rng(0).permutation(count)[: index.nlist * TRAINING_VECTORS_PER_CELL]
    index.train(in_bytes(vectors[np.sort(sample)]))
    return _filled(index, keys, vectors, progress)


def untrained_cells(dim: int, count: int) -> Any:
    """The FAISS index, empty and untrained, that `count` vectors go into where they are too many for a flat one. It
    takes them as `in_bytes` gives them."""
    cells = round(4 * math.sqrt(count))
    index: Any = faiss.index_factory(dim, f"IVF{cells},SQ8_direct_signed", faiss.METRIC_INNER_PRODUCT)
    index.by_residual = False
    fewest, most = PROBES
    index.nprobe = min(max(SCANNED * cells // max(count, 1), fewest), most, cells)
    return index


def in_bytes(vectors: np.ndarray) -> np.ndarray:
    """Vectors (n, dim) of length 1 so that each number fits a signed byte; what lies beyond REACH standard deviations
    of a number is cut."""
    made: np.ndarray = np.clip(_plain(vectors) * np.float32(_scale(vectors.shape[1])), -127, 127)
    return made


def _scale(dim: int) -> float:
    """What a number of a vector of length 1 is multiplied by."""
    return 127 * math.sqrt(dim) / REACH


def _of_bytes(index: Any) -> bool:
    return isinstance(index, faiss.IndexIVFScalarQuantizer)


def _plain(vectors: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(vectors, dtype=np.float32)


def _flat_of(dim: int) -> Any:
    return faiss.IndexIDMap2(faiss.IndexFlatIP(dim))


def _filled(index: Any, keys: np.ndarray, vectors: np.ndarray, progress: Progress | None = None) -> Any:
    for start in range(0, len(keys), BATCH):
        some = np.asarray(vectors[start : start + BATCH])
        index.add_with_ids(in_bytes(some) if _of_bytes(index) else _plain(some), keys[start : start + BATCH])
        if progress:
            progress(len(some))
    return index


def _keys(index: Any) -> np.ndarray:
    """The serial numbers of one index, in its own order."""
    if not isinstance(index, faiss.IndexIVF):
        return faiss.vector_to_array(index.id_map)
    lists: Any = index.invlists
    parts = [faiss.rev_swig_ptr(lists.get_ids(c), lists.list_size(c)).copy() for c in range(index.nlist)]
    return np.concatenate(parts)


def _content(flat: Any) -> tuple[np.ndarray, np.ndarray]:
    """Serial numbers and vectors of a flat index."""
    return _keys(flat), flat.index.reconstruct_n(0, flat.ntotal)


def _nearest(index: Any, query: np.ndarray, k: int) -> list[Hit]:
    k = min(k, index.ntotal)
    if k <= 0:
        return []
    similarities, keys = index.search(in_bytes(query) if _of_bytes(index) else query, k)
    if _of_bytes(index):
        similarities /= _scale(query.shape[1]) ** 2
    found = zip(keys[0].tolist(), similarities[0].tolist(), strict=True)
    return [Hit(key, similarity) for key, similarity in found if key >= 0]  # -1: the cells held fewer


def _opened(file: Path) -> Any:
    return faiss.read_index(str(file), faiss.IO_FLAG_MMAP_IFC if file.stat().st_size >= MAPPED_FROM else 0)


def _write(index: Any, file: Path) -> None:
    faiss.write_index(index, str(file))


def _own_copy(index: Any) -> Any:
    """A copy in memory of our own; one that is mapped from a file cannot be changed (FAISS would abort)."""
    return faiss.deserialize_index(faiss.serialize_index(index))
