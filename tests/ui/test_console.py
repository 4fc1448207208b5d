from datetime import UTC, datetime, timedelta

import pytest

from bot.errors import Conflict
from bot.turn import new_id
from ui.bridge import bridge
from ui.console import Console
from ui.render.console import ago
from ui.render.turn import opened

NASTY = "<script>alert(1)</script> & refund"


@pytest.fixture
def console(installation):
    bot, desk, _ = installation
    return Console(bot.store, desk)


@pytest.fixture
def talk(installation):
    bot, _, _ = installation

    def say(*texts, visitor="ann"):
        chat = bot.start(visitor)
        return [bot.respond(chat.id, text, id=new_id()) for text in texts]

    return say


def test_those_who_wait_stand_first_with_the_reason(console, talk):
    talk("where is my order", visitor="bob")
    talk("let me talk to a person")
    talk("When do I get my refund?", visitor="eve")
    html = console.list("Maya", {})["html"]
    assert html.index("Waiting for a person") < html.index("Asked for a person") < html.index("Other conversations")


@pytest.mark.parametrize(
    ("ask", "shown"),
    [
        ({}, 3),
        ({"text": "REFUND"}, 1),
        ({"intent": "order_status"}, 1),
        ({"state": "waiting"}, 1),
        ({"unhelpful": True}, 1),
        ({"text": "giraffe"}, 0),
        ({"limit": 2}, 2),
        ({"limit": "no", "text": 7}, 3),
    ],
)
def test_filters_narrow_the_list(console, installation, talk, ask, shown):
    talk("where is my order")
    talk("a person please", visitor="bob")
    [turn] = talk("When do I get my refund?", visitor="eve")
    installation[1].rate(turn.id, False)
    seen = console.list("Maya", ask)
    assert seen["shown"] == shown
    assert seen["html"].count('role="option"') == shown


def test_an_empty_list_says_what_to_do(console):
    assert "write a message" in console.list("Maya", {})["html"]
    assert "Clear filters" in console.list("Maya", {"text": "giraffe"})["html"]


def test_an_opened_turn_shows_what_was_understood_found_and_seen(console, talk):
    [turn] = talk("LL-150233: I want my money back, ruth@example.com")
    html = console.turn("Maya", {"turn": turn.id})["html"]
    for part in (
        "When a refund arrives", "93%", "<mark>money back</mark>", "Sent the lamp back", "82%", "<td>pii</td>",
        "0.99", "0.40", "removed", "9f2c41d07a3e", "3.7\u202fms", "understand 0.2", "LL-150233",
    ):  # fmt: skip
        assert part in html
    assert "ruth@" not in html


def test_what_customers_wrote_is_escaped_everywhere(console, installation, talk):
    [turn] = talk(NASTY)
    installation[1].rate(turn.id, False, (), NASTY)
    console.correct("Maya", {"turn": turn.id, "answer": NASTY, "note": NASTY + '"'})
    seen = [
        console.list("Maya", {}),
        console.chat("Maya", {"id": turn.conversation}),
        console.turn("Maya", {"turn": turn.id}),
    ]
    assert "<script" not in str(seen)
    assert all("&lt;script&gt;" in str(part) for part in seen)


def test_a_correction_teaches_the_intent_and_the_answer(console, installation, talk):
    store = installation[0].store
    [turn] = talk("how do i send back a lamp")
    seen = console.correct(
        "Maya", {"turn": turn.id, "intent": "warranty", "answer": "Ask ruth@example.com", "note": "n"}
    )
    assert seen == {"said": "Saved. The intent counts at the next training. The bot can find the answer from now on."}
    kept = store.chats.turn(turn.id).correction
    assert (kept.staff, kept.intent, kept.answer, kept.note) == ("Maya", "warranty", "Ask [EMAIL_1]", "n")
    assert [e.label for e in store.content.examples()] == ["warranty"]
    html = console.turn("Jon", {"turn": turn.id})["html"]
    assert "Corrected by Maya" in html
    assert '<option value="warranty" selected>' in html


