"""Answers that say the same: one of them is shown, and each of them speaks for it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from retrieval.index import Hit

ALIKE = 0.7  # share of words in common, of all that two answers have
WITHIN = 0.9  # share of the shorter answer's words that the longer one has too
TEMPERATURE = 0.05  # of similarities: how much the second-best ticket of a cluster adds to its best
_LINK = re.compile(r"https?://[^\s<>\"')\]]+")


def clusters(answers: Sequence[str]) -> np.ndarray:
    """The number of each answer's cluster, (answers,), from 0: that of the first answer that says the same.

    Two say the same when most of their words are the same or when they show the same link; never when their numbers
    differ.
    """
    found: dict[frozenset[str], list[tuple[int, _Gist]]] = {}
    numbers: list[int] = []
    for answer in answers:
        gist = _gist(answer)
        alike = found.setdefault(gist.numbers, [])
        place = next((place for place, earlier in alike if gist.says_as(earlier)), None)
        if place is None:
            place = max(numbers, default=-1) + 1
            alike.append((place, gist))
        numbers.append(place)
    return np.array(numbers, dtype=np.int64)


def supported(hits: Sequence[Hit], of: np.ndarray) -> list[Hit]:
    """The hits, each nearer by what the others of its cluster add: T log(sum exp(s / T)) over the similarities s of a
    cluster, less their greatest. `of` (hits,) is each hit's cluster."""
    similarities = np.array([hit.similarity for hit in hits]) / TEMPERATURE
    every, best = np.full((2, of.max(initial=-1) + 1), -np.inf)
    np.logaddexp.at(every, of, similarities)
    np.maximum.at(best, of, similarities)
    added = (TEMPERATURE * (every - best))[of].tolist()
    return [Hit(hit.serial, hit.similarity + more) for hit, more in zip(hits, added, strict=True)]


@dataclass(frozen=True, slots=True)
class _Gist:
    """An answer's words and links, and the numbers outside its links: 14 days and 30 days are two answers, whatever
    else they share."""

    words: frozenset[str]
    numbers: frozenset[str]
    links: frozenset[str]

    def says_as(self, other: _Gist) -> bool:
        """Whether it says the same as another of the same numbers."""
        common = len(self.words & other.words)
        most = common >= ALIKE * len(self.words | other.words)
        return most or common >= WITHIN * min(len(self.words), len(other.words)) or bool(self.links & other.links)


@lru_cache(maxsize=4096)  # the same tickets lie near to message after message
def _gist(answer: str) -> _Gist:
    words = re.findall(r"[^\W_]+", answer.casefold())
    bare = re.findall(r"[^\W_]+", _LINK.sub(" ", answer.casefold()))
    links = (link.rstrip("/.,") for link in _LINK.findall(answer))
    return _Gist(frozenset(words), frozenset(word for word in bare if any(map(str.isdigit, word))), frozenset(links))
