"""What a message means in its conversation."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest

from bot import phrases
from bot.dialogue import Dialogue, Move
from bot.listening import Listener
from bot.records import IntentSpec
from bot.slots import Slot, Slots
from bot.turn import Kind, Turn
from guardrails.verdict import Action, Verdict
from models.graph import BASE
from models.intent import Intent
from models.runtime import Reading
from tests.bot.examples import INTENTS
from tests.bot.fakes import SHOP, composer

READS = {  # what the model makes of words in a text: the first that fits
    "cheers": Intent("hello", 0.95),
    "elves": Intent("exchange", 0.3, (("refund", 0.28),), in_scope=False, oos_score=0.97),
    "both of two": Intent("order_status", 0.5, (("refund", 0.45),)),
    "money": Intent("refund", 0.9, words=((0, 5, 0.8), (40, 45, 0.2))),
    "where": Intent("order_status", 0.92),
    "swap": Intent("exchange", 0.9),
    "human": Intent("person", 0.95),
    "hello": Intent("hello", 0.95),
    "hi again": Intent("hello", 0.95),
    "weak": Intent("exchange", 0.9, oos_score=0.3),
}
NO_SLOTS: Mapping[str, Slot] = {}
UNSURE = Intent("exchange", 0.3, (("refund", 0.28), ("order_status", 0.2)))
BEFORE = Dialogue(topics=("refund", "order_status"), question="where is it now?")


def understand(reading: Reading) -> Intent:
    text = str(reading.outputs["text"])
    return next((intent for word, intent in READS.items() if word in text.casefold()), UNSURE)


def read(text: str) -> Reading:
    return Reading((), (), {BASE: np.zeros(2, dtype=np.float32)}, {"text": text})  # type: ignore[dict-item]


def heard(text: str, dialogue: Dialogue = BEFORE, held: Mapping[str, Slot] = NO_SLOTS) -> Turn:
    slots = Slots(r"LL-\d{6}", ("Wren sofa", "Moss rug"))
    intents = {spec.name: spec for spec in (*INTENTS, IntentSpec("hello", "saying hello", "Hello", "d", "Hello."))}
    known = composer(intents, shop={**SHOP, "greeting": "hello", "courtesies": ["hello"]})
    listener = Listener(read, lambda texts: [read(text) for text in texts], understand, slots, known)
    return listener.listen(Turn("c", inbound=Verdict(Action.ALLOW, text), dialogue=dialogue), held)


@pytest.mark.parametrize(
    ("text", "move", "label"),
    [
        ("where is my order", Move.ASKS, "order_status"),
        ("my money please", Move.RETURNS, "refund"),  # talked about before the last topic
        ("no, I meant the swap", Move.CORRECTS, "exchange"),
        ("no, where is my order", Move.ASKS, "order_status"),  # says no, but stays with the topic
        ("and for the other one?", Move.CONTINUES, "order_status"),  # read with the question before
        ("no, the blue one", Move.CORRECTS, "order_status"),
        ("how long does that take?", Move.CONTINUES, "order_status"),
        ("what do you mean?", Move.REPHRASES, "order_status"),
        ("back to my first question", Move.RETURNS, "refund"),
        ("I did that already", Move.DOUBTS, "order_status"),
        ("back to the money back thing", Move.RETURNS, "refund"),
        ("and for the swap?", Move.ASKS, "exchange"),  # speaks for itself
        ("what do I bring?", Move.CONTINUES, "order_status"),  # few words, and none that tells
        ("give me a live agent", Move.ASKS, "person"),  # whatever the model makes of it
        ("LL-123456", Move.FILLS, "order_status"),
        ("the order number is LL-123456", Move.FILLS, "order_status"),
        ("where is my order LL-123456", Move.ASKS, "order_status"),  # asks more than it fills in
        ("cheers, can I swap it", Move.ASKS, "exchange"),  # what is asked beside a courtesy
        ("Wren sofa", Move.CONTINUES, "order_status"),  # no answer of this topic says anything of products
        ("refund", Move.CHOOSES, "refund"),
        ("I don't want my money back, where is it?", Move.ASKS, "order_status"),  # what is refused is not what is asked
        ("swap it, I do not need my money back", Move.ASKS, "exchange"),
        ("tell me a story of elves and dragons", Move.ASKS, "refund"),  # of nothing known, whatever comes nearest
    ],
)
def test_a_message_is_taken_for_what_it_does(text: str, move: Move, label: str) -> None:
    turn = heard(text)
    assert turn.intent is not None
    assert (turn.move, turn.intent.label) == (move, label)


@pytest.mark.parametrize(
    ("text", "offered", "move", "labels"),
    [
        ("the second one", ("Order status", "Refund", phrases.PERSON), Move.CHOOSES, ["refund"]),
        ("both", ("Order status", "Refund", phrases.PERSON), Move.CHOOSES, ["order_status", "refund"]),
        ("yes please", ("Refund", phrases.PERSON), Move.CHOOSES, ["refund"]),
        ("yes", (phrases.PERSON,), Move.CHOOSES, ["person"]),
        ("yes", ("Order status", "Refund"), Move.AGREES, []),
        ("no thanks", (phrases.PERSON,), Move.DECLINES, []),
        ("yes", (), Move.AGREES, []),
    ],
)
def test_an_answer_to_the_bot_is_understood_from_what_was_offered(
    text: str, offered: tuple[str, ...], move: Move, labels: list[str]
) -> None:
    turn = heard(text, Dialogue(topics=("order_status",), offered=offered))
    assert turn.move is move
    assert [part.intent.label for part in turn.parts] == (labels if len(labels) > 1 else [])
    assert (turn.intent.label if turn.intent else None) == (labels[0] if labels else None)


@pytest.mark.parametrize(
    ("text", "dialogue", "move", "label"),
    [
        ("is it money?", BEFORE, Move.RETURNS, "refund"),  # points back, but is sure enough by itself
        ("is it weak?", BEFORE, Move.CONTINUES, "order_status"),  # points back, and is not
        ("ok thanks, I'll try that", BEFORE, Move.AGREES, None),
        ("the blue one", Dialogue(pending="where did they put"), Move.CONTINUES, "order_status"),
        ("elves dragons kings and queens", Dialogue(pending="where did they put"), Move.ASKS, "exchange"),
    ],
)
def test_a_short_message_is_read_with_what_was_said_before_unless_it_speaks_for_itself(
    text: str, dialogue: Dialogue, move: Move, label: str | None
) -> None:
    turn = heard(text, dialogue)
    assert (turn.move, turn.intent.label if turn.intent else None) == (move, label)


@pytest.mark.parametrize("text", ["yes", "no", "and for the other one?", "what do you mean?", "LL-123456", "2"])
def test_at_the_beginning_nothing_was_said_that_a_message_could_lean_on(text: str) -> None:
    turn = heard(text, Dialogue())
    assert (turn.move, turn.asked) == (Move.ASKS, "")
    assert turn.intent == UNSURE


@pytest.mark.parametrize(
    "text",
    [
        "not a human please",
        "please, not my money back LL-123456",
        "no, I don't want my money back",
        "I didn't ask for my money back, elves",
    ],
)
def test_who_only_says_what_is_not_wanted_is_asked_for_nothing_else(text: str) -> None:
    turn = heard(text, replace(BEFORE, offered=(phrases.PERSON,)))
    assert (turn.move, turn.intent, turn.parts, turn.text) == (Move.REFUSES, None, (), text)


@pytest.mark.parametrize(
    ("text", "dialogue", "move"),
    [
        ("it's not the order, it's where it was", BEFORE, Move.DENIES),  # the topic, by a word of its title
        ("that's not what I asked", BEFORE, Move.DENIES),
        ("hello?? anyone there", BEFORE, Move.CALLS),
        ("hi again", Dialogue(pending="the thing"), Move.CALLS),
        ("hi again", Dialogue(), Move.ASKS),  # nothing has begun
        ("hello, where is my order", BEFORE, Move.ASKS),  # says more
        ("how long will they be?", Dialogue(topics=("refund", "person")), Move.CALLS),  # for whom one waits
    ],
)
def test_what_is_said_of_the_talk_itself_is_no_question(text: str, dialogue: Dialogue, move: Move) -> None:
    assert heard(text, dialogue).move is move


def test_what_was_read_together_is_told_and_only_the_words_of_the_message_are_marked() -> None:
    turn = heard("and the money?", Dialogue(topics=("exchange",), question="swap this lamp for the bigger one"))
    assert turn.asked == ""  # sure by itself
    turn = heard("and for it?", Dialogue(topics=("refund",), question="when is the money here"))
    assert (turn.move, turn.asked) == (Move.CONTINUES, "and for it?\nwhen is the money here")
    assert turn.intent is not None
    assert turn.intent.words == ((0, 5, 0.8),)


def test_two_questions_are_read_one_by_one_and_the_first_stands_for_the_turn() -> None:
    turn = heard("where is my parcel? can I have the money back?", Dialogue())
    assert [part.intent.label for part in turn.parts] == ["order_status", "refund"]
    assert turn.intent == turn.parts[0].intent
    assert heard("where is my parcel? can I have both of two?", Dialogue()).parts == ()  # not sure of the second


def test_details_of_this_message_and_from_before_are_held() -> None:
    turn = heard("where is LL-123456, my Moss rug?")
    assert turn.named == {"order": "LL-123456", "product": "Moss rug"}
    assert turn.slots == turn.named


def test_an_order_that_was_named_before_is_not_taken_for_another() -> None:
    held = {"order": Slot("LL-123456"), "product": Slot("Moss rug")}
    turn = heard("where is my other order", held=held)
    assert (turn.slots, turn.others) == ({"product": "Moss rug"}, {"order"})
    assert heard("where is my other order LL-654321", held=held).slots["order"] == "LL-654321"
    assert heard("where is my other order").others == frozenset()  # none was named: any may be meant


@pytest.mark.parametrize(
    ("text", "move", "label"),
    [
        ("swap my other order today", Move.ASKS, "exchange"),
        ("and my other order?", Move.CONTINUES, "order_status"),  # says of itself no more than that
    ],
)
def test_what_is_clearly_wanted_of_another_order_is_not_the_question_before(text: str, move: Move, label: str) -> None:
    turn = heard(text)
    assert turn.intent is not None
    assert (turn.move, turn.intent.label, turn.weighed) == (move, label, move is Move.CONTINUES)


def test_who_signs_a_message_does_not_decide_what_it_is_about() -> None:
    plain = heard("where is my order")
    signed = heard("where is my order. Kind regards, Swap Human")
    assert (signed.intent, signed.move) == (plain.intent, plain.move)
    assert signed.text == "where is my order. Kind regards, Swap Human"  # kept whole
    assert heard("yes. Best wishes, [NAME_1]", Dialogue(offered=("Refund",))).move is Move.CHOOSES


@pytest.mark.parametrize("text", ["Please help. Kind regards, [NAME_1]", "help!!", "hi, can someone help me please"])
def test_a_plea_for_help_that_does_not_say_with_what_is_asked_with_what(text: str) -> None:
    turn = heard(text)
    assert turn.intent is None
    draft = composer().compose(turn)
    assert draft.reply.kind is Kind.QUESTION
    assert draft.reply.text in (phrases.WHAT, phrases.HELP)
    again = composer().compose(replace(turn, dialogue=Dialogue(questions=2)))
    assert again.reply.kind is Kind.HANDOFF
    assert heard("help, where is it").intent is not None
