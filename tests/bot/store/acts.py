"""What the tests of the store do: say something, and let a table fail."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text

from bot.store import Store
from bot.turn import Turn
from tests.bot.examples import finished


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
