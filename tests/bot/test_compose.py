"""From what was understood and found to a draft."""

from dataclasses import replace
from typing import Any

import pytest

from bot import phrases
from bot.cues import same_words
from bot.dialogue import Dialogue, Move, mark
from bot.mood import Mood
from bot.turn import Kind, Part, Turn
from guardrails.verdict import Action, Verdict
from models.intent import Intent
from retrieval.cases import of_one_case
from retrieval.passage import Passage
from tests.bot.fakes import composer

TEXT = "Where is my order?"


def turn(
    intent: Intent | None,
    *passages: Passage,
    text: str = TEXT,
    slots: dict[str, str] | None = None,
    questions: int = 0,
    **changes: Any,
) -> Turn:
    changes.setdefault("dialogue", Dialogue(questions=questions))
    return Turn(
        "c", text, inbound=Verdict(Action.ALLOW, text), intent=intent, passages=passages, slots=slots or {}, **changes
    )


def understood(confidence: float, second: float = 0.0, label: str = "order_status", **changes: object) -> Intent:
    return Intent(label, confidence, (("refund", second), ("exchange", 0.01)), **changes)  # type: ignore[arg-type]


def found(score: float, question: str = "Something else", staff: bool = False) -> Passage:
    return Passage("t1", score, question, "Look in the shed.", "chat-1" if staff else None)


SURE, UNSURE, LOST = understood(0.9), understood(0.4, 0.38), understood(0.1)
OUT = understood(0.9, in_scope=False)


@pytest.mark.parametrize(
    ("intent", "passages", "questions", "kind", "reason"),
    [
        # sure of the intent
        (SURE, (), 0, Kind.ANSWER, "sure of the intent (90%)"),
        (understood(0.55, 0.4), (), 0, Kind.ANSWER, "sure"),  # both figures exactly
        (Intent("order_status", 1.0), (), 0, Kind.ANSWER, "named in plain words"),  # no model read it
        (understood(0.5, 0.45), (found(0.9),), 0, Kind.ANSWER, "sure"),  # the other follows: it is offered below
        (understood(0.9, label="person"), (), 0, Kind.HANDOFF, "asked for a person"),
        (SURE, (found(0.99),), 0, Kind.ANSWER, "sure"),  # the shop's own answer goes before a ticket
        # not sure: a past ticket
        (understood(0.54), (found(0.6),), 0, Kind.ANSWER, "a past ticket answers it (60%)"),
        (understood(0.6, 0.46, label="refund"), (found(0.7),), 0, Kind.ANSWER, "a past ticket"),  # the second is close
        (OUT, (found(0.9),), 0, Kind.ANSWER, "a past ticket"),  # no intent for it, but it was solved before
        (understood(0.9, label="unknown_label"), (found(0.9),), 0, Kind.ANSWER, "a past ticket"),
        # staff wrote the answer to this very message: it goes before everything
        (SURE, (found(0.6, TEXT, staff=True),), 0, Kind.ANSWER, "staff wrote"),
        (SURE, (found(0.59, TEXT, staff=True),), 0, Kind.ANSWER, "sure"),  # but not when it was hardly found
        (SURE, (found(0.9, "Where is the toilet?", staff=True),), 0, Kind.ANSWER, "sure"),  # or to another message
        (SURE, (found(0.9, TEXT),), 0, Kind.ANSWER, "sure"),  # or not by staff
        # nothing good enough: a question back
        (UNSURE, (found(0.59),), 0, Kind.QUESTION, "unsure: where an order is or getting money back"),
        (UNSURE, (), 1, Kind.QUESTION, "unsure"),
        (LOST, (), 0, Kind.QUESTION, "outside what the bot knows"),
        (OUT, (), 0, Kind.QUESTION, "outside what the bot knows"),
        (understood(0.9, 0.3, label="unknown_label"), (), 0, Kind.QUESTION, "unsure: getting money back"),
        # asked often enough: a person
        (UNSURE, (), 2, Kind.HANDOFF, "could not find an answer"),
        (OUT, (), 1, Kind.HANDOFF, "could not find an answer"),
        (OUT, (), 2, Kind.HANDOFF, "could not find an answer"),
        (SURE, (), 2, Kind.ANSWER, "sure"),  # an answer is welcome at any time
        # nothing to go by
        (None, (), 0, Kind.QUESTION, "held no words"),
        (None, (found(0.9, TEXT, staff=True),), 0, Kind.QUESTION, "held no words"),
    ],
)
def test_what_was_understood_and_found_decides_the_reply(
    intent: Intent | None, passages: tuple[Passage, ...], questions: int, kind: Kind, reason: str
) -> None:
    draft = composer().compose(turn(intent, *passages, questions=questions))
    assert draft.reply.kind is kind
    assert reason in draft.reason
    assert draft.reply.text.strip()


