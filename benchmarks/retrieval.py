"""How long the index takes for one message, by its size: cosine search alone, without store and encoder."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from time import perf_counter
from typing import Any

import numpy as np

from benchmarks.figures import Latency, resident_mb
from retrieval.index import TicketIndex

SIZES = (300, 10_000, 100_000)
K = 10
LIKENESS = 0.7  # cosine of a made vector to the ticket that it was made from: about that of two customers' words


@dataclass(frozen=True, slots=True)
class SizeReport:
    """One index size. `recall` is the share of the exact K nearest that the index found, 0..1."""

    size: int
    kind: str
    p50_ms: float
    p95_ms: float
    p99_ms: float
    recall: float
    build_s: float


@dataclass(frozen=True, slots=True)
class RetrievalReport:
    """All sizes; `n` queries each. `rss_mb` is this process's memory with the last index (None: unknown)."""

    n: int
    k: int
    sizes: tuple[SizeReport, ...]
    rss_mb: float | None

    def to_dict(self) -> dict[str, Any]:
        """A plain dictionary, for JSON; `p50_ms` to `p99_ms` beside the sizes are the largest size's."""
        largest = self.sizes[-1]
        shown = {"p50_ms": largest.p50_ms, "p95_ms": largest.p95_ms, "p99_ms": largest.p99_ms}
        return {**asdict(self), **shown}

    def rows(self) -> list[tuple[object, ...]]:
        """Size, kind, p50, p95, p99 ms, recall, seconds to build."""
        return [(s.size, s.kind, s.p50_ms, s.p95_ms, s.p99_ms, round(s.recall, 3), s.build_s) for s in self.sizes]


def measure(vectors: np.ndarray, n: int, sizes: Sequence[int] = SIZES, *, seed: int = 0) -> RetrievalReport:
    """Time `n` queries at each size. `vectors` (tickets, dim), of length 1, are those that the made ones lie near."""
    made = np.random.default_rng(seed)
    queries = near(vectors, n, made)
    return RetrievalReport(n, K, tuple(_sized(vectors, queries, sizes, made)), resident_mb())


def near(vectors: np.ndarray, count: int, random: np.random.Generator, likeness: float = LIKENESS) -> np.ndarray:
    """`count` vectors of length 1, (count, dim) float32, each at the cosine `likeness` to one of `vectors` drawn
    by `random`: crowded where real tickets are, as a shop's are, and not spread evenly."""
    base = vectors[random.integers(0, len(vectors), count)].astype(np.float32)
    noise = random.standard_normal(base.shape, dtype=np.float32)
    noise -= (noise * base).sum(axis=1, keepdims=True) * base
    noise /= np.linalg.norm(noise, axis=1, keepdims=True)
    made: np.ndarray = likeness * base + np.sqrt(1 - likeness**2) * noise
    return made.astype(np.float32, copy=False)


def _sized(
    vectors: np.ndarray, queries: np.ndarray, sizes: Sequence[int], random: np.random.Generator
) -> Iterator[SizeReport]:
    for size in sizes:
        tickets = near(vectors, size, random)
        begin = perf_counter()
        index = TicketIndex.build(range(size), tickets, encoder="benchmark", fingerprint="benchmark")
        built = perf_counter() - begin
        times, found = [], 0
        for query in queries:
            began = perf_counter()
            hits = index.search(query, K)
            times.append((perf_counter() - began) * 1e3)
            similarities = tickets @ query
            least = np.partition(similarities, -min(K, size))[-min(K, size)]
            found += sum(similarities[hit.serial] >= least for hit in hits)
        latency = Latency.of(times)
        recall = float(found) / (len(queries) * min(K, size))
        yield SizeReport(size, index.kind, **asdict(latency), recall=recall, build_s=round(built, 2))
