"""The lexical index (BM25): which tickets share rare words with a message. Knows serial numbers and text.

bm25s, https://github.com/xhluca/bm25s: scores are computed when the index is built, so that a search adds up
a few columns. It cannot be changed in place; tickets that came after it are found by the dense index alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import bm25s
import numpy as np

from retrieval.index import Hit

RARE = 3  # a word that so many tickets have, at most, is rare


def words_of(text: str) -> list[str]:
    """Lower-case words; codes such as ce-34224-5 are one word."""
    return re.findall(r"[^\W_]+(?:[-.][^\W_]+)*", text.lower())


class LexicalIndex:
    """Tickets by their words."""

    def __init__(self, bm25: bm25s.BM25 | None, serials: np.ndarray, counts: dict[str, int]) -> None:
        self._bm25 = bm25
        self._serials = serials
        self._counts = counts

    @classmethod
    def build(cls, serials: Sequence[int], texts: Sequence[str]) -> LexicalIndex:
        """An index of tickets by `texts`, in the order of `serials`."""
        words = [words_of(text) for text in texts]
        counts: dict[str, int] = {}
        for row in words:
            for word in set(row):
                counts[word] = counts.get(word, 0) + 1
        bm25 = bm25s.BM25() if counts else None
        if bm25 is not None:
            bm25.index(words, show_progress=False)
        return cls(bm25, np.asarray(serials, dtype=np.int64), counts)

    def __len__(self) -> int:
        return len(self._serials)

    def has_rare(self, text: str) -> bool:
        """Whether a word of `text` is in at least one ticket and in no more than RARE."""
        return any(0 < self._counts.get(word, 0) <= RARE for word in words_of(text))

    def search(self, text: str, k: int) -> list[Hit]:
        """At most `k` tickets that share words with `text`, best first; `similarity` is 1 for the best."""
        known = [word for word in words_of(text) if word in self._counts]
        if self._bm25 is None or not known:
            return []
        scores = np.asarray(self._bm25.get_scores(known))
        places = np.argsort(-scores, kind="stable")[:k]
        best = float(scores[places[0]]) if len(places) else 0.0
        return [Hit(int(self._serials[p]), float(scores[p]) / best) for p in places if scores[p] > 0]
