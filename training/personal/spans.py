"""How well stretches of text are told, by kind: a stretch counts when start, end and kind are all right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from guardrails.verdict import Span
from training.metrics import interval


@dataclass(frozen=True, slots=True)
class SpanReport:
    """Figures of one kind over `texts` texts: shares 0..1, `f1` with the bootstrap's middle 95 % over texts."""

    kind: str
    wanted: int
    precision: float
    recall: float
    f1: float
    f1_interval: tuple[float, float]
    f2: float

    def to_dict(self) -> dict[str, Any]:
        """A plain dictionary, for JSON."""
        return {name: getattr(self, name) for name in self.__slots__}


def span_report(kind: str, wanted: Sequence[Sequence[Span]], found: Sequence[Sequence[Span]]) -> SpanReport:
    """Measure one kind, or several joined by "+", over texts: what is in each, and what was found in it."""
    kinds = set(kind.split("+"))
    counts = np.array(
        [
            (len(w & f), len(w), len(f))
            for w, f in (
                tuple({span for span in part if span.label in kinds} for part in pair)
                for pair in zip(wanted, found, strict=True)
            )
        ]
    )

    def f(beta: float, drawn: np.ndarray) -> float:
        right, told, given = counts[drawn].sum(axis=0)
        weight = beta * beta
        return float((1 + weight) * right / max(weight * told + given, 1e-9))

    every = np.arange(len(counts))
    right, told, given = counts.sum(axis=0)
    low, high = interval(lambda drawn: f(1, drawn), len(counts), draws=400)
    return SpanReport(
        kind=kind,
        wanted=int(told),
        precision=round(float(right / max(given, 1)), 4),
        recall=round(float(right / max(told, 1)), 4),
        f1=round(f(1, every), 4),
        f1_interval=(round(low, 4), round(high, 4)),
        f2=round(f(2, every), 4),
    )
