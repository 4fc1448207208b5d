"""What a retriever learns from."""

import numpy as np
import pytest

from retrieval.passage import Ticket
from training.retrieval.pairs import Pairs

TICKETS = [
    Ticket("a", "where is it", "See https://x.example/track.", intent=None),
    Ticket("b", "parcel late", "Look at https://x.example/track"),
    Ticket("c", "lamp broke", "Send it back.", intent="broken"),
    Ticket("d", "it is in pieces", "Send a photo.", intent="broken"),
    Ticket("e", "do you ship", "Yes."),
]


def test_tickets_of_one_intent_or_with_one_link_are_resolved_alike() -> None:
    a, b, c, d, e = Pairs.of(TICKETS).groups.tolist()
    assert (a == b, c == d) == (True, True)
    assert len({a, c, e}) == 3


def test_a_positive_is_another_of_the_group_or_the_tickets_own_answer() -> None:
    pairs = Pairs.of(TICKETS)
    random = np.random.default_rng(0)
    drawn = {int(number) for _ in range(50) for number in pairs.positives(random, np.array([2]))}
    assert {pairs.texts[number] for number in drawn} == {"it is in pieces", "it is in pieces\nSend a photo."}
    assert [pairs.texts[number] for number in pairs.positives(random, np.array([4]))] == ["Yes."]


def test_hard_negatives_are_the_nearest_of_other_groups() -> None:
    vectors = np.array([[1, 0], [0.9, 0.44], [0.95, 0.31], [0, 1], [0.7, 0.71]])
    assert Pairs.of(TICKETS).negatives(vectors)[0].tolist() == [2, 4, 3]


@pytest.mark.parametrize(("query", "group_of", "expected"), [([1, 0], 0, 1.0), ([0, 1], 0, 0.0), ([1, 0], None, 0.0)])
def test_recall_counts_groups_that_can_be_found(query: list[float], group_of: int | None, expected: float) -> None:
    pairs = Pairs.of(TICKETS)
    found = np.array([[1, 0], [1, 0], [0, 1], [0, 1], [0.7, 0.7]])
    asked = np.array([99 if group_of is None else pairs.groups[group_of]])
    assert pairs.recall(np.array([query]), asked, found, (1,)) == (expected,)
