"""Which texts of a set without a test part are kept for the test."""

from __future__ import annotations

import hashlib


def kept_apart(text: str) -> bool:
    """Whether a text of a set without a test part of its own is kept from training: a fifth of all, by its hash."""
    return hashlib.sha256(text.strip().encode("utf-8", "surrogatepass")).digest()[0] < 51
