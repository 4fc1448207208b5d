"""A value that comes in pieces, a message each, is taken out of all of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrails.placeholders import Placeholders
from guardrails.splits import Joined

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
]


@pytest.mark.parametrize(("before", "last", "safe"), WHOLE)
def test_its_parts_are_taken_out_of_every_message(screen, before, last, safe):
    screened = screen.screen(last, before=before, memory=Placeholders.fresh())
    assert [*screened.before, screened.verdict.text] == safe


@pytest.mark.parametrize(("before", "last"), APART)
def test_messages_that_merely_end_and_begin_with_numbers_stay(screen, before, last):
    screened = screen.screen(last, before=before)
    assert (screened.before, screened.verdict.text) == ((), last)


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
