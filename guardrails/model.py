"""A guard's view of its branch of the model: probabilities by label. Knows no label and no threshold."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import isnan
from typing import TYPE_CHECKING

from guardrails.guard import Message
from guardrails.leftover import in_words
from guardrails.placeholders import PATTERN
from guardrails.verdict import Finding, Span
from guardrails.view import View
from guardrails.views import Views

if TYPE_CHECKING:
    from models.runtime import Reading

Scorer = Callable[["Reading"], Mapping[str, float]]
"""From a reading to the probability of each label, 0..1."""

_FLOOR = 0.05
_DOUBTED = 0.3  # below any threshold that a policy is likely to set: less changes no decision
_WORD = re.compile(r"\w+")
_MOST_WORDS = 5


class Unread(Exception):
    """The text was too long to be read to its end, so the model cannot vouch for it."""


@dataclass(frozen=True, slots=True)
class ModelHead:
    """One branch: its task, its labels in the order of the logits, and its calibrated scorer."""

    task: str
    labels: tuple[str, ...]
    score: Scorer

    def findings(self, guard: str, message: Message) -> list[Finding]:
        """Return a finding for each label above .05, with the words that spoke for it.

        What the safe text tells is read, and what it may say in disguise; of a label the surest finding is returned.
        Raises KeyError when a reading lacks the branch and Unread when a text was not read whole.
        """
        surest: dict[str, Finding] = {}
        views = message.views if message.safe is message.views.base else Views(message.safe)
        for view in views.readable:
            reading = _whole(message, view)
            for label, score in self._scores(message, view, reading).items():
                if score < _FLOOR:  # which a NaN is not: it is kept, and refused by the screen
                    continue
                found = Finding(guard, label, score, self._words(reading, view, label), "model")
                surest[label] = max(surest.get(label, found), found, key=lambda one: (isnan(one.score), one.score))
        return list(surest.values())

    def _scores(self, message: Message, view: View, reading: Reading) -> Mapping[str, float]:
        """Return the score of each label: of a flagged text that holds placeholders, the lower of two readings.

        A head takes the marks themselves for abuse or an attack where little else is said ("dob [DOB_1]"); the second
        reading has words in their place ("dob the date of birth"). A NaN of either stays.
        """
        scores = self.score(reading)
        marks = list(PATTERN.finditer(view.text))
        if not marks or not any(score >= _DOUBTED for score in scores.values()):
            return scores
        worded = view.edit((mark.start(), mark.end(), in_words(mark[1])) for mark in marks)
        again = self.score(_whole(message, worded))
        return {
            label: min(score, again[label], key=lambda one: (not isnan(one), one)) for label, score in scores.items()
        }

    def _words(self, reading: Reading, view: View, label: str) -> tuple[Span, ...]:
        """Return the words with the largest share in the label's logit, as spans of the original.

        Of a head that does not say what each piece adds to it, it is the whole text that spoke.
        """
        shares = reading.outputs[self.task].contributions
        words = [match.span() for match in _WORD.finditer(view.text)]
        spoke: dict[tuple[int, int], float] = {}
        if shares is not None and label in self.labels:
            for (start, end), share in zip(reading.offsets, shares[:, self.labels.index(label)], strict=True):
                at = bisect_right(words, (start, len(view.text))) - 1
                if start < end and at >= 0 and start < words[at][1]:
                    spoke[words[at]] = spoke.get(words[at], 0.0) + float(share)
        strongest = sorted((word for word in spoke if spoke[word] > 0), key=lambda word: -spoke[word])
        return tuple(view.span(*word, label) for word in strongest[:_MOST_WORDS]) or view.whole(label)


def _whole(message: Message, view: View) -> Reading:
    reading = message.read(view)
    if not reading.complete:
        raise Unread
    return reading
