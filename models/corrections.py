"""Messages whose reading was put right: a text that is all but one of them is read like it.

An edit of the weights that is small enough to leave other texts alone is often lost when they are rounded to int8; a
message that a person has corrected must be read as it was corrected all the same.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.folder import ModelFolder
from models.vectors import unit

NEAR = 0.95  # cosine in the branch's pooled space from which on two texts are all but the same
ODDS = np.log(19.0)  # of the label over the next one, at least, once it is decided so

PLACES, LABELS = "corrections.places", "corrections.labels"


@dataclass(frozen=True, slots=True, repr=False)
class Corrections:
    """`places` (corrections, hidden), of unit length, in the branch's pooled space; `labels` (corrections,) the place
    of each one's label among the model's."""

    places: np.ndarray
    labels: np.ndarray

    @classmethod
    def of(cls, folder: ModelFolder) -> Corrections:
        """Those of a folder; most have none."""
        tensors = folder.tensors()
        if PLACES not in tensors:
            return cls(np.empty((0, 0), np.float32), np.empty(0, np.int64))
        return cls(unit(tensors[PLACES]), tensors[LABELS])

    def tensors(self) -> dict[str, np.ndarray]:
        """As a folder keeps them."""
        return {PLACES: self.places, LABELS: self.labels} if len(self.labels) else {}

    def applied(self, logits: np.ndarray, pooled: np.ndarray, temperature: float) -> np.ndarray:
        """The logits (labels,) of one text, in which the label of the nearest correction leads where that is near
        enough. `pooled` (hidden,) is where the text lies, `temperature` what calibration divides by."""
        if not len(self.labels):
            return logits
        cosines = self.places @ unit(pooled)
        nearest = int(cosines.argmax())
        if cosines[nearest] < NEAR:
            return logits
        label = int(self.labels[nearest])
        least = np.delete(logits, label).max(initial=-np.inf) + ODDS * temperature
        led = logits.copy()
        led[label] = max(led[label], least)
        return led
