"""The doors of a running installation, each knocked at with personal values: what is handed in, what comes back."""

import csv
import json
import mailbox
from collections.abc import Iterator, Sequence
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import httpx

from tests.e2e.canaries import CANARIES, messages
from tests.e2e.server import AUTHORIZED, Chat, Server
from tests.retrieval.pdf import pdf

CHAT_ACTS = ("open", "send", "why", "rate", "person", "poll", "save", "restart")
CONSOLE_ACTS = ("frame", "list", "chat", "turn", "correct", "take", "say", "back")
LABELS = ("mystery_parcel", "mystery_money")


class Page:
    """A page's script, as Gradio lets it call: `path` is "" for the chat and "/staff" for the console."""

    def __init__(self, url: str, path: str = "") -> None:
        self.client = httpx.Client(base_url=url, timeout=60)
        self.path = path
        self.said: list[str] = []
        self._component: int | None = None

    def call(self, act: str, **ask: Any) -> dict[str, Any]:
        """What the page's function answers to an act."""
        if self._component is None:
            parts = self.client.get(f"{self.path}/config").json()["components"]
            self._component = next(part["id"] for part in parts if part["props"].get("elem_id") == "handrail")
        body = {"component_id": self._component, "fn_name": "call", "session_hash": "x", "data": {"act": act, **ask}}
        answer = self.client.post(f"{self.path}/gradio_api/component_server/", json=body)
        self.said.append(answer.text)
        return dict(answer.json())


def over_http(server: Server) -> tuple[Chat, list[dict[str, Any]], list[str]]:
    """The service: a conversation with every message, rated, and requests that fail with the values in places where
    errors like to quote. No draft is screened: one that is refused comes back as it stands. Returns the chat, its
    turns, and all that was answered.
    """
    chat, client = Chat(server.url), httpx.Client(base_url=server.url, headers=AUTHORIZED, timeout=60)
    turns = [chat.say(text) for text in messages()]
    answers = []
    for turn, text in zip(turns, messages(), strict=True):
        known, path = f"/v1/conversations/{chat.id}/messages", quote(text, safe="")
        answers += [
            client.post("/v1/feedback", json={"turn": turn["turn"], "helpful": False, "comment": text}),
            client.get("/v1/search", params={"q": text}),
            client.post("/v1/screen", json={"text": text}),
            client.get(f"/v1/turns/{turn['turn']}/why"),
            client.post("/v1/feedback", json={"turn": text, "helpful": "perhaps", "comment": 7}),
            client.post("/v1/conversations", json={"customer": text}),
            client.post("/v1/conversations", json={text: text}),
            client.get(f"/v1/conversations/{path}"),
            client.get(f"/v1/turns/{path}/why"),
            client.post(f"/v1/conversations/{path}/messages", json={"text": "hello"}),
            client.post(known, json={"text": [text]}),
            client.post(known, json={"text": "hello", "id": text}),
            client.post(known, content=text.encode()),
            client.get("/v1/search", params={"q": text, "k": text}),
            client.post("/v1/screen", json={"text": text}, headers={"Authorization": f"Bearer {path}"}),
            client.get(f"/{path}"),
        ]
    answers += [client.get(f"/v1/conversations/{chat.id}"), client.get("/metrics"), client.get("/readyz")]
    return chat, turns, [json.dumps(turns), *(answer.text for answer in answers)]


def over_the_chat_page(server: Server) -> list[str]:
    """The customer's page: every act, with every message, and with values for ids. Returns all that was answered."""
    page = Page(server.url)
    page.said.append(page.client.get("/").text)
    page.call("open")
    for text in messages():
        id = uuid4().hex
        page.call("send", text=text, id=id)
        page.call("why", turn=id)
        page.call("rate", turn=id, helpful=False, reasons=["It is wrong", text], comment=text)
        page.call("send", text=text, id=text)
        for act in ("why", "rate", "poll", text):
            page.call(act, turn=text, after=text, helpful=text)
    for act in ("person", "poll", "save", "open", "restart"):
        page.call(act, after=-1, id=uuid4().hex)
    return page.said


