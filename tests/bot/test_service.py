"""The HTTP service over a bot of fakes: every route, and every way to fail."""

import json
import logging
import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient

from bot import service
from bot.desk import Desk
from bot.gate import Gate
from bot.records import State
from bot.store import Store, database
from retrieval.passage import Passage
from tests.bot.fakes import FakeRetriever, FakeScreen, bot

CANARY = "canary.kit@example.com"
JSON = {"content-type": "application/json"}


@pytest.fixture
def screen() -> FakeScreen:
    return FakeScreen()


@pytest.fixture
def client(light: Store, screen: FakeScreen) -> Iterator[TestClient]:
    retriever = FakeRetriever((Passage("t1", 0.9, "Where is it?", "In the shed."),))
    sut = bot(light, screen=screen, retriever=retriever)
    app = service.build(sut, Desk(light, screen), Gate(["key"]))  # type: ignore[arg-type]
    with TestClient(app, raise_server_exceptions=False, headers={"authorization": "Bearer key"}) as client:
        yield client


@pytest.fixture
def chat(client: TestClient) -> str:
    return str(client.post("/v1/conversations", json={"customer": "customer-1"}).json()["id"])


def send(client: TestClient, chat: str, text: str, **more: Any) -> Any:
    return client.post(f"/v1/conversations/{chat}/messages", json={"text": text, **more})


# The routes


def test_a_chat_over_http(client: TestClient, chat: str, light: Store) -> None:
    answer = send(client, chat, f"Where is it? I am {CANARY}")
    assert answer.status_code == 200
    body = answer.json()
    assert body["text"] == "Where is it? I am [EMAIL_1]"
    assert body["reply"] == {
        "kind": "answer",
        "text": "It takes 5 days.",
        "sources": [{"kind": "intent", "ref": "order_status", "title": "where an order is", "link": ""}],
        "options": [{"label": "Refund", "text": "Refund"}],
    }
    transcript = client.get(f"/v1/conversations/{chat}").json()
    assert (transcript["id"], transcript["state"], len(transcript["turns"])) == (chat, "open", 1)
    assert transcript["turns"][0]["text"] == body["text"]
    why = client.get(f"/v1/turns/{body['turn']}/why").json()
    assert why["plain"][0].startswith("I read this as")
    given = {"turn": body["turn"], "helpful": False, "reasons": ["It is wrong", "no such reason"], "comment": CANARY}
    thumb = client.post("/v1/feedback", json=given)
    assert (thumb.status_code, thumb.content) == (204, b"")
    kept = light.chats.turn(body["turn"]).feedback
    assert kept is not None
    assert (kept.helpful, kept.reasons, kept.comment) == (False, ("It is wrong",), "[EMAIL_1]")


def test_past_tickets_can_be_searched_and_the_question_is_not_kept(client: TestClient, light: Store) -> None:
    found = client.get("/v1/search", params={"q": f"shed {CANARY}", "k": 1}).json()
    assert found == {
        "passages": [
            {
                "ticket": "t1",
                "score": 0.9,
                "question": "Where is it?",
                "answer": "In the shed.",
                "kind": "ticket",
                "link": "",
                "flag": "",
            }
        ]
    }
    assert client.get("/v1/search", params={"q": "an attack"}).json() == {"passages": []}
    assert light.chats.count() == 0


def test_a_text_can_be_screened_and_is_not_kept(client: TestClient, light: Store) -> None:
    answer = client.post("/v1/screen", json={"text": f"I am {CANARY}", "id": 7})
    assert answer.json() == {
        "id": 7, "action": "redact", "text": "I am [EMAIL_1]", "message": None,
        "findings": [{"guard": "pii", "label": "word", "score": 0.9, "start": None, "end": None, "rule": "",
                      "reason": "a word that is looked for", "threshold": 0.5, "action": "redact"}],
    }  # fmt: skip
    out = client.post("/v1/screen", json={"text": "forbidden", "direction": "out", "evidence": ["x"]})
    assert out.json()["action"] == "refuse"
    assert client.post("/v1/screen", json={"text": "x", "direction": "up"}).status_code == 422
    assert light.chats.count() == 0
    assert 'handrail_screened_total{action="refuse",direction="out"} 1.0' in client.get("/metrics").text


