"""The index alone, without store and encoder, by its size: time to build, open and search, memory, and recall."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, thread_time
from typing import Any

import numpy as np

from benchmarks.figures import Latency, resident_mb
from retrieval.index import TicketIndex

SIZES = (300, 10_000, 100_000)
K = 10
LIKENESS = (0.6, 0.95)  # cosines of a paraphrase to what it says again, from loose to close
CHUNK = 50_000
CHANGES = 100  # tickets added, and as many taken out, while the index is in use

Step = Callable[[str, int], Callable[[int], None]]
"""Begins a step of a name and a total; what it returns is told of what was done since."""


@dataclass(frozen=True, slots=True)
class SizeReport:
    """One index size. `p50_ms` to `p99_ms` are of the searching thread, whatever else the machine does;
    `recall` is the share of the exact K nearest that the index found, 0..1; `bytes_each` what a ticket takes on disk,
    and in memory once all of the file has been read; `added_ms` and `removed_ms` are by the clock, for CHANGES tickets
    at once, saved."""

    size: int
    kind: str
    p50_ms: float
    p95_ms: float
    p99_ms: float
    recall: float
    build_s: float
    open_s: float
    bytes_each: float
    added_ms: float
    removed_ms: float


@dataclass(frozen=True, slots=True)
class RetrievalReport:
    """All sizes; `queries` at each. `rss_mb` is this process's memory with the last index (None: unknown)."""

    queries: int
    k: int
    sizes: tuple[SizeReport, ...]
    rss_mb: float | None

    def to_dict(self) -> dict[str, Any]:
        """A plain dictionary, for JSON; `p50_ms` to `p99_ms` beside the sizes are the largest size's."""
        largest = self.sizes[-1]
        shown = {"p50_ms": largest.p50_ms, "p95_ms": largest.p95_ms, "p99_ms": largest.p99_ms}
        return {**asdict(self), **shown}

    def rows(self) -> list[tuple[object, ...]]:
        """The figures of each size, in the order of the fields."""
        return [tuple(asdict(size).values()) for size in self.sizes]


def measure(
    vectors: np.ndarray,
    queries: np.ndarray,
    sizes: Sequence[int] = SIZES,
    *,
    seed: int = 0,
    step: Step = lambda what, total: lambda done: None,
) -> RetrievalReport:
    """Time `queries` (n, dim) at each size. `vectors` (texts, dim), of length 1, are real embeddings: where there are
    fewer than tickets wanted, paraphrases are made of them; see `near`."""
    made = np.random.default_rng(seed)
    reports = tuple(_sized(vectors, queries, size, made, step) for size in sizes)
    return RetrievalReport(len(queries), K, reports, resident_mb())


def near(
    vectors: np.ndarray, count: int, random: np.random.Generator, likeness: tuple[float, float] = LIKENESS
) -> np.ndarray:
    """`count` paraphrases as vectors of length 1, (count, dim) float32: each at a cosine, even between the two of
    `likeness`, to one of `vectors` drawn by `random`.

    What is added is the difference of two others of `vectors`, so a paraphrase differs as real texts do from one
    another, and is crowded where they are; noise that is alike in all directions is easier to search in.
    """
    base, one, other = (vectors[random.integers(0, len(vectors), count)].astype(np.float32) for _ in range(3))
    noise = one - other + random.normal(0, 1e-3, base.shape).astype(np.float32)
    noise -= (noise * base).sum(axis=1, keepdims=True) * base
    noise /= np.linalg.norm(noise, axis=1, keepdims=True)
    cosine = random.uniform(*likeness, (count, 1)).astype(np.float32)
    made: np.ndarray = cosine * base + np.sqrt(1 - cosine**2) * noise
    return made


def _sized(vectors: np.ndarray, queries: np.ndarray, size: int, random: np.random.Generator, step: Step) -> SizeReport:
    with TemporaryDirectory(prefix="handrail-") as scratch:
        tickets = _tickets(vectors, size, random, Path(scratch), step)
        wanted = _exact(tickets, queries, step)
        begin = perf_counter()
        told = step(f"Building an index of {size:,}", size)
        index = TicketIndex.build(range(size), tickets, encoder="benchmark", fingerprint="0", progress=told)
        built = perf_counter() - begin
        index.save(Path(scratch) / "index")
        files = sum(file.stat().st_size for file in (Path(scratch) / "index").iterdir())
        begin = perf_counter()
        index = TicketIndex.open(Path(scratch) / "index")
        opened = perf_counter() - begin
        times, found = [], 0
        told = step(f"Searching {size:,}", len(queries))
        for query, nearest in zip(queries, wanted, strict=True):
            began = thread_time()
            hits = index.search(query, K)
            times.append((thread_time() - began) * 1e3)
            found += len({hit.serial for hit in hits} & set(nearest.tolist()))
            told(1)
        added, removed = _changed(index, near(vectors, CHANGES, random), size, Path(scratch) / "index")
    latency = Latency.of(times)
    recall = round(found / (len(queries) * min(K, size)), 4)
    return SizeReport(
        size=size,
        kind=index.kind,
        p50_ms=latency.p50_ms,
        p95_ms=latency.p95_ms,
        p99_ms=latency.p99_ms,
        recall=recall,
        build_s=round(built, 2),
        open_s=round(opened, 3),
        bytes_each=round(files / size, 1),
        added_ms=added,
        removed_ms=removed,
    )


def _tickets(vectors: np.ndarray, size: int, random: np.random.Generator, scratch: Path, step: Step) -> np.ndarray:
    """The vectors of `size` tickets, mapped from a file: real ones first, then paraphrases."""
    tickets = np.memmap(scratch / "tickets", np.float32, "w+", shape=(size, vectors.shape[1]))
    real = min(len(vectors), size)
    tickets[:real] = vectors[:real]
    told = step(f"Making {size:,} vectors", size)
    for start in range(real, size, CHUNK):
        tickets[start : start + CHUNK] = near(vectors, min(CHUNK, size - start), random)
        told(CHUNK)
    return tickets


def _exact(tickets: np.ndarray, queries: np.ndarray, step: Step) -> np.ndarray:
    """The K nearest of each query, (queries, K), by looking at all."""
    k = min(K, len(tickets))
    best = np.full((len(queries), 0), 0, dtype=np.int64)
    scores = np.zeros((len(queries), 0), dtype=np.float32)
    told = step("Searching exactly, to compare", len(tickets))
    for start in range(0, len(tickets), CHUNK):
        part = queries @ np.asarray(tickets[start : start + CHUNK]).T
        places = np.broadcast_to(np.arange(start, start + part.shape[1]), part.shape)
        scores, best = np.hstack([scores, part]), np.hstack([best, places])
        keep = np.argpartition(-scores, min(k, scores.shape[1]) - 1, axis=1)[:, :k]
        scores, best = np.take_along_axis(scores, keep, 1), np.take_along_axis(best, keep, 1)
        told(CHUNK)
    return best


def _changed(index: TicketIndex, vectors: np.ndarray, size: int, folder: Path) -> Iterator[float]:
    """Milliseconds to add tickets and keep that, and to take as many out and keep that."""
    began = perf_counter()
    index.add(range(size, size + CHANGES), vectors, fingerprint="1")
    index.save(folder)
    yield round((perf_counter() - began) * 1e3, 1)
    began = perf_counter()
    index.remove(range(min(size, CHANGES)), fingerprint="2")
    index.save(folder)
    yield round((perf_counter() - began) * 1e3, 1)
