import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from fastapi import FastAPI
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient

from ui.login import Brake, add_door

GOOD = {"name": "Maya", "password": "correct horse"}


@pytest.fixture
def client(installation):
    bot, _, settings = installation
    app = FastAPI()
    add_door(app, bot.store, settings.session_secret)
    app.mount("/staff", PlainTextResponse("the console"))
    return TestClient(app, follow_redirects=False)


@pytest.mark.parametrize("path", ["/staff", "/staff/"])
def test_a_stranger_is_sent_to_the_log_in_page(client, path):
    answer = client.get(path)
    assert answer.status_code == 303
    assert answer.headers["location"].endswith("/staff/login")


@pytest.mark.parametrize(
    "path", ["config", "theme.css", "gradio_api/info", "gradio_api/component_server/", "gradio_api/queue/join"]
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_nothing_behind_the_door_answers_a_stranger(client, method, path):
    assert client.request(method, f"/staff/{path}").status_code == 401


def test_a_name_and_its_password_open_the_console(client):
    answer = client.post("/staff/login", data=GOOD)
    assert answer.status_code == 303
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "path=/staff" in cookie
    assert client.get("/staff/").text == "the console"
    assert client.get("/staff/login").status_code == 303


def test_logging_out_closes_the_door(client):
    client.post("/staff/login", data=GOOD)
    assert client.post("/staff/logout").status_code == 303
    assert client.get("/staff/").status_code == 303


def test_logging_out_ends_the_session_for_whoever_copied_its_cookie(client):
    client.post("/staff/login", data=GOOD)
    copied = client.cookies.get("handrail_staff")
    client.post("/staff/login", data=GOOD)
    mine = client.cookies.get("handrail_staff")
    client.post("/staff/logout", headers={"cookie": f"handrail_staff={copied}"})
    client.cookies.clear()
    assert client.get("/staff/", headers={"cookie": f"handrail_staff={copied}"}).status_code == 303
    assert client.post("/staff/config", headers={"cookie": f"handrail_staff={copied}"}).status_code == 401
    assert client.get("/staff/", headers={"cookie": f"handrail_staff={mine}"}).text == "the console"


def test_the_cookie_is_for_https_only_where_that_is_set(installation):
    bot, _, settings = installation
    app = FastAPI()
    add_door(app, bot.store, settings.session_secret, secure=True)
    answer = TestClient(app, base_url="https://testserver").post("/staff/login", data=GOOD, follow_redirects=False)
    assert "; secure" in answer.headers["set-cookie"].lower()


@pytest.mark.parametrize(
    "data",
    [{}, {"name": "Maya"}, {**GOOD, "password": "wrong"}, {**GOOD, "name": "nobody"}, {**GOOD, "name": '<b>&"'}],
)
def test_anything_else_is_refused_in_the_same_words(client, data):
    answer = client.post("/staff/login", data=data)
    assert answer.status_code == 401
    assert "That name and password do not belong together." in answer.text
    assert "<b>" not in answer.text
    assert "wrong" not in answer.text
    assert client.get("/staff/").status_code == 303


def test_a_forged_session_opens_nothing(client):
    client.cookies.set("handrail_staff", "eyJzdGFmZiI6ICJNYXlhIn0=.aaaa.bbbb", path="/staff")
    assert client.get("/staff/").status_code == 303


def test_a_form_from_another_site_is_refused(client):
    assert client.post("/staff/login", data=GOOD, headers={"origin": "https://evil.example"}).status_code == 403
    assert client.post("/staff/login", data=GOOD, headers={"origin": "http://testserver"}).status_code == 303


def test_guessing_is_slowed_down(client):
    for _ in range(5):
        assert client.post("/staff/login", data={**GOOD, "password": "guess"}).status_code == 401
    answer = client.post("/staff/login", data=GOOD)
    assert answer.status_code == 429
    assert "Please wait 5 minutes." in answer.text
    assert int(answer.headers["retry-after"]) > 200


def test_guessing_many_at_once_is_slowed_down_as_well(client):
    def guess(name):
        return client.post("/staff/login", data={"name": name, "password": "guess"}).status_code

    with ThreadPoolExecutor(12) as threads:
        codes = list(threads.map(guess, ["Maya"] * 12))
    assert sorted(codes) == [401] * 5 + [429] * 7


def test_logging_in_often_is_no_guessing(client):
    assert [client.post("/staff/login", data=GOOD).status_code for _ in range(8)] == [303] * 8


def test_another_sites_page_cannot_act_with_a_staff_cookie(client):
    client.post("/staff/login", data=GOOD)
    for origin, status in (("http://other.testserver", 401), ("null", 401), ("http://testserver", 200)):
        assert client.post("/staff/gradio_api/component_server", headers={"origin": origin}).status_code == status
    assert client.get("/staff/", headers={"origin": "http://other.testserver"}).text == "the console"


def test_the_brake_lets_go_when_its_window_has_passed():
    now = [0.0]
    brake = Brake(tries=2, window=10, clock=lambda: now[0])
    brake.fail("a")
    now[0] = 4.0
    brake.fail("a")
    assert (brake.wait("a"), brake.wait("b")) == (6.0, 0.0)
    now[0] = 10.0
    assert brake.wait("a") == 0.0
    brake.fail("a")
    brake.clear("a")
    assert brake.wait("a") == 0.0


def test_the_log_in_is_kept_in_the_audit_trail_without_the_name_that_was_tried(client, installation):
    client.post("/staff/login", data={**GOOD, "name": "ruth@example.com"})
    client.post("/staff/login", data=GOOD)
    events = installation[0].store.audit.recent()
    assert [e.act for e in events[:2]] == ["staff.login", "staff.refused"]
    assert not re.search("ruth", str(events))


def test_the_name_that_was_tried_does_not_come_back(client):
    assert "ruth@example.com" not in client.post("/staff/login", data={**GOOD, "name": "ruth@example.com"}).text
