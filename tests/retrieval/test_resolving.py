"""What of an answer resolves for others, and what was said to one customer."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.extraction import extract
from retrieval.passage import Ticket
from retrieval.resolving import resolving_part, without
from retrieval.sources import RawTicket, Role, Said

STEPS = "Hold the button for ten seconds until the light turns green."
TODAY = date(2026, 6, 1)


@pytest.mark.parametrize(
    "sentence",
    [
        "So sorry to hear about that!",
        "Thanks for your patience.",
        "Hope this helps!",
        "Please let us know if you have any other questions.",
        "Have a lovely weekend!",
        "Is there anything else I can do for you?",
        "We're a tweet away.",
        "Hi, Dee here.",
        "I'll call you back with the result.",
        "We'll keep you posted on this.",
        "I've passed this on to the team.",
        "Leave it with me.",
        "A colleague will contact you within 24 hours.",
        "One of our advisers will ring you tomorrow.",
        "Someone from our returns team will get back to you.",
        "You'll get a call from our team.",
        "You will be contacted by the warehouse.",
        "You'll hear back from us soon.",
        "We're keeping one aside for you until Friday.",
        "We will e-mail you shortly.",
        "It will be looked into.",
        "Your order has now been cancelled.",
        "This has been escalated to the warehouse.",
        "Rest assured we will sort this for you.",
        "Great to hear from you!",
        "Feel free to ask more questions.",
        "Please don't hesitate to contact us again.",
        ":) Cheers!",
        "🙂!",
        "The sale ends on 5 March.",
        "Our sale ends on 12/05/2024.",
        "It is valid until 31.12.2023.",
        "The price holds until the end of March 2024.",
        "It runs through 05/31/24.",
        "They are made until 31-12-2023.",
        "It is back on 2026-05-30.",
        "Our offer holds until May 3rd, 2026.",
        "See https://www.old.example/help/12 for more.",
    ],
)
@pytest.mark.parametrize("form", ["{} {}", "{1} {0}", "{}\n\n{}"])
def test_small_talk_promises_past_days_and_dead_links_are_left_out(sentence: str, form: str) -> None:
    answer = form.format(sentence, STEPS)
    found = resolving_part(answer, written=date(2026, 1, 10), today=TODAY, dead_links=["https://old.example/help"])
    assert found == STEPS


@pytest.mark.parametrize(
    "answer",
    [
        "Once it is back with us we refund you within 5 days.",
        "If the lamp flickers again, I'll send you a new one.",
        "Thanks to the new firmware the lamp can be dimmed in ten steps.",
        "Sorry, we deliver to the UK and Ireland only, because the sofas come by van.",
        "The sale ends on 5 July.",
        "The sale ends on 01/07/2026.",
        "The price holds until the end of June 2026.",
        "Since March 2024 we have delivered to Ireland too.",
        "Part 3.5.20 fits the lamp, and part 1/2/24/7 the shade.",
        "The carrier will call you to agree the day.",
        "We refund you once the return has been booked in by the warehouse.",
        "Fill in the form and our team will e-mail you a label.",
        "You'll get an e-mail with the label to print.",
        "Once it is here, a colleague will check it.",
        "If your order has been sent, you can still return it.",
        "Rest assured, it is safe to leave the lamp on at night.",
        "See https://old.example/helpers for the guide.",
        "Feel free to wash the cover at 30 degrees.",
        "The wardrobe is 206 cm tall and may be returned within 30 days.",
        "Take care of the enamel: use a soft sponge and never a knife on it, since it chips and then rusts.",
        "1. Print the label.\n2. Pack the chair.",
    ],
)
def test_what_holds_for_all_stays_word_for_word(answer: str) -> None:
    found = resolving_part(answer, written=date(2026, 1, 10), today=TODAY, dead_links=["old.example/help", ""])
    assert found == answer


def test_what_lies_in_a_span_goes_with_what_refers_back_to_it() -> None:
    answer = f"We'll send you a new one by Friday. It comes by post. {STEPS}"
    at = answer.index("send you")
    assert without(answer, [(at, at + 8)]) == STEPS
    assert without(answer, [(0, 1), (len(answer) - 1, len(answer))]) == ""
    assert without(answer, []) == answer


def test_what_refers_back_to_a_sentence_that_goes_goes_too() -> None:
    answer = f"1. I've sent you eight pegs. 2. They go by letter post. 3. {STEPS}"
    assert resolving_part(answer, today=TODAY) == f"3. {STEPS}"


@pytest.mark.parametrize("answer", ["I'll look into it.", "Sorry about that! Thanks.", "I've refunded you."])
def test_where_too_little_would_remain_the_answer_stays_whole(answer: str) -> None:
    assert resolving_part(answer, today=TODAY) == answer


def test_three_words_say_enough() -> None:
    assert resolving_part("A colleague will contact you. Press the reset.", today=TODAY) == "Press the reset."


def test_a_day_without_a_year_is_the_first_after_the_answer() -> None:
    answer = f"We are shut on 2 January. {STEPS}"
    assert resolving_part(answer, written=date(2025, 12, 20), today=date(2025, 12, 28)) == answer
    assert resolving_part(answer, written=date(2025, 12, 20), today=date(2026, 1, 3)) == STEPS
    assert resolving_part(answer, today=TODAY) == answer


def test_of_a_conversation_the_turn_that_resolves_is_taken() -> None:
    turns = [
        (Role.CUSTOMER, "my lamp flickers"),
        (Role.AGENT, f"Sorry to hear that! {STEPS}"),
        (Role.CUSTOMER, "and my order?"),
        (Role.AGENT, "Please send us a DM with your order number."),
        (Role.CUSTOMER, "ok"),
        (Role.AGENT, "You're welcome, have a great day!"),
    ]
    said = tuple(Said(role, text, datetime(2026, 1, 10, tzinfo=UTC)) for role, text in turns)
    ticket = extract(RawTicket(1, said), "id")
    assert isinstance(ticket, Ticket)
    assert (ticket.question, ticket.answer) == ("my lamp flickers", STEPS)


@given(st.text(max_size=300))
def test_any_text_keeps_nothing_but_its_own_words(text: str) -> None:
    rest = resolving_part(text, written=date(2026, 1, 1), today=TODAY, dead_links=["x.example"])
    assert set(rest.split()) <= set(text.split())


def test_a_very_long_answer_takes_no_long_time() -> None:
    for filler in ("word ", "a. ", "\n", "1. ", "5 May ", "I'll ", "https://x.example/ ", "if I'll , ", "it has been "):
        resolving_part(filler * 20_000, written=date(2026, 1, 1), today=TODAY, dead_links=["x.example"])