def test_an_answer_left_as_it_was_is_no_correction(console, installation, talk):
    [turn] = talk("how do i send back a lamp")
    assert "Nothing was changed" in console.correct("Maya", {"turn": turn.id, "answer": turn.reply.text})["error"]
    console.correct("Maya", {"turn": turn.id, "answer": turn.reply.text, "intent": "oos"})
    kept = installation[0].store.chats.turn(turn.id).correction
    assert (kept.intent, kept.answer) == ("oos", None)


def test_who_takes_over_writes_alone_until_they_hand_back(console, talk):
    [turn] = talk("let me talk to a person")
    here = {"id": turn.conversation}
    assert console.chat("Maya", here)["free"]
    assert console.take("Maya", here)["mine"]
    assert "Hello there" in console.say("Maya", {**here, "text": " Hello there "})["html"]
    assert not console.chat("Jon", here)["mine"]
    assert "With Maya" in console.chat("Jon", here)["head"]
    for act in (console.take, console.back):
        with pytest.raises(Conflict):
            act("Jon", here)
    assert console.back("Maya", here)["free"]


def test_the_frame_names_the_models_that_serve(console, installation, tmp_path):
    assert "came with Handrail" in console.frame("Maya", {})["serving"]
    installation[0].store.models.promote("intent", "9f2c41d07a3e", tmp_path, by="op", metrics={"accuracy": 0.961})
    assert "intent <code>9f2c41d</code>, 96% right" in console.frame("Maya", {})["serving"]


@pytest.mark.parametrize(
    ("past", "text"),
    [(10, "now"), (240, "4 min"), (7300, "2 h"), (259200, "3 d"), (1728000, "2 Jan"), (34560000, "18 Dec 2024")],
)
def test_times_are_told_in_their_largest_unit(past, text):
    now = datetime(2026, 1, 22, 12, tzinfo=UTC)
    assert ago(now - timedelta(seconds=past), now) == text


def test_a_mood_that_is_not_even_is_shown_in_the_list_the_conversation_and_the_turn(console, talk):
    calm, upset = talk("where is my order", "let me talk to a person, this is ridiculous and URGENT")
    chip = '<b class="mood upset">Upset</b><b class="mood urgent">Urgent</b>'
    assert chip in console.list("Maya", {})["html"]
    assert console.chat("Maya", {"id": upset.conversation})["html"].count(chip) == 1
    assert f"{chip}<span" in console.turn("Maya", {"turn": upset.id})["html"]
    assert "<b>Even</b>" in console.turn("Maya", {"turn": calm.id})["html"]


def test_an_opened_turn_says_what_it_does_in_its_conversation_and_which_questions_it_holds(installation, talk):
    turn = installation[0].store.chats.turn(talk("where is my order")[0].id)
    dialogue = {"move": "continues", "with_before": True, "questions": 1, "frustration": 0.42}
    part = {"text": "a", "label": "refund_status", "title": "when a refund arrives", "confidence": 0.9}
    html = opened(turn, {"text": "a? b?", "dialogue": dialogue, "parts": [part, {**part, "title": "an exchange"}]}, {})
    assert "Continues, read with the question before · frustration 0.42 of 1 before it · 1 question back" in html
    assert "When a refund arrives" in html
    assert "An exchange" in html


def test_what_there_is_not_is_told_without_what_was_asked_for(console, talk):
    (turn,) = talk("where is my order")
    call = bridge(console.acts, lambda request: "ann")
    asks = [
        {"act": "chat", "id": "kit@example.com"},
        {"act": "take", "id": "kit@example.com"},
        {"act": "say", "id": "kit@example.com", "text": "Hello"},
        {"act": "turn", "turn": "kit@example.com"},
        {"act": "correct", "turn": "kit@example.com"},
        {"act": "correct", "turn": turn.id, "intent": "kit@example.com"},
    ]
    for ask in asks:
        assert call(ask, None)["error"].startswith("there is no such ")
        assert "kit@" not in call(ask, None)["error"]
