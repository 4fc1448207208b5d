"""Models, staff, and the audit trail, on both databases."""

from pathlib import Path

import pytest
from sqlalchemy import text

from bot.errors import Conflict, NotFound, StoreUnavailable
from bot.records import Correction, State
from bot.store import Store
from tests.bot.examples import INTENTS, ticket
from tests.bot.store.acts import failing, say


def test_the_last_promotion_of_a_task_serves_and_two_rollbacks_go_two_back(store: Store, tmp_path: Path) -> None:
    for version in ("v1", "v2", "v3"):
        store.models.promote("intent", version, tmp_path / version, by="ann", metrics={"accuracy": 0.9})
    store.models.promote("toxicity", "x1", tmp_path / "x1", by="ann")
    assert store.models.rollback("intent", by="bob", reason="worse").version == "v2"
    assert store.models.rollback("intent", by="bob").version == "v1"
    assert {task: p.version for task, p in store.models.serving().items()} == {"intent": "v1", "toxicity": "x1"}
    with pytest.raises(NotFound, match="no earlier model"):
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
