"""Chats over HTTP: what counts as answered, what as an error, against a small server of the test's own."""

import asyncio
import json
from collections.abc import Awaitable, Callable

import pytest

from benchmarks.http import HttpReport, Load, hold
from benchmarks.server import ServerFailed, running
from bot.settings import Settings

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def answering(status_of_message: str, messages: list[str]) -> Handler:
    """Opens chats, and answers every message with one status."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await reader.readuntil(b"\r\n\r\n"):
            length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
            sent = json.loads(await reader.readexactly(length))
            opening = head.startswith(b"POST /v1/conversations HTTP")
            body = b'{"id":"c1"}' if opening else b"{}"
            if not opening:
                messages.append(sent["text"])
            status = "201 Created" if opening else status_of_message
            writer.write(b"HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n%s" % (status.encode(), len(body), body))

    return handle


async def hanging_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Ends the connection at once."""
    writer.close()


def load(handler: Handler, chats: int, each: int):
    async def run():
        server = await asyncio.start_server(handler, "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            return await hold("127.0.0.1", port, ["a", "b", "c"], chats=chats, each=each, pause=0)

    return asyncio.run(run())


def test_all_chats_send_all_their_messages():
    messages: list[str] = []
    found = load(answering("200 OK", messages), chats=4, each=3)
    assert (len(found.milliseconds), found.errors) == (12, 0)
    assert sorted(messages) == sorted("abc" * 4)
    assert all(ms > 0 for ms in found.milliseconds)


def test_what_was_held_is_told_with_its_errors():
    held = Load((10.0, 20.0, 30.0), errors=1, seconds=2.0).held()
    assert (held.n, held.errors, held.latency.p50_ms, held.a_second) == (4, 1, 20.0, 1.5)
    rows = dict(HttpReport(50, 2.0, held, held, None, 9.0, 3.0).rows())
    assert rows["50 chats, 2 s to read and type"] == "4 messages, 2 a second"
    assert rows["memory of the server, MB"] == "unknown"


@pytest.mark.parametrize("handler", [answering("503 Service Unavailable", []), hanging_up])
def test_what_is_not_answered_counts_as_an_error(handler):
    found = load(handler, chats=2, each=3)
    assert (found.milliseconds, found.errors) == ((), 6)


def test_a_server_that_cannot_start_is_said_with_its_last_line(tmp_path, monkeypatch):
    monkeypatch.setattr("benchmarks.server.COMMAND", ("/bin/sh", "-c", "echo no model serves; exit 3"))
    with (
        pytest.raises(ServerFailed, match="status 3 before it listened: no model serves"),
        running(Settings(home=tmp_path)),
    ):
        pass
