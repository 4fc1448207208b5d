"""The strongest stretch of a text: an order that is hidden in a letter is judged by itself, not thinned by the rest.

A head of pooling "stretch" takes, for each label, the mean over those `PIECES` neighbouring word pieces that speak
for it most; of a text that is no longer than that, the mean over all.
"""

from __future__ import annotations

import numpy as np

PIECES = 32


def strongest(logits: np.ndarray, shares: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(logits (labels,), shares (pieces, labels)) by each label's strongest stretch, of those by the mean over all:
    `shares` are the pieces' additive parts of `logits`. Outside of the stretch they become zero."""
    count = len(shares)
    if count <= PIECES:
        return logits, shares
    bias = logits - shares.sum(axis=0)
    sums = np.cumsum(np.concatenate([np.zeros_like(shares[:1]), shares]), axis=0)
    stretches = (sums[PIECES:] - sums[:-PIECES]) * (count / PIECES)
    first = stretches.argmax(axis=0)
    places = np.arange(count)[:, None]
    inside = (places >= first) & (places < first + PIECES)
    return bias + stretches.max(axis=0), np.where(inside, shares * np.float32(count / PIECES), np.float32(0))
