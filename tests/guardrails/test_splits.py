"""A value that comes in pieces, a message each, is taken out of all of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrails.placeholders import Placeholders
from guardrails.splits import Joined, may_go_on

WHOLE = [
    (["my card is 4111 1111"], "1111 1111", ["my card is [CARD_1]", "[CARD_1]"]),
    (
        ["my card is 4111 11", "11 1111"],
        "and then 1111 ok",
        ["my card is [CARD_1]", "[CARD_1]", "and then [CARD_1] ok"],
    ),
    (["hello", "4111 1111 and"], "the rest is 1111 1111", ["hello", "[CARD_1] and", "the rest is [CARD_1]"]),
    (["call me on 07700"], "900 982 please", ["call me on [PHONE_1]", "[PHONE_1] please"]),
    (["mail anna.kowalska@"], "gmail.com", ["mail [EMAIL_1]", "[EMAIL_1]"]),
    (["it is anna.kowalska"], "@gmail.com", ["it is [EMAIL_1]", "[EMAIL_1]"]),
    (["card 4111 1111", "wait a sec"], "1111 1111", ["card [CARD_1]", "wait a sec", "[CARD_1]"]),
    (
        ["four one one one one one one one"],
        "one one one one one one one one",
        ["[CARD_1]", "[CARD_1]"],
    ),
    (["I live at 12 Mill"], "Lane, Leeds LS1 4AB", ["I live at [ADDRESS_1]", "[ADDRESS_1]"]),
    (["my passport is 5333"], "80006", ["my passport is [ID_1]", "[ID_1]"]),
    (["GB29 NWBK 6016"], "1331 9268 19", ["[IBAN_1]", "[IBAN_1]"]),
]
APART = [
    (["I need 2"], "3 chairs please"),
    (["order LL-204518 for 20"], "12 days ago"),
    (["I paid £45.00 on 12/11"], "2024 was when we moved"),
    (["my order is 4482913"], "it is 120 cm wide"),
    (["is it 120"], "or 140 cm?"),
    (["ref 33912"], "88 12 is the other"),
    (["I saw it on shop.example"], "and 2.5 stars for that"),
    ([""], "1111"),
    (["I have 4 chairs", "wait a sec"], "12 plates too"),
    (["it is one two three"], "four five six"),
    (["I need 12 Mill"], "chairs and a table"),
    (["deliver on day 12 May"], "way too late for me"),
    (["is my passport 12"], "34 days old?"),
    (["my name is"], "wrong on the order"),
    (["my password is"], "not working"),
    (["I forgot my password"], "please help me"),
    (["the delivery address is"], "the same as before"),
    (["my name is", "never mind"], "where is my order?"),
]


@pytest.mark.parametrize(("before", "last", "safe"), WHOLE)
def test_its_parts_are_taken_out_of_every_message(screen, before, last, safe):
    screened = screen.screen(last, before=before, memory=Placeholders.fresh())
    assert [*screened.before, screened.verdict.text] == safe


@pytest.mark.parametrize(("before", "last"), APART)
def test_messages_that_merely_end_and_begin_with_numbers_stay(screen, before, last):
    screened = screen.screen(last, before=before)
    assert (screened.before, screened.verdict.text) == ((), last)


ANNOUNCED = [
    (["my password is"], "hunter2", "[SECRET_1]"),
    (["my password is:", "hang on"], "it's correct-horse", "it's [SECRET_1]"),
    (["my name is"], "Anna Kowalska", "[NAME_1]"),
    (["passport number:"], "925665416", "[ID_1]"),
    (["my date of birth is"], "12/03/1985", "[DOB_1]"),
]


@pytest.mark.parametrize(("before", "last", "safe"), ANNOUNCED)
def test_what_the_message_before_announced_is_taken_for_it(screen, before, last, safe):
    screened = screen.screen(last, before=before, memory=Placeholders.fresh())
    assert (screened.before, screened.verdict.text) == ((), safe)


@pytest.mark.parametrize(
    ("text", "may"), [("1111 1111", True), ("hunter", True), ("so where is my order by now", False)]
)
def test_only_what_may_end_a_value_is_held_against_earlier_messages(text, may):
    assert may_go_on(text) is may


@pytest.mark.timeout(20)  # what has two ways to match each piece takes twice as long with every one more
@pytest.mark.parametrize("before", ["." * 301 + "!", ". " * 301 + "!", "," * 301 + "!"])
def test_a_row_of_marks_before_a_number_is_given_up_at_once(before):
    assert Joined.of([before], "1111 1111") is None


PIECE = st.text("0123456789 @.abGB,;and…\n", max_size=20)


@given(st.lists(PIECE, max_size=3), PIECE)
def test_every_part_of_what_is_joined_is_told_where_it_stands(before, last):
    joined = Joined.of(before, last)
    if joined is None:
        return
    texts = [*before, last]
    for place in range(len(joined.text)):
        for message, start, end in joined.parts(place, place + 1):
            assert texts[message][start:end] == joined.text[place]
    assert joined.stretches[-1][0] == len(before)
