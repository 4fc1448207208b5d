"""Plant personal values through every door, then look for them in everything that was written."""

import json
import os
from pathlib import Path

import httpx
import pytest

from tests.e2e.server import AUTHORIZED, Chat, Server

pytestmark = pytest.mark.e2e

CANARIES = {
    "e-mail": "quokka.zephyr91@example.org",
    "phone": "07700 900417",
    "card": "4929 1234 5678 9015",
    "Mastercard of the 2-series": "2223 0031 2200 3222",
    "IBAN": "GB33BUKB20201555555555",
    "national insurance": "QQ123456C",
    "password": "Xylophone!77kestrel",
    "IP address": "203.0.113.77",
    "API key": "sk-live-9f8e7d6c5b4a39281706f5e4d3c2b1a0",
}
SENTENCES = {
    "e-mail": "please write to {} about my parcel",
    "phone": "call me on {} about the sofa",
    "card": "I paid with {} and want my refund",
    "Mastercard of the 2-series": "the card was {}",
    "IBAN": "send the money to {}",
    "national insurance": "my national insurance number is {}",
    "password": "my password is {} and it does not work",
    "IP address": "I connect from {}",
    "API key": "my api key is {}",
}


def messages() -> list[str]:
    return [SENTENCES[kind].format(value) for kind, value in CANARIES.items()]


def traces(value: str) -> list[bytes]:
    """How a value may lie about: as typed, without its separators, in another encoding."""
    bare = value.replace(" ", "")
    return [form.encode(code) for form in {value, bare} for code in ("utf-8", "utf-16-le")]


def found_in(folder: Path) -> dict[str, list[str]]:
    hits: dict[str, list[str]] = {}
    for root, _, names in os.walk(folder):
        for name in names:
            data = (Path(root) / name).read_bytes()
            for kind, value in CANARIES.items():
                if any(trace in data for trace in traces(value)):
                    hits.setdefault(kind, []).append(name)
    return hits


def test_no_planted_value_is_found_in_database_wal_logs_temporary_files_or_output(own_server: Server) -> None:
    server = own_server.start()
    inputs = server.folder.parent / "inputs"  # what the operator hands in may of course hold them
    inputs.mkdir(exist_ok=True)
    chat = Chat(server.url)
    turns = [chat.say(text)["turn"] for text in messages()]
    for turn, text in zip(turns, messages(), strict=True):
        assert (
            chat.client.post("/v1/feedback", json={"turn": turn, "helpful": False, "comment": text}).status_code == 204
        )
        chat.client.get("/v1/search", params={"q": text}, headers=AUTHORIZED)
        chat.client.post("/v1/screen", json={"text": text}, headers=AUTHORIZED)
        # requests that fail, with the values in places where errors like to quote
        chat.client.post("/v1/feedback", json={"turn": text, "helpful": "perhaps", "comment": 7})
        chat.client.post("/v1/conversations", json={"customer": text})
        chat.client.get(f"/v1/conversations/{text}")
        chat.client.post(f"/v1/conversations/{chat.id}/messages", json={"text": [text]})
        chat.client.post(f"/v1/conversations/{chat.id}/messages", content=text.encode())
    said = [r.text for r in (chat.client.get(f"/v1/conversations/{chat.id}"), httpx.get(f"{server.url}/metrics"))]
    said += [chat.client.get(f"/v1/turns/{turn}/why").text for turn in turns]

    lines = "\n".join(messages())
    rows = [{"id": str(n), "customer": text, "agent": f"Hello! {text} Best, Tom"} for n, text in enumerate(messages())]
    (inputs / "past.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
    (inputs / "past.csv").write_text("customer,agent\n" + "\n".join(f'"{t}","{t}"' for t in messages()) + '\n"broken')
    commands = [
        server.command("ask", messages()[0], "--json"),
        server.command("ask", "-", stdin=messages()[1]),
        server.command("screen", stdin=lines),
        server.command("classify", stdin=lines),
        server.command("search", stdin=lines),
        server.command("import", "tickets", str(inputs / "past.jsonl")),
        server.command("import", "tickets", str(inputs / "past.csv")),
        server.command("feedback", "list"),
        server.command("feedback", "export"),
        server.command("doctor"),
    ]
    said += [c.stdout + c.stderr for c in commands]
    assert not any("Traceback" in text for text in said)

    server.stop()
    assert found_in(server.folder) == {}
    spoken = "\n".join(said).encode()
    assert [kind for kind, value in CANARIES.items() if any(trace in spoken for trace in traces(value))] == []


def test_the_search_would_find_a_value_that_was_written(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("…4929123456789015…")
    assert found_in(tmp_path) == {"card": ["a"]}
