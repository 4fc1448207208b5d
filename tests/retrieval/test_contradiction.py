"""Answers that say otherwise than the one that holds now."""

import pytest

from retrieval.contradiction import contradictions

CURRENT = (
    "You can return any unused item within 30 days of delivery. The refund reaches your card within 5 working days. "
    "A sofa costs £35 to fetch."
)


@pytest.mark.parametrize(
    ("answer", "what"),
    [
        ("Hello! You can return any unused item within 14 days of delivery.", ["number of days"]),
        ("You can return any unused item within two weeks of delivery.", ["number of days"]),
        ("A sofa costs £45 to fetch.", ["amount"]),
        ("You can return any unused item within 30 days of delivery.", []),
        ("You can return any unused item within 4 to 6 weeks of delivery.", []),
        ("The refund reaches your card within 3 to 5 working days.", []),
        ("A parcel to Ireland takes 7 days.", []),
        ("The blue lamp is £20.", []),
        ("", []),
    ],
)
def test_another_number_for_the_same_is_told(answer: str, what: list[str], encoder) -> None:
    assert [found.what for found in contradictions(answer, CURRENT, encoder)] == what


@pytest.mark.parametrize(
    ("answer", "current", "turned"),
    [
        ("Yes, we deliver sofas to Ireland.", "No, we deliver no sofas to Ireland.", True),
        ("Unfortunately not, sofas to Ireland we deliver no more.", "Yes, we deliver sofas to Ireland.", True),
        ("Yes, we deliver sofas to Ireland.", "Yes, we deliver sofas to Ireland.", False),
        ("Yes, press the button twice.", "No, we deliver no sofas to Ireland.", False),
    ],
)
def test_yes_for_no_is_told_where_both_speak_of_the_same(answer: str, current: str, turned: bool, encoder) -> None:
    assert bool(contradictions(answer, current, encoder)) is turned


@pytest.mark.parametrize(
    ("answer", "current"),
    [
        (
            'Open the e-mail "Your three payments" and approve the small check of £0.00 which your bank will show you.',
            "You can spread the cost over three interest-free monthly payments from £60.",
        ),
        (
            "Please sign out, choose the other address, and you will see £35 to spend with 90 points over.",
            "You earn 1 point for each pound; 100 points are worth £5.",
        ),
    ],
)
def test_an_amount_of_one_customers_case_is_not_held_against_a_price(answer: str, current: str, encoder) -> None:
    assert contradictions(answer, current, encoder) == []


@pytest.mark.parametrize(
    ("answer", "current", "what"),
    [
        ("The guarantee is 12 months.", "The guarantee is 2 years.", ["number of days"]),
        ("The guarantee is twelve months.", "The guarantee is one year.", []),
        ("A parcel costs 3.95 pounds.", "A parcel costs £4.95.", ["amount"]),
        ("A parcel costs 4.95 pounds.", "A parcel costs £4.95.", []),
        ("We open from 9 am to 8 pm.", "We open from 8 am to 8 pm.", ["opening time"]),
        ("A parcel costs £3 and is free from £40.", "A parcel costs £3 and is free from £50.", ["amount"]),
        ("You cannot cancel an order.", "You can cancel an order.", ["reply (yes or no)"]),
        ("You can cancel an order.", "You can cancel an order.", []),
    ],
)
def test_months_and_years_pounds_opening_hours_every_quantity_and_a_no_are_told(
    answer: str, current: str, what: list[str], encoder
) -> None:
    assert [found.what for found in contradictions(answer, current, encoder)] == what


def test_a_very_long_answer_takes_no_long_time(encoder) -> None:
    for filler in ("no ", "£5 ", "8 am to ", "and ", "not if, "):
        contradictions(filler * 3_000, CURRENT, encoder)


def test_it_says_what_differs(encoder) -> None:
    (found,) = contradictions("A sofa costs £45 to fetch.", CURRENT, encoder)
    assert str(found) == "another amount: “A sofa costs £45 to fetch”, but now “A sofa costs £35 to fetch”"
