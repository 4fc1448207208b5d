import json
import re

import httpx
import pytest

from ui.visitor import token_of


@pytest.fixture
def client(shop):
    with httpx.Client(base_url=shop.url) as client:
        yield client


def test_only_the_page_gives_a_visitor_a_token_and_only_once(client):
    assert "set-cookie" not in client.get("/config").headers
    first = client.get("/")
    cookie = first.headers["set-cookie"]
    assert re.fullmatch(r"handrail_visitor=[0-9a-f]{32}; Path=/; Max-Age=\d+; HttpOnly; SameSite=Lax", cookie)
    assert "set-cookie" not in client.get("/").headers


@pytest.mark.parametrize("value", ["", "handrail_visitor=short", "handrail_visitor=" + "G" * 32, "x=;;=\x00"])
def test_a_token_of_another_shape_counts_as_none(value):
    assert token_of(value) is None


def test_the_page_wears_our_head_and_asks_nothing_of_other_hosts(client):
    answer = client.get("/")
    html = answer.text
    assert "<title>Larch &amp; Loom</title>" in html
    assert 'href="ui/theme.css"' in html
    assert "og:image" not in html
    assert 'class="hr chat splash"' in html
    linked = re.findall(r'(?:src|href)="(https?:[^"]+)"', html)
    assert [url for url in linked if "127.0.0.1" not in url] == []
    policy = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "http" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_gradio_is_told_to_keep_to_itself(client):
    config = client.get("/config").json()
    assert config["analytics_enabled"] is False
    assert config["run_history"] is False
    assert "fonts.googleapis" not in json.dumps(config)


def test_the_services_own_routes_stay(client):
    assert client.get("/openapi.json").status_code == 200


@pytest.mark.parametrize(
    "name", ["theme.css", "base.css", "chat.css", "chat.js", "console.css", "console.js", "icon.svg"]
)
def test_assets_are_served_and_checked_for_freshness(client, name):
    answer = client.get(f"/ui/{name}")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-cache"


def component(client, path=""):
    parts = client.get(f"{path}/config").json()["components"]
    return next(part["id"] for part in parts if part["props"].get("elem_id") == "handrail")


def test_the_chat_answers_through_gradio(client):
    client.get("/")
    body = {"component_id": component(client), "fn_name": "call", "session_hash": "x"}
    answer = client.post(
        "/gradio_api/component_server/", json={**body, "data": {"act": "send", "text": "money back", "id": "0" * 32}}
    )
    assert "within 5 working days" in answer.json()["html"]


def test_the_chats_door_does_not_lead_into_the_console(client):
    client.get("/")
    for act in ("list", "frame", "correct"):
        body = {"component_id": component(client), "fn_name": "call", "session_hash": "x", "data": {"act": act}}
        assert client.post("/gradio_api/component_server/", json=body).json()["gone"]