@pytest.mark.parametrize(("method", "path"), [("GET", "/v1/search?q=shed"), ("POST", "/v1/screen")])
@pytest.mark.parametrize("header", ["", "Bearer", "Bearer wrong", "Basic key"])
def test_the_operators_tools_need_a_key(client: TestClient, method: str, path: str, header: str) -> None:
    answer = client.request(method, path, json={"text": CANARY}, headers={"authorization": header})
    assert answer.status_code == 403
    assert "Bearer KEY" in answer.json()["error"]
    assert CANARY not in answer.text


def test_who_writes_too_often_is_told_to_wait(light: Store, screen: FakeScreen) -> None:
    sut = bot(light, screen=screen)
    client = TestClient(service.build(sut, Desk(light, screen), Gate(conversation=2, address=6)))  # type: ignore[arg-type]
    one, two = (client.post("/v1/conversations", json={"customer": "customer-1"}).json()["id"] for _ in range(2))
    assert [send(client, one, "Hello").status_code for _ in range(3)] == [200, 200, 429]
    answer = send(client, one, CANARY)
    assert int(answer.headers["retry-after"]) > 0
    assert CANARY not in answer.text
    assert send(client, two, "Hello").status_code == 429  # the address has sent its six
    assert client.get("/healthz").status_code == 200


def test_health_readiness_and_metrics(client: TestClient, chat: str) -> None:
    send(client, chat, f"I am {CANARY}")
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz").json() == {"status": "ready", "tickets": 0, "versions": {"intent": "v1"}}
    page = client.get("/metrics")
    assert page.headers["content-type"].startswith("text/plain")
    assert 'handrail_turns_total{kind="answer"} 1.0' in page.text
    assert 'handrail_findings_total{action="redact",direction="in",guard="pii"} 1.0' in page.text


def test_a_busy_process_is_not_taken_for_a_dead_one(client: TestClient, chat: str, screen: FakeScreen) -> None:
    busy, done = threading.Barrier(41), threading.Event()

    def wait() -> None:
        busy.wait(10)
        done.wait(10)

    screen.meanwhile = wait
    with ThreadPoolExecutor(40) as pool:  # as many as the service has threads
        sent = [pool.submit(client.get, "/v1/search", params={"q": "shed"}) for _ in range(40)]
        busy.wait(10)
        assert client.get("/healthz").json() == {"status": "ok"}
        assert not any(one.done() for one in sent)
        done.set()
        assert {one.result().status_code for one in sent} == {200}


def test_metrics_hold_nothing_that_a_customer_wrote(client: TestClient, chat: str) -> None:
    body = send(client, chat, f"I am {CANARY} xyzzy").json()
    client.post("/v1/feedback", json={"turn": body["turn"], "helpful": True, "comment": "xyzzy"})
    client.get(f"/v1/conversations/xyzzy-{CANARY}")
    client.post("/v1/conversations", json={"customer": "xyzzy!"})
    page = client.get("/metrics").text
    assert "xyzzy" not in page
    assert CANARY not in page
    assert chat not in page


def test_the_same_message_sent_twice_is_answered_once(client: TestClient, chat: str) -> None:
    id = str(uuid4())
    first, again = (send(client, chat, f"I am {CANARY}", id=id) for _ in range(2))
    assert first.json() == again.json()
    assert len(client.get(f"/v1/conversations/{chat}").json()["turns"]) == 1


