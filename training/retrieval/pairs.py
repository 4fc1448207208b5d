"""What a retriever learns from: tickets that are resolved alike, and the near ones that are not. Needs no torch."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from retrieval.passage import Ticket

NEAR = 20  # of the nearest tickets that are resolved otherwise, so many may be the hard negative
_LINK = re.compile(r"https?://[^\s<>\"')\]]+")


@dataclass(frozen=True, slots=True, repr=False)
class Pairs:
    """Tickets as texts, three of each: its question, its answer, and both (see `retrieval.encoder.ticket_vectors`).

    `groups` (tickets,) numbers what resolves alike: the same intent, or an answer with the same link; a ticket with
    neither is a group of its own. Text number i is the question of ticket i, n + i its answer, 2n + i both.
    """

    tickets: tuple[Ticket, ...]
    groups: np.ndarray

    @classmethod
    def of(cls, tickets: Sequence[Ticket]) -> Pairs:
        """Group tickets."""
        names = [_resolution(ticket, place) for place, ticket in enumerate(tickets)]
        return cls(tuple(tickets), np.unique(names, return_inverse=True)[1])

    def __len__(self) -> int:
        return len(self.tickets)

    @property
    def texts(self) -> list[str]:
        """All texts, (3 n,)."""
        questions = [ticket.question for ticket in self.tickets]
        answers = [ticket.answer for ticket in self.tickets]
        return [*questions, *answers, *(f"{q}\n{a}" for q, a in zip(questions, answers, strict=True))]

    def positives(self, random: np.random.Generator, places: np.ndarray) -> np.ndarray:
        """For each ticket of `places` the number of a text that resolves alike: another question of its group, with or
        without the answer, or its own answer where there is none. Drawn anew each time."""
        mates: dict[int, np.ndarray] = {group: np.flatnonzero(self.groups == group) for group in self.groups[places]}
        chosen = []
        for place in places:
            others = mates[self.groups[place]]
            others = others[others != place]
            mate = int(random.choice(others)) if len(others) else -1
            chosen.append(len(self) + place if mate < 0 else mate + int(random.choice((0, 2))) * len(self))
        return np.array(chosen)

    def negatives(self, vectors: np.ndarray) -> list[np.ndarray]:
        """For each ticket the nearest others that are resolved otherwise, nearest first; `vectors` (n, dim) of their
        questions, of length 1."""
        near = np.argsort(-(vectors @ vectors.T), axis=1, kind="stable")
        return [row[self.groups[row] != self.groups[place]][:NEAR] for place, row in enumerate(near)]

    def recall(self, queries: np.ndarray, asked: np.ndarray, found: np.ndarray, at: Sequence[int]) -> tuple[float, ...]:
        """Of the queries (q, dim) of groups `asked` (q,) that one of these tickets resolves, the share for which it is
        among the first k, for each k; `found` (n, dim) are the tickets' vectors. Groups count, not tickets."""
        ranks = []
        for query, group in zip(queries, asked, strict=True):
            best: dict[int, float] = defaultdict(lambda: -1.0)
            for one, score in zip(self.groups.tolist(), (found @ query).tolist(), strict=True):
                best[one] = max(best[one], score)
            if int(group) in best:
                ranks.append(sum(score > best[int(group)] for score in best.values()))
        return tuple(float(np.mean(np.array(ranks) < k)) if ranks else 0.0 for k in at)


def _resolution(ticket: Ticket, place: int) -> str:
    link = _LINK.search(ticket.answer)
    return ticket.intent or (link[0].rstrip("/.,") if link else f"\0{place}")
