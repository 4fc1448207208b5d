"""One contract over both databases, SQLite and PostgreSQL."""

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from uuid import uuid4

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.exc import StatementError

from bot.errors import Conflict, NotFound, StoreUnavailable
from bot.records import Correction, Example, Feedback, State
from bot.schema import Base
from bot.store import Store
from bot.turn import Kind, Reply, Turn
from guardrails.verdict import Action
from tests.bot.examples import INTENTS, NOON, finished, handoff, ticket


@pytest.fixture
def chat(store: Store) -> str:
    return store.chats.start("customer-1").id


def say(store: Store, conversation: str, text: str = "Where is my order?", **changes: object) -> Turn:
    turn = finished(conversation, text, **changes)
    store.chats.add_turn(turn, {"plain": ["because"]}, {"questions": 0})
    return turn


@contextmanager
def failing(store: Store, table: str) -> Iterator[None]:
    """Let every write to a table fail inside the database itself."""
    with store.database.engine.begin() as connection:
        connection.execute(text(f"ALTER TABLE {table} RENAME TO {table}_gone"))
    yield
    with store.database.engine.begin() as connection:
        connection.execute(text(f"ALTER TABLE {table}_gone RENAME TO {table}"))


# The schema


def test_the_migrations_lead_to_the_schema_that_the_code_declares(store: Store) -> None:
    with store.database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_opening_creates_what_is_missing_and_keeps_what_is_there(store: Store, url: str, chat: str) -> None:
    again = Store.open(url)
    assert again.chats.get(chat) == store.chats.get(chat)
    again.close()


def test_a_blank_postgresql_database_is_brought_up_to_date(request: pytest.FixtureRequest) -> None:
    store = Store.open(request.getfixturevalue("postgres").blank())
    assert store.chats.count() == 0
    store.close()


def test_sqlite_is_opened_in_a_folder_that_did_not_exist_and_writes_ahead(tmp_path: Path) -> None:
    store = Store.open(f"sqlite:///{tmp_path / 'a' / 'b' / 'handrail.db'}")
    with store.database.engine.connect() as connection:
        assert connection.scalar(text("PRAGMA journal_mode")) == "wal"
        assert connection.scalar(text("PRAGMA foreign_keys")) == 1
        assert connection.scalar(text("PRAGMA secure_delete")) == 1  # what is deleted is overwritten
    store.close()


# Conversations and turns


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
def test_what_is_not_there_is_named(store: Store, act: object) -> None:
    with pytest.raises(NotFound, match="nowhere"):
        act(store.chats)  # type: ignore[operator]


# Who speaks


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


# The staff's list


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


# Feedback and corrections


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


# Tickets


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
    assert store.tickets.remove(["t2", "nowhere"]) == 1
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
    with pytest.raises(NotFound, match="t99"):
        store.tickets.get("t99")


# Content


def test_intents_are_replaced_whole_and_keep_their_order(store: Store) -> None:
    store.content.put_intents(INTENTS)
    assert list(store.content.intents().values()) == INTENTS
    store.content.put_intents(INTENTS[::-1][:2])
    assert list(store.content.intents().values()) == INTENTS[::-1][:2]


def test_an_answer_can_be_changed_and_an_unknown_intent_is_named(store: Store) -> None:
    store.content.put_intents(INTENTS)
    store.content.set_answer("refund", "Tomorrow.", "ann")
    assert store.content.intents()["refund"].answer == "Tomorrow."
    with pytest.raises(NotFound, match="nothing_such"):
        store.content.set_answer("nothing_such", "x", "ann")


def test_an_utterance_is_kept_once_keeps_its_split_and_takes_the_new_label(store: Store) -> None:
    assert store.content.put_examples([Example("Where is it", "a", "dev"), Example("where  IS it", "a", "dev")]) == 1
    assert store.content.put_examples([Example("where is it", "b", "train", "correction")]) == 0
    ((text_, label, split),) = [(e.text, e.label, e.split) for e in store.content.examples()]
    assert (text_.lower().split(), label, split) == (["where", "is", "it"], "b", "dev")


def test_seeds_can_be_replaced_without_touching_corrections(store: Store) -> None:
    store.content.put_examples([Example("one", "a"), Example("two", "a", origin="correction")])
    store.content.put_examples([Example("three", "a")], replace_origin="seed")
    assert {e.text for e in store.content.examples()} == {"two", "three"}


def test_approvals_belong_to_one_policy(store: Store) -> None:
    store.content.approve({"k1": Action.ALLOW.name, "k2": Action.REFUSE.name}, "p1")
    store.content.approve({"k1": Action.REFUSE.name}, "p2")  # screened again under another policy
    assert store.content.approvals("p1") == {"k2": "REFUSE"}
    assert store.content.approvals("p2") == {"k1": "REFUSE"}


# Models, staff, audit


