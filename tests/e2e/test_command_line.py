"""The command line on the demo shop: results on standard output, troubles in one line."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.server import Server

pytestmark = pytest.mark.e2e


def test_the_server_has_neither_torch_nor_transformers_in_its_memory(server: Server) -> None:
    assert server.process is not None
    loaded = Path(f"/proc/{server.process.pid}/maps").read_text()
    assert "onnxruntime" in loaded
    assert "libtorch" not in loaded
    assert "/transformers/" not in loaded


def test_ask_prints_the_reply_with_its_whole_explanation(server: Server) -> None:
    answer = json.loads(server.command("ask", "how much is delivery?", "--json").stdout)
    assert answer["reply"]["kind"] == "answer"
    assert {"kind", "text", "sources", "options"} == answer["reply"].keys()
    turn = answer["turn"]
    assert turn["intent"]["label"] == "delivery_cost"
    assert turn["intent"]["words"]
    assert {"admit", "understand", "recall", "compose", "clear"} <= turn["timings"].keys()
    assert {"intent", "policy", "index"} <= turn["versions"].keys()


@pytest.mark.parametrize(
    ("command", "keys"),
    [
        ("screen", {"id", "action", "text", "message", "findings"}),
        ("classify", {"id", "intent", "confidence", "in_scope", "alternatives"}),
        ("search", {"id", "passages"}),
    ],
)
def test_batches_come_back_in_their_order(server: Server, command: str, keys: set[str]) -> None:
    lines = [{"id": f"m{n}", "text": text} for n, text in enumerate(("where is my order", "the lamp flickers", ""))]
    done = server.command(command, stdin="\n".join(map(json.dumps, lines)))
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["id"] for row in rows] == ["m0", "m1", "m2"]
    assert all(keys == row.keys() for row in rows)


def test_doctor_finds_a_whole_installation_whole(server: Server) -> None:
    done = server.command("doctor")
    assert done.returncode == 0, done.stdout
    assert "past tickets" in done.stdout
    assert "broken" not in done.stdout


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("import", "intents", "{file}"), "colour"),  # an unknown key
        (("import", "tickets", "missing.csv"), "missing.csv"),
        (("import", "tickets", "{file}", "--map", "question"), "--map"),
        (("models", "show", "nothing"), "models list"),
        (("models", "promote", "{folder}"), "is not a model folder"),
        (("evaluate", "intent", "--data", "missing.csv"), "missing.csv"),
        (("evaluate", "conversations", "missing.yaml"), "missing.yaml"),
        (("classify", "missing.jsonl"), "missing.jsonl"),
    ],
)
def test_a_mistake_is_told_in_one_line_with_the_way_out(
    server: Server, words: tuple[str, ...], named: str, tmp_path: Path
) -> None:
    file = tmp_path / "intents.yaml"
    file.write_text("intents:\n  - {name: a, title: a, option: a, description: a, answer: a, colour: red}\n")
    done = server.command(*(word.format(file=file, folder=tmp_path) for word in words))
    assert done.returncode == 1
    assert named in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_training_without_its_extra_names_the_command_that_installs_it(tmp_path: Path) -> None:
    data = tmp_path / "train.csv"
    data.write_text("text,label\n" + "".join(f"text {n},{'ab'[n % 2]}\n" for n in range(20)))
    code = "import sys; sys.modules['torch'] = None; from bot.cli import main; main()"
    words = ("train", "intent", "--train", str(data), "--out", str(tmp_path / "out"))
    done = subprocess.run(
        [sys.executable, "-c", code, *words], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 1
    assert "make train-setup" in done.stderr
    assert "Traceback" not in done.stderr
