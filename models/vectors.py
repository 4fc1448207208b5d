"""Small arithmetic on the last axis of arrays: soft-max, the logistic function, unit length."""

from __future__ import annotations

import numpy as np


def softmax(logits: np.ndarray) -> np.ndarray:
    """Soft-max over the last axis."""
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    result: np.ndarray = shifted / shifted.sum(axis=-1, keepdims=True)
    return result


def sigmoid(logits: np.ndarray) -> np.ndarray:
    """The logistic function."""
    result: np.ndarray = 1 / (1 + np.exp(-np.clip(logits, -60, 60)))
    return result


def unit(rows: np.ndarray) -> np.ndarray:
    """Each row (last axis) at length 1; one of nothing but zeros stays."""
    result: np.ndarray = rows / np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-12)
    return result