def test_the_last_promotion_of_a_task_serves_and_two_rollbacks_go_two_back(store: Store, tmp_path: Path) -> None:
    for version in ("v1", "v2", "v3"):
        store.models.promote("intent", version, tmp_path / version, by="ann", metrics={"accuracy": 0.9})
    store.models.promote("toxicity", "x1", tmp_path / "x1", by="ann")
    assert store.models.rollback("intent", by="bob", reason="worse").version == "v2"
    assert store.models.rollback("intent", by="bob").version == "v1"
    assert {task: p.version for task, p in store.models.serving().items()} == {"intent": "v1", "toxicity": "x1"}
    with pytest.raises(NotFound, match="no earlier intent model"):
        store.models.rollback("intent", by="bob")
    store.models.promote("intent", "v4", tmp_path / "v4", by="ann")
    assert store.models.rollback("intent", by="bob").version == "v1"
    acts = [(p.version, p.act) for p in store.models.history("intent")]
    assert acts[-3:] == [("v1", "rollback"), ("v4", "promote"), ("v1", "rollback")]


def test_a_password_opens_for_its_owner_alone_and_is_kept_as_a_hash(store: Store) -> None:
    store.staff.add("ann", "correct horse")
    assert store.staff.check("ann", "correct horse")
    assert not store.staff.check("ann", "wrong horse")
    assert not store.staff.check("bob", "no password at all")  # what stands in for an unknown name opens nothing
    with store.database.engine.connect() as connection:
        kept = connection.scalar(text("SELECT password FROM staff"))
    assert kept.startswith("$argon2id$")
    store.staff.add("ann", "battery staple")
    assert not store.staff.check("ann", "correct horse")
    assert store.staff.names() == ["ann"]


def test_a_short_password_is_refused_and_not_quoted(store: Store) -> None:
    with pytest.raises(Conflict, match="use 8 or more") as error:
        store.staff.add("ann", "hunter2")
    assert "hunter2" not in str(error.value)
    assert store.staff.names() == []


def test_every_act_leaves_an_event(store: Store, chat: str, tmp_path: Path) -> None:
    turn = say(store, chat)
    store.chats.move(chat, State.CLOSED, who="ann")
    store.chats.correct(Correction(turn.id, "ann", intent="refund"))
    store.content.put_intents(INTENTS)
    store.models.promote("intent", "v1", tmp_path, by="ann")
    store.staff.add("bob", "correct horse")
    with store.tickets.importing("csv", "a.csv") as batch:
        batch.add([ticket(1)])
    store.audit.note("ann", "login", "console")
    acts = [e.act for e in store.audit.recent()]
    assert acts == ["login", "tickets.import", "staff.add", "model.promote", "intents.import", "turn.correct",
                    "conversation.closed"]  # fmt: skip
    assert [e.act for e in store.audit.recent(limit=1)] == ["login"]


def test_an_act_whose_event_cannot_be_written_did_not_happen(store: Store, chat: str, tmp_path: Path) -> None:
    turn = say(store, chat)
    store.content.put_intents(INTENTS)
    with store.tickets.importing("csv", "a.csv") as batch:
        batch.add([ticket(1)])
    acts = [
        lambda: store.chats.move(chat, State.OWNED, owner="ann", who="ann"),
        lambda: store.chats.correct(Correction(turn.id, "ann", intent="refund")),
        lambda: store.content.put_intents(INTENTS[:1]),
        lambda: store.content.set_answer("refund", "x", "ann"),
        lambda: store.models.promote("intent", "v1", tmp_path, by="ann"),
        lambda: store.staff.add("ann", "correct horse"),
        lambda: store.tickets.remove(["t1"]),
    ]
    with failing(store, "audit_events"):
        for act in acts:
            with pytest.raises(StoreUnavailable):
                act()
    assert store.chats.get(chat).state is State.OPEN
    assert store.chats.turn(turn.id).correction is None
    assert list(store.content.intents().values()) == INTENTS
    assert (store.models.history(), store.staff.names(), store.tickets.count()) == ([], [], 1)


# Time


def test_moments_are_utc_whatever_zone_they_came_in(store: Store, chat: str) -> None:
    tokyo = datetime(2026, 3, 1, 21, 0, tzinfo=timezone(timedelta(hours=9)))
    turn = say(store, chat, at=tokyo)
    at = store.chats.turn(turn.id).at
    assert at == NOON
    assert at.utcoffset() == timedelta(0)


def test_moments_are_utc_also_where_the_server_lives_elsewhere(request: pytest.FixtureRequest) -> None:
    url = request.getfixturevalue("postgres").empty()
    store = Store.open(f"{url}&options=-c%20timezone%3DAsia/Tokyo")
    chat = store.chats.start("customer-1").id
    say(store, chat, at=NOON)
    assert store.chats.get(chat).last_at.isoformat() == NOON.isoformat()
    store.close()


def test_a_moment_without_a_zone_is_refused(store: Store, chat: str) -> None:
    with pytest.raises(StatementError, match="no time zone"):
        say(store, chat, at=datetime(2026, 3, 1))
    assert store.chats.transcript(chat) == []
