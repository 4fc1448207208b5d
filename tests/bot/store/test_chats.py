"""Conversations, their turns, and who speaks in them, on both databases."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.errors import Conflict, NotFound, StoreUnavailable
from bot.records import Correction, Feedback, State
from bot.store import Store
from bot.turn import Kind, Reply
from tests.bot.examples import NOON, finished, handoff
from tests.bot.store.acts import failing, say


def test_a_new_conversation_is_open_and_belongs_to_the_bot(store: Store) -> None:
    chat = store.chats.start("customer-1", channel="api")
    assert (chat.state, chat.owner, chat.channel, chat.memory) == (State.OPEN, "bot", "api", {})
    assert store.chats.get(chat.id) == chat


def test_a_customers_latest_conversation_is_the_one_last_written_in(store: Store, chat: str) -> None:
    store.chats.start("customer-1")
    say(store, chat, at=datetime.now(UTC) + timedelta(minutes=1))
    latest = store.chats.latest_of("customer-1")
    assert latest is not None
    assert latest.id == chat
    assert store.chats.latest_of("customer-2") is None


def test_a_turn_is_read_back_as_it_was_written(store: Store, chat: str) -> None:
    turn = say(store, chat)
    stored = store.chats.turn(turn.id)
    assert turn.reply is not None
    assert (stored.text, stored.by, stored.kind, stored.reply) == (turn.text, "bot", Kind.ANSWER, turn.reply.text)
    assert (stored.options, stored.sources) == (turn.reply.options, turn.reply.sources)
    assert (stored.intent, stored.confidence, stored.at) == ("order_status", 0.93, turn.at)
    assert store.chats.explanation(turn.id) == {"plain": ["because"]}
    assert store.chats.get(chat).memory == {"questions": 0}


def test_turns_are_numbered_from_zero_and_read_in_that_order(store: Store, chat: str) -> None:
    turns = [say(store, chat, f"message {n}", at=NOON - timedelta(days=n)) for n in range(4)]
    assert [(t.position, t.id) for t in store.chats.transcript(chat)] == [(n, t.id) for n, t in enumerate(turns)]


def test_each_conversation_has_its_own_numbers(store: Store, chat: str) -> None:
    other = store.chats.start("customer-2").id
    say(store, chat)
    assert store.chats.turn(say(store, other).id).position == 0


def test_stored_verdicts_come_with_their_direction_oldest_first(store: Store, chat: str) -> None:
    first, second = finished(chat), finished(chat)
    store.chats.add_turn(first, {"inbound": {"action": "allow"}, "outbound": {"action": "refuse"}}, {})
    store.chats.add_turn(second, {"inbound": {"action": "ask"}, "outbound": None}, {})
    assert list(store.chats.verdicts()) == [
        (first.id, "in", {"action": "allow"}),
        (first.id, "out", {"action": "refuse"}),
        (second.id, "in", {"action": "ask"}),
    ]


def test_a_turn_and_its_explanation_are_written_together_or_not_at_all(store: Store, chat: str) -> None:
    before = store.chats.get(chat)
    with failing(store, "explanations"), pytest.raises(StoreUnavailable):
        say(store, chat)
    assert store.chats.transcript(chat) == []
    assert store.chats.get(chat) == before


def test_one_turn_id_is_written_once(store: Store, chat: str) -> None:
    turn = say(store, chat)
    with pytest.raises(StoreUnavailable):
        say(store, chat, "another", id=turn.id)
    assert [t.text for t in store.chats.transcript(chat)] == [turn.text]


def test_a_turn_without_a_reply_is_refused(store: Store, chat: str) -> None:
    with pytest.raises(ValueError, match="no reply"):
        say(store, chat, reply=None)


@pytest.mark.parametrize(
    "act",
    [
        lambda chats: chats.get("nowhere"),
        lambda chats: chats.turn("nowhere"),
        lambda chats: chats.explanation("nowhere"),
        lambda chats: chats.move("nowhere", State.CLOSED),
        lambda chats: chats.rate(Feedback("nowhere", True)),
        lambda chats: chats.correct(Correction("nowhere", "ann")),
        lambda chats: chats.add_staff_message("nowhere", "ann", "Hello"),
        lambda chats: chats.add_turn(finished("nowhere"), {}, {}),
    ],
)
def test_what_is_not_there_is_told_without_what_was_asked_for(store: Store, act: object) -> None:
    with pytest.raises(NotFound, match="there is no such") as caught:
        act(store.chats)  # type: ignore[operator]
    assert "nowhere" not in str(caught.value)


def test_the_bot_does_not_speak_in_a_conversation_that_a_person_owns(store: Store, chat: str) -> None:
    store.chats.move(chat, State.OWNED, owner="ann", who="ann")
    with pytest.raises(Conflict, match="must be silent"):
        say(store, chat)
    assert store.chats.transcript(chat) == []
    say(store, chat, reply=Reply(Kind.SILENCE, ""))
    assert len(store.chats.transcript(chat)) == 1


def test_a_handoff_lets_the_customer_wait_for_a_person(store: Store, chat: str) -> None:
    store.chats.add_turn(handoff(chat), {}, {})
    waiting = store.chats.get(chat)
    assert (waiting.state, waiting.waiting_for, waiting.owner) == (State.WAITING, "asked for", "bot")


def test_a_message_to_a_closed_conversation_opens_it_again(store: Store, chat: str) -> None:
    store.chats.move(chat, State.CLOSED)
    say(store, chat)
    assert store.chats.get(chat).state is State.OPEN


def test_nobody_else_moves_a_conversation_that_a_person_owns(store: Store, chat: str) -> None:
    store.chats.move(chat, State.OWNED, owner="ann", who="ann")
    for who in ("bob", "bot", "customer"):
        for state in State:
            with pytest.raises(Conflict, match="ann"):
                store.chats.move(chat, state, owner=who, who=who)
    assert store.chats.get(chat).owner == "ann"
    store.chats.move(chat, State.OPEN, who="ann")
    assert store.chats.get(chat).owner == "bot"


def test_only_the_owner_writes_to_the_customer(store: Store, chat: str) -> None:
    with pytest.raises(Conflict, match="take it over"):
        store.chats.add_staff_message(chat, "ann", "Hello")
    store.chats.move(chat, State.OWNED, owner="ann", who="ann")
    with pytest.raises(Conflict):
        store.chats.add_staff_message(chat, "bob", "Hello")
    said = store.chats.add_staff_message(chat, "ann", "Hello")
    assert store.chats.transcript(chat) == [said]
    assert (said.by, said.text, said.reply, said.position) == ("ann", "", "Hello", 0)