def test_an_answer_fills_in_slots_names_its_source_and_offers_what_comes_next() -> None:
    draft = composer().compose(turn(SURE, slots={"order": "LL-123456"}))
    assert draft.reply.text == "Order LL-123456 takes 5 days."
    assert [(s.kind, s.ref) for s in draft.reply.sources] == [("intent", "order_status")]
    assert [o.text for o in draft.reply.options] == ["Refund"]
    assert draft.evidence == (draft.reply.text,)


def test_what_was_said_of_one_customers_case_is_not_told_to_another() -> None:
    case = Passage("t1", 0.9, "Late", "I have refunded the £7.95.")
    general = Passage("t2", 0.7, "Late", "Look in the shed.")
    assert composer().compose(turn(LOST, case)).reply.kind is Kind.QUESTION
    assert composer().compose(turn(LOST, case, general)).reply.sources[0].ref == "t2"
    written = replace(case, conversation="chat-1")  # by staff, as a correction
    assert composer().compose(turn(LOST, written)).reply.sources[0].ref == "t1"


def test_what_contradicts_the_current_answer_is_not_told() -> None:
    stale = Passage("t1", 0.9, "Returns", "Within 14 days of delivery.", flag="another number of days")
    assert composer().compose(turn(LOST, stale)).reply.kind is Kind.QUESTION


def test_an_article_is_told_as_one_and_leads_back() -> None:
    article = Passage("a1", 0.9, "Returns", "You said yes on 5 May.", kind="article", link="https://x.example/#returns")
    reply = composer().compose(turn(LOST, article)).reply
    assert reply.text == "This is what our help pages say:\n\nYou said yes on 5 May."
    assert [(s.kind, s.ref, s.link) for s in reply.sources] == [("article", "a1", "https://x.example/#returns")]


@pytest.mark.parametrize(
    "answer",
    [
        "I have refunded the £7.95 to your card.",
        "We've sent another one.",
        "Your rug had just been rolled.",
        "Yours is on its way.",
        "They're down for tomorrow.",
        "It comes on Saturday, with the hours.",
        "It moved to the 18th.",
        "The pillows (LL-153320) go by parcel.",
        "Done it from here, it wasn't packed.",
        "You ordered well inside the limit.",
    ],
)
def test_an_answer_about_one_case_is_known_by_its_words(answer: str) -> None:
    assert of_one_case(answer)


@pytest.mark.parametrize(
    "answer",
    [
        "You have 30 days to return it, unused.",
        "You need two people for the table.",
        "I am sorry, the checkout takes one card per order.",
        "We are open Monday to Saturday.",
        "If your order is over £50, delivery is free.",
        "Wash it cold, iron the face only.",
        "",
    ],
)
def test_an_answer_that_holds_for_everybody_is_none(answer: str) -> None:
    assert not of_one_case(answer)


