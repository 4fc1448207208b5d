"""A training under way, kept on disk after each epoch, so that one that was killed goes on where it stood."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import numpy as np
import torch

from models.errors import HandrailError


class CheckpointError(HandrailError):
    """There is a checkpoint, but not of this training, or it is damaged."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A file, and the `key` of the training that it belongs to: other texts, labels or settings give another key."""

    path: Path
    key: str

    @classmethod
    def of(cls, path: Path, targets: np.ndarray, *what: object) -> Checkpoint:
        """The checkpoint of a training on these targets. `what` is all else that makes it what it is, each thing with
        a repr that tells it from others: its settings, the fingerprints of its texts, what it began with."""
        digest = hashlib.sha256(repr(what).encode() + np.ascontiguousarray(targets).tobytes())
        return cls(path, digest.hexdigest()[:16])

    def save(self, state: Mapping[str, Any]) -> None:
        """Write tensors, numbers and texts, whole or not at all."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self.path.with_suffix(".part")
        torch.save({"key": self.key, "state": dict(state)}, fresh)
        os.replace(fresh, self.path)

    def load(self) -> dict[str, Any] | None:
        """What was saved; None where nothing was. Raises CheckpointError."""
        if not self.path.is_file():
            return None
        try:
            kept = torch.load(self.path, weights_only=True)
            key, state = kept["key"], dict(kept["state"])
        except (RuntimeError, EOFError, UnpicklingError, KeyError, TypeError, ValueError) as error:
            raise CheckpointError(f"{self.path} is damaged: delete it, or train without --resume.") from error
        if key != self.key:
            raise CheckpointError(
                f"{self.path} is of a training with other texts, labels or settings: delete it, or train without "
                "--resume."
            )
        return state
