"""How an intent model bears noise: the same test texts, clean and as hurried people or machines write them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from models.runtime import Runtime
from models.trunk import Trunk
from training.dataset import Examples, measured
from training.intents.evaluate import predict_intents
from training.intents.noise import NOISES, noisy
from training.share import Share

CLEAN = "clean"


@dataclass(frozen=True, slots=True)
class Robustness:
    """In-scope texts read right, under each noise; `shares` begins with the clean ones."""

    model: str
    seed: int
    shares: dict[str, Share]

    def lost(self, noise: str) -> float:
        """Points of accuracy lost under a noise, 0..100; negative where it did good."""
        return 100 * ((self.shares[CLEAN].value or 0.0) - (self.shares[noise].value or 0.0))

    def rows(self) -> Iterator[tuple[str, str, float]]:
        """(noise, the share read right, points lost), to print."""
        for noise, share in self.shares.items():
            yield noise, str(share), round(self.lost(noise), 1)

    def to_dict(self) -> dict[str, Any]:
        """A plain dictionary, for JSON."""
        noises = {
            noise: share.to_dict() | {"points_lost": round(self.lost(noise), 3)} for noise, share in self.shares.items()
        }
        return {"model": self.model, "seed": self.seed, "noises": noises}


def evaluate_robustness(
    model: Path,
    data: Path | Examples,
    *,
    seed: int = 0,
    cache: Path = Path(".handrail/cache"),
    trunk: Trunk | None = None,
    quiet: bool = False,
) -> Robustness:
    """Measure the model folder `model` under every noise of `noise.NOISES`, on a file of text,label, on the test split
    of a shop's folder, or on examples.

    Raises ModelError for a damaged folder, DataError for a bad file or a label unknown to the model.
    """
    examples = measured(data)
    inside = examples.take(np.flatnonzero(examples.in_scope))
    runtime = Runtime.from_folders({"intent": model}, cache, trunk=trunk)
    folder = runtime.folders["intent"]
    truth = inside.targets(folder.labels).argmax(axis=1)
    versions = {CLEAN: inside.texts} | {name: noisy(inside.texts, noise, seed) for name, noise in NOISES.items()}
    shares = {}
    for name, texts in versions.items():
        made = predict_intents(runtime, folder, Examples(texts, inside.labels), quiet=quiet)
        shares[name] = Share(int((made.found == truth).sum()), len(truth))
    return Robustness(folder.version, seed, shares)
