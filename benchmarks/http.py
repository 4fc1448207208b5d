"""Many chats at once over HTTP, against a real server process. Standard library alone, so the base install runs it.

Each chat sends a message, waits for the reply and, after a pause in which a person would read it and type, sends the
next. The same once more without a pause, so that every chat always has a message under way: harder than so many people
would be, and as much as the machine can do.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from time import perf_counter
from typing import Any

from benchmarks.figures import Latency, resident_mb
from benchmarks.server import Server, running
from bot.settings import Settings

CHATS = 50
MESSAGES_A_CHAT = 8
PAUSE = 2.0  # seconds, the least that a person needs to read a reply and to type
WARM = 20


@dataclass(frozen=True, slots=True)
class Held:
    """`n` messages, of which `errors` were not answered with status 200."""

    n: int
    errors: int
    latency: Latency
    a_second: float

    def rows(self, what: str) -> list[tuple[str, str]]:
        """The figures as the rows of a table."""
        took = self.latency
        return [
            (what, f"{self.n} messages, {self.a_second:.0f} a second"),
            ("  errors", str(self.errors)),
            ("  p50 / p95 / p99 ms", f"{took.p50_ms:.1f} / {took.p95_ms:.1f} / {took.p99_ms:.1f}"),
        ]


@dataclass(frozen=True, slots=True)
class HttpReport:
    """Concurrent chats with a pause of `pause_s` between a reply and the next message, and `unpaused` ones.

    `first_start_s` is from the command to the first answered message in an empty home, `start_s` the same when
    it is started again. `rss_mb` is the server's memory after the load (None: unknown).
    """

    chats: int
    pause_s: float
    paused: Held
    unpaused: Held
    rss_mb: float | None
    first_start_s: float
    start_s: float

    def to_dict(self) -> dict[str, Any]:
        """A plain dictionary, for JSON."""
        return asdict(self)

    def rows(self) -> list[tuple[str, str]]:
        """The figures as the rows of a table."""
        return [
            *self.paused.rows(f"{self.chats} chats, {self.pause_s:g} s to read and type"),
            *self.unpaused.rows(f"{self.chats} chats without a pause"),
            ("memory of the server, MB", "unknown" if self.rss_mb is None else f"{self.rss_mb:.0f}"),
            ("command to first answer, empty home", f"{self.first_start_s:.1f} s"),
            ("command to first answer, again", f"{self.start_s:.1f} s"),
        ]


@dataclass(frozen=True, slots=True)
class Load:
    """What the chats saw: milliseconds of each answered message, how many were not, and seconds for all."""

    milliseconds: tuple[float, ...]
    errors: int
    seconds: float

    def held(self) -> Held:
        """Its figures. Raises ValueError when no message was answered."""
        answered = len(self.milliseconds)
        return Held(
            answered + self.errors, self.errors, Latency.of(self.milliseconds), round(answered / self.seconds, 1)
        )


def measure(
    settings: Settings,
    messages: Sequence[str],
    *,
    chats: int = CHATS,
    n: int = CHATS * MESSAGES_A_CHAT,
    pause: float = PAUSE,
) -> HttpReport:
    """Start the demo server twice in `settings.home`, an empty folder, and hold `chats` chats of `n` messages in all,
    with a pause and without.

    Raises ServerFailed when it does not start, ValueError when no message was answered.
    """
    each = max(1, n // chats)
    with running(settings) as server:
        first = _first_answer(server, messages[0])
    with running(settings) as server:
        again = _first_answer(server, messages[0])
        place = server.host, server.port
        asyncio.run(hold(*place, messages, chats=1, each=WARM, pause=0))
        paused = asyncio.run(hold(*place, messages, chats=chats, each=each, pause=pause)).held()
        unpaused = asyncio.run(hold(*place, messages, chats=chats, each=each, pause=0)).held()
        memory = resident_mb(server.process)
    return HttpReport(chats, pause, paused, unpaused, memory, round(first, 2), round(again, 2))


async def hold(host: str, port: int, messages: Sequence[str], *, chats: int, each: int, pause: float) -> Load:
    """Hold `chats` chats at once, of `each` messages; they take different ones of `messages`, over and again."""
    times: list[float] = []
    errors = 0

    async def chat(number: int) -> None:
        nonlocal errors
        done = 0
        try:
            reader, writer = await asyncio.open_connection(host, port)
            with closing(writer):
                line = _Line(reader, writer, f"{host}:{port}")
                _, opened = await line.post("/v1/conversations", {"customer": f"benchmark-{number}"})
                await asyncio.sleep(pause * number / chats)  # people do not all begin at once
                for done in range(each):
                    text = messages[(number * each + done) % len(messages)]
                    begin = perf_counter()
                    status, _ = await line.post(f"/v1/conversations/{opened['id']}/messages", {"text": text})
                    if status == 200:
                        times.append((perf_counter() - begin) * 1e3)
                    else:
                        errors += 1
                    await asyncio.sleep(pause)
        except (OSError, EOFError, ValueError, KeyError):  # the connection broke, or what came back is not HTTP
            errors += each - done

    begin = perf_counter()
    await asyncio.gather(*(chat(number) for number in range(chats)))
    return Load(tuple(times), errors, perf_counter() - begin)


class _Line:
    """One connection that is kept open; as much of HTTP/1.1 as our server speaks."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: str) -> None:
        self._reader, self._writer, self._host = reader, writer, host

    async def post(self, path: str, value: dict[str, Any]) -> tuple[int, Any]:
        """Send JSON; the status and the JSON that came back. Raises EOFError, ValueError or KeyError."""
        body = json.dumps(value).encode()
        head = f"POST {path} HTTP/1.1\r\nHost: {self._host}\r\nContent-Type: application/json\r\n"
        self._writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        answer = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *fields = answer.split("\r\n")
        headers = dict(field.lower().split(": ", 1) for field in fields if field)
        return int(first.split()[1]), json.loads(await self._reader.readexactly(int(headers["content-length"])))


def _first_answer(server: Server, message: str) -> float:
    """Seconds from the command to the first answered message."""
    load = asyncio.run(hold(server.host, server.port, [message], chats=1, each=1, pause=0))
    if load.errors:
        raise ValueError("the server did not answer its first message")
    return perf_counter() - server.started
