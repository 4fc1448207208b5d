"""The database in trouble: locked, full, corrupt, killed. Nothing is lost, and the error says what to do."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.errors import StoreUnavailable
from bot.records import State
from bot.store import Store, database
from tests.bot.examples import finished, ticket

CANARY = "canary-4711"


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Another program writes and does not finish."""
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    yield
    other.execute("ROLLBACK")
    other.close()


def page_limit(store: Store, spare: int) -> None:
    """Leave room for `spare` more pages, as on a disk that is nearly full."""
    store.close()  # the limit is a property of a connection: all later ones get it
    with store.database.engine.connect() as connection:
        used = connection.scalar(text("PRAGMA page_count"))
        connection.execute(text(f"PRAGMA max_page_count={used + spare}"))


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch, sqlite: Path) -> Iterator[Store]:
    """A store that waits for nobody."""
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.05)
    store = Store.open(f"sqlite:///{sqlite}")
    yield store
    store.close()


def test_a_locked_database_is_said_to_be_locked_and_takes_the_same_turn_later(impatient: Store, sqlite: Path) -> None:
    chat = impatient.chats.start("customer-1").id
    turn = finished(chat, f"{CANARY} where is it?")
    with locked(sqlite):
        with pytest.raises(StoreUnavailable, match="locked") as error:
            impatient.chats.add_turn(turn, {"plain": [CANARY]}, {"note": CANARY})
        assert CANARY not in str(error.value)
        assert error.value.__cause__ is None
        assert impatient.chats.transcript(chat) == []  # reading goes on
    impatient.chats.add_turn(turn, {"plain": []}, {})
    assert [t.id for t in impatient.chats.transcript(chat)] == [turn.id]


def test_every_write_to_a_locked_database_says_so(impatient: Store, sqlite: Path) -> None:
    chat = impatient.chats.start("customer-1").id
    acts = [
        lambda: impatient.chats.start("customer-2"),
        lambda: impatient.chats.move(chat, State.CLOSED),
        lambda: impatient.audit.note("ann", "login", "console"),
        lambda: impatient.tickets.importing("csv", "a.csv").__enter__(),
        lambda: impatient.content.put_intents([]),
    ]
    with locked(sqlite):
        for act in acts:
            with pytest.raises(StoreUnavailable, match="try again"):
                act()
    assert impatient.chats.get(chat).state is State.OPEN


def test_a_writer_waits_for_another_that_finishes_in_time(light: Store) -> None:
    from threading import Thread

    chat = light.chats.start("customer-1").id
    turns = [finished(chat, f"message {n}") for n in range(12)]
    writers = [Thread(target=light.chats.add_turn, args=(turn, {}, {})) for turn in turns]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [t.position for t in light.chats.transcript(chat)] == list(range(12))


def test_a_full_disk_is_said_to_be_full_and_loses_nothing(light: Store) -> None:
    chat = light.chats.start("customer-1").id
    kept = finished(chat, "kept")
    light.chats.add_turn(kept, {}, {})
    page_limit(light, spare=0)
    with pytest.raises(StoreUnavailable, match="full") as error:
        light.chats.add_turn(finished(chat, CANARY * 5000), {}, {})
    assert CANARY not in str(error.value)
    assert [t.id for t in light.chats.transcript(chat)] == [kept.id]
    page_limit(light, spare=10_000)  # somebody made room
    light.chats.add_turn(finished(chat, "later"), {}, {})
    assert len(light.chats.transcript(chat)) == 2


def test_an_import_that_fills_the_disk_leaves_the_tickets_as_they_were(light: Store) -> None:
    with light.tickets.importing("csv", "a.csv") as batch:
        batch.add([ticket(1)])
    page_limit(light, spare=3)
    with pytest.raises(StoreUnavailable, match="full"), light.tickets.importing("csv", "b.csv") as batch:
        batch.add([ticket(n, answer="long " * 1000 + str(n)) for n in range(2, 50)])
    assert [t.id for _, t in light.tickets.each()] == ["t1"]


