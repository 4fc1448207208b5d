"""Logits to confidences: the calibrated intent with its out-of-scope score and words, and label probabilities.

What calibration holds is written by training/calibrate.py: `temperature`; `oos` with the weights of a
logistic score over the signals of prototypes.py, `threshold`, and `rates` with the thresholds of other rates.
Prototypes and the probe of words stand among the folder's tensors.
"""

from __future__ import annotations

from itertools import groupby

import numpy as np

from models.corrections import Corrections
from models.errors import ModelError
from models.folder import ModelFolder
from models.imprint import Imprints
from models.intent import Intent
from models.probe import Probe
from models.prototypes import Prototypes, oos_signals
from models.runtime import Output, Reading
from models.vectors import sigmoid, softmax

ALTERNATIVES = 4
STRONGEST_WORDS = 6


def threshold_at(folder: ModelFolder, false_rejects: float | None) -> float | None:
    """The out-of-scope threshold that turns this share (0..1) of messages in scope away, as measured on the dev
    split; None for None, which leaves the model's own. Raises ModelError when the folder holds no such measure."""
    if false_rejects is None:
        return None
    rates = folder.calibration.get("oos", {}).get("rates")
    if not rates:
        raise ModelError(
            f"{folder.path} does not say what each rate of false rejects needs: train the model again, or unset "
            "HANDRAIL_FALSE_REJECTS."
        )
    return float(np.interp(false_rejects, [row["rate"] for row in rates], [row["threshold"] for row in rates]))


class IntentScorer:
    """Reads intents off readings, with one folder's calibration held ready."""

    def __init__(
        self, folder: ModelFolder, oos_threshold: float | None = None, imprints: Imprints | None = None
    ) -> None:
        """`imprints` adds labels that the model was not taught."""
        calibration = folder.calibration
        if folder.activation != "softmax" or "oos" not in calibration:
            raise ModelError(f"{folder.path} is not a calibrated intent model: train it with 'handrail train intent'.")
        self._task, self.labels = folder.task, folder.labels
        self._temperature = float(calibration["temperature"])
        self._weights = np.array(calibration["oos"]["weights"], dtype=np.float64)
        self._bias = float(calibration["oos"]["bias"])
        self._prototypes = Prototypes.of(folder)
        self._probe = Probe.of(folder)
        self._corrections = Corrections.of(folder)
        self.threshold = float(calibration["oos"]["threshold"]) if oos_threshold is None else oos_threshold
        self._imprints = imprints
        if imprints is not None:
            self.labels += imprints.labels
            self._probe = Probe(np.concatenate([self._probe.weights, imprints.words]), self._probe.centre)

    def __call__(self, reading: Reading) -> Intent:
        """The best reading of a text. `confidence` is calibrated among the labels and says nothing of scope."""
        output = reading.outputs[self._task]
        logits = self.logits(output)
        confidences, score = self.confidences(logits), float(self.oos(logits, output.pooled, reading.embedding))
        if self._imprints is not None:
            confidences, score = self._imprinted(self._imprints, confidences, score, output.pooled, reading.embedding)
        order = np.argsort(-confidences, kind="stable")
        best = int(order[0])
        return Intent(
            label=self.labels[best],
            confidence=float(confidences[best]),
            alternatives=tuple((self.labels[i], float(confidences[i])) for i in order[1 : 1 + ALTERNATIVES]),
            in_scope=score < self.threshold and bool(reading.offsets),
            oos_score=score,
            words=word_weights(reading, self._probe.evidence(reading.states, best)),
        )

    def _imprinted(
        self, imprints: Imprints, confidences: np.ndarray, score: float, pooled: np.ndarray, embedding: np.ndarray
    ) -> tuple[np.ndarray, float]:
        """(confidences, out-of-scope score) with the new labels among the others. What the model was taught says
        nothing of the scope of a text as far as that is of a new label, and belongs to that one's own scope."""
        shares = softmax(np.append(0.0, imprints.odds(pooled, embedding, self._prototypes)))
        own = float(shares[1:] @ imprints.belongs(embedding))
        return np.append(shares[0] * confidences, shares[1:]), score * (1 - own)

    def logits(self, output: Output) -> np.ndarray:
        """The logits (labels,) of one text, in which what was corrected leads."""
        return self._corrections.applied(output.logits, output.pooled, self._temperature)

    def confidences(self, logits: np.ndarray) -> np.ndarray:
        """Calibrated probabilities over the labels, the last axis."""
        return softmax(logits / self._temperature)

    def oos(self, logits: np.ndarray, pooled: np.ndarray, embedding: np.ndarray) -> np.ndarray:
        """The out-of-scope score, 0..1, of one text or of many (first axis)."""
        signals = oos_signals(logits, pooled, embedding, self._prototypes)
        return sigmoid(signals @ self._weights + self._bias)


def read_intent(reading: Reading, folder: ModelFolder, oos_threshold: float | None = None) -> Intent:
    """One intent from one reading. Who reads many keeps an `IntentScorer`, which loads the folder once."""
    return IntentScorer(folder, oos_threshold)(reading)


def probabilities(reading: Reading, folder: ModelFolder) -> dict[str, float]:
    """Each label's probability by itself (sigmoid heads: toxicity, injection, ...), calibrated."""
    temperature = float(folder.calibration.get("temperature", 1.0))
    values = sigmoid(reading.outputs[folder.task].logits / temperature)
    return {label: float(value) for label, value in zip(folder.labels, values, strict=True)}


def word_weights(reading: Reading, evidence: np.ndarray) -> tuple[tuple[int, int, float], ...]:
    """The words that speak for a label, strongest first: (start, end, weight), weights summing to at most 1.

    `evidence` (tokens,) is summed over the pieces of a word; words that speak against the label are left out.
    """
    words = []
    for _, group in groupby(zip(reading.words, reading.offsets, evidence, strict=True), key=lambda piece: piece[0]):
        members = list(group)
        words.append((members[0][1][0], members[-1][1][1], float(sum(share for _, _, share in members))))
    total = sum(share for _, _, share in words if share > 0)
    strongest = sorted((word for word in words if word[2] > 0), key=lambda word: -word[2])[:STRONGEST_WORDS]
    return tuple((start, end, share / total) for start, end, share in strongest)