def over_the_console(server: Server, conversation: str, turns: Sequence[dict[str, Any]]) -> list[str]:
    """The staff's page: logged in, searched, opened, corrected, taken over, answered; values for ids and for names.
    Returns all that was answered."""
    page = Page(server.url, "/staff")
    page.client.post("/staff/login", data={"name": "demo", "password": "handrail-demo"})
    stranger = httpx.Client(base_url=server.url, timeout=60)
    for text in messages()[:3]:
        page.said.append(stranger.post("/staff/login", data={"name": text, "password": text}).text)
    page.call("frame")
    for turn, text in zip(turns, messages(), strict=True):
        page.call("list", text=text, intent=text, state=text)
        page.call("turn", turn=turn["turn"])
        page.call("correct", turn=turn["turn"], intent="order_status", note=text)
        page.call("correct", turn=turn["turn"], intent=text)
        for act in ("chat", "turn", "correct", "take", "say", "back"):
            page.call(act, id=text, turn=text, intent=text, answer=text, note=text, text="Hello")
    page.call("correct", turn=turns[-1]["turn"], answer=f"Thank you. We have it: {messages()[-1]}.")
    page.call("take", id=conversation)
    for text in messages():
        page.call("say", id=conversation, text=f"I see: {text}")
    page.call("chat", id=conversation)
    page.call("back", id=conversation)
    assert page.call("list")["total"]
    return page.said


