"""The line over real HTTP while the machine is in trouble: a full disk, a locked database, a damaged index.

The server runs in this process, on a home with the demo shop, so that the trouble can begin and end while it serves.
"""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
import uvicorn
from sqlalchemy import event

from bot.assembly import Installation
from bot.assembly.installation import build_app
from bot.settings import Settings
from bot.store import database
from tests.e2e.server import AUTHORIZED, KEY, Chat, Server

pytestmark = pytest.mark.e2e
BUSY_SECONDS = 0.2  # that a writer waits for the lock; the shipped 5 s would only make the test longer
ROOM = 1_000_000  # pages, for a disk that has room again


@dataclass
class Running:
    """A server of this process: where it listens, what it is made of, and the home that it stands on."""

    url: str
    installation: Installation
    home: Path

    @property
    def file(self) -> Path:
        return self.home / "handrail.db"

    @contextmanager
    def full_disk(self) -> Iterator[None]:
        """No connection may make the database a page longer, as on a disk without room."""
        engine, limit = self.installation.store.database.engine, "PRAGMA max_page_count = 1"

        def bound(connection: sqlite3.Connection, *_: object) -> None:
            connection.execute(limit)  # SQLite takes the file's own length where that is more

        event.listen(engine, "checkout", bound)
        try:
            yield
        finally:
            limit = f"PRAGMA max_page_count = {ROOM}"
            for _ in range(engine.pool.size() + 10):  # the connections that there are get their room back
                with engine.connect():
                    pass

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Another program writes and does not finish."""
        other = sqlite3.connect(self.file, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            other.execute("ROLLBACK")
            other.close()


@pytest.fixture
def running(installed: Callable[[], Server], monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    monkeypatch.setattr(database, "BUSY_SECONDS", BUSY_SECONDS)
    home = installed().home
    with serving(home) as server:
        yield server


@contextmanager
def serving(home: Path) -> Iterator[Running]:
    settings = Settings(
        home=home, reload_seconds=0.2, api_keys=KEY, rate_conversation=0, rate_address=0, _env_file=None
    )  # type: ignore[call-arg]
    installation = Installation.open(settings, demo=True)
    config = uvicorn.Config(build_app(installation), host="127.0.0.1", port=0, log_level="warning")
    server, stop = uvicorn.Server(config), threading.Event()
    threads = [threading.Thread(target=server.run), threading.Thread(target=installation.watch, args=(stop,))]
    for thread in threads:
        thread.start()
    while not server.started:
        time.sleep(0.05)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield Running(f"http://127.0.0.1:{port}", installation, home)
    finally:
        stop.set()
        server.should_exit = True
        for thread in threads:
            thread.join()
        installation.store.close()


@pytest.mark.parametrize("trouble", ["full_disk", "locked"])
def test_while_nothing_can_be_written_a_message_is_503_and_may_be_sent_again_afterwards(
    running: Running, trouble: str
) -> None:
    chat, id = Chat(running.url), uuid4().hex
    chat.say("how much is delivery?")
    with getattr(running, trouble)():
        for _ in range(30):  # what is left of the last pages may hold a turn or two
            answer = chat.post("can i send back a rug i opened", id)
            if answer.status_code != 200:
                break
            id = uuid4().hex
        assert answer.status_code == 503
        assert answer.headers["retry-after"] == "1"
        assert "send it again" in answer.json()["error"]
        assert "rug" not in answer.text
        assert httpx.get(f"{running.url}/healthz").status_code == 200
        assert chat.transcript()[0]["text"] == "how much is delivery?"  # what was said can still be read
        kept = len(chat.transcript())
    assert "30 days" in chat.say("can i send back a rug i opened", id)["reply"]["text"]
    assert len(chat.transcript()) == kept + 1
    assert sqlite3.connect(running.file).execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_an_index_damaged_while_serving_takes_no_answer_away_and_is_rebuilt_at_the_next_start(
    running: Running,
) -> None:
    files = [path for path in (running.home / "index").rglob("*") if path.is_file()]
    assert files
    for path in files:
        path.write_bytes(b"not an index")
    chat = Chat(running.url)
    assert chat.say("how much is delivery?")["reply"]["kind"] == "answer"
    assert found(running.url)
    served = running.installation.revision
    running.installation.store.audit.note("operator", "intents.import", "what serves is put together anew")
    deadline = time.monotonic() + 120
    while running.installation.revision == served:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert chat.say("can i send back a rug i opened")["reply"]["kind"] == "answer"
    assert found(running.url)
    for path in (running.home / "index").rglob("*"):
        if path.is_file():
            path.write_bytes(b"not an index")
    with serving(running.home) as again:
        assert found(again.url)


def found(url: str) -> list[dict[str, object]]:
    """What is found for a message."""
    answer = httpx.get(f"{url}/v1/search", params={"q": "the lamp flickers"}, headers=AUTHORIZED, timeout=60)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["passages"])
