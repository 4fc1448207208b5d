"""In what order texts are taught, and how fast: shared by every training loop."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np


def batches_of(lengths: np.ndarray, size: int, random: np.random.Generator) -> Iterator[np.ndarray]:
    """Random batches of texts of like length, so that little is padded: shuffled, sorted within stretches of
    twenty batches, and handed out in random order."""
    order = random.permutation(len(lengths))
    stretch = size * 20
    for start in range(0, len(order), stretch):
        part = order[start : start + stretch]
        order[start : start + stretch] = part[np.argsort(lengths[part], kind="stable")]
    batches = [order[start : start + size] for start in range(0, len(order), size)]
    for index in random.permutation(len(batches)):
        yield batches[index]


def slope(steps: int, warm_up: float) -> Callable[[int], float]:
    """Linear warm-up, then linear decay to nothing."""
    warm = max(int(steps * warm_up), 1)
    return lambda step: min((step + 1) / warm, max(steps - step, 0) / max(steps - warm, 1))
