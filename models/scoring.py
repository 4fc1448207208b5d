"""Logits to confidences: the calibrated intent with its out-of-scope score and words, and label probabilities.

What calibration holds is written by training/calibrate.py: `temperature`; `oos` with the weights of a
logistic score over the signals below, and `threshold`. Prototypes stand among the folder's tensors.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np

from models.errors import ModelError
from models.folder import ModelFolder
from models.intent import Intent
from models.runtime import Output, Reading

ALTERNATIVES = 4
STRONGEST_WORDS = 6


def softmax(logits: np.ndarray) -> np.ndarray:
    """Soft-max over the last axis."""
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    result: np.ndarray = shifted / shifted.sum(axis=-1, keepdims=True)
    return result


def sigmoid(logits: np.ndarray) -> np.ndarray:
    """The logistic function."""
    result: np.ndarray = 1 / (1 + np.exp(-np.clip(logits, -60, 60)))
    return result
