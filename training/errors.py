"""What stops a training."""

from __future__ import annotations

from models.errors import HandrailError


class TrainingError(HandrailError):
    """Training ended without a model that may serve."""
