"""How long a whole turn takes in process: all guards, intent, retrieval, composition, explanation and the write."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from time import perf_counter
from typing import Any

import numpy as np

from benchmarks.figures import Latency, resident_mb
from bot.engine import Bot

MESSAGES_A_CHAT = 4


@dataclass(frozen=True, slots=True)
class TurnReport:
    """`p50_ms` to `p99_ms` are of whole turns, from the message to the written reply.

    `without_write` are the same turns up to the cleared reply, before explanation and store; `steps_p50_ms` the
    median of each step where it ran. `rss_mb` is this process's memory afterwards (None: unknown).
    """

    n: int
    threads: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    without_write: Latency
    steps_p50_ms: dict[str, float]
    rss_mb: float | None

    def to_dict(self) -> dict[str, Any]:
        """A plain dictionary, for JSON."""
        return asdict(self)

    def rows(self) -> list[tuple[str, str]]:
        """The figures as the rows of a table."""
        bare = self.without_write
        return [
            ("whole turn, p50 / p95 / p99 ms", f"{self.p50_ms:.2f} / {self.p95_ms:.2f} / {self.p99_ms:.2f}"),
            ("without the write", f"{bare.p50_ms:.2f} / {bare.p95_ms:.2f} / {bare.p99_ms:.2f}"),
            *((f"  {step}, p50 ms", f"{ms:.2f}") for step, ms in self.steps_p50_ms.items()),
            ("memory of this process, MB", "unknown" if self.rss_mb is None else f"{self.rss_mb:.0f}"),
            ("turns, threads", f"{self.n}, {self.threads}"),
        ]


def measure(bot: Bot, messages: Sequence[str], n: int, warm: int, *, threads: int = 1) -> TurnReport:
    """Time `n` turns after `warm` that are not counted, in chats of a few messages each.

    `messages` are taken in order and over again; `threads` are those of a model pass, for the record. Raises
    ValueError when there is nothing to send.
    """
    if not messages or n < 1:
        raise ValueError(f"{n} turns with {len(messages)} messages: both must be 1 or more")
    whole, bare = [], []
    steps: dict[str, list[float]] = {}
    chat = ""
    for number in range(warm + n):
        if number % MESSAGES_A_CHAT == 0:
            chat = bot.start(f"benchmark-{number}", channel="benchmark").id
        begin = perf_counter()
        turn = bot.respond(chat, messages[number % len(messages)])
        took = (perf_counter() - begin) * 1e3
        if number < warm:
            continue
        timings = dict(turn.timings)
        whole.append(took)
        bare.append(timings.pop("total"))
        for step, ms in timings.items():
            steps.setdefault(step, []).append(ms)
    total = Latency.of(whole)
    return TurnReport(
        n=n,
        threads=threads,
        p50_ms=total.p50_ms,
        p95_ms=total.p95_ms,
        p99_ms=total.p99_ms,
        without_write=Latency.of(bare),
        steps_p50_ms={step: round(float(np.median(times)), 3) for step, times in steps.items()},
        rss_mb=resident_mb(),
    )
