"""From similarity to a chance: how likely a ticket that lies so near answers the message. numpy only.

A logistic curve over two figures: the cosine similarity, and the margin, by which the ticket stands out from
the FIELD nearest ones (Platt, "Probabilistic outputs for support vector machines", 1999; here fitted by
Newton's method with a Gaussian prior, so that a shop with few tickets stays near the default).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from retrieval.errors import IndexDamaged
from retrieval.index import Hit
from retrieval.snapshot import Snapshot

FIELD = 10
PRIOR_STRENGTH = 4.0
FEWEST_PAIRS = 50


@dataclass(frozen=True, slots=True)
class Calibration:
    """chance = 1 / (1 + exp(-(slope * similarity + lift * margin + offset + prior))).

    The defaults are the prior: fitted on twitter_care (the same support document answers both), rounded.
    `pairs` says on how many of the company's own pairs it was fitted; 0: the prior as it stands. `fused` says that
    shared rare words were found to help (retrieval/fitting.py).
    """

    slope: float = 8.8
    lift: float = 0.0
    offset: float = -5.3
    pairs: int = 0
    fused: bool = False

    @classmethod
    def fit(
        cls, similarities: np.ndarray, margins: np.ndarray, answers: np.ndarray, priors: np.ndarray | float = 0.0
    ) -> Calibration:
        """Fitted to pairs (n,) of a message and a ticket; `answers` is 1 where the ticket answers it, else 0; `priors`
        (n,) stand as they are."""
        if len(answers) < FEWEST_PAIRS or not 0 < answers.sum() < len(answers):
            return cls()
        prior = np.array([cls().slope, cls().lift, cls().offset])
        x = np.column_stack([similarities, margins, np.ones(len(answers))])
        weights = prior.copy()
        for _ in range(50):
            chance = 1 / (1 + np.exp(-(x @ weights + priors)))
            slope = x.T @ (chance - answers) + PRIOR_STRENGTH * (weights - prior)
            curve = (x * (chance * (1 - chance))[:, None]).T @ x + PRIOR_STRENGTH * np.eye(3)
            step = np.linalg.solve(curve, slope)
            weights -= step
            if np.abs(step).max() < 1e-8:
                break
        fitted, lift, offset = (round(float(weight), 6) for weight in weights)
        return cls(fitted, lift, offset, pairs=len(answers))

    @classmethod
    def open(cls, folder: Path) -> Calibration:
        """The one that was saved in `folder`. Raises IndexDamaged."""
        try:
            return cls(**Snapshot.read(folder).meta)
        except TypeError as error:
            raise IndexDamaged(f"The calibration in {folder} has unknown fields. Build the index again.") from error

    def save(self, folder: Path) -> None:
        """Writes it to `folder`, in one step."""
        Snapshot.write(folder, asdict(self), {})

    def chances(self, hits: Sequence[Hit], priors: Sequence[float] | float = 0.0) -> list[float]:
        """The chance, 0..1, of each hit; `hits` are all that one search found, best first, FIELD or more; `priors` what
        speaks for each ticket beforehand (see retrieval/priors.py)."""
        similarities, margins = figures(hits)
        logits = self.slope * similarities + self.lift * margins + self.offset + np.asarray(priors)
        chances: list[float] = (1 / (1 + np.exp(-logits))).tolist()
        return chances


def figures(hits: Sequence[Hit]) -> tuple[np.ndarray, np.ndarray]:
    """Similarity and margin of each hit, two arrays (hits,)."""
    similarities = np.array([hit.similarity for hit in hits], dtype=np.float64)
    return similarities, similarities - (similarities[:FIELD].mean() if len(hits) else 0.0)
