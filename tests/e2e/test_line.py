"""The whole line, in a real process: what a customer and an operator can do from outside."""

import contextlib
import signal
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from bot.store.database import BUSY_SECONDS
from tests.e2e.server import AUTHORIZED, Chat, Server

pytestmark = pytest.mark.e2e


def test_ten_ordinary_questions_get_ten_sensible_replies(server: Server) -> None:
    questions = {
        "how much is delivery?": "£3.95",
        "where's my order": "My orders",
        "can i send back a rug i opened": "30 days",
        "my mug arrived broken": "photo",
        "do you ship to ireland": "Ireland",
        "how do i pay in instalments": "three",
        "I forgot my password": "password",
        "how long is the guarantee on a sofa": "5 years",
        "do you sell gift cards": "gift card",
        "let me talk to a human": "colleague",
    }
    answers = {question: Chat(server.url).say(question)["reply"]["text"] for question in questions}
    wrong = {q: answers[q] for q, due in questions.items() if due.lower() not in answers[q].lower()}
    assert not wrong


def test_a_reply_names_its_sources_and_says_why(server: Server) -> None:
    chat = Chat(server.url)
    turn = chat.say("how much is delivery?")
    source = {"kind": "intent", "ref": "delivery_cost", "title": "what delivery costs", "link": ""}
    assert turn["reply"]["sources"] == [source]
    why = chat.client.get(f"/v1/turns/{turn['turn']}/why").json()["plain"]
    assert why[0].startswith("I read this as being about what delivery costs")


def test_sending_the_same_message_again_under_its_id_is_answered_once(server: Server) -> None:
    chat, id = Chat(server.url), uuid4().hex
    first, second = chat.say("how much is delivery?", id), chat.say("how much is delivery?", id)
    assert first["reply"] == second["reply"]
    assert len(chat.transcript()) == 1


def test_what_a_customer_said_twice_is_answered_twice(server: Server) -> None:
    chat = Chat(server.url)
    chat.say("how much is delivery?")
    chat.say("how much is delivery?")
    assert len(chat.transcript()) == 2


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   \n\t ",
        "\x00\x00where is my order\x00",
        "\ud800 lone surrogate",
        "\x1b[31mred\x07\x08",
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "¿Dónde está mi pedido? Lo necesito para mañana por favor",
        "我的订单在哪里",
        "🙂" * 500,
        "a" * 100_000,
        "where is my order " * 60_000,  # 1 MB
        "'; DROP TABLE turns; --",
        "{{ shop.__class__ }} {% raw %}",
    ],
    ids=lambda text: repr(text[:12]),
)
def test_no_message_breaks_the_server(server: Server, text: str) -> None:
    chat = Chat(server.url)
    began = time.monotonic()
    if "\ud800" in text:
        body = b'{"text": "\\ud800 lone surrogate"}'
        answer = chat.client.post(
            f"/v1/conversations/{chat.id}/messages", content=body, headers={"content-type": "application/json"}
        )
    else:
        answer = chat.post(text)
    assert answer.status_code == 200, answer.text
    assert answer.json()["reply"]["text"]
    assert time.monotonic() - began < 5
    assert chat.say("how much is delivery?")["reply"]["kind"] == "answer"


@pytest.mark.parametrize(
    ("text", "kept"),
    [("Меня зовут Анна Каренина, где мой заказ?", ""), ("Wo bleibt mein Paket, bitte? Ich warte schon lange", None)],
)
def test_of_a_script_in_which_no_name_would_be_found_nothing_is_kept(
    server: Server, text: str, kept: str | None
) -> None:
    chat = Chat(server.url)
    assert "English" in chat.say(text)["reply"]["text"]
    assert chat.transcript()[-1]["text"] == (text if kept is None else kept)


def test_a_body_over_the_bound_is_refused_and_the_server_stays_up(server: Server) -> None:
    chat = Chat(server.url)
    assert chat.post("x" * 3_000_000).status_code == 413
    assert chat.client.get("/healthz").status_code == 200


def test_readiness_and_metrics_name_what_serves(server: Server) -> None:
    Chat(server.url).say("how much is delivery?")
    ready = httpx.get(f"{server.url}/readyz").json()
    assert ready["status"] == "ready"
    assert {"intent", "policy", "index"} <= ready["versions"].keys()
    page = httpx.get(f"{server.url}/metrics").text
    assert 'handrail_turns_total{kind="answer"}' in page
    assert "handrail_guard_seconds_bucket" in page


