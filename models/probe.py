"""Which words speak for a label."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.folder import ModelFolder


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
        return cls(*folder.part("probe of words", "probe.weights", "probe.centre"))

    def evidence(self, states: np.ndarray, label: int) -> np.ndarray:
        """What each token speaks for a label over the others, (tokens,); negative: against it."""
        if not len(states):
            return np.empty(0)
        result: np.ndarray = (states - self.centre) @ (self.weights[label] - self.weights.mean(axis=0))
        return result
