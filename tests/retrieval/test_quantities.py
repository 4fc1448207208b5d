"""What a sentence counts, and with which words."""

import pytest

from retrieval.quantities import quantities


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("within 30 days", [("number of days", 30, 30)]),
        ("twelve months", [("number of days", 360, 372)]),
        ("3 to 5 working days", [("number of days", 3, 5)]),
        ("two to three weeks", [("number of days", 14, 21)]),
        ("a trial of 100 nights", [("number of days", 100, 100)]),
        ("within 2 hours", [("number of hours", 2, 2)]),
        ("3.95 pounds", [("amount", 3.95, 3.95)]),
        ("£1,200", [("amount", 1200, 1200)]),
        ("from £10 to £500", [("amount", 10, 500)]),
        ("five quid", [("amount", 5, 5)]),
        ("10 % off", [("percentage", 10, 10)]),
        ("8 am to 8 pm", [("opening time", 8, 8), ("closing time", 20, 20)]),
        ("9-5.30pm", [("opening time", 9, 9), ("closing time", 17.5, 17.5)]),
        ("09:00 to 17:30", [("opening time", 9, 9), ("closing time", 17.5, 17.5)]),
        ("before 2 p.m.", [("time", 14, 14)]),
        ("until noon", [("closing time", 12, 12)]),
        ("12 am", [("time", 0, 0)]),
        ("the 110 cm size of order 7", []),
        ("$20-30 days", [("amount", 20, 20), ("number of days", 30, 30)]),
        ("9" * 20_000, []),
        ("9," * 10_000, []),
        ("", []),
    ],
)
def test_quantities_of_every_kind_are_read_in_numbers_and_words(sentence: str, found: list) -> None:
    assert [(one.what, one.least, one.most) for one in quantities(sentence)] == found


def test_each_quantity_has_the_part_of_the_sentence_that_speaks_of_it() -> None:
    found = quantities("Express is £8, large furniture, by van, £29 and delivery to Ireland £12 a parcel")
    assert [one.part for one in found] == [
        "Express is £8,", "large furniture, by van, £29", "and delivery to Ireland £12 a parcel",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("one", "other", "meet"),
    [
        ("12 months", "one year", True),
        ("12 months", "2 years", False),
        ("4 weeks", "28 days", True),
        ("1 month", "30 days", True),
        ("£5", "5 pounds", True),
        ("£5", "5 %", False),
    ],
)
def test_two_quantities_meet_where_both_may_be_the_same(one: str, other: str, meet: bool) -> None:
    ((mine,), (theirs,)) = quantities(one), quantities(other)
    assert mine.meets(theirs) is meet
