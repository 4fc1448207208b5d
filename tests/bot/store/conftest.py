"""A conversation to write in."""

import pytest

from bot.store import Store


@pytest.fixture
def chat(store: Store) -> str:
    return store.chats.start("customer-1").id
