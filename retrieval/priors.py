"""What speaks for a ticket before anybody asks: how it was rated, how old it is, how well it resolves. Knows no query.

Each is a step on the logistic scale of `retrieval/calibration.py`, small beside the similarity (a cosine .1 nearer is
worth .9): of two tickets that lie equally near, the better one comes first; a far one never passes a near one by it.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache

from retrieval.cases import of_one_case
from retrieval.passage import Ticket

RATING = {1: -0.8, 2: -0.5, 3: -0.2, 4: 0.1, 5: 0.2}
AGE, HALF_LIFE = -0.4, 2.0  # what a very old answer loses; years after which it has lost half of that
QUALITY = 0.4  # what the best resolution has over the worst
_STEPS = re.compile(r"(?m)^\s*(?:\d+[.)]|[-*•])\s|https?://|\b(?:first|then|next|finally)\b", re.IGNORECASE)
ENOUGH_WORDS = 12


def prior(ticket: Ticket, now: datetime | None = None) -> float:
    """What to add to a ticket's logit, about -1.4 to .4. An unknown rating or date counts nothing; what staff wrote as
    the answer to a message, and an article, are no one's case."""
    return RATING.get(ticket.rating or 0, 0.0) + _age(ticket.created, now) + QUALITY * (quality(ticket) - 0.5)


def quality(ticket: Ticket) -> float:
    """How well an answer resolves for others, 0..1: a third each for holding for all, for saying enough and for
    showing the way (steps or a link)."""
    holds, enough, shows = _of_answer(ticket.answer)
    return (ticket.kind != "ticket" or ticket.conversation is not None or holds) / 3 + (enough + shows) / 3


@lru_cache(maxsize=4096)  # the same tickets lie near to message after message
def _of_answer(answer: str) -> tuple[bool, bool, bool]:
    """Whether it holds for others than whom it was written to, says enough, and shows the way."""
    return not of_one_case(answer), len(answer.split()) >= ENOUGH_WORDS, bool(_STEPS.search(answer))


def _age(created: datetime | None, now: datetime | None) -> float:
    if created is None:
        return 0.0
    years = max(((now or datetime.now(UTC)) - created).days, 0) / 365.25
    return float(AGE * (1 - 0.5 ** (years / HALF_LIFE)))
