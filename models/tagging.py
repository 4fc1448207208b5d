"""Tags of word pieces to spans of text: which words are a name, an address, ... Knows no threshold.

The labels of a branch that tags are "O" and, for each kind, "B-<kind>" (its first word) and "I-<kind>" (the
words after it): Ramshaw and Marcus, 1995. A word's tag is that of its first piece, and what hangs together by a
hyphen or a slash ("Smith-Jones", "7/3") is one word. The words' tags are chosen together, as the best way through
them (Viterbi, 1967): a stretch begins with its first word, and each that begins or ends costs something, so that
one address does not fall into three.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from models.runtime import Reading
from models.vectors import softmax

_BEGIN, _END, _NEVER = 0.5, 0.5, 1e4  # costs, in logits
_JOINTS = frozenset("-/")


@dataclass(frozen=True, slots=True)
class Tagged:
    """A stretch of a text, half-open in code points, its kind, and how sure its words are of being any, 0..1."""

    start: int
    end: int
    kind: str
    score: float


def tagged(text: str, reading: Reading, task: str, labels: Sequence[str], bias: float = 0.0) -> list[Tagged]:
    """The stretches that a branch finds in a text, in reading order; their score is the mean over their words.

    `reading` is that of the text; `bias` is taken off the logit of "O": above 0 more is found, and more of it wrongly.
    """
    firsts = [place for place in range(len(reading.words)) if _begins(text, reading, place)]
    if not firsts:
        return []
    logits = reading.tags[task][firsts].astype(np.float64)
    logits[:, labels.index("O")] -= bias
    if (logits.argmax(axis=1) == labels.index("O")).all():
        return []  # the best way through, since each step off it costs
    personal = 1 - softmax(logits)[:, labels.index("O")]
    ends = [*firsts[1:], len(reading.words)]
    found: list[Tagged] = []
    rows: list[int] = []
    for row, tag in enumerate(best_path(logits, tuple(labels))):
        place, kind = labels[tag][:2], labels[tag][2:]
        start, end = reading.offsets[firsts[row]][0], reading.offsets[ends[row] - 1][1]
        if place == "B-":
            rows = [row]
            found.append(Tagged(start, end, kind, float(personal[row])))
        elif place == "I-":
            rows.append(row)
            found[-1] = Tagged(found[-1].start, end, kind, float(personal[rows].mean()))
    return found


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
