"""Tags of word pieces to spans of text: which words are a name, an address, ... Knows no threshold.

The labels of a branch that tags are "O" and, for each kind, "B-<kind>" (its first word) and "I-<kind>" (the
words after it): Ramshaw and Marcus, 1995. A word's tag is that of its first piece.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.runtime import Reading
from models.scoring import softmax


@dataclass(frozen=True, slots=True)
class Tagged:
    """A stretch of a text, half-open in code points, its kind, and how sure each of its words is of it, 0..1."""

    start: int
    end: int
    kind: str
    score: float


def kinds_of(labels: Sequence[str]) -> tuple[str, ...]:
    """The kinds that a branch tells, in the order of its labels."""
    return tuple(label.removeprefix("B-") for label in labels if label.startswith("B-"))


def tagged(reading: Reading, task: str, labels: Sequence[str], bias: float = 0.0) -> list[Tagged]:
    """The stretches that a branch finds, in reading order; their score is the mean over their words.

    `bias` is taken off the logit of "O": above 0 more is found, and more of it wrongly.
    """
    logits = reading.tags[task]
    firsts = [place for place, word in enumerate(reading.words) if not place or word != reading.words[place - 1]]
    if not firsts:
        return []
    chosen = logits[firsts].astype(np.float64)
    chosen[:, labels.index("O")] -= bias
    chances = softmax(chosen)
    kinds = kinds_of(labels)
    begin = chances[:, [labels.index(f"B-{kind}") for kind in kinds]]
    inside = chances[:, [labels.index(f"I-{kind}") for kind in kinds]]
    held = begin + inside
    best = held.argmax(axis=1)
    ends = [*firsts[1:], len(reading.words)]
    found: list[tuple[int, list[float], int, int]] = []
    open_kind = -1
    for row, (first, after) in enumerate(zip(firsts, ends, strict=True)):
        kind, start, end = int(best[row]), reading.offsets[first][0], reading.offsets[after - 1][1]
        if held[row, kind] <= chances[row, labels.index("O")]:
            open_kind = -1
        elif kind == open_kind and inside[row, kind] >= begin[row, kind]:
            last = found[-1]
            found[-1] = (kind, [*last[1], float(held[row, kind])], last[2], end)
        else:
            open_kind = kind
            found.append((kind, [float(held[row, kind])], start, end))
    return [Tagged(start, end, kinds[kind], float(np.mean(scores))) for kind, scores, start, end in found]
