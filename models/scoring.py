"""Logits to confidences: the calibrated intent with its out-of-scope score and words, and label probabilities.

What calibration holds is written by training/calibrate.py: `temperature`; `oos` with the weights of a
logistic score over the signals below, `threshold`, and `rates` with the thresholds of other rates. Prototypes
and the probe of words stand among the folder's tensors.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np

from models.errors import ModelError
from models.folder import ModelFolder
from models.intent import Intent
from models.runtime import Reading

if TYPE_CHECKING:
    from models.imprint import Imprints

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


def unit(rows: np.ndarray) -> np.ndarray:
    """Each row (last axis) at length 1; one of nothing but zeros stays."""
    result: np.ndarray = rows / np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-12)
    return result


@dataclass(frozen=True, slots=True, repr=False)
class Prototypes:
    """The mean of each label's training texts, of unit length: in the branch's pooled space and in the
    retrieval embedding's, both (labels, hidden)."""

    pooled: np.ndarray
    embedding: np.ndarray

    @classmethod
    def of(cls, folder: ModelFolder) -> Prototypes:
        """Read them from a folder. Raises ModelError when it has none."""
        tensors = folder.tensors()
        try:
            return cls(tensors["oos.pooled"], tensors["oos.embedding"])
        except KeyError as error:
            raise ModelError(f"{folder.path} holds no out-of-scope prototypes: train the model again.") from error

    def __add__(self, other: Prototypes) -> Prototypes:
        pairs = ((self.pooled, other.pooled), (self.embedding, other.embedding))
        return Prototypes(*(np.concatenate(pair) for pair in pairs))

    def cosines(self, pooled: np.ndarray, embedding: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(cosines (..., labels) in the pooled space, those in the embedding's) of one text or of many."""
        return unit(pooled) @ self.pooled.T, embedding @ self.embedding.T


def oos_signals(logits: np.ndarray, pooled: np.ndarray, embedding: np.ndarray, prototypes: Prototypes) -> np.ndarray:
    """What speaks for a text being out of scope, higher being further out, shape (..., 4): the negative
    energy of the logits, the negative highest logit, and the distance (one minus cosine) to the nearest
    label in either space."""
    highest = logits.max(axis=-1)
    energy = highest + np.log(np.exp(logits - highest[..., None]).sum(axis=-1))
    near, far = prototypes.cosines(pooled, embedding)
    result: np.ndarray = np.stack([-energy, -highest, 1 - near.max(axis=-1), 1 - far.max(axis=-1)], axis=-1)
    return result


@dataclass(frozen=True, slots=True, repr=False)
class Probe:
    """A linear reading of the model, word by word: `weights` (labels, hidden) and `centre` (hidden,).

    After the layers every token knows its neighbours, and its share of a logit tells little of the word itself
    (in `Output.contributions` all shares are much alike). The probe is fitted, by ridge regression over
    training texts, to give the model's logits from the mean of the tokens before any layer; what one token
    adds to that is its evidence.
    """

    weights: np.ndarray
    centre: np.ndarray

    @classmethod
    def of(cls, folder: ModelFolder) -> Probe:
        """Read it from a folder. Raises ModelError when it has none."""
        tensors = folder.tensors()
        try:
            return cls(tensors["probe.weights"], tensors["probe.centre"])
        except KeyError as error:
            raise ModelError(f"{folder.path} holds no probe of words: train the model again.") from error

    def evidence(self, states: np.ndarray, label: int) -> np.ndarray:
        """What each token speaks for a label over the others, (tokens,); negative: against it."""
        if not len(states):
            return np.empty(0)
        result: np.ndarray = (states - self.centre) @ (self.weights[label] - self.weights.mean(axis=0))
        return result


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
        self.threshold = float(calibration["oos"]["threshold"]) if oos_threshold is None else oos_threshold
        self._imprints = imprints
        if imprints is not None:
            self.labels += imprints.labels
            self._prototypes += imprints.places
            self._probe = Probe(np.concatenate([self._probe.weights, imprints.words]), self._probe.centre)

    def __call__(self, reading: Reading) -> Intent:
        """The best reading of a text. `confidence` is calibrated among the labels and says nothing of scope."""
        output = reading.outputs[self._task]
        logits = output.logits
        if self._imprints is not None:
            logits = np.append(logits, self._imprints.logits(output.pooled, reading.embedding))
        confidences = self.confidences(logits)
        order = np.argsort(-confidences, kind="stable")
        best = int(order[0])
        score = float(self.oos(logits, output.pooled, reading.embedding))
        return Intent(
            label=self.labels[best],
            confidence=float(confidences[best]),
            alternatives=tuple((self.labels[i], float(confidences[i])) for i in order[1 : 1 + ALTERNATIVES]),
            in_scope=score < self.threshold and bool(reading.offsets),
            oos_score=score,
            words=word_weights(reading, self._probe.evidence(reading.states, best)),
        )

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
