"""Who may open the console."""

from datetime import UTC, datetime
from functools import cached_property
from threading import Lock

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select

from bot.errors import Conflict
from bot.schema import StaffRow
from bot.store.audit import record
from bot.store.database import Database

SHORTEST_PASSWORD = 8


class Staff:
    """Members of staff; passwords are kept as argon2id hashes (RFC 9106)."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._hasher = PasswordHasher()
        self._checking = Lock()  # a hash takes 64 MiB while it is made, so they are made one after the other

    @cached_property
    def _nobody(self) -> str:
        """Stands in for an unknown name's hash, so that its check takes as long as a known one's."""
        return self._hasher.hash("no password at all")

    def add(self, name: str, password: str) -> None:
        """Add a member of staff, or give one a new password. Raises Conflict when the password is too short."""
        if len(password) < SHORTEST_PASSWORD:
            raise Conflict(f"the password for {name!r} has {len(password)} characters; use {SHORTEST_PASSWORD} or more")
        with self._database.transaction() as session:
            session.merge(StaffRow(name=name, password=self._hasher.hash(password), created=datetime.now(UTC)))
            record(session, "operator", "staff.add", name)

    def check(self, name: str, password: str) -> bool:
        """Whether this name and password belong together."""
        with self._database.reading() as session:
            row = session.get(StaffRow, name)
            kept = row.password if row else None
        with self._checking:
            try:
                return self._hasher.verify(kept or self._nobody, password) and kept is not None
            except (VerificationError, InvalidHashError):
                return False

    def names(self) -> list[str]:
        """All members of staff."""
        with self._database.reading() as session:
            return list(session.scalars(select(StaffRow.name).order_by(StaffRow.name)))