def test_a_person_who_owns_the_chat_silences_the_bot(client: TestClient, chat: str, light: Store) -> None:
    light.chats.move(chat, State.OWNED, owner="ann", who="ann")
    assert send(client, chat, "Hello?").json()["reply"] == {"kind": "silence", "text": "", "sources": [], "options": []}


# What does not fit


def test_a_request_of_many_mistakes_is_not_answered_at_length(client: TestClient, chat: str) -> None:
    answer = client.post(f"/v1/conversations/{chat}/messages", json={f"k{n}": n for n in range(1000)})
    assert answer.status_code == 422
    assert len(answer.json()["problems"]) == service.PROBLEMS_TOLD


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/conversations", {"customer": "short"}),
        ("/v1/conversations", {"customer": CANARY}),  # an e-mail address is no opaque token
        ("/v1/conversations", {"customer": "customer-1", "name": CANARY}),
        ("/v1/conversations", {"customer": "x" * 81}),
        ("/v1/conversations/{chat}/messages", {}),
        ("/v1/conversations/{chat}/messages", {"text": [CANARY]}),
        ("/v1/conversations/{chat}/messages", {"text": None}),
        ("/v1/conversations/{chat}/messages", {"text": "hi", "id": CANARY}),
        ("/v1/conversations/{chat}/messages", {"text": "hi", CANARY: 1}),
        ("/v1/feedback", {"turn": "t", "helpful": CANARY}),
        ("/v1/feedback", {"turn": "t", "helpful": True, "comment": CANARY * 200}),
        ("/v1/feedback", {"turn": CANARY, "helpful": True}),
        ("/v1/feedback", {"turn": "\ud800", "helpful": True}),
        ("/v1/feedback", {"turn": "\x00", "helpful": True}),
    ],
)
def test_a_request_that_does_not_fit_is_not_echoed(
    client: TestClient, chat: str, path: str, body: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    answer = client.post(path.format(chat=chat), content=json.dumps(body), headers=JSON)
    assert answer.status_code == 422
    assert answer.json()["error"]
    assert CANARY not in answer.text
    assert CANARY not in caplog.text


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[]", b'{"text": "' + CANARY.encode(), b"null", b"[" * 5000])
def test_what_is_not_a_json_object_is_not_echoed(client: TestClient, chat: str, body: bytes) -> None:
    answer = client.post(f"/v1/conversations/{chat}/messages", content=body, headers=JSON)
    assert answer.status_code in (400, 422)
    assert CANARY not in answer.text


def test_a_search_that_is_too_long_is_not_echoed(client: TestClient) -> None:
    answer = client.get("/v1/search", params={"q": CANARY * 300})
    assert answer.status_code == 422
    assert CANARY not in answer.text


def test_more_than_two_megabytes_are_refused(client: TestClient, chat: str) -> None:
    body = json.dumps({"text": "x" * 2_000_001}).encode()

    def chunks() -> Iterator[bytes]:
        for at in range(0, len(body), 65_536):
            yield body[at : at + 65_536]

    for content in (body, chunks()):
        answer = client.post(f"/v1/conversations/{chat}/messages", content=content, headers=JSON)
        assert answer.status_code == 413
        assert "2,000,000 bytes" in answer.json()["error"]
    assert client.get(f"/v1/conversations/{chat}").json()["turns"] == []
    assert send(client, chat, "Hello").status_code == 200


def test_a_message_of_a_megabyte_is_answered(client: TestClient, chat: str) -> None:
    assert send(client, chat, "x" * 1_000_000).status_code == 200


# What is not there, or not now


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/v1/conversations/nowhere", None),
        ("POST", "/v1/conversations/nowhere/messages", {"text": CANARY}),
        ("GET", "/v1/turns/nowhere/why", None),
        ("POST", "/v1/feedback", {"turn": "0" * 32, "helpful": True}),
        ("GET", f"/v1/conversations/{CANARY}", None),
        ("POST", f"/v1/conversations/{CANARY}/messages", {"text": "Hello"}),
        ("GET", f"/v1/turns/{CANARY}/why", None),
        ("GET", "/nothing/here", None),
        ("GET", "/v1/conversations/%00", None),
        ("GET", "/v1/turns/%ed%a0%80/why", None),
    ],
)
def test_what_is_not_there_is_404(client: TestClient, method: str, path: str, body: Any) -> None:
    answer = client.request(method, path, json=body)
    assert answer.status_code == 404
    assert CANARY not in answer.text


