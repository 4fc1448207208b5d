"""A turn of ours beside one of a bot put together from the same packages: `python -m benchmarks.naive [--n 100]`.

Each side runs in a process of its own, one after the other, on one thread, over the same messages and an index of
the same size. Ours also explains each turn and writes it to the database; the other does neither.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from benchmarks.figures import Latency, resident_mb
from benchmarks.home import demo_messages, throwaway_home
from bot.content import read_intents, read_shop
from bot.errors import HandrailError
from bot.lean import keep_training_out
from bot.paths import DEMO
from bot.settings import Settings
from bot.templates import render

TICKETS = 10_000
WARM = 20
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "HANDRAIL_THREADS"), "1")
NOTE = (
    "The assembled side's BERT-base models (Detoxify twice a turn, intent) have random weights from a fixed seed: a "
    "matrix product takes as long with any numbers, so time and memory are those of trained ones; what it answers "
    "means nothing. Its Presidio runs without a trained pipeline, which would only slow it down. Ours also explains "
    "every turn and writes it to the database."
)


@dataclass(frozen=True, slots=True)
class Side:
    """One side's figures; memory in MB (None: unknown)."""

    p50_ms: float
    p95_ms: float
    p99_ms: float
    rss_mb: float | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Both sides over the same `n` messages. `faster` is the assembled p50 over ours; `faster_p99` likewise."""

    n: int
    ours: Side
    assembled: Side
    note: str = NOTE

    @property
    def faster(self) -> float:
        """How many times faster ours is at the median."""
        return round(self.assembled.p50_ms / self.ours.p50_ms, 1)

    @property
    def faster_p99(self) -> float:
        """How many times faster ours is at the 99th percentile."""
        return round(self.assembled.p99_ms / self.ours.p99_ms, 1)

    def to_dict(self) -> dict[str, Any]:
        """A plain dictionary, for JSON."""
        return {**asdict(self), "faster": self.faster, "faster_p99": self.faster_p99}

    def __str__(self) -> str:
        lines = [f"{self.n} turns, one thread, {TICKETS:,} tickets in the index", f"{'':12}p50 ms   p99 ms   memory MB"]
        for name, side in (("handrail", self.ours), ("assembled", self.assembled)):
            memory = "?" if side.rss_mb is None else f"{side.rss_mb:.0f}"
            lines.append(f"{name:12}{side.p50_ms:6.1f} {side.p99_ms:8.1f} {memory:>11}")
        return "\n".join([*lines, f"{self.faster:g} times faster at p50, {self.faster_p99:g} at p99", "", self.note])


def compare(n: int) -> Comparison:
    """Run both sides, each in a process of its own. Raises HandrailError with what a side said when it failed."""
    return Comparison(n, ours=_apart("ours", n), assembled=_apart("assembled", n))


def _apart(side: str, n: int) -> Side:
    command = (sys.executable, "-m", "benchmarks.naive", "--side", side, "--n", str(n))
    done = subprocess.run(command, env={**os.environ, **ONE_THREAD}, capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise HandrailError(f"the side '{side}' failed: {said}")
    return Side(**json.loads(done.stdout.strip().splitlines()[-1]))


def _timed(respond: Callable[[str], object], n: int) -> Side:
    messages = demo_messages()
    times = []
    for number in range(WARM + n):
        begin = perf_counter()
        respond(messages[number % len(messages)])
        times.append((perf_counter() - begin) * 1e3)
    return Side(**asdict(Latency.of(times[WARM:])), rss_mb=resident_mb())


def _ours(n: int) -> Side:
    keep_training_out()
    from benchmarks.ours import OurLine

    with throwaway_home(Settings()) as settings:
        return _timed(OurLine.build(settings, tickets=TICKETS).respond, n)


def _assembled(n: int) -> Side:
    from benchmarks.assembled import AssembledLine

    shop = read_shop(DEMO / "shop.yaml")
    answers = [render(intent.answer, shop, {}) for intent in read_intents(DEMO / "intents")]
    with TemporaryDirectory(prefix="handrail-assembled-") as folder:
        return _timed(AssembledLine.build(Path(folder), demo_messages(), answers, tickets=TICKETS).respond, n)


def main() -> None:
    """Compare, and print."""
    options = argparse.ArgumentParser(prog="python -m benchmarks.naive", description=__doc__)
    options.add_argument("--n", type=int, default=100, help="turns that count (default: %(default)s)")
    options.add_argument("--json", action="store_true", help="print JSON")
    options.add_argument("--side", choices=SIDES, help=argparse.SUPPRESS)  # what the child processes run
    given = options.parse_args()
    try:
        if given.side:
            sys.stdout.write(json.dumps(asdict(SIDES[given.side](given.n))) + "\n")
        else:
            found = compare(given.n)
            sys.stdout.write((json.dumps(found.to_dict()) if given.json else str(found)) + "\n")
    except HandrailError as error:
        sys.exit(f"naive: {error}")


SIDES = {"ours": _ours, "assembled": _assembled}

if __name__ == "__main__":
    main()