def test_an_answer_of_a_ticket_says_so_and_rests_on_it() -> None:
    draft = composer().compose(turn(OUT, found(0.9)))
    assert draft.reply.text == phrases.FROM_TICKET.format(answer="Look in the shed.")
    assert [(s.kind, s.ref) for s in draft.reply.sources] == [("ticket", "t1")]
    assert draft.evidence == ("Look in the shed.",)


def test_what_staff_wrote_is_said_as_they_wrote_it() -> None:
    draft = composer().compose(turn(SURE, found(0.9, TEXT, staff=True)))
    assert draft.reply.text == "Look in the shed."


def test_a_ticket_with_braces_is_text_and_not_a_template() -> None:
    passage = Passage("t1", 0.9, "q", "Use {shop} and {{ order }} and {0}.")
    assert "Use {shop} and {{ order }} and {0}." in composer().compose(turn(OUT, passage)).reply.text


@pytest.mark.parametrize(
    ("alternatives", "buttons"),
    [
        ((("refund", 0.3),), ["Order status", "Refund", phrases.PERSON]),
        ((("refund", 0.3), ("exchange", 0.2)), ["Order status", "Refund", "Exchange", phrases.PERSON]),
        ((("refund", 0.1), ("exchange", 0.1)), ["Order status", phrases.PERSON]),  # a third of the best, or left out
        ((("unknown_label", 0.3), ("refund", 0.3)), ["Order status", "Refund", phrases.PERSON]),
        ((), ["Order status", phrases.PERSON]),
    ],
)
def test_a_question_back_offers_the_close_readings_and_a_person(
    alternatives: tuple[tuple[str, float], ...], buttons: list[str]
) -> None:
    draft = composer().compose(turn(Intent("order_status", 0.4, alternatives)))
    assert [o.label for o in draft.reply.options] == buttons
    assert draft.reply.sources == ()


def test_of_two_readings_both_are_named() -> None:
    draft = composer().compose(turn(UNSURE))
    assert draft.reply.text == "Is this about where an order is or about getting money back?"


def test_a_model_whose_labels_the_shop_does_not_have_hands_over() -> None:
    intent = Intent("unknown_label", 0.5, (("another_one", 0.3),))
    assert composer().compose(turn(intent)).reply.kind is Kind.HANDOFF


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("Refund", "refund"),
        ("  rEFUND \n", "refund"),
        (phrases.PERSON, "person"),
        ("Talk to somebody", "person"),
        ("Refund please", None),  # said, not pressed: the model reads it
        ("", None),
    ],
)
def test_a_pressed_button_needs_no_model(text: str, intent: str | None) -> None:
    assert composer().chosen(text) == intent


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Where is my order?", "where is MY order", True),
        ("order my is where", "Where is my order?", True),
        ("one two three four", "one two three four five", True),  # one in five may differ
        ("one two three", "one two three four", False),
        ("", "", False),
        ("?!", "?!", False),
    ],
)
def test_two_messages_have_the_same_words_in_any_order(one: str, other: str, same: bool) -> None:
    assert same_words(one, other) is same


def test_what_is_not_understood_and_may_be_dangerous_goes_to_a_person_at_once() -> None:
    draft = composer().compose(turn(UNSURE, text="this is unsafe!", mood=Mood(0, 0.9)))
    assert (draft.reply.kind, draft.reason) == (Kind.HANDOFF, "it may be dangerous")
    assert composer().compose(turn(SURE, mood=Mood(0, 0.9))).reply.kind is Kind.ANSWER


@pytest.mark.parametrize(
    ("intent", "beside"),
    [
        (SURE, "It takes 5 days."),  # what is surely asked beside it follows
        (UNSURE, None),
        (None, None),
        (understood(0.9, label="person"), None),
    ],
)
def test_harm_to_somebody_goes_before_any_answer_however_sure(intent: Intent | None, beside: str | None) -> None:
    draft = composer().compose(turn(intent, text="The lamp is sparking. Where is my order?"))
    assert draft.reply.kind is Kind.HANDOFF
    assert draft.presses
    assert draft.reply.text.startswith("Please stop using it at once")
    assert "a colleague" in draft.reply.text
    assert draft.reply.text.endswith(beside or "every day.")
    assert draft.reply.sources[-1].ref == "person"


