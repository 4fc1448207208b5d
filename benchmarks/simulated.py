"""An index too large to be built here, simulated: what it would find, and how long a search in it takes.

Real is all that decides either: the cells are learnt (from fewer vectors a cell than a build takes, so they are rather
worse than its own); the exact nearest among all vectors are found, by making each once and keeping only the nearest;
these are coded as the index codes them and searched in the same cells, which gives the recall of the whole, since what
lies farther cannot come before them but by the code's rounding. Made up is what fills the cells while searches are
timed: random codes, as many in each cell as vectors of the sample fell into it. Adding and saving are not simulated.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from time import thread_time
from typing import Any

import faiss
import numpy as np

from benchmarks.figures import Latency, resident_mb
from benchmarks.retrieval import CHUNK, K, Step, near
from retrieval.index import in_bytes, untrained_cells

LEARNT_FROM, ROUNDS = 10, 4  # vectors a cell, and passes over them: fewer than a build's
KEPT = 50  # of the exact nearest that compete with each other


@dataclass(frozen=True, slots=True)
class SimulatedReport:
    """An index of `size` vectors of which the `probes` nearest of `cells` are searched. `recall` is the share of the
    exact K nearest that are found, 0..1; times are of the searching thread; `bytes_each` is what a vector takes in
    memory."""

    size: int
    cells: int
    probes: int
    recall: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    bytes_each: float
    learn_s: float
    rss_mb: float | None

    def to_dict(self) -> dict[str, Any]:
        """A plain dictionary, for JSON."""
        return asdict(self)


def simulate(vectors: np.ndarray, queries: np.ndarray, size: int, *, seed: int = 0, step: Step) -> SimulatedReport:
    """Simulate `size` paraphrases (see `near`) of `vectors` (texts, dim), asked with `queries` (n, dim)."""
    random = np.random.default_rng(seed)
    index = untrained_cells(vectors.shape[1], size)
    sample = in_bytes(near(vectors, index.nlist * LEARNT_FROM, random))
    index.cp.niter = ROUNDS
    told, began = step(f"Learning {index.nlist:,} cells", 1), thread_time()
    faiss.omp_set_num_threads(1)
    index.train(sample)
    learnt = thread_time() - began
    told(1)
    recall = _Nearest.among(vectors, queries, size, random, step).recall(index, queries)
    _fill(index, sample, size, random, step)
    latency = Latency.of(_times(index, queries))
    taken = index.code_size + 8 + index.nlist * 4 * index.d / size
    return SimulatedReport(
        size=size,
        cells=index.nlist,
        probes=index.nprobe,
        recall=recall,
        p50_ms=latency.p50_ms,
        p95_ms=latency.p95_ms,
        p99_ms=latency.p99_ms,
        bytes_each=round(taken, 1),
        learn_s=round(learnt, 1),
        rss_mb=resident_mb(),
    )


@dataclass(frozen=True, slots=True, repr=False)
class _Nearest:
    """The exact nearest of each query, nearest first: their numbers (queries, KEPT), vectors (queries, KEPT, dim)."""

    numbers: np.ndarray
    vectors: np.ndarray

    @classmethod
    def among(
        cls, vectors: np.ndarray, queries: np.ndarray, size: int, random: np.random.Generator, step: Step
    ) -> _Nearest:
        """Of `size` paraphrases of `vectors`, each made once and let go."""
        told = step(f"Looking at {size:,} vectors", size)
        numbers, best = np.empty((len(queries), 0), np.int64), np.empty((len(queries), 0, vectors.shape[1]), np.float32)
        for start in range(0, size, CHUNK):
            made = near(vectors, min(CHUNK, size - start), random)
            some = np.argpartition(-(queries @ made.T), min(KEPT, len(made) - 1), axis=1)[:, :KEPT]
            numbers, best = np.hstack([numbers, some + start]), np.concatenate([best, made[some]], axis=1)
            order = np.argsort(-np.einsum("qd,qkd->qk", queries, best), axis=1)[:, :KEPT]
            numbers = np.take_along_axis(numbers, order, 1)
            best = np.take_along_axis(best, order[:, :, None], 1)
            told(len(made))
        return cls(numbers, best)

    def recall(self, index: Any, queries: np.ndarray) -> float:
        """The share of each query's K nearest that the index finds among all queries' nearest."""
        filled = faiss.clone_index(index)
        numbers, places = np.unique(self.numbers, return_index=True)
        filled.add_with_ids(in_bytes(self.vectors.reshape(-1, self.vectors.shape[2])[places]), numbers)
        faiss.omp_set_num_threads(1)
        found = filled.search(in_bytes(queries), K)[1]
        shares = [np.isin(exact, row).mean() for exact, row in zip(self.numbers[:, :K], found, strict=True)]
        return round(float(np.mean(shares)), 4)


def _fill(index: Any, sample: np.ndarray, size: int, random: np.random.Generator, step: Step) -> None:
    """Fill the cells with random codes, in the proportions of the sample."""
    shares = np.bincount(index.quantizer.search(sample, 1)[1][:, 0], minlength=index.nlist) / len(sample)
    told = step("Filling the cells", index.nlist)
    for cell, count in enumerate(np.round(shares * size).astype(int).tolist()):
        codes = random.integers(0, 256, (count, index.code_size), dtype=np.uint8)
        if count:
            ids = np.arange(count, dtype=np.int64)
            index.invlists.add_entries(cell, count, faiss.swig_ptr(ids), faiss.swig_ptr(codes))
        told(1)
    index.ntotal = size


def _times(index: Any, queries: np.ndarray) -> list[float]:
    """Milliseconds of each search, of the thread."""
    times = []
    for query in in_bytes(queries):
        began = thread_time()
        index.search(query[None], K)
        times.append((thread_time() - began) * 1e3)
    return times
