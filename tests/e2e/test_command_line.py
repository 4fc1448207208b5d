"""The command line on the demo shop: results on standard output, troubles in one line."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from bot.lean import TRAINING_ONLY
from tests.e2e.server import AUTHORIZED, ROOT, Chat, Server

pytestmark = pytest.mark.e2e


TELL_MODULES = """
import os, signal, sys
def tell(*_):
    with open(os.environ["MODULES_TOLD"], "w") as file:
        file.write("\\n".join([*(name for name, module in sys.modules.items() if module), "end"]))
signal.signal(signal.SIGUSR1, tell)
"""


@pytest.mark.train
def test_a_server_that_has_answered_has_imported_neither_torch_nor_transformers(own_server: Server) -> None:
    """Both are installed here, and spaCy would take them in; a message, a page or a search may load more."""
    pytest.importorskip("torch")
    beside, told = own_server.folder / "beside", own_server.folder / "modules"
    beside.mkdir()
    (beside / "sitecustomize.py").write_text(TELL_MODULES)
    own_server.environment |= {"PYTHONPATH": f"{beside}{os.pathsep}{ROOT}", "MODULES_TOLD": str(told)}
    own_server.start()
    assert own_server.process is not None
    assert Chat(own_server.url).say("how much is delivery?")["reply"]["kind"] == "answer"
    for path in ("/", "/staff/login", "/v1/search?q=the lamp flickers", "/metrics"):
        assert httpx.get(f"{own_server.url}{path}", headers=AUTHORIZED, timeout=60).status_code == 200
    own_server.process.send_signal(signal.SIGUSR1)
    deadline = time.monotonic() + 20
    while not (told.exists() and told.read_text().endswith("end")):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    loaded = set(told.read_text().split())
    assert {"onnxruntime", "tokenizers", "faiss", "spacy", "gradio"} <= loaded
    assert not loaded & set(TRAINING_ONLY)
    assert "libtorch" not in Path(f"/proc/{own_server.process.pid}/maps").read_text()


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
