"""The door to the [train] extra: heavy packages are imported here by name, or their absence explained."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from models.errors import MissingExtra


def require(package: str) -> Any:
    """Import a package of the [train] extra. Raises MissingExtra, which says how to install it."""
    try:
        return import_module(package)
    except ImportError as error:
        raise MissingExtra("train", package.partition(".")[0]) from error