@pytest.mark.parametrize("damage", [b"this is not a database, " * 400, b"SQLite format 3\x00" + b"\xff" * 8000])
def test_a_file_that_is_no_database_is_refused_with_the_reason_and_left_alone(tmp_path: Path, damage: bytes) -> None:
    file = tmp_path / "handrail.db"
    file.write_bytes(damage)
    with pytest.raises(StoreUnavailable, match=r"not a database|malformed"):
        Store.open(f"sqlite:///{file}")
    assert file.read_bytes() == damage


def test_a_database_with_damaged_pages_says_so(sqlite: Path) -> None:
    store = Store.open(f"sqlite:///{sqlite}")
    store.close()
    whole = bytearray(sqlite.read_bytes())
    whole[4096 : len(whole)] = b"\xff" * (len(whole) - 4096)
    sqlite.write_bytes(whole)
    with pytest.raises(StoreUnavailable, match=r"malformed|not a database"):
        Store.open(f"sqlite:///{sqlite}").chats.start("customer-1")


def test_a_folder_that_cannot_be_opened_as_a_database_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="unable to open"):
        Store.open(f"sqlite:///{tmp_path}")


def test_a_server_that_is_not_there_is_refused_without_its_password() -> None:
    with pytest.raises(StoreUnavailable) as error:
        Store.open("postgresql://bot:s3cret@127.0.0.1:1/none?connect_timeout=1")
    assert "s3cret" not in str(error.value)


def test_a_process_killed_between_two_writes_of_a_turn_leaves_no_half_of_it(sqlite: Path) -> None:
    store = Store.open(f"sqlite:///{sqlite}")
    chat = store.chats.start("customer-1").id
    store.close()
    program = f"""
import os, signal
from sqlalchemy import event
from sqlalchemy.engine import Engine
from bot.store import Store
from tests.bot.examples import finished
@event.listens_for(Engine, "before_cursor_execute")
def kill(connection, cursor, statement, *_):
    if statement.startswith("INSERT INTO explanations"):
        os.kill(os.getpid(), signal.SIGKILL)
Store.open("sqlite:///{sqlite}").chats.add_turn(finished("{chat}"), {{}}, {{"questions": 1}})
"""
    root = Path(__file__).parents[2]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    killed = subprocess.run([sys.executable, "-c", program], check=False, cwd=root, env=environment)
    assert killed.returncode == -signal.SIGKILL
    store = Store.open(f"sqlite:///{sqlite}")
    assert store.chats.transcript(chat) == []
    assert store.chats.get(chat).memory == {}
    store.chats.add_turn(finished(chat), {}, {})
    store.close()


def test_what_was_removed_is_gone_from_the_file(light: Store, sqlite: Path) -> None:
    with light.tickets.importing("csv", "a.csv") as batch:
        batch.add([ticket(1, question=f"{CANARY}?")])
    light.tickets.remove(["t1"])
    with light.database.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
    light.close()
    assert not [f for f in sqlite.parent.iterdir() if CANARY.encode() in f.read_bytes()]


def test_settling_moves_what_was_written_from_the_log_into_the_file_itself(light: Store, sqlite: Path) -> None:
    chat = light.chats.start("customer-1").id

    def stands_in_the_file_alone() -> bool:
        with closing(sqlite3.connect(f"file:{sqlite}?immutable=1", uri=True)) as alone:  # takes no notice of the log
            return alone.execute("SELECT count(*) FROM conversations WHERE id = ?", (chat,)).fetchone() == (1,)

    assert not stands_in_the_file_alone()
    light.settle()
    assert stands_in_the_file_alone()


def test_settling_waits_for_nobody(light: Store, sqlite: Path) -> None:
    light.chats.start("customer-1")
    with locked(sqlite):
        light.settle()


def test_settling_changes_nothing_of_what_is_read(store: Store) -> None:
    chat = store.chats.start("customer-1").id
    store.settle()
    assert store.chats.get(chat).id == chat
