"""A real server process, in a home and a temporary folder of its own."""

import contextlib
import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

START_SECONDS, RELOAD_SECONDS = 180, 60  # at most
KEY = "key-of-the-tests"
ROOT = Path(__file__).parents[2]
AUTHORIZED = {"Authorization": f"Bearer {KEY}"}


@dataclass
class Server:
    """`handrail serve --port 0`, with the demo shop unless told otherwise; all that it prints is kept in one file."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)
    demo: bool = True
    process: subprocess.Popen[bytes] | None = None
    url: str = ""

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def output(self) -> Path:
        return self.folder / "output.log"

    @property
    def variables(self) -> dict[str, str]:
        return {
            **os.environ,
            "HANDRAIL_HOME": str(self.home),
            "HANDRAIL_RELOAD_SECONDS": "0.2",
            "HANDRAIL_API_KEYS": KEY,
            "HANDRAIL_RATE_CONVERSATION": "0",
            "HANDRAIL_RATE_ADDRESS": "0",
            "HANDRAIL_LOG_LEVEL": "DEBUG",
            "TMPDIR": str(self.folder / "tmp"),
            "COLUMNS": "200",
            **self.environment,
        }

    def start(self) -> "Server":
        (self.folder / "tmp").mkdir(parents=True, exist_ok=True)
        offset = self.output.stat().st_size if self.output.exists() else 0
        with self.output.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "bot.cli", "serve", "--port", "0", *(["--demo"] if self.demo else [])],
                cwd=self.folder, env=self.variables, stdout=log, stderr=log,
            )  # fmt: skip
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            text = self.output.read_bytes()[offset:].decode("utf-8", "replace")
            found = re.search(r"Chat\s+(http://\S+?)/\s", text)
            if found:
                self.url = found[1]
                return self
            if self.process.poll() is not None:
                raise AssertionError(f"the server ended with {self.process.returncode}:\n{text[-3000:]}")
            time.sleep(0.1)
        raise AssertionError(f"the server did not come up in {START_SECONDS} s")

    def serves(self, task: str) -> str:
        """The version of this task's model that is served now."""
        return str(httpx.get(f"{self.url}/readyz", timeout=30).json()["versions"][task])

    def wait_for_another(self, task: str, version: str) -> str:
        """Wait until another version of this task's model is served; it."""
        deadline = time.monotonic() + RELOAD_SECONDS
        while time.monotonic() < deadline:
            if (now := self.serves(task)) != version:
                return now
            time.sleep(0.2)
        raise AssertionError(f"the server still serves {version}")

    def stop(self, sign: signal.Signals = signal.SIGTERM) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(sign)
            self.process.wait(20)

    def command(self, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Run a command of the line on the same home."""
        return subprocess.run(
            [sys.executable, "-m", "bot.cli", *words], cwd=self.folder, env=self.variables, input=stdin,
            capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip

    def commands(self, lines: Iterable[tuple[Sequence[str], str]]) -> str:
        """Run many commands, each with its standard input, in one process; what they print, one after another."""
        run = "import json; from tests.e2e.server import run_lines; run_lines(json.loads(input()))"
        done = subprocess.run(
            [sys.executable, "-c", run], cwd=self.folder, env={**self.variables, "PYTHONPATH": str(ROOT)},
            input=json.dumps(list(lines)), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=600,
            check=True,
        )  # fmt: skip
        return done.stdout


def run_lines(lines: Sequence[tuple[Sequence[str], str]]) -> None:
    """Run commands as `handrail` would; the end of one is not the end of all, and models are loaded once."""
    from bot.cli import main
    from models.runtime import Runtime

    load, loaded = Runtime.from_folders, dict[str, Runtime]()

    def once(folders: Mapping[str, Path], *rest: Any, **more: Any) -> Runtime:
        name = str(sorted(folders.items()))
        if name not in loaded:
            loaded[name] = load(folders, *rest, **more)
        return loaded[name]

    Runtime.from_folders = once  # type: ignore[method-assign,assignment]
    for words, typed in lines:
        sys.argv, sys.stdin = ["handrail", *words], io.StringIO(typed)
        with contextlib.suppress(SystemExit):
            main()


class Chat:
    """One customer's conversation over HTTP."""

    def __init__(self, url: str) -> None:
        self.client = httpx.Client(base_url=url, timeout=60)
        self.id = self.client.post("/v1/conversations", json={"customer": f"customer-{uuid4().hex}"}).json()["id"]

    def post(self, text: str, id: str | None = None) -> httpx.Response:
        return self.client.post(f"/v1/conversations/{self.id}/messages", json={"text": text, "id": id})

    def say(self, text: str, id: str | None = None) -> dict[str, Any]:
        answer = self.post(text, id)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def transcript(self) -> list[dict[str, Any]]:
        return list(self.client.get(f"/v1/conversations/{self.id}").json()["turns"])
