from datetime import UTC, date, datetime, timedelta

import pytest

from bot.records import State
from bot.turn import new_id
from ui.bridge import GONE, LOST, bridge
from ui.chat import Chat

NASTY = "<img src=x onerror=alert(1)>"


@pytest.fixture
def chat(installation):
    bot, desk, _ = installation
    return Chat(bot, desk, max_chars=200)


def send(chat, text, visitor="ann", turn=None):
    return chat.send(visitor, {"text": text, "id": turn or new_id()})


def only_turn(chat, visitor="ann"):
    store = chat._bot.store
    return store.chats.transcript(chat._bot.latest_of(visitor).id)[-1]


def test_a_newcomer_is_welcomed_with_a_word_on_privacy_and_four_starters(chat):
    seen = chat.open("ann", {})
    assert seen["html"].count('class="starter"') == 4
    assert "Personal details are removed before anything is stored" in seen["html"]
    assert "a bot" in seen["html"]
    assert seen["state"] == State.OPEN
    assert seen["last"] == -1


def test_looking_at_the_page_opens_no_conversation(chat):
    chat.open("ann", {})
    assert chat._bot.latest_of("ann") is None


def test_a_reply_names_its_sources_and_offers_what_comes_next(chat):
    html = send(chat, "When do I get my refund?")["html"]
    assert "within 5 working days" in html
    assert "2 sources" in html
    assert 'class="pill"' in html
    assert 'data-act="why"' in html


def test_history_survives_a_reload_and_only_the_last_turn_offers_quick_replies(chat):
    send(chat, "When do I get my refund?")
    send(chat, "where is my order")
    html = chat.open("ann", {})["html"]
    assert html.index("When do I get my refund?") < html.index("where is my order")
    assert html.count('class="options"') == 1


def test_one_visitor_never_sees_what_belongs_to_another(chat):
    send(chat, "When do I get my refund?")
    turn = only_turn(chat).id
    assert "refund?" not in chat.open("bob", {})["html"].split('class="starters"')[0]
    call = bridge(chat.acts, lambda request: "bob")
    for act in ("why", "rate"):
        assert "there is no turn" in call({"act": act, "turn": turn, "helpful": True}, None)["error"]
    answer = send(chat, "where is my order", visitor="bob", turn=turn)
    assert "A refund reaches" not in answer["html"]


def test_a_turn_that_there_is_not_is_told_without_what_was_asked_for(chat):
    call = bridge(chat.acts, lambda request: "ann")
    for act in ("why", "rate"):
        assert call({"act": act, "turn": "kit@example.com"}, None)["error"] == "there is no such turn"


def test_markup_in_a_message_is_shown_as_text(chat):
    assert NASTY not in send(chat, f"{NASTY} refund")["html"]
    assert "&lt;img src=x onerror=alert(1)&gt;" in chat.open("ann", {})["html"]


def test_what_is_shown_and_saved_is_the_redacted_message(chat):
    html = send(chat, "refund please, I am ruth@example.com")["html"]
    saved = chat.save("ann", {})["text"]
    assert "ruth@" not in html + saved
    assert 'data-placeholder="EMAIL_1"' in html
    assert "You: refund please, I am [EMAIL_1]" in saved


@pytest.mark.parametrize("text", ["", "   \n ", None, 3])
def test_an_empty_message_does_nothing(chat, text):
    assert send(chat, text) == {"html": ""}
    assert chat._bot.latest_of("ann") is None


def test_a_long_message_gets_a_calm_line_with_both_numbers(chat):
    assert send(chat, "x" * 201)["error"] == "That is 201 characters. Please keep to 200, or send it in parts."


def test_why_marks_the_words_that_mattered_in_the_customers_own_message(chat):
    send(chat, "tell me: When do I get my money back?")
    html = chat.why("ann", {"turn": only_turn(chat).id})["html"]
    assert "<mark>money back</mark>" in html
    assert "93% sure" in html


def test_a_thumb_keeps_known_reasons_and_a_redacted_comment(chat):
    send(chat, "When do I get my refund?")
    rating = {"helpful": False, "reasons": ["It is wrong", "made up", 3], "comment": "mail ann@example.com"}
    chat.rate("ann", {"turn": only_turn(chat).id, **rating})
    kept = only_turn(chat).feedback
    assert (kept.helpful, kept.reasons, kept.comment) == (False, ("It is wrong",), "mail [EMAIL_1]")
    assert (
        'data-way="down" aria-label="Not helpful" title="Not helpful" aria-pressed="true"'
        in chat.open("ann", {})["html"]
    )


def test_asking_for_a_person_always_ends_in_the_line_for_one(chat):
    seen = chat.person("ann", {"id": new_id()})
    assert seen["state"] == State.WAITING
    assert "Monday to Saturday" in seen["line"]


def test_what_a_person_writes_reaches_the_customer_with_their_name(chat, installation):
    _, desk, _ = installation
    send(chat, "let me talk to a person")
    conversation = only_turn(chat).conversation
    desk.take_over(conversation, "Maya")
    desk.say(conversation, "Maya", "Hello, Maya here. **One moment**")
    seen = chat.poll("ann", {"after": 0})
    assert "Maya has joined" in seen["html"]
    assert "<strong>One moment</strong>" in seen["html"]
    assert seen["presence"] == "Maya is answering"
    assert chat.poll("ann", {"after": seen["last"]})["html"] == ""
    assert 'class="reply"' not in send(chat, "hello Maya")["html"]
    desk.hand_back(conversation, "Maya")
    assert "The assistant answers again" in send(chat, "When do I get my refund?")["html"]


def test_starting_over_begins_with_the_welcome_and_stays_there(chat):
    send(chat, "When do I get my refund?")
    assert "starter" in chat.restart("ann", {})["html"]
    assert "starter" in chat.open("ann", {})["html"]


def test_older_conversations_show_the_day(chat):
    from ui.render.chat import transcript

    send(chat, "where is my order")
    turn = only_turn(chat)
    later = (datetime.now(UTC) + timedelta(days=1)).astimezone().date()
    assert "Yesterday" in transcript([turn], later)
    assert "Yesterday" not in transcript([turn], date.today())


def test_an_error_is_told_in_the_customers_words_and_logged_without_what_was_said(chat, caplog):
    chat._bot.broken = True
    call = bridge(chat.acts, lambda request: "ann")
    assert call({"act": "send", "text": "my secret", "id": new_id()}, None) == {"error": LOST}
    assert caplog.messages == ["send failed with RuntimeError"]


@pytest.mark.parametrize("ask", [None, "send", {}, {"act": "erase"}, {"act": ["send"]}])
def test_what_is_no_act_is_turned_away(chat, ask):
    assert bridge(chat.acts, lambda request: "ann")(ask, None) == {"error": GONE, "gone": True}


def test_a_browser_without_the_cookie_is_asked_to_load_the_page_again(chat):
    assert bridge(chat.acts, lambda request: None)({"act": "open"}, None)["gone"]
