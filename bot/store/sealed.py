"""Sealed values by conversation and placeholder. Cannot open them: `bot.vault` holds the key."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, select

from bot.schema import SealedRow
from bot.store.database import Database


class Sealed:
    """What the vault keeps until it expires, or its conversation is erased."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, conversation: str, sealed: Mapping[str, bytes], now: datetime, until: datetime) -> None:
        """Keep these, in the place of earlier ones; what expired before `now` is dropped, whose ever it was."""
        with self._database.transaction() as session:
            session.execute(delete(SealedRow).where(SealedRow.until <= now))
            for placeholder, data in sealed.items():
                session.merge(SealedRow(conversation=conversation, placeholder=placeholder, data=data, until=until))

    def get(self, conversation: str, now: datetime) -> dict[str, bytes]:
        """What is kept of a conversation and has not expired."""
        query = select(SealedRow).where(SealedRow.conversation == conversation, SealedRow.until > now)
        with self._database.reading() as session:
            return {row.placeholder: row.data for row in session.scalars(query)}
