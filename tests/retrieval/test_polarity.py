"""Yes for no, by the words of two sentences."""

import pytest

from retrieval.polarity import turned


@pytest.mark.parametrize(
    ("said", "current", "found"),
    [
        ("We do not accept returns of opened items.", "You can return opened items within 30 days.", True),
        ("You can't cancel an order.", "You can cancel an order until it is packed.", True),
        ("You cannot cancel an order once placed.", "You can cancel an order until it is packed.", True),
        ("You cannot cancel an order once it is packed.", "You can cancel an order until it is packed.", False),
        ("Yes, as long as the order is not packed.", "You can cancel an order until it is packed.", False),
        ("Express is not available.", 'Yes: choose "Express" at the checkout.', True),
        ("No, express is not available.", 'Yes: choose "Express" at the checkout.', True),
        ("Yes, it can go by express.", "No.", True),
        ("We deliver sofas.", "We no longer deliver sofas.", True),
        ("Large furniture cannot go by express.", "Express takes a day, large furniture two weeks.", False),
        ("You can return it, and you do not need the box.", "You can return any unused item.", False),
        ("Orders of sofas take no longer than 3 weeks.", "Orders of sofas take 3 weeks.", False),
        ("We never ask for your password.", "Choose a password.", False),
        ("We don't wrap sofas.", "We wrap mugs in paper and ribbon.", False),
        ("Yes, we deliver to France.", "We deliver to the UK and Ireland, and to no other country.", True),
        ("Yes, we deliver to Ireland.", "We deliver to the UK and Ireland, and to no other country.", False),
        ("No, we do not deliver to France.", "We deliver to the UK and Ireland, and to no other country.", False),
        ("", "", False),
    ],
)
def test_a_sentence_is_turned_where_its_verb_is_denied_of_the_same_and_under_no_condition(
    said: str, current: str, found: bool
) -> None:
    assert turned(said, current) is found
