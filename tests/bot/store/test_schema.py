"""The schema that migrations lead to, on both databases."""

from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.exc import StatementError

from bot.schema import Base
from bot.store import Store
from tests.bot.examples import NOON
from tests.bot.store.acts import say


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
