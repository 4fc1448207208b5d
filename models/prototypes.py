"""Where each label lies in the spaces of a model, and what speaks for a text lying near none of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.folder import ModelFolder
from models.vectors import unit


@dataclass(frozen=True, slots=True, repr=False)
class Prototypes:
    """The mean of each label's training texts, of unit length: in the branch's pooled space and in the
    retrieval embedding's, both (labels, hidden)."""

    pooled: np.ndarray
    embedding: np.ndarray

    @classmethod
    def of(cls, folder: ModelFolder) -> Prototypes:
        """Read them from a folder. Raises ModelError when it has none."""
        return cls(*folder.part("out-of-scope prototypes", "oos.pooled", "oos.embedding"))

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
