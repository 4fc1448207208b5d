"""Labels that a model was not taught, known from a handful of examples: weight imprinting (Qi et al., 2018).

A new label's place is the mean of its examples, in the branch's pooled space and in the retrieval embedding's. Its
logit is what the head would say of a label that lies as near: a linear function of both cosines, fitted to the
logits that the head gives its own labels. So new labels stand in one soft-max with the others, and the calibration
holds. The next training takes them in, and they are imprinted no more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from models.errors import ModelError
from models.folder import ModelFolder
from models.probe import Probe
from models.prototypes import Prototypes
from models.runtime import Reading
from models.vectors import unit

LEAST = 5  # examples of a new label
MOST = 20  # that are read of each


@dataclass(frozen=True, slots=True, repr=False)
class Imprints:
    """New labels: their `places`, their `words` (labels, hidden) as a `Probe` has them, and the `slopes` (3,) of a
    logit over the two cosines and one."""

    labels: tuple[str, ...]
    places: Prototypes
    words: np.ndarray
    slopes: np.ndarray

    @classmethod
    def learn(cls, folder: ModelFolder, examples: Mapping[str, Sequence[Reading]]) -> Imprints:
        """Imprint labels on an intent model from readings of their examples, `LEAST` each and more.

        Raises ModelError for a label that has too few, or that the model knows already.
        """
        for label, readings in examples.items():
            if label in folder.labels:
                raise ModelError(f"The model {folder.version} knows the label {label!r} already.")
            if len(readings) < LEAST:
                raise ModelError(f"The label {label!r} has {len(readings)} examples; {LEAST} at least are needed.")
        known, probe = Prototypes.of(folder), Probe.of(folder)
        every = [reading for readings in examples.values() for reading in readings]
        outputs = [reading.outputs[folder.task] for reading in every]
        cosines = known.cosines(np.stack([o.pooled for o in outputs]), np.stack([r.embedding for r in every]))
        rows = np.column_stack([*(part.ravel() for part in cosines), np.ones(cosines[0].size)])
        slopes = np.linalg.lstsq(rows, np.stack([o.logits for o in outputs]).ravel(), rcond=None)[0]
        return cls(
            tuple(examples),
            Prototypes(
                _means([[unit(r.outputs[folder.task].pooled) for r in readings] for readings in examples.values()]),
                _means([[r.embedding for r in readings] for readings in examples.values()]),
            ),
            np.linalg.norm(probe.weights, axis=1).mean()
            * _means([[r.states.mean(axis=0) - probe.centre for r in readings] for readings in examples.values()]),
            slopes,
        )

    def logits(self, pooled: np.ndarray, embedding: np.ndarray) -> np.ndarray:
        """Logits (..., new labels) of one text or of many."""
        near, far = self.places.cosines(pooled, embedding)
        result: np.ndarray = near * self.slopes[0] + far * self.slopes[1] + self.slopes[2]
        return result


def _means(groups: Sequence[Sequence[np.ndarray]]) -> np.ndarray:
    return unit(np.stack([np.mean(group, axis=0) for group in groups]))