def test_harm_goes_before_what_staff_wrote_to_this_very_message_and_is_never_shortened() -> None:
    text = "the lamp is sparking"
    first = composer().compose(turn(SURE, found(0.9, text, staff=True), text=text))
    again = composer().compose(turn(None, text=text, dialogue=Dialogue(told=tuple(map(mark, first.told)))))
    assert first.reply.text.startswith(first.told[0])
    assert again.reply.text == phrases.DANGER_AGAIN.format(advice=first.told[0])


@pytest.mark.parametrize(
    ("told", "says"),
    [
        (
            "It takes 5 days.",
            "Thank you for LL-123456. Order LL-123456 takes 5 days.",
        ),  # only what is said with the number
        ("Something else.", "Order LL-123456 takes 5 days."),
    ],
)
def test_a_number_that_comes_after_the_answer_is_not_answered_with_all_of_it_again(told: str, says: str) -> None:
    number = {"order": "LL-123456"}
    answered = Dialogue(topics=("order_status",), told=(mark(f"{told}"),))
    said = composer().compose(
        turn(SURE, text="LL-123456", move=Move.FILLS, named=number, slots=number, dialogue=answered)
    )
    assert said.reply.text == says


def test_who_was_told_all_is_passed_on_and_a_person_is_what_is_talked_about() -> None:
    told = ("It takes 5 days.", f"{phrases.NOTHING_MORE} It takes 5 days.")
    again = turn(SURE, dialogue=Dialogue(topics=("order_status",), question=TEXT, told=tuple(map(mark, told))))
    assert composer().compose(again).reply.sources[0].ref == "person"


def test_nobody_is_told_in_the_same_words_again_and_again_that_a_person_has_been_called() -> None:
    told: tuple[str, ...] = ()
    texts = []
    for _ in range(2):
        calls = turn(None, text="hello?", move=Move.CALLS, dialogue=Dialogue(topics=("person",), told=told))
        draft = composer().compose(calls)
        told += tuple(map(mark, draft.told))
        texts.append(draft.reply.text)
    assert texts == [form.format(hours="every day") for form in (phrases.CALLED, phrases.CALLED_STILL)]


def test_which_other_order_is_meant_is_asked_before_it_is_answered() -> None:
    said = composer().compose(turn(SURE, text="track my other order", others=frozenset({"order"})))
    assert (said.reply.text, said.wanted) == (phrases.DETAILS["order"], "order")


def test_each_of_several_questions_is_answered_with_its_own_details() -> None:
    numbers = ({"order": "LL-111111"}, {})
    parts = tuple(Part("where is it", Intent("order_status", 0.9), named) for named in numbers)
    both = turn(SURE, parts=parts, slots={"order": "LL-222222"})
    assert composer().compose(both).told == ("Order LL-111111 takes 5 days.", "Order LL-222222 takes 5 days.")


def test_what_is_added_while_a_person_is_waited_for_is_no_riddle() -> None:
    waiting = Dialogue(topics=("order_status", "person"))
    assert composer().compose(turn(OUT, dialogue=waiting)).reply.text == phrases.SEEN.format(hours="every day")
    assert composer().compose(turn(SURE, dialogue=waiting)).reply.kind is Kind.ANSWER


def test_who_tells_of_a_death_hears_that_we_are_sorry_once_before_the_answer() -> None:
    said = composer().compose(turn(SURE, text="my dad died, where is his order"))
    assert said.reply.text == f"{phrases.LOSS}\n\nIt takes 5 days."
    told = Dialogue(told=tuple(map(mark, said.told)))
    again = composer().compose(turn(Intent("refund", 0.9), text="my dad died, can I have the money", dialogue=told))
    assert again.reply.text == "Refunds take 5 days."