def hand_in(folder: Path) -> None:
    """Write the operator's files, which of course hold the values, in every format that there is."""
    texts, values = messages(), list(CANARIES.values())
    rows = list(zip(values, texts, strict=True))
    _write_rows(
        folder / "past.csv", ("id", "intent", "customer", "agent"), [(v, v, t, f"In short: {t}") for v, t in rows]
    )
    _write_rows(folder / "nameless.csv", rows[0], rows[1:])
    (folder / "broken.csv").write_text("customer,agent\n" + "".join(f'"{text}"\n' for text in texts) + '"' + texts[0])
    lines = [{"id": v, "customer": f"Hello! {t}", "agent": f"Noted: {t} Best, Tom", "intent": v} for v, t in rows]
    (folder / "past.jsonl").write_text("\n".join([*map(json.dumps, lines), "{" + texts[0], *map(json.dumps, texts)]))
    roles = ("customer", "agent")
    talks = [
        {
            "id": v,
            "turns": [{"role": role, "text": f"{said} {t}"} for role, said in zip(roles, ("So", "Do it"), strict=True)],
        }
        for v, t in rows
    ]
    talks += [{"id": v, "turns": [{"role": v, "text": t}]} for v, t in rows]
    (folder / "talks.json").write_text(json.dumps(talks))
    (folder / "export.json").write_text(json.dumps({"tickets": [_zendesk(value, text) for value, text in rows]}))
    box = mailbox.mbox(folder / "mails.mbox")
    for value, text in rows:
        for mail in _thread(value, text):
            box.add(mail)
    box.close()
    help_pages = folder / "help"
    help_pages.mkdir()
    sections = "".join(f"## If {text}\n\nIt says: {text}.\n\n" for _, text in rows)
    (help_pages / "a.md").write_text(f"# Lamps and {CANARIES['name']}\n\n{sections}")
    pages = "".join(f"<h2 id='{value}'>Part</h2><p>It says: {text}.</p>" for value, text in rows)
    (help_pages / "b.html").write_text(f"<h1>Rugs</h1>{pages}")
    (help_pages / "c.txt").write_text("\n\n".join(f"If {text}\n-----\nIt says: {text}." for text in texts))
    drawn = [[(20, f"If {text}"), (11, f"It says: {text}.")] for text in texts]
    (help_pages / "d.pdf").write_bytes(pdf(*drawn))
    (help_pages / "e.pdf").write_bytes(texts[0].encode())
    splits = ("train", "train", "dev", "test")
    learnt = [(f"{t}, question {n}", LABELS[n % 2], splits[n // 2 % 4]) for n, t in enumerate([*texts, *texts])]
    _write_rows(folder / "utterances.csv", ("text", "label", "split"), learnt)
    _write_rows(folder / "examples.csv", ("text",), [(text,) for text in texts])
    intent = "  - {{name: {0}, title: {0}, option: {0}, description: {0}, answer: So it is.}}\n"
    (folder / "intents.yaml").write_text("intents:\n" + "".join(intent.format(label) for label in LABELS))


def commands(folder: Path, conversation: str) -> Iterator[tuple[list[str], str]]:
    """The commands that read messages or what came of them, each with its standard input. `folder`: see `hand_in`."""
    lines, value = "\n".join(messages()), CANARIES["name"]
    yield ["ask", messages()[-1], "--json"], ""
    yield ["ask", "-"], messages()[-2]
    yield from (([name], lines) for name in ("screen", "classify", "search"))
    yield ["screen"], "{" + lines
    for file, format in (
        ("past.csv", "csv"), ("nameless.csv", "csv"), ("broken.csv", "csv"), ("past.jsonl", "jsonl"),
        ("talks.json", "conversations"), ("export.json", "zendesk"), ("mails.mbox", "mbox"),
    ):  # fmt: skip
        yield ["import", "tickets", str(folder / file), "--format", format], ""
    yield ["import", "tickets", str(folder / "past.csv"), "--strict"], ""
    yield ["import", "articles", str(folder / "help"), "--base-url", "https://shop.example/help"], ""
    yield ["import", "intents", str(folder / "past.csv")], ""
    yield from ((["tickets", *words], "") for words in (["flagged"], ["remove", value]))
    yield ["index", "status"], ""
    yield from ((["feedback", name], "") for name in ("list", "export"))
    yield ["policy", "check"], ""
    yield ["policy", "show", "--json"], ""
    yield ["policy", "replay", str(Path("guardrails/policy.yaml").resolve())], ""
    yield from ((["models", *words], "") for words in (["list"], ["show", "intent"], ["show", value], ["threshold"]))
    yield from ((["models", *words], "") for words in (["promote", value], ["rollback", value]))
    yield ["vault", "key"], ""
    yield ["vault", "read", value, "dear [EMAIL_1]", "--who", "kim"], ""
    yield ["vault", "read", conversation, "dear [CARD_9]", "--who", "kim"], ""
    yield ["staff", "list"], ""
    yield ["doctor"], ""


def lessons(folder: Path, *, trained: bool) -> Iterator[tuple[str, ...]]:
    """The commands that teach a shop of its own, from intents to a model; `trained`: where training is installed."""
    yield "import", "intents", str(folder / "intents.yaml"), "--utterances", str(folder / "utterances.csv")
    if trained:
        yield "retrain", "--json"
        yield "intents", "add", "mystery", "--examples", str(folder / "examples.csv"), "--answer", "So it is."


def _write_rows(file: Path, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    with file.open("w", newline="") as handle:
        csv.writer(handle).writerows([header, *rows])


def _zendesk(value: str, text: str) -> dict[str, Any]:
    said = [(1, text), (2, f"Please do so: {text}")]
    comments = [{"author_id": who, "body": body, "public": True} for who, body in said]
    return {"id": value, "subject": f"If {text}", "status": "solved", "requester_id": 1, "comments": comments}


def _thread(value: str, text: str) -> Iterator[EmailMessage]:
    first = f"<{value.replace(' ', '.')}@mail.example>"
    for sender, body, id, earlier in (
        (CANARIES["e-mail"], f"We asked: {text}", first, ""),
        ("help@shop.example", f"It goes so: {text}", f"<{uuid4().hex}@shop.example>", first),
    ):
        mail = EmailMessage()
        mail["From"], mail["Subject"], mail["Message-ID"] = f"{CANARIES['name']} <{sender}>", f"If {text}", id
        mail["Date"] = "Tue, 6 Jan 2026 10:00:00 +0000"
        if earlier:
            mail["In-Reply-To"] = earlier
        mail.set_content(body)
        yield mail
