"""Timing turns: what is counted, in which chats, and the real line once."""

import json
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from benchmarks.turn import MESSAGES_A_CHAT, measure
from bot.paths import DEMO_INTENT_MODEL
from bot.records import Conversation, State
from bot.turn import Kind, Reply, Turn


class FakeBot:
    """Takes no time, and says that it took some."""

    def __init__(self) -> None:
        self.said: list[tuple[str, str]] = []

    def start(self, customer: str, channel: str = "chat") -> Conversation:
        now = datetime.now(UTC)
        return Conversation(customer, customer, State.OPEN, "bot", "", now, now, channel)

    def respond(self, conversation: str, text: str, id: str | None = None) -> Turn:
        self.said.append((conversation, text))
        number = float(len(self.said))
        timings = {"admit": number, "total": number * 2}
        if number % 2:
            timings["recall"] = 1.0
        return Turn(conversation, said=text, reply=Reply(Kind.ANSWER, "yes"), timings=timings)


def test_warm_turns_are_not_counted_and_messages_go_round():
    bot = FakeBot()
    report = measure(bot, ["a", "b", "c"], n=5, warm=5, threads=2)
    assert [text for _, text in bot.said] == list("abcabcabca")
    assert (report.n, report.threads) == (5, 2)
    assert report.without_write.p50_ms == 16  # turns 6 to 10 took 12, 14, 16, 18, 20
    assert report.steps_p50_ms == {"admit": 8, "recall": 1}
    assert 0 < report.p50_ms <= report.p95_ms <= report.p99_ms
    json.dumps(report.to_dict())
    assert len(report.rows()) == 6


def test_a_chat_has_a_few_messages_and_then_a_fresh_one_begins():
    bot = FakeBot()
    measure(bot, ["a"], n=MESSAGES_A_CHAT + 1, warm=0)
    assert [chat for chat, _ in bot.said] == ["benchmark-0"] * MESSAGES_A_CHAT + [f"benchmark-{MESSAGES_A_CHAT}"]


@pytest.mark.parametrize(("messages", "n"), [([], 3), (["a"], 0)])
def test_nothing_to_send_is_an_error(messages, n):
    with pytest.raises(ValueError, match="must be 1 or more"):
        measure(FakeBot(), messages, n=n, warm=0)


@pytest.mark.e2e
@pytest.mark.skipif(not DEMO_INTENT_MODEL.exists(), reason="the demo's intent model is not there")
def test_the_command_times_the_real_line_and_leaves_the_home_empty(tmp_path):
    command = [sys.executable, "-c", "from bot.cli import main; main()", "bench", "turn", "--n", "20", "--json"]
    surroundings = {"HANDRAIL_HOME": str(tmp_path / "home"), "PATH": "/usr/bin", "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, env=surroundings, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-500:]
    report = json.loads(done.stdout)
    assert report["n"] == 20
    assert 0 < report["p50_ms"] <= report["p99_ms"]
    assert set(report["steps_p50_ms"]) >= {"admit", "understand", "recall", "compose", "clear"}
    assert [entry.name for entry in (tmp_path / "home").iterdir()] == ["cache"]
