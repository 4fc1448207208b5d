"""Past tickets, on both databases."""

import dataclasses
from uuid import uuid4

import pytest

from bot.errors import Conflict, NotFound
from bot.store import Store
from tests.bot.examples import ticket
from tests.bot.store.acts import say


def test_an_import_counts_only_when_it_has_ended_well(store: Store) -> None:
    with store.tickets.importing("csv", "a.csv") as batch:
        assert batch.add([ticket(1), ticket(2)]) == 2
        assert (store.tickets.count(), store.tickets.serials(), list(store.tickets.each())) == (0, [], [])
        assert store.tickets.many(["t1"]) == {}
    assert store.tickets.count() == 2
    assert store.tickets.get("t1") == ticket(1)


@pytest.mark.parametrize("stop", [ValueError("a bad row"), KeyboardInterrupt()])
def test_an_import_that_fails_leaves_the_store_as_it_was(store: Store, stop: BaseException) -> None:
    with store.tickets.importing("csv", "a.csv") as batch:
        batch.add([ticket(1)])
    before = store.tickets.fingerprint()

    def interrupted() -> None:
        with store.tickets.importing("csv", "b.csv") as batch:
            batch.add([ticket(n) for n in range(2, 500)])
            raise stop

    with pytest.raises(type(stop)):
        interrupted()
    assert (store.tickets.count(), store.tickets.fingerprint()) == (1, before)


def test_what_a_killed_import_left_is_removed_by_the_next(store: Store) -> None:
    killed = store.tickets.importing("csv", "a.csv")
    killed.__enter__().add([ticket(1), ticket(2)])  # and the process is gone
    assert store.tickets.count() == 0
    with store.tickets.importing("csv", "a.csv") as batch:
        assert batch.add([ticket(1, id="x1"), ticket(2, id="x2"), ticket(3, id="x3")]) == 3
    assert store.tickets.count() == 3


def test_two_imports_at_once_do_not_lose_one_in_silence(store: Store) -> None:
    first = store.tickets.importing("csv", "a.csv")
    first.__enter__().add([ticket(1)])
    with store.tickets.importing("csv", "b.csv") as batch:  # takes the first for a killed one
        batch.add([ticket(2)])
    with pytest.raises(Conflict, match="another import"):
        first.__exit__(None, None, None)
    assert [t.id for _, t in store.tickets.each()] == ["t2"]


@pytest.mark.parametrize(
    ("question", "answer", "new"),
    [
        ("Question 1?", "Answer 1.", 0),
        ("question  1?", " ANSWER 1. ", 0),  # case and spacing make no difference
        ("Question 1?", "Answer 2.", 1),
        ("Question 1? Answer", "1.", 1),  # the seam between the two matters
    ],
)
def test_the_same_ticket_is_kept_once(store: Store, question: str, answer: str, new: int) -> None:
    with store.tickets.importing("csv", "a.csv") as batch:
        assert batch.add([ticket(1), ticket(1, id="twin")]) == 1
    with store.tickets.importing("csv", "b.csv") as batch:
        assert batch.add([ticket(9, question=question, answer=answer)]) == new
    assert store.tickets.count() == 1 + new


def test_an_import_run_twice_adds_nothing(store: Store) -> None:
    for expected in (40, 0):
        with store.tickets.importing("csv", "a.csv") as batch:
            rows = [dataclasses.replace(ticket(n), id=uuid4().hex) for n in range(40)]
            assert sum(batch.add(rows[at : at + 7]) for at in range(0, 40, 7)) == expected
    assert store.tickets.count() == 40


def test_the_fingerprint_changes_with_the_tickets_and_only_then(store: Store) -> None:
    seen = [store.tickets.fingerprint()]
    for number in (1, 2):
        with store.tickets.importing("csv", "a.csv") as batch:
            batch.add([ticket(number)])
            assert store.tickets.fingerprint() == seen[-1]
        seen.append(store.tickets.fingerprint())
    assert store.tickets.remove(["t2", "nowhere"]) == ["t2"]
    seen.append(store.tickets.fingerprint())
    with store.tickets.importing("csv", "a.csv") as batch:
        batch.add([ticket(2)])
    seen.append(store.tickets.fingerprint())  # the same content again, under a new serial: the index must follow
    assert seen[3] == seen[1]
    assert len(set(seen)) == 4


def test_a_serial_is_never_given_twice(store: Store) -> None:
    with store.tickets.importing("csv", "a.csv") as batch:
        batch.add([ticket(1), ticket(2)])
    last = store.tickets.serials()[-1]
    store.tickets.remove(["t2"])
    with store.tickets.importing("csv", "a.csv") as batch:
        batch.add([ticket(3)])
    assert store.tickets.serials()[-1] > last
    assert store.tickets.by_serial([last]) == {}


def test_tickets_come_in_batches_in_the_order_of_their_serials(store: Store) -> None:
    with store.tickets.importing("csv", "a.csv") as batch:
        batch.add([ticket(n) for n in range(25)])
    everything = list(store.tickets.each(batch=4))
    assert [t.id for _, t in everything] == [f"t{n}" for n in range(25)]
    assert [serial for serial, _ in everything] == store.tickets.serials()
    assert list(store.tickets.each(batch=5, after=everything[9][0])) == everything[10:]
    assert store.tickets.by_serial([everything[3][0]]) == dict([everything[3]])


def test_what_staff_answered_becomes_a_ticket_that_knows_its_conversation(store: Store, chat: str) -> None:
    stored = store.chats.turn(say(store, chat).id)
    assert store.tickets.add_answer(stored, "First answer.", "ann") is not None
    assert store.tickets.add_answer(stored, "First answer.", "ann") is None
    second = store.tickets.add_answer(stored, "Better answer.", "ann")
    assert second is not None
    assert (second.conversation, second.question) == (chat, stored.text)
    assert [t.answer for _, t in store.tickets.each()] == ["Better answer."]


def test_a_missing_ticket_is_named(store: Store) -> None:
    with pytest.raises(NotFound, match=f"there is no ticket '{'9' * 32}'"):
        store.tickets.get("9" * 32)


def test_flags_are_kept_listed_and_taken_back(store: Store) -> None:
    with store.tickets.importing("csv", "a.csv") as batch:
        batch.add([ticket(1), ticket(2), ticket(3)])
    before = store.tickets.fingerprint()
    store.tickets.flag({"t1": "another amount", "t2": "", "gone": "x"})
    assert [(t.id, t.flag) for t in store.tickets.flagged()] == [("t1", "another amount")]
    assert store.tickets.fingerprint() == before
    store.tickets.flag({"t1": ""})
    store.tickets.flag({})
    assert store.tickets.flagged() == []


def test_a_removed_ticket_that_is_asked_for_is_named(store: Store) -> None:
    with store.tickets.importing("csv", "a.csv") as batch:
        batch.add([ticket(1)])
    assert store.tickets.remove(["t1", "t9"]) == ["t1"]
    with pytest.raises(NotFound, match="there is no such ticket; it may have been removed"):
        store.tickets.get("t1")
    assert store.tickets.by_serial([1]) == {}
