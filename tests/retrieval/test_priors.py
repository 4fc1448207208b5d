"""What speaks for a ticket beforehand."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from retrieval.passage import Ticket
from retrieval.priors import prior, quality

NOW = datetime(2026, 6, 1, tzinfo=UTC)
PLAIN = Ticket("t", "q", "Please set the dimmer to two, wait for ten seconds, and turn the lamp on again.")


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        (replace(PLAIN, rating=5), PLAIN),
        (PLAIN, replace(PLAIN, rating=1)),
        (replace(PLAIN, created=NOW - timedelta(days=30)), replace(PLAIN, created=NOW - timedelta(days=900))),
        (PLAIN, replace(PLAIN, answer="I have refunded it to you today and will call you tomorrow, as I said before.")),
        (PLAIN, replace(PLAIN, answer="Set it to two.")),
        (replace(PLAIN, answer="1. Set the dimmer to two.\n2. Wait for ten seconds.\n3. Turn the lamp on."), PLAIN),
        (replace(PLAIN, answer="I have refunded it.", kind="article"), replace(PLAIN, answer="I have refunded it.")),
    ],
)
def test_better_rated_newer_and_more_helpful_answers_come_first(better: Ticket, worse: Ticket) -> None:
    assert prior(better, NOW) > prior(worse, NOW)


def test_what_is_not_known_counts_nothing_and_all_of_it_little() -> None:
    assert prior(PLAIN, NOW) == pytest.approx(0.4 * (quality(PLAIN) - 0.5))
    worst = Ticket("t", "q", "I sent it.", rating=1, created=NOW - timedelta(days=9000))
    assert -1.5 < prior(worst, NOW) < prior(PLAIN, NOW) < 0.5
