"""The source of truth. Everything that is written is written in one of these rooms, each over one database."""

from contextlib import AbstractContextManager

from bot.store.audit import Audit
from bot.store.chats import Chats
from bot.store.content import Content
from bot.store.database import Database
from bot.store.registry import Registry
from bot.store.sealed import Sealed
from bot.store.staff import Staff
from bot.store.tickets import Tickets


class Store:
    """Chats, tickets, content, models, staff and the audit trail of one installation."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.audit = Audit(database)
        self.chats = Chats(database)
        self.content = Content(database)
        self.models = Registry(database)
        self.sealed = Sealed(database)
        self.staff = Staff(database)
        self.tickets = Tickets(database)

    @classmethod
    def open(cls, url: str) -> "Store":
        """Open by SQLAlchemy URL and bring the schema up to date. Raises StoreUnavailable."""
        return cls(Database.open(url))

    def together(self) -> AbstractContextManager[object]:
        """A block whose acts on this store are one transaction: all of them, or none where it ends badly."""
        return self.database.transaction()

    def settle(self) -> None:
        """Let the database put its log in order, so that no customer waits for that."""
        self.database.settle()

    def close(self) -> None:
        """Let go of the database."""
        self.database.close()
