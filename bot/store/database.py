"""The database: one engine, and the one place where transactions begin and commit."""

import logging
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from bot.errors import StoreUnavailable

MIGRATIONS = Path(__file__).parents[1] / "migrations"
BUSY_SECONDS = 5.0  # how long a writer waits for another before it gives up
LOG_PAGES = 10_000  # of 4 kB, after which a writer empties SQLite's log itself, were nobody else to (see `settle`)
SQLITE = ("journal_mode=WAL", f"wal_autocheckpoint={LOG_PAGES}", "synchronous=NORMAL", "foreign_keys=ON",
          "secure_delete=ON")  # fmt: skip


class Database:
    """Sessions over SQLite (WAL) or PostgreSQL. Parameters never reach an exception or a log."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._here = threading.local()
        self._asking = engine.execution_options(handrail_begin="")
        self._writing = engine.execution_options(handrail_begin="BEGIN IMMEDIATE")

    @classmethod
    def open(cls, url: str) -> "Database":
        """Connect and bring the schema up to date. Raises StoreUnavailable when that cannot be done."""
        parsed = make_url(url)
        sqlite = parsed.get_backend_name() == "sqlite"
        if sqlite and parsed.database and parsed.database != ":memory:":
            _make(Path(parsed.database).parent)
        if parsed.get_backend_name() == "postgresql":
            parsed = parsed.set(drivername="postgresql+psycopg")
        options: dict[str, Any] = {"connect_args": {"timeout": BUSY_SECONDS}} if sqlite else {"pool_pre_ping": True}
        engine = create_engine(parsed, hide_parameters=True, **options)
        if sqlite:
            _tune_sqlite(engine)
        database = cls(engine)
        with _translated(str(parsed.render_as_string(hide_password=True))):
            database._migrate()
        return database

    def _migrate(self) -> None:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        logging.getLogger("alembic").setLevel(logging.WARNING)
        with self.engine.connect() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            connection.commit()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that only reads."""
        with _translated("read"), Session(self.engine) as session:
            yield session

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A session whose work is committed when the block ends well, and undone otherwise. Inside the block of another
        one, on the same thread, it is part of that."""
        if around := getattr(self._here, "session", None):
            yield around
            return
        with _translated("write"), Session(self._writing) as session, session.begin():
            self._here.session = session
            try:
                yield session
            finally:
                self._here.session = None

    @contextmanager
    def asking(self) -> Iterator[Connection]:
        """A connection for plain statements that only read: what a message waits for, at half of the time. On SQLite
        each sees the database as it is then, since no transaction holds them together."""
        with _translated("read"), self._asking.connect() as connection:
            yield connection

    @contextmanager
    def telling(self) -> Iterator[Connection]:
        """A connection for plain statements, committed when the block ends well, and undone otherwise."""
        with _translated("write"), self._writing.begin() as connection:
            yield connection

    def settle(self) -> None:
        """Move what SQLite's log holds into the database's own file, as far as nobody reads it; PostgreSQL needs none.

        Whoever writes does it only when the log is long (`LOG_PAGES`), since a customer would wait for the disk.
        """
        if self.engine.dialect.name == "sqlite":
            driver = self.engine.raw_connection()
            with _translated("write"), closing(driver):
                driver.cursor().execute("PRAGMA wal_checkpoint(PASSIVE)")

    def close(self) -> None:
        """Let go of all connections."""
        self.engine.dispose()


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreUnavailable(
            f"The folder {folder} for the database cannot be made: {error.strerror}. Set HANDRAIL_HOME to one that "
            "can, or HANDRAIL_DATABASE_URL to a database that is there."
        ) from None


def _tune_sqlite(engine: Engine) -> None:
    """WAL and foreign keys; and BEGIN IMMEDIATE for writers, since a reader that turns writer cannot wait."""

    @event.listens_for(engine, "connect")
    def on_connect(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # SQLAlchemy's own BEGIN below, not the driver's
        for pragma in SQLITE:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        if begin := connection.get_execution_options().get("handrail_begin", "BEGIN"):
            connection.exec_driver_sql(begin)


@contextmanager
def _translated(what: str) -> Iterator[None]:
    """Turn a driver's error into ours. Its text is dropped: it may hold the values that were to be written."""
    try:
        yield
    except DBAPIError as error:
        known = (
            "locked",
            "busy",
            "full",
            "readonly",
            "unable to open",
            "disk I/O",
            "not a database",
            "malformed",
        )
        text = str(error.orig)
        cause = next((word for word in known if word in text), type(error.orig).__name__)
        raise StoreUnavailable(
            f"The database could not do a {what}: {cause}. Nothing was changed. "
            "Check that the disk has room and that no other program holds the database, then try again."
        ) from None