def test_after_being_killed_in_the_middle_of_a_turn_nothing_is_lost_and_the_message_can_be_sent_again(
    own_server: Server,
) -> None:
    chat = Chat(own_server.start().url)
    chat.say("how much is delivery?")
    id, answered = uuid4().hex, list[httpx.Response]()
    sender = threading.Thread(target=lambda: _ignore(lambda: answered.append(chat.post("where is my order", id))))
    with _nobody_else_writes(own_server):
        sender.start()
        _wait_until(lambda: "handrail_turns_under_way 1.0" in httpx.get(f"{own_server.url}/metrics").text)
        own_server.stop(signal.SIGKILL)
        sender.join()
    assert not answered
    again = Chat.__new__(Chat)
    again.client, again.id = httpx.Client(base_url=own_server.start().url, timeout=60), chat.id
    assert [t["text"] for t in again.transcript()] == ["how much is delivery?"]
    again.say("where is my order", id)
    turns = again.transcript()
    assert [t["text"] for t in turns] == ["how much is delivery?", "where is my order"]
    assert all(t["reply"] for t in turns)


def test_a_corrupt_index_is_rebuilt_at_the_start(own_server: Server) -> None:
    own_server.start()
    own_server.stop()
    files = [path for path in (own_server.home / "index").rglob("*") if path.is_file()]
    assert files
    for path in files:
        path.write_bytes(b"not an index")
    own_server.start()
    address, query = f"{own_server.url}/v1/search", {"q": "the lamp flickers"}
    found = httpx.get(address, params=query, headers=AUTHORIZED, timeout=60).json()["passages"]
    assert found


def test_a_model_folder_of_a_wrong_hash_is_refused_with_the_way_out(own_server: Server) -> None:
    own_server.start()
    own_server.stop()
    path = Path(own_server.command("models", "show", "intent").stdout and _path_of(own_server))
    copy = own_server.folder / "tampered"
    copy.mkdir()
    for file in path.iterdir():
        if file.is_file():
            (copy / file.name).write_bytes(file.read_bytes())
    weights = copy / "weights.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"!")
    refused = own_server.command("models", "promote", str(copy))
    assert refused.returncode == 1
    assert "sha256" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_running_server_serves_a_promoted_model_without_dropping_a_message(server: Server) -> None:
    before = server.serves("intent")
    source = Path(_path_of(server))
    copy = server.folder / "again"
    copy.mkdir(exist_ok=True)
    for file in source.iterdir():
        if file.is_file():
            (copy / file.name).write_bytes(file.read_bytes())
    manifest = copy / "manifest.json"
    manifest.write_text(manifest.read_text().rstrip() + "\n\n")  # another version, the same weights
    failures: list[str] = []
    stop = threading.Event()

    def talk() -> None:
        chat = Chat(server.url)
        while not stop.is_set():
            answer = chat.post("how much is delivery?")
            if answer.status_code != 200:
                failures.append(answer.text)

    talkers = [threading.Thread(target=talk) for _ in range(3)]
    for talker in talkers:
        talker.start()
    promoted = server.command("models", "promote", str(copy))
    assert promoted.returncode == 0, promoted.stderr
    try:
        after = server.wait_for_another("intent", before)
    finally:
        stop.set()
        for talker in talkers:
            talker.join()
    assert after != before
    assert not failures
    assert server.command("models", "rollback", "intent").returncode == 0
    assert server.wait_for_another("intent", after) == before


@contextlib.contextmanager
def _nobody_else_writes(server: Server) -> Iterator[None]:
    """Hold the database's one place for a writer, so that a turn that has begun cannot end."""
    with contextlib.closing(sqlite3.connect(server.home / "handrail.db", isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        yield


def _wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + BUSY_SECONDS - 1  # then the turn would give up
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _path_of(server: Server) -> str:
    import json

    return str(json.loads(server.command("models", "show", "intent").stdout)["path"])


def _ignore(act: Callable[[], object]) -> None:
    with contextlib.suppress(httpx.HTTPError):
        act()
