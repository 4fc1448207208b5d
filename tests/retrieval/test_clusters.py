"""Which answers say the same, and how they speak for one another."""

import numpy as np
import pytest

from retrieval.clusters import clusters, supported
from retrieval.index import Hit


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Return it within 30 days.", "return it, within 30 days!", True),
        ("Print the label in My orders and pack it.", "Please print the label in My orders, and pack it.", True),
        ("Return it within 30 days.", "Return it within 14 days.", False),
        ("Print the label in My orders.", "Look in the shed.", False),
        ("Print the label.", "Print the label. Then drop the parcel at a shop that takes parcels.", True),
        ("Steps: https://shop.example/help/7.", "All of it stands at https://shop.example/help/7", True),
        ("See https://shop.example/help/7", "Read on here, please: https://shop.example/help/8", False),
        ("30 days: https://shop.example/returns", "Only 14 days, see https://shop.example/returns", False),
    ],
)
def test_answers_of_the_same_words_or_the_same_link_are_one_cluster(one: str, other: str, same: bool) -> None:
    assert clusters([one, other]).tolist() == [0, 0 if same else 1]


def test_what_says_the_same_as_the_first_of_a_cluster_joins_it() -> None:
    assert clusters(["a b c d", "x y", "a b c d e", "y x"]).tolist() == [0, 1, 0, 1]


def test_tickets_that_say_the_same_speak_for_one_another() -> None:
    hits = [Hit(1, 0.7), Hit(2, 0.69), Hit(3, 0.69), Hit(4, 0.2)]
    raised = supported(hits, np.array([0, 1, 1, 0]))
    assert [hit.serial for hit in raised] == [1, 2, 3, 4]
    assert raised[0].similarity == pytest.approx(0.7, abs=1e-4)  # a far one adds next to nothing
    assert raised[1].similarity == raised[2].similarity == pytest.approx(0.69 + 0.05 * np.log(2))


def test_nothing_found_is_supported_by_nothing() -> None:
    assert supported([], clusters([])) == []
