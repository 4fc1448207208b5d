"""Whether the first passage answers, and how far its calibrated score can be trusted. Needs no torch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from bot.content import OUT_OF_SCOPE
from retrieval.passage import Passage
from training.metrics import calibration_error, risk_coverage
from training.share import Share


@dataclass(frozen=True, slots=True)
class PassageReport:
    """The first passage for each message; it is right when its ticket has the message's intent, and never for a message
    out of scope. `curve` has for each coverage the share of wrong passages if only the surest are said; `threshold`
    is the least score at which no more than `risk` of what is said is wrong (None: there is none), `coverage` the share
    of messages that reach it."""

    messages: int
    right: float
    right_interval: tuple[float, float]
    ece: float
    curve: tuple[tuple[float, float], ...]
    risk: float
    threshold: float | None
    coverage: float

    def to_dict(self) -> dict[str, Any]:
        """A plain dictionary, for JSON."""
        return asdict(self)

    def rows(self) -> list[tuple[str, str]]:
        """What was found, to print."""
        low, high = self.right_interval
        limit = "none" if self.threshold is None else f"{self.threshold:.2f}, reached by {self.coverage:.1%}"
        return [
            ("messages", str(self.messages)),
            ("first passage right", f"{self.right:.1%} (95 %: {low:.1%} to {high:.1%})"),
            ("calibration error (15 bins)", f"{self.ece:.3f}"),
            *((f"wrong of the surest {share:.0%}", f"{wrong:.1%}") for share, wrong in self.curve),
            (f"least score for {self.risk:.0%} wrong", limit),
        ]


def evaluate_passages(
    messages: Sequence[tuple[str, str]],
    search: Callable[[str, int], Sequence[Passage]],
    intents: Callable[[Sequence[str]], Mapping[str, str | None]],
    *,
    risk: float = 0.1,
) -> PassageReport:
    """Measure on `messages` (text, intent). `search` finds passages, `intents` gives those of tickets by id."""
    found = [next(iter(search(text, 1)), None) for text, _ in messages]
    known = intents([passage.ticket for passage in found if passage])
    scores = np.array([passage.score if passage else 0.0 for passage in found])
    right = np.array(
        [
            label != OUT_OF_SCOPE and passage is not None and known.get(passage.ticket) == label
            for passage, (_, label) in zip(found, messages, strict=True)
        ]
    )
    threshold, coverage = _threshold(scores, right, risk)
    return PassageReport(
        messages=len(messages),
        right=float(right.mean()),
        right_interval=Share(int(right.sum()), len(right)).interval,
        ece=calibration_error(scores, right),
        curve=risk_coverage(scores, right),
        risk=risk,
        threshold=threshold,
        coverage=coverage,
    )


def _threshold(scores: np.ndarray, right: np.ndarray, risk: float) -> tuple[float | None, float]:
    order = np.argsort(-scores, kind="stable")
    wrong = np.cumsum(~right[order]) / np.arange(1, len(order) + 1)
    within = np.flatnonzero(wrong <= risk)
    if not len(within):
        return None, 0.0
    return round(float(scores[order[within[-1]]]), 4), float((within[-1] + 1) / len(order))
