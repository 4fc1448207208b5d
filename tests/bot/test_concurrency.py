"""The straight line, for several messages at once."""

from threading import Barrier, Thread
from uuid import uuid4

from bot.records import State
from bot.store import Store
from bot.turn import Kind, Turn
from tests.bot.fakes import FakeScreen, bot


def at_once(count: int, act: object) -> list[Turn]:
    barrier, turns = Barrier(count), []

    def run(number: int) -> None:
        barrier.wait()
        turns.append(act(number))  # type: ignore[operator]

    threads = [Thread(target=run, args=(n,)) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(turns) == count
    return turns


def test_two_messages_with_one_id_at_once_are_answered_once(light: Store, chat: str) -> None:
    sut, id = bot(light), uuid4().hex
    turns = at_once(4, lambda n: sut.respond(chat, "Where is it?", id))
    assert {t.reply for t in turns} == {turns[0].reply}
    assert len(light.chats.transcript(chat)) == 1


def test_messages_of_one_conversation_from_many_threads_are_numbered_one_by_one(light: Store, chat: str) -> None:
    sut = bot(light)
    turns = at_once(8, lambda n: sut.respond(chat, f"user{n}@example.com"))
    assert [t.position for t in light.chats.transcript(chat)] == list(range(8))
    assert len({t.text for t in turns}) == 8  # each address has a placeholder of its own: no memory was lost


def test_many_conversations_are_answered_at_once(light: Store) -> None:
    sut = bot(light)
    chats = [light.chats.start(f"customer-{n}").id for n in range(8)]
    at_once(8, lambda n: sut.respond(chats[n], "Where is it?"))
    assert [len(light.chats.transcript(c)) for c in chats] == [1] * 8


def test_a_person_who_takes_over_while_the_bot_thinks_is_not_spoken_over(light: Store, chat: str) -> None:
    screen = FakeScreen(meanwhile=lambda: light.chats.move(chat, State.OWNED, owner="ann", who="ann"))
    turn = bot(light, screen=screen).respond(chat, "Where is it?")
    assert turn.reply is not None
    assert turn.reply.kind is Kind.SILENCE
    assert [(t.kind, t.reply) for t in light.chats.transcript(chat)] == [(Kind.SILENCE, "")]
    assert light.chats.get(chat).state is State.OWNED
