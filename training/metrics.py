"""Figures of merit, in numpy alone. Knows nothing of models or files."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

STUDENT = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262)  # 97.5 %, for 1 to 9 degrees of freedom


def accuracy(truth: np.ndarray, found: np.ndarray) -> float:
    """Share of equal entries, 0..1."""
    return float((truth == found).mean())


def f1_by_label(truth: np.ndarray, found: np.ndarray, labels: int) -> np.ndarray:
    """F1 of each label that occurs in either, NaN for the others, shape (labels,)."""
    hits = np.bincount(truth[truth == found], minlength=labels)
    sums = np.bincount(truth, minlength=labels) + np.bincount(found, minlength=labels)
    with np.errstate(invalid="ignore"):
        result: np.ndarray = 2 * hits / sums
    return result


def macro_f1(truth: np.ndarray, found: np.ndarray, labels: int) -> float:
    """The mean F1 over the labels that occur."""
    return float(np.nanmean(f1_by_label(truth, found, labels)))


def calibration_error(confidence: np.ndarray, correct: np.ndarray, bins: int = 15) -> float:
    """Expected calibration error over equally wide bins (Guo et al., 2017), 0..1."""
    places = np.minimum((confidence * bins).astype(int), bins - 1)
    counts = np.bincount(places, minlength=bins)
    gaps = np.bincount(places, confidence, bins) - np.bincount(places, correct.astype(float), bins)
    return float(np.abs(gaps).sum() / counts.sum())


def auroc(positive: np.ndarray, score: np.ndarray) -> float:
    """Area under the ROC curve, ties counted half; NaN when one side is empty."""
    order = np.unique(score, return_inverse=True)[1]
    ones, zeros = np.bincount(order[positive], minlength=order.max() + 1), np.bincount(order[~positive])
    zeros = np.pad(zeros, (0, len(ones) - len(zeros)))
    if not ones.sum() or not zeros.sum():
        return float("nan")
    below = np.cumsum(zeros) - zeros
    return float((ones * (below + zeros / 2)).sum() / (ones.sum() * zeros.sum()))


def auroc_interval(area: float, positives: int, negatives: int, z: float = 1.959964) -> tuple[float, float]:
    """The 95 % interval of an area under the ROC curve of so many of each side, by Hanley and McNeil (Radiology 143,
    1982)."""
    above, below = area / (2 - area), 2 * area * area / (1 + area)
    square = area * area
    spread = area * (1 - area) + (positives - 1) * (above - square) + (negatives - 1) * (below - square)
    half = z * (spread / (positives * negatives)) ** 0.5
    return max(0.0, area - half), min(1.0, area + half)


def average_precision(positive: np.ndarray, score: np.ndarray) -> float:
    """Area under the precision-recall curve, in steps; NaN without positives."""
    if not positive.any():
        return float("nan")
    hits = positive[np.argsort(-score, kind="stable")]
    return float((np.cumsum(hits) / np.arange(1, len(hits) + 1))[hits].mean())


def recall_at(positive: np.ndarray, score: np.ndarray, false_rate: float) -> float:
    """Share of positives above the threshold that lets `false_rate` of the negatives above it."""
    return float((score[positive] > np.quantile(score[~positive], 1 - false_rate)).mean())


def false_rate_at(positive: np.ndarray, score: np.ndarray, recall: float) -> float:
    """Share of negatives at or above the threshold that catches `recall` of the positives."""
    return float((score[~positive] >= np.quantile(score[positive], 1 - recall)).mean())


def risk_coverage(sure: np.ndarray, correct: np.ndarray, steps: int = 10) -> tuple[tuple[float, float], ...]:
    """(coverage, risk) pairs: of the surest 1/steps, 2/steps, ... of the texts, the share that is wrong
    (El-Yaniv and Wiener, 2010)."""
    right = correct[np.argsort(-sure, kind="stable")].astype(float)
    sizes = [max(round(len(right) * step / steps), 1) for step in range(1, steps + 1)]
    return tuple((step / steps, float(1 - right[:size].mean())) for step, size in enumerate(sizes, start=1))


def interval(
    figure: Callable[[np.ndarray], float], size: int, *, draws: int = 1000, seed: int = 0
) -> tuple[float, float]:
    """The middle 95 % of a figure over bootstrap samples; `figure` takes the drawn places (size,)."""
    random = np.random.default_rng(seed)
    figures = [figure(random.integers(0, size, size)) for _ in range(draws)]
    low, high = np.quantile(figures, (0.025, 0.975))
    return float(low), float(high)


def mean_interval(values: Sequence[float]) -> tuple[float, float]:
    """The 95 % interval of a mean over 2 to 10 independent runs, by Student's t; of a single one (value, value)."""
    if len(values) == 1:
        return values[0], values[0]
    half = STUDENT[len(values) - 2] * float(np.std(values, ddof=1)) / len(values) ** 0.5
    mean = float(np.mean(values))
    return mean - half, mean + half


def share_interval(count: int, total: int, z: float = 1.959964) -> tuple[float, float]:
    """The interval of a share by Wilson's score (JASA 22, 1927), 95 % at the default `z`; (0, 1) of nothing."""
    if total == 0:
        return 0.0, 1.0
    share, weight = count / total, z * z / total
    centre, half = share + weight / 2, z * ((share * (1 - share) + weight / 4) / total) ** 0.5
    return max(0.0, (centre - half) / (1 + weight)), min(1.0, (centre + half) / (1 + weight))
