"""What staff see and say: the list, feedback, corrections; on both databases."""

import dataclasses
from datetime import timedelta

from bot.mood import Mood
from bot.records import Correction, Feedback, State
from bot.store import Store
from tests.bot.examples import NOON, finished, handoff
from tests.bot.store.acts import say


def test_those_who_wait_come_first_longest_first_then_the_newest(store: Store) -> None:
    minutes = {"old": 1, "waits long": 2, "waits less": 4, "new": 3}
    ids = {}
    for name, minute in minutes.items():
        ids[store.chats.start(name).id] = name
        chat = list(ids)[-1]
        at = NOON + timedelta(minutes=minute)
        store.chats.add_turn(handoff(chat, at=at) if "waits" in name else finished(chat, at=at), {}, {})
    found = [ids[s.conversation.id] for s in store.chats.search()]
    assert found == ["waits long", "waits less", "new", "old"]
    assert [ids[s.conversation.id] for s in store.chats.search(limit=2, offset=1)] == ["waits less", "new"]


def test_the_mood_of_a_turn_is_kept_and_shown_in_the_list(store: Store, chat: str) -> None:
    turn = finished(chat, mood=Mood(-0.7, 0.9, ("livid", "urgent")))
    store.chats.add_turn(turn, {}, {})
    assert (store.chats.turn(turn.id).sentiment, store.chats.turn(turn.id).urgency) == (-0.7, 0.9)
    assert store.chats.search()[0].mood == ("upset", "urgent")


def test_what_presses_most_while_they_wait_moves_a_conversation_up(store: Store, chat: str) -> None:
    calm = store.chats.start("customer-2").id
    store.chats.add_turn(handoff(calm, at=NOON), {}, {})
    store.chats.add_turn(finished(chat, mood=Mood(0, 1.0)), {}, {})  # before it waits, nothing counts
    store.chats.add_turn(handoff(chat, at=NOON + timedelta(hours=1), mood=Mood(0, 0.3)), {}, {})
    assert [s.conversation.id for s in store.chats.search()] == [calm, chat]
    store.chats.add_turn(finished(chat, mood=Mood(0, 0.9)), {}, {})
    store.chats.add_turn(finished(chat, mood=Mood(0, 0.0)), {}, {})
    assert [s.conversation.id for s in store.chats.search()] == [chat, calm]
    store.chats.move(chat, State.OWNED, owner="ann", who="ann")
    assert store.chats.get(chat).urgency == 0


def test_filters_narrow_the_list_and_the_count_agrees(store: Store) -> None:
    chats = {name: store.chats.start(name).id for name in ("plain", "percent", "thumb", "waits", "silent")}
    say(store, chats["plain"], "My lamp_shade broke")
    say(store, chats["percent"], "Is it 100% wool?")
    rated = say(store, chats["thumb"], "Where is my lamp?")
    store.chats.rate(Feedback(rated.id, False))
    store.chats.add_turn(handoff(chats["waits"], intent=None), {}, {})  # "silent" has no turn, so nobody sees it
    cases: list[tuple[dict[str, object], set[str]]] = [
        ({}, {"plain", "percent", "thumb", "waits"}),
        ({"text": "lamp"}, {"plain", "thumb"}),
        ({"text": "LAMP"}, {"plain", "thumb"}),
        ({"text": "page of your orders"}, {"plain", "percent", "thumb"}),  # replies are searched too
        ({"text": "%"}, {"percent"}),  # wildcards mean themselves
        ({"text": "_"}, {"plain"}),
        ({"text": "\\"}, set()),
        ({"text": "/"}, set()),
        ({"text": "' OR 1=1 --"}, set()),
        ({"intent": "order_status"}, {"plain", "percent", "thumb"}),
        ({"intent": "refund"}, set()),
        ({"state": "waiting"}, {"waits"}),
        ({"state": "open", "text": "lamp", "unhelpful": True}, {"thumb"}),
        ({"unhelpful": True}, {"thumb"}),
    ]
    for query, names in cases:
        found = {s.conversation.id for s in store.chats.search(**query)}  # type: ignore[arg-type]
        assert found == {chats[n] for n in names}, query
        assert store.chats.count(**query) == len(names), query  # type: ignore[arg-type]


def test_a_line_of_the_list_says_what_the_customer_wrote_last(store: Store, chat: str) -> None:
    say(store, chat, "first")
    turn = say(store, chat, "second")
    store.chats.rate(Feedback(turn.id, False))
    store.chats.correct(Correction(turn.id, "ann", intent="refund"))
    store.chats.move(chat, State.OWNED, owner="ann", who="ann")
    store.chats.add_staff_message(chat, "ann", "Hello")
    (line,) = store.chats.search()
    assert (line.turns, line.last_text, line.last_intent) == (3, "second", "order_status")
    assert (line.unhelpful, line.corrected) == (1, 1)


def test_a_second_thumb_replaces_the_first(store: Store, chat: str) -> None:
    turn = say(store, chat)
    store.chats.rate(Feedback(turn.id, False, ("It is wrong",), "not mine"))
    store.chats.rate(Feedback(turn.id, True))
    kept = store.chats.turn(turn.id).feedback
    assert kept is not None
    assert (kept.helpful, kept.reasons, kept.comment) == (True, (), "")
    assert len(store.chats.commented()) == 1


def test_a_second_correction_replaces_the_first_and_can_be_taken_back(store: Store, chat: str) -> None:
    turn = say(store, chat)
    store.chats.correct(Correction(turn.id, "ann", intent="refund", note="n"))
    store.chats.correct(Correction(turn.id, "bob", answer="Ask again."))
    (corrected,) = store.chats.commented(corrected_only=True)
    assert corrected.correction is not None
    assert dataclasses.replace(corrected.correction, at=None) == Correction(turn.id, "bob", None, "Ask again.")
    store.chats.uncorrect(turn.id, "ann")
    assert store.chats.turn(turn.id).correction is None
    assert store.chats.commented() == []


def test_comments_are_listed_oldest_first_and_corrections_alone_on_request(store: Store, chat: str) -> None:
    late, early, plain = (say(store, chat, at=NOON + timedelta(hours=h)) for h in (2, 1, 3))
    store.chats.rate(Feedback(late.id, True))
    store.chats.correct(Correction(early.id, "ann", intent="refund"))
    assert [t.id for t in store.chats.commented()] == [early.id, late.id]
    assert [t.id for t in store.chats.commented(corrected_only=True)] == [early.id]
    assert plain.id not in {t.id for t in store.chats.commented()}
