"""Tags of word pieces to spans of text: which words are a name, an address, ... Knows no threshold.

The labels of a branch that tags are "O" and, for each kind, "B-<kind>" (its first word) and "I-<kind>" (the
words after it): Ramshaw and Marcus, 1995. A word's tag is that of its first piece, and what hangs together by a
hyphen or a slash ("Smith-Jones", "7/3") is one word. The words' tags are chosen together, as the best way through
them (Viterbi, 1967): a stretch begins with its first word, and each that begins or ends costs something, so that
one address does not fall into three. Two of one kind with a space between them are one; a slash that stands alone
parts two, and no stretch begins or ends with a mark that stands alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from models.runtime import Reading
from models.vectors import softmax

_BEGIN, _END, _NEVER = 0.5, 0.5, 1e4  # costs, in logits
_JOINTS = frozenset("-/")
_MARKS = frozenset("/,;:|–.!?-")


@dataclass(frozen=True, slots=True)
class Tagged:
    """A stretch of a text, half-open in code points, its kind, and how sure its words are of being any, 0..1."""

    start: int
    end: int
    kind: str
    score: float


def tagged(
    text: str, reading: Reading, task: str, labels: Sequence[str], lean: Mapping[str, float] = {}
) -> list[Tagged]:
    """The stretches that a branch finds in a text, in reading order; their score is the mean over their words.

    `reading` is that of the text; `lean` is added to the logits of these kinds: above 0 more of a kind is found, and
    more of it wrongly.
    """
    firsts = [place for place in range(len(reading.words)) if _begins(text, reading, place)]
    if not firsts:
        return []
    logits = reading.tags[task][firsts].astype(np.float64)
    logits += [lean.get(label[2:], 0.0) for label in labels]
    if (logits.argmax(axis=1) == labels.index("O")).all():
        return []  # the best way through, since each step off it costs
    personal = 1 - softmax(logits)[:, labels.index("O")]
    ends = [*firsts[1:], len(reading.words)]
    words = [(reading.offsets[first][0], reading.offsets[end - 1][1]) for first, end in zip(firsts, ends, strict=True)]
    path = [labels[tag] for tag in best_path(logits, tuple(labels))]
    return [
        Tagged(words[rows[0]][0], words[rows[-1]][1], kind, float(personal[rows].mean()))
        for kind, rows in _stretches(text, words, path)
    ]


def _stretches(text: str, words: Sequence[tuple[int, int]], path: Sequence[str]) -> Iterator[tuple[str, list[int]]]:
    """Each stretch's kind and its words, by their places in `words`, which say where those stand."""
    kind, rows = "", list[int]()
    for row, (label, (start, end)) in enumerate(zip(path, words, strict=True)):
        here = "" if text[max(start - 1, 0) : end + 1] == " / " else label[2:]
        goes_on = here == kind and (label.startswith("I-") or text[words[row - 1][1] : start] == " ")
        if rows and not goes_on:
            yield from _trimmed(text, words, kind, rows)
            rows = []
        kind = here
        if here:
            rows.append(row)
    yield from _trimmed(text, words, kind, rows)


def _trimmed(
    text: str, words: Sequence[tuple[int, int]], kind: str, rows: list[int]
) -> Iterator[tuple[str, list[int]]]:
    """The stretch without the marks about it that belong to no word, if anything is left."""
    kept = [row for row in rows if not _is_mark(text, *words[row])]
    if kept:
        yield kind, rows[rows.index(kept[0]) : rows.index(kept[-1]) + 1]


def _is_mark(text: str, start: int, end: int) -> bool:
    """Whether a word is a mark of no other's: a stop is of the word before it, unless a space parts them."""
    return text[start:end] in _MARKS and (text[start] not in ".!?" or text[start - 1 : start].isspace())


def _begins(text: str, reading: Reading, place: int) -> bool:
    """Whether a word begins with this piece."""
    if not place:
        return True
    if reading.words[place] == reading.words[place - 1]:
        return False
    at = reading.offsets[place][0]
    joint = at if text[at] in _JOINTS else max(at - 1, 0)
    before, after = text[max(joint - 1, 0) : joint], text[joint + 1 : joint + 2]
    return text[joint] not in _JOINTS or not (before.isalnum() and after.isalnum())


def best_path(logits: np.ndarray, labels: tuple[str, ...]) -> list[int]:
    """The labels, by their places, of the best way through `logits` (words, labels)."""
    costs, first = _costs(labels)
    score, back = logits[0] - first, []
    for row in logits[1:]:
        reached = score[:, None] - costs
        back.append(reached.argmax(axis=0))
        score = reached.max(axis=0) + row
    path = [int(score.argmax())]
    for step in reversed(back):
        path.append(int(step[path[-1]]))
    return path[::-1]


@cache
def _costs(labels: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray]:
    """(what each label costs after each other one (before, after), what each costs at the beginning)."""
    size = len(labels)
    costs, first = np.zeros((size, size)), np.zeros(size)
    for after, label in enumerate(labels):
        first[after] = _NEVER if label.startswith("I-") else 0.0
        for before, earlier in enumerate(labels):
            goes_on = label.startswith("I-") and earlier[2:] == label[2:] and earlier != "O"
            if label.startswith("I-") and not goes_on:
                costs[before, after] = _NEVER
            elif not goes_on and earlier != label:
                costs[before, after] = _BEGIN * label.startswith("B-") + _END * (earlier != "O")
    return costs, first
