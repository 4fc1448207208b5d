"""A real server process of our own, started on a free port and stopped again."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, sleep

from bot.errors import HandrailError
from bot.settings import Settings

COMMAND = (sys.executable, "-c", "from bot.cli import main; main()", "serve", "--demo", "--port", "0")
ADDRESS = re.compile(r"http://(127\.0\.0\.1):(\d+)/")
PATIENCE_S = 180.0


class ServerFailed(HandrailError):
    """The benchmark's server did not start; the message carries the last line that it wrote."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where it listens, its process, and when it was started (`perf_counter`)."""

    host: str
    port: int
    process: int
    started: float


@contextmanager
def running(settings: Settings) -> Iterator[Server]:
    """The demo shop served from `settings.home` while the block runs. Raises ServerFailed."""
    surroundings = {
        **os.environ,
        "HANDRAIL_HOME": str(settings.home),
        "HANDRAIL_DATABASE_URL": settings.database_url,
        "HANDRAIL_THREADS": str(settings.threads),
        "HANDRAIL_HOST": "127.0.0.1",
        "HANDRAIL_RATE_CONVERSATION": "0",
        "HANDRAIL_RATE_ADDRESS": "0",
    }
    log = settings.home / "server.log"
    begin = perf_counter()
    with log.open("wb") as output:
        process = subprocess.Popen(COMMAND, env=surroundings, stdout=output, stderr=output)
    try:
        host, port = _address(process, log, begin)
        yield Server(host, port, process.pid, begin)
    finally:
        process.terminate()
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _address(process: subprocess.Popen[bytes], log: Path, begin: float) -> tuple[str, int]:
    """Where the server says that it listens, as soon as it says so."""
    while perf_counter() - begin < PATIENCE_S:
        written = log.read_text(errors="replace")
        if said := ADDRESS.search(written):
            return said[1], int(said[2])
        if process.poll() is not None:
            last = (written.strip().splitlines() or ["it wrote nothing"])[-1]
            raise ServerFailed(f"the server ended with status {process.returncode} before it listened: {last}")
        sleep(0.02)
    raise ServerFailed(f"the server did not listen within {PATIENCE_S:.0f} s; try: handrail doctor")
