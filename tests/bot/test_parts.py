"""Several questions in one message."""

from dataclasses import replace

import pytest

from bot.clauses import Clause, beside_courtesy, clauses
from bot.parts import parts, worth_reading
from models.intent import Intent
from tests.bot.examples import INTENTS

SPECS = {spec.name: replace(spec, follow_ups=()) for spec in INTENTS}
ASKED, TOLD, ADDED = (Clause("a clause of words", asks, adds) for asks, adds in ((True, 0), (False, 0), (True, 1)))
ORDER, REFUND = Intent("order_status", 0.95), Intent("refund", 0.92)
WHOLE = Intent("order_status", 0.5, (("refund", 0.4),))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("How much is delivery and can I return a rug?", ["How much is delivery", "can I return a rug?"]),
        ("My mug broke. Also, where is my order?", ["My mug broke.", "where is my order?"]),
        ("My mug broke. Also, have you got another", ["My mug broke.", "have you got another"]),
        ("Do you ship to Ireland? What does it cost?", ["Do you ship to Ireland?", "What does it cost?"]),
        ("I need a receipt, and please tell me my points", ["I need a receipt", "please tell me my points"]),
        ("i paid twice and my lamp is broken", ["i paid twice", "my lamp is broken"]),
        ("Is it oak and what's its width?", ["Is it oak", "what's its width?"]),
        (
            "my lamp came broken, i was charged twice and I want to cancel it",
            ["my lamp came broken", "i was charged twice", "I want to cancel it"],
        ),
        (
            "has it been sent, I also want to know when my rug comes and whether I get an invoice",
            ["has it been sent", "want to know when my rug comes", "whether I get an invoice"],
        ),
        ("i ordered a lamp last week, it never came", []),  # no list: nothing joins a last item
        ("salt and pepper mills", []),  # a conjunction that begins nothing
        ("Hello. Where is it now?", []),  # one word is no clause
        (" ".join(["One two three."] * 6), []),  # a story
        ("", []),
    ],
)
def test_a_message_is_taken_apart_where_something_new_begins(text: str, found: list[str]) -> None:
    assert [clause.text for clause in clauses(text)] == found


@pytest.mark.parametrize("text", ["My mug broke. Also, have you got another", "It is in. By the way, is it free to me"])
def test_a_word_that_adds_speaks_for_what_follows_its_comma(text: str) -> None:
    assert [clause.adds for clause in clauses(text)] == [False, True]


@pytest.mark.parametrize("text", ["cancel my order please", "please cancel my order", "my order pls cancel"])
def test_who_says_please_asks(text: str) -> None:
    assert [clause.asks for clause in clauses(f"I paid it twice. {text}")] == [False, True]


@pytest.mark.parametrize(
    ("whole", "readings", "labels"),
    [
        (WHOLE, [(ASKED, ORDER), (ASKED, REFUND)], ["order_status", "refund"]),
        (WHOLE, [(ASKED, REFUND), (ASKED, ORDER)], ["refund", "order_status"]),  # in the order of the message
        (WHOLE, [(ASKED, ORDER), (ASKED, ORDER)], []),  # the same twice
        (WHOLE, [(ASKED, ORDER), (ASKED, replace(REFUND, confidence=0.6))], []),  # not sure of both
        (WHOLE, [(ASKED, ORDER), (ASKED, replace(REFUND, in_scope=False))], []),
        (WHOLE, [(ASKED, ORDER), (ASKED, replace(REFUND, alternatives=(("exchange", 0.7),)))], []),  # no lead
        (replace(WHOLE, label="exchange"), [(ASKED, ORDER), (ASKED, REFUND)], []),  # the whole sounds of neither
        (WHOLE, [(TOLD, ORDER), (ASKED, REFUND)], ["order_status", "refund"]),  # told beyond doubt
        (WHOLE, [(TOLD, replace(ORDER, confidence=0.8)), (ASKED, REFUND)], []),  # told, and only likely
        (replace(WHOLE, alternatives=(("refund", 0.01),)), [(TOLD, ORDER), (ASKED, REFUND)], []),  # sounds of one alone
        (WHOLE, [(TOLD, replace(ORDER, confidence=0.8)), (ADDED, REFUND)], ["order_status", "refund"]),  # "also"
        (WHOLE, [(ASKED, ORDER), (ASKED, Intent("person", 0.99))], []),  # a person answers all of it
        (WHOLE, [(ASKED, ORDER), (ASKED, Intent("exchange", 0.99))], []),  # a courtesy of this shop
        (WHOLE, [], []),
    ],
)
def test_parts_are_answered_when_each_is_sure_and_another_matter(
    whole: Intent, readings: list[tuple[Clause, Intent]], labels: list[str]
) -> None:
    assert [part.intent.label for part in parts(whole, readings, SPECS, ("exchange",))] == labels


