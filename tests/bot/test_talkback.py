"""Replies to what only answers the bot."""

import pytest

from bot import phrases
from bot.dialogue import Dialogue, Move, mark
from bot.draft import Draft
from bot.talkback import talk_back
from bot.turn import Kind, Turn
from guardrails.verdict import Action, Verdict
from tests.bot.fakes import composer

ASKED = ("Order status", "Refund", phrases.PERSON)


def back(move: Move, patience: int = 2, text: str = "hm", **dialogue: object) -> Draft | None:
    turn = Turn("c", inbound=Verdict(Action.ALLOW, text), move=move, dialogue=Dialogue(**dialogue))  # type: ignore[arg-type]
    return talk_back(turn, composer(), patience)


@pytest.mark.parametrize(
    ("move", "dialogue", "kind", "says"),
    [
        (Move.AGREES, {}, Kind.ANSWER, phrases.GO_ON),
        (Move.AGREES, {"offered": ASKED}, Kind.QUESTION, phrases.WHICH_OF_THEM),
        (Move.AGREES, {"topics": ("person",)}, Kind.HANDOFF, phrases.CALLED),
        (Move.DECLINES, {}, Kind.ANSWER, phrases.AS_YOU_LIKE),
        (Move.DECLINES, {"offered": (phrases.PERSON,)}, Kind.ANSWER, phrases.AS_YOU_LIKE),
        (Move.DECLINES, {"offered": ASKED}, Kind.QUESTION, phrases.NEITHER),
        (Move.DECLINES, {"wanted": "order"}, Kind.QUESTION, phrases.NEITHER),
        (Move.REFUSES, {"topics": ("refund",), "text": "no need to call me"}, Kind.QUESTION, phrases.REFUSED),
        (Move.REFUSES, {"topics": ("refund",), "text": "it's not broken"}, Kind.QUESTION, phrases.NOT_THAT),
        (Move.DENIES, {"topics": ("refund",)}, Kind.QUESTION, phrases.MISREAD),
        # a hello picks up where the talk stands
        (Move.CALLS, {"topics": ("refund",)}, Kind.QUESTION, phrases.HERE_ABOUT.format(topic="getting money back")),
        (Move.CALLS, {"topics": ("refund", "person")}, Kind.HANDOFF, phrases.CALLED),
        (Move.CALLS, {"wanted": "size"}, Kind.QUESTION, f"I am still here. {phrases.DETAILS['size']}"),
        (Move.CALLS, {"pending": "the thing", "offered": ASKED}, Kind.QUESTION, phrases.HERE_WHICH),
        (Move.CALLS, {"topics": ("unknown",)}, Kind.QUESTION, phrases.HERE),
        # and to ask more often than that helps nobody
        (Move.CALLS, {"topics": ("refund",), "questions": 2}, Kind.HANDOFF, phrases.HANDOFF_UNKNOWN),
        (Move.DECLINES, {"offered": ASKED, "questions": 2}, Kind.HANDOFF, phrases.HANDOFF_UNKNOWN),
    ],
)
def test_what_only_answers_the_bot_is_answered_from_where_the_talk_stands(
    move: Move, dialogue: dict[str, object], kind: Kind, says: str
) -> None:
    draft = back(move, **dialogue)  # type: ignore[arg-type]
    assert draft is not None
    assert (draft.reply.kind, draft.reply.text) == (kind, says.format(hours="every day"))


def test_what_was_offered_is_offered_again_and_a_person_beside_what_follows_from_the_topic() -> None:
    for dialogue, labels in (
        ({"pending": "the thing", "offered": ASKED}, list(ASKED)),
        ({"topics": ("refund",)}, ["Order status", phrases.PERSON]),
        ({"pending": "the thing"}, [phrases.PERSON]),
    ):
        draft = back(Move.CALLS, **dialogue)  # type: ignore[arg-type]
        assert draft is not None
        assert [option.label for option in draft.reply.options] == labels


def test_who_says_hello_again_gets_a_person() -> None:
    first = back(Move.CALLS, topics=("refund",))
    assert first is not None
    again = back(Move.CALLS, topics=("refund",), told=(mark(first.reply.text),))
    assert again is not None
    assert again.reply.text == phrases.HANDOFF_ASKED.format(hours="every day")


def test_what_asks_something_is_left_to_others() -> None:
    assert back(Move.ASKS) is None
    assert back(Move.FILLS) is None
