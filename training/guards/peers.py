"""Published models that a guard's head is measured beside. None is needed: one that is missing is said to be.

Put them into an environment of their own beside this project's packages: `pip install --no-deps
alt-profanity-check hatesonar stackone-defender`. hatesonar wants the locale en_US.UTF-8.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from training.extra import require

Scorer = Callable[[Sequence[str]], np.ndarray]
"""From texts to the probability that each is bad, (texts,), 0..1."""


@dataclass(frozen=True, slots=True)
class Peer:
    """A published model: how to load it, and from which score on it calls a text bad."""

    load: Callable[[], Scorer]
    threshold: float = 0.5


def _profanity_check() -> Scorer:
    predict = require("profanity_check").predict_prob
    return lambda texts: np.asarray(predict(list(texts)))


def _hatesonar() -> Scorer:
    sonar = require("hatesonar").Sonar()

    def score(text: str) -> float:
        by_class = {found["class_name"]: float(found["confidence"]) for found in sonar.ping(text)["classes"]}
        return 1 - by_class["neither"]

    return lambda texts: np.array([score(text) for text in texts])


def _defender() -> Scorer:
    classifier = require("stackone_defender.classifiers.tier2_classifier").Tier2Classifier()
    return lambda texts: np.array([classifier.classify(text).score for text in texts])


PEERS: Mapping[str, Mapping[str, Peer]] = {
    "toxicity": {"alt-profanity-check": Peer(_profanity_check), "hatesonar": Peer(_hatesonar)},
    "bias": {},
    "injection": {"stackone-defender": Peer(_defender, 0.52)},
}


def peers_here(task: str) -> tuple[dict[str, tuple[Scorer, float]], dict[str, str]]:
    """(the peers of a task that run, with their thresholds; why each of the others does not)."""
    found, absent = {}, {}
    for name, peer in PEERS[task].items():
        try:
            found[name] = (peer.load(), peer.threshold)
        except Exception as error:  # whatever a foreign package may raise: it is told, and the others are measured
            absent[name] = str(error).splitlines()[0]
    return found, absent