@pytest.mark.parametrize(
    ("found", "second", "worth"),
    [
        ((), 0.4, False),
        ((ASKED, ASKED), 0.0, True),
        ((TOLD, ADDED), 0.0, True),
        ((TOLD, ASKED), 0.01, False),  # the whole sounds of one matter
        ((TOLD, ASKED), 0.2, True),
    ],
)
def test_clauses_are_read_only_where_they_may_be_several_matters(
    found: tuple[Clause, ...], second: float, worth: bool
) -> None:
    assert worth_reading(replace(WHOLE, alternatives=(("refund", second),)), found) is worth


def test_matters_that_are_joined_are_each_answered_though_the_whole_sounds_of_one() -> None:
    told = [replace(TOLD, joined=joined) for joined in (False, True)]
    alone, sure = replace(WHOLE, alternatives=()), [replace(ORDER, confidence=0.98), replace(REFUND, confidence=0.98)]
    assert worth_reading(alone, told)
    assert len(parts(alone, list(zip(told, sure, strict=True)), SPECS, ())) == 2
    three = list(zip([*told, told[1]], [*sure, Intent("exchange", 0.98)], strict=True))
    assert len(parts(alone, three, SPECS, ())) == 3
    assert parts(alone, list(zip(told, [ORDER, REFUND], strict=True)), SPECS, ()) == ()  # not beyond any doubt
    assert parts(alone, [(TOLD, intent) for intent in sure], SPECS, ()) == ()  # two sentences


def test_what_follows_from_a_problem_is_no_question_of_its_own() -> None:
    specs = {**SPECS, "order_status": replace(SPECS["order_status"], follow_ups=("refund",))}
    assert parts(WHOLE, [(TOLD, ORDER), (ASKED, REFUND)], specs, ()) == ()
    assert len(parts(WHOLE, [(ASKED, ORDER), (ASKED, REFUND)], specs, ())) == 2  # but asked in so many words it is


def test_clauses_of_different_things_are_different_matters_even_where_one_may_follow_from_the_other() -> None:
    specs = {**SPECS, "order_status": replace(SPECS["order_status"], follow_ups=("refund",))}
    unsure = replace(ORDER, confidence=0.7, in_scope=False)  # but the whole sounds of it
    found = [(TOLD, unsure), (ASKED, REFUND)]
    assert worth_reading(replace(WHOLE, alternatives=()), [TOLD, ASKED], apart=True)
    assert len(parts(WHOLE, found, specs, (), apart=True)) == 2
    assert parts(WHOLE, found, specs, ()) == ()
    assert parts(Intent("refund", 0.9), found, specs, (), apart=True) == ()


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("thank you. do you deliver to Ireland?", "do you deliver to Ireland?"),
        ("Good morning, could you tell me the price", "could you tell me the price"),
        ("hello there! Where is my order", "Where is my order"),
        ("thanks for nothing, where is it", ""),  # no courtesy
        ("thanks very much", ""),
        ("hi", ""),
        ("cheers, I will try that tomorrow", ""),
        ("do you deliver to Ireland?", ""),
        ("thanks " * 2_000, ""),
    ],
)
def test_what_is_asked_beside_a_courtesy_stays_in_its_place(text: str, asked: str) -> None:
    beside = beside_courtesy(text)
    assert beside.strip() == asked
    assert not beside or (text.endswith(beside.strip()) and len(beside) == len(text))
