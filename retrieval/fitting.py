"""Learns from the company's own material how far a similarity can be trusted, and whether shared words help.

Trust: labelled utterances are asked as customers would ask, and a ticket that is found is right when it has the
same intent. Words: some tickets are held out in turn, their question is asked, and another ticket is right when it
has the same intent, or, where one has none, an answer that says the same (cosine of AGREE or more; on twitter_care
86 in 100 such pairs have the same support document).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from retrieval.calibration import FIELD, Calibration, figures
from retrieval.clusters import clusters, supported
from retrieval.encoder import Encoder
from retrieval.index import Hit, TicketIndex
from retrieval.lexical import LexicalIndex
from retrieval.passage import Ticket
from retrieval.priors import prior

SAMPLE = 300
JUDGED = 5
AGREE = 0.6
WEIGHT = 0.1  # what sharing a rare word adds to a similarity, at most
FEWEST_WINS = 10


def calibrate(
    index: TicketIndex,
    tickets: Callable[[Sequence[int]], Mapping[int, Ticket]],
    examples: Sequence[tuple[str, str]],
    encoder: Encoder,
) -> Calibration:
    """Fitted to SAMPLE of `examples` (text, intent) against tickets of known intent; the prior where those are few."""
    chosen = random.Random(index.fingerprint).sample(list(examples), min(SAMPLE, len(examples)))
    columns: tuple[list[float], ...] = ([], [], [], [])
    for (_, intent), query in zip(chosen, encoder.encode([text for text, _ in chosen]), strict=True):
        near = index.search(query, FIELD)
        found = tickets([hit.serial for hit in near])
        hits = [hit for hit in near if hit.serial in found]
        hits = supported(hits, clusters([found[hit.serial].answer for hit in hits]))
        for hit, *figured in list(zip(hits, *figures(hits), strict=True))[:JUDGED]:
            if found[hit.serial].intent is not None:
                right = float(found[hit.serial].intent == intent)
                for column, value in zip(columns, (*figured, right, prior(found[hit.serial])), strict=True):
                    column.append(float(value))
    return Calibration.fit(*(np.array(column) for column in columns))


def gate_opens(index: TicketIndex, tickets: Mapping[int, Ticket], encoder: Encoder, lexical: LexicalIndex) -> bool:
    """Whether fusing puts a right ticket first clearly more often than it takes one away: by more than two
    standard deviations of a fair coin, and at least FEWEST_WINS times. `tickets` are held out in turn."""
    wins, losses = wins_and_losses(index, tickets, encoder, lexical)
    return wins >= FEWEST_WINS and wins - losses > 2 * (wins + losses) ** 0.5


def wins_and_losses(
    index: TicketIndex, tickets: Mapping[int, Ticket], encoder: Encoder, lexical: LexicalIndex
) -> tuple[int, int]:
    """How often fusing turned a wrong first ticket into a right one, and the other way round, over SAMPLE tickets."""
    rare = [serial for serial in sorted(tickets) if lexical.has_rare(tickets[serial].question)]
    chosen = random.Random(index.fingerprint).sample(rare, min(SAMPLE, len(rare)))
    first: dict[int, tuple[int, int]] = {}
    for serial, query in zip(chosen, encoder.encode([tickets[serial].question for serial in chosen]), strict=True):
        own = tickets[serial].question
        dense, words = (
            [hit for hit in hits if hit.serial in tickets and tickets[hit.serial].question != own][:FIELD]
            for hits in (index.search(query, 2 * FIELD), lexical.search(own, 2 * FIELD))
        )
        if dense:
            first[serial] = (dense[0].serial, fuse(dense, words)[0].serial)
    judge = _Judge(tickets, encoder)
    judge.read({serial for asked, both in first.items() if both[0] != both[1] for serial in (asked, *both)})
    changed = [(asked, both) for asked, both in first.items() if both[0] != both[1]]
    right = [(judge.same(asked, before), judge.same(asked, after)) for asked, (before, after) in changed]
    return right.count((False, True)), right.count((True, False))


def fuse(dense: Sequence[Hit], lexical: Sequence[Hit]) -> list[Hit]:
    """Both rankings in one, best first; a ticket that only words have found counts as the farthest dense one."""
    bonus = {hit.serial: WEIGHT * hit.similarity for hit in lexical}
    floor = min((hit.similarity for hit in dense), default=0.0)
    known = {hit.serial for hit in dense}
    joined = [*dense, *(Hit(hit.serial, floor) for hit in lexical if hit.serial not in known)]
    return sorted(
        (Hit(hit.serial, hit.similarity + bonus.get(hit.serial, 0.0)) for hit in joined),
        key=lambda hit: -hit.similarity,
    )


class _Judge:
    """Whether two tickets are answered the same way."""

    def __init__(self, tickets: Mapping[int, Ticket], encoder: Encoder) -> None:
        self._tickets = tickets
        self._encoder = encoder
        self._vectors: dict[int, np.ndarray] = {}

    def read(self, serials: set[int]) -> None:
        """Encode the answers of tickets, where intents will not tell."""
        if any(self._tickets[serial].intent is None for serial in serials):
            listed = sorted(serials)
            vectors = self._encoder.encode([self._tickets[serial].answer for serial in listed])
            self._vectors = dict(zip(listed, vectors, strict=True))

    def same(self, one: int, other: int) -> bool:
        a, b = self._tickets[one].intent, self._tickets[other].intent
        if a is not None and b is not None:
            return a == b
        return float(self._vectors[one] @ self._vectors[other]) >= AGREE
