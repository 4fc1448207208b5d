"""Answers that say the same, so that those shown differ."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from retrieval.passage import Passage

ALIKE = 0.7  # share of words in common, of all that two answers have
WITHIN = 0.9  # share of the shorter answer's words that the longer one has too


def distinct(passages: Iterable[Passage], k: int) -> Iterator[Passage]:
    """The first of each cluster of like answers, `k` at most, in their order."""
    shown: list[tuple[frozenset[str], frozenset[str]]] = []
    for passage in passages:
        if len(shown) >= k:
            return
        gist = _gist(passage.answer)
        if not any(_same(gist, earlier) for earlier in shown):
            shown.append(gist)
            yield passage


def _gist(answer: str) -> tuple[frozenset[str], frozenset[str]]:
    """An answer's words and its numbers: 14 days and 30 days are two answers, whatever else they share."""
    words = re.findall(r"[^\W_]+", answer.casefold())
    return frozenset(words), frozenset(word for word in words if any(map(str.isdigit, word)))


def _same(one: tuple[frozenset[str], frozenset[str]], other: tuple[frozenset[str], frozenset[str]]) -> bool:
    (mine, my_numbers), (theirs, their_numbers) = one, other
    common = len(mine & theirs)
    if my_numbers != their_numbers:
        return False
    return common >= ALIKE * len(mine | theirs) or common >= WITHIN * min(len(mine), len(theirs))
