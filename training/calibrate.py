"""Confidences that mean what they say, and a score for what lies out of scope, fitted on the dev split
from the very outputs that will be served."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from models.probe import Probe
from models.prototypes import Prototypes, oos_signals
from models.runtime import Reading
from models.vectors import sigmoid, softmax, unit
from training.dataset import Examples

RIDGE = 0.3  # of the mean variance, in the probe of words
FALSE_REJECTS = 0.05  # of in-scope dev texts, at the threshold
RATES = (0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3)  # that an operator can choose from


def temperature(logits: np.ndarray, truth: np.ndarray) -> float:
    """The divisor of the logits that makes dev texts most likely (Guo et al., 2017), 0.05..20.

    The truth is smoothed as if two more texts had been read wrong (after Platt, 1999), so that a small dev
    split without an error does not make the model certain of everything.
    """
    doubt = 2 / (len(truth) + 2)
    rows = np.arange(len(truth))

    def loss(divisor: float) -> float:
        logs = np.log(np.maximum(softmax(logits / divisor), 1e-12))
        return float(-((1 - doubt) * logs[rows, truth] + doubt * logs.mean(axis=1)).mean())

    grid = np.geomspace(0.05, 20, 300)
    return float(grid[int(np.argmin([loss(float(divisor)) for divisor in grid]))])


def label_temperature(logits: np.ndarray, targets: np.ndarray) -> float:
    """The same for labels that hold by themselves; entries of `targets` that are NaN are left out."""
    known = ~np.isnan(targets)
    values, truth = logits[known].astype(np.float64), targets[known].astype(np.float64)

    def loss(divisor: float) -> float:
        return float((np.logaddexp(0, values / divisor) - truth * values / divisor).mean())

    grid = np.geomspace(0.05, 20, 200)
    return float(grid[int(np.argmin([loss(float(divisor)) for divisor in grid]))])


def prototypes(readings: Sequence[Reading], labels: Sequence[str], classes: Sequence[str]) -> Prototypes:
    """Each class's mean place in both spaces, from readings of training texts with these labels."""
    places = {name: [i for i, label in enumerate(labels) if label == name] for name in classes}
    pooled = unit(np.stack([reading.outputs["intent"].pooled for reading in readings]))
    embedding = np.stack([reading.embedding for reading in readings])
    return Prototypes(
        unit(np.stack([pooled[places[name]].mean(axis=0) for name in classes])),
        unit(np.stack([embedding[places[name]].mean(axis=0) for name in classes])),
    )


def probe(readings: Sequence[Reading]) -> Probe:
    """Fit the linear reading of the model to its logits of these texts, by ridge regression."""
    told = [reading for reading in readings if len(reading.states)]
    means = np.stack([reading.states.mean(axis=0) for reading in told]).astype(np.float64)
    logits = np.stack([reading.outputs["intent"].logits for reading in told]).astype(np.float64)
    centre = means.mean(axis=0)
    rows = means - centre
    curve = rows.T @ rows
    ridge = RIDGE * np.trace(curve) / len(curve) * np.eye(len(curve))
    weights = np.linalg.solve(curve + ridge, rows.T @ (logits - logits.mean(axis=0))).T
    return Probe(weights.astype(np.float32), centre.astype(np.float32))


def intent_calibration(
    readings: Sequence[Reading], dev: Examples, classes: Sequence[str], anchors: Prototypes
) -> dict[str, Any]:
    """The manifest's `calibration` of an intent model, from readings of the dev texts.

    The out-of-scope score is a logistic regression over `scoring.oos_signals` where dev has texts labelled
    "oos"; otherwise the mean of the standardised signals. Its threshold turns `FALSE_REJECTS` of the
    in-scope dev texts away; `rates` has the thresholds of other shares, each with the share of the dev texts out
    of scope that it catches (None where there are none).
    """
    outputs = [reading.outputs["intent"] for reading in readings]
    logits = np.stack([output.logits for output in outputs]).astype(np.float64)
    pooled = np.stack([output.pooled for output in outputs])
    inside = dev.in_scope
    truth = dev.targets(classes).argmax(axis=1)
    signals = oos_signals(logits, pooled, np.stack([reading.embedding for reading in readings]), anchors)
    weights, bias = _logistic(signals, ~inside) if not inside.all() else _standardised(signals)
    scores = sigmoid(signals @ weights + bias)
    return {
        "temperature": round(temperature(logits[inside], truth[inside]), 4),
        "oos": {
            "weights": [round(float(weight), 6) for weight in weights],
            "bias": round(float(bias), 6),
            "threshold": round(float(np.quantile(scores[inside], 1 - FALSE_REJECTS)), 6),
            "rates": [_at_rate(rate, scores, inside) for rate in RATES],
            "false_rejects": FALSE_REJECTS,
            "learned_from_oos": int((~inside).sum()),
        },
    }


def _at_rate(rate: float, scores: np.ndarray, inside: np.ndarray) -> dict[str, float | None]:
    threshold = float(np.quantile(scores[inside], 1 - rate))
    caught = None if inside.all() else round(float((scores[~inside] >= threshold).mean()), 4)
    return {"rate": rate, "threshold": round(threshold, 6), "caught": caught}


def _logistic(signals: np.ndarray, outside: np.ndarray) -> tuple[np.ndarray, float]:
    """Ridge-penalised, class-balanced logistic regression on standardised signals, by Newton's method."""
    mean, spread = signals.mean(axis=0), signals.std(axis=0) + 1e-9
    rows = np.column_stack([(signals - mean) / spread, np.ones(len(signals))])
    balance = np.where(outside, 0.5 / outside.sum(), 0.5 / (~outside).sum()) * len(outside)
    ridge = np.diag([1.0] * signals.shape[1] + [0.0])
    beta = np.zeros(rows.shape[1])
    for _ in range(30):
        chance = sigmoid(rows @ beta)
        gradient = rows.T @ (balance * (chance - outside)) + ridge @ beta
        curve = (rows * (balance * chance * (1 - chance) + 1e-9)[:, None]).T @ rows + ridge
        beta -= np.linalg.solve(curve, gradient)
    weights = beta[:-1] / spread
    return weights, float(beta[-1] - weights @ mean)


def _standardised(signals: np.ndarray) -> tuple[np.ndarray, float]:
    weights = 1 / (signals.std(axis=0) + 1e-9) / signals.shape[1]
    centre = np.quantile(signals @ weights, 1 - FALSE_REJECTS)
    return weights, float(-centre)