def test_a_turn_id_of_another_conversation_is_a_conflict(client: TestClient, chat: str) -> None:
    id = str(uuid4())
    send(client, chat, "Hello", id=id)
    other = client.post("/v1/conversations", json={"customer": "customer-2"}).json()["id"]
    answer = send(client, other, "Hello", id=id)
    assert answer.status_code == 409
    assert "another conversation" in answer.json()["error"]


def test_a_locked_database_is_503_and_the_message_may_be_sent_again(
    monkeypatch: pytest.MonkeyPatch, sqlite: Path, screen: FakeScreen, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.05)
    store = Store.open(f"sqlite:///{sqlite}")
    sut = bot(store, screen=screen)
    client = TestClient(service.build(sut, Desk(store, screen)), raise_server_exceptions=False)  # type: ignore[arg-type]
    chat = sut.start("customer-1").id
    other = sqlite3.connect(sqlite, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    id = str(uuid4())
    answer = send(client, chat, f"I am {CANARY}", id=id)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert "send it again" in answer.json()["error"]
    assert CANARY not in answer.text + caplog.text
    assert client.get("/healthz").status_code == 200
    other.execute("ROLLBACK")
    assert send(client, chat, f"I am {CANARY}", id=id).status_code == 200
    assert len(store.chats.transcript(chat)) == 1
    store.close()


def test_an_error_that_nobody_foresaw_says_sorry_and_tells_nothing(
    client: TestClient, chat: str, screen: FakeScreen, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    screen.fails = RuntimeError(f"could not parse {CANARY}")
    answer = send(client, chat, f"I am {CANARY}")
    assert answer.status_code == 500
    assert "send it again" in answer.json()["error"]
    assert CANARY not in answer.text
    assert "parse" not in answer.text + caplog.text
    assert CANARY not in caplog.text
    assert "/v1/conversations/{conversation}/messages failed with RuntimeError" in caplog.text
    assert 'handrail_errors_total{error="RuntimeError"} 1.0' in client.get("/metrics").text
    screen.fails = None
    assert send(client, chat, "Hello").status_code == 200


# Odd text


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("a\x00b", "ab"),
        ("\x1b[31mred\x07", "[31mred"),
        ("<script>alert('x')</script>", "<script>alert('x')</script>"),  # text stays text; the page escapes it
        ("\U0001f600 \u202eabc", "\U0001f600 abc"),
        ("", ""),
        ("\n\n", "\n\n"),
    ],
)
def test_odd_text_is_answered_in_json(client: TestClient, chat: str, said: str, kept: str) -> None:
    answer = send(client, chat, said)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["text"] == kept


def test_half_a_character_is_refused_or_dropped_and_the_server_lives(client: TestClient, chat: str) -> None:
    content = b'{"text": "half \\ud800 ' + CANARY.encode() + b'"}'
    answer = client.post(f"/v1/conversations/{chat}/messages", content=content, headers=JSON)
    assert answer.status_code in (200, 422)
    assert CANARY not in answer.text
    assert send(client, chat, "Hello").status_code == 200


def test_nothing_of_a_message_reaches_the_log(
    client: TestClient, chat: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    for said in (f"I am {CANARY}", f"an attack by {CANARY}", f"in despair {CANARY}"):
        send(client, chat, said)
    printed = capfd.readouterr()
    ours = "".join(r.getMessage() for r in caplog.records if not r.name.startswith("httpx"))
    assert CANARY not in ours + printed.out + printed.err
