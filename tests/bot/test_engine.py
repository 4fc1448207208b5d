"""The straight line, from a message to a kept turn."""

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from bot import phrases
from bot.draft import Draft
from bot.errors import Conflict, NotFound, StoreUnavailable
from bot.records import State
from bot.store import Store
from bot.turn import Kind, Reply
from guardrails.verdict import Action, Verdict
from models.intent import Intent
from retrieval.passage import Passage
from tests.bot.examples import INTENTS
from tests.bot.fakes import FakeRetriever, FakeScreen, Understanding, bot, composer, serving

CANARY = "canary.kit@example.com"
SURE = Intent("order_status", 0.9)


@pytest.mark.parametrize(
    ("said", "kind", "steps"),
    [
        ("Where is it?", Kind.ANSWER, ["admit", "understand", "recall", "compose", "clear"]),
        ("Refund", Kind.ANSWER, ["admit", "understand", "recall", "compose", "clear"]),
        ("an attack", Kind.REFUSAL, ["admit"]),
        ("in despair", Kind.HANDOFF, ["admit"]),
        ("gibberish", Kind.QUESTION, ["admit"]),
        ("", Kind.QUESTION, ["admit", "understand", "recall", "compose", "clear"]),
        ("talk to a person", Kind.HANDOFF, ["admit", "understand", "recall", "compose", "clear"]),
    ],
)
def test_the_line_stops_at_the_first_step_that_knows_the_reply(
    light: Store, chat: str, said: str, kind: Kind, steps: list[str]
) -> None:
    turn = bot(light).respond(chat, said)
    assert turn.reply is not None
    assert turn.reply.kind is kind
    assert [step for step in turn.timings if step != "total"] == steps
    assert light.chats.turn(turn.id).kind is kind
    assert light.chats.explanation(turn.id)["text"] == turn.text


def test_an_answer_that_needs_an_email_address_asks_for_it_and_says_its_placeholder(light: Store, chat: str) -> None:
    intents = {spec.name: spec for spec in INTENTS}
    intents["order_status"] = replace(intents["order_status"], answer="We have written to {{ email }}.")
    line = bot(light, composer=composer(intents))
    asked, told = line.respond(chat, "Where is it?"), line.respond(chat, CANARY)
    assert asked.reply
    assert told.reply
    assert (asked.reply.kind, asked.reply.text) == (Kind.QUESTION, phrases.DETAILS["email"])
    assert (told.reply.kind, told.reply.text) == (Kind.ANSWER, "We have written to [EMAIL_1].")


def test_what_is_refused_is_neither_understood_nor_looked_up(light: Store, chat: str) -> None:
    understand, retriever = Understanding(), FakeRetriever()
    turn = bot(light, understand=understand, retriever=retriever).respond(chat, "an attack")
    assert (turn.reply and turn.reply.text, turn.reason) == ("I cannot do that.", "pii: word")
    assert (understand.asked, retriever.asked, turn.intent) == (0, [], None)


@pytest.mark.parametrize(("said", "kind"), [("Moth attack", Kind.ANSWER), ("Moth attack!", Kind.REFUSAL)])
def test_no_guard_takes_our_own_button_for_an_attack(light: Store, chat: str, said: str, kind: Kind) -> None:
    spec = replace(INTENTS[0], option="Moth attack")
    reply = bot(light, composer=composer({spec.name: spec})).respond(chat, said).reply
    assert reply is not None
    assert reply.kind is kind
    assert ("I cannot do that." in reply.text) == (kind is Kind.REFUSAL)


def test_a_pressed_button_needs_no_model(light: Store, chat: str) -> None:
    understand = Understanding()
    turn = bot(light, understand=understand).respond(chat, "refund")
    assert (turn.intent, understand.asked) == (Intent("refund", 1.0), 0)


def test_guards_models_and_index_see_the_message_in_this_order(light: Store, chat: str) -> None:
    screen, retriever = FakeScreen(), FakeRetriever()
    bot(light, screen=screen, retriever=retriever).respond(chat, f"I am {CANARY}")
    assert screen.asked == [("in", f"I am {CANARY}"), ("out", "It takes 5 days.")]
    assert retriever.asked == ["I am [EMAIL_1]"]


def test_a_draft_that_is_not_cleared_goes_to_a_person_instead(light: Store, chat: str) -> None:
    passage = Passage("t1", 0.9, "q", "the forbidden thing")
    retriever = FakeRetriever((passage,))
    turn = bot(light, understand=Understanding(Intent("order_status", 0.3)), retriever=retriever).respond(chat, "eh")
    assert turn.reply is not None
    assert (turn.reply.kind, turn.reply.text) == (Kind.HANDOFF, phrases.HANDOFF_UNCLEARED)
    assert turn.reason == "the draft was held back by toxicity"
    assert "forbidden" not in light.chats.turn(turn.id).reply
    assert light.chats.get(chat).state is State.WAITING


def test_a_draft_that_is_not_cleared_is_replaced_by_what_the_policy_says(light: Store, chat: str) -> None:
    retriever = FakeRetriever((Passage("t1", 0.9, "q", "the promised thing"),))
    turn = bot(light, understand=Understanding(Intent("order_status", 0.3)), retriever=retriever).respond(chat, "eh")
    assert turn.reply is not None
    assert (turn.reply.kind, turn.reply.text) == (Kind.HANDOFF, "A colleague has to decide that.")
    assert light.chats.get(chat).state is State.WAITING


def test_a_calm_word_goes_before_the_answer(light: Store, chat: str) -> None:
    turn = bot(light).respond(chat, "I am furious")
    assert turn.reply is not None
    assert turn.reply.text == "I am sorry about the trouble.\n\nIt takes 5 days."
    assert light.chats.turn(turn.id).reply == turn.reply.text


@pytest.mark.parametrize("guard", ["an attack", "gibberish"])
def test_no_guard_keeps_a_warning_from_who_is_in_danger(light: Store, chat: str, guard: str) -> None:
    turn = bot(light).respond(chat, f"{guard}: the lamp is sparking")
    assert turn.reply is not None
    assert turn.reply.kind is Kind.HANDOFF
    assert turn.reply.text.startswith("Please stop using it at once")
    assert light.chats.get(chat).state is State.WAITING


def test_a_calm_word_waits_until_the_warning_was_given(light: Store, chat: str) -> None:
    turn = bot(light).respond(chat, "I am furious, the lamp is sparking. Where is my order?")
    assert turn.reply is not None
    assert turn.reply.text.startswith("Please stop using it at once")
    assert turn.reply.text.endswith("It takes 5 days.\n\nI am sorry about the trouble.")


def test_a_wording_is_cleared_once(light: Store) -> None:
    screen = FakeScreen()
    sut = bot(light, screen=screen)
    for customer in ("one", "two", "three"):
        sut.respond(light.chats.start(customer).id, "Where is it?")
    assert [direction for direction, _ in screen.asked] == ["in", "out", "in", "in"]


def test_what_the_customer_said_before_is_remembered(light: Store, chat: str) -> None:
    sut = bot(light, understand=Understanding(Intent("refund", 0.9)))
    sut.respond(chat, f"LL-123456 for {CANARY}")
    sut.adopt(serving())
    turn = sut.respond(chat, f"and again for other@example.com and {CANARY}")
    assert turn.text == "and again for [EMAIL_2] and [EMAIL_1]"
    assert turn.reply is not None
    assert turn.reply.text == "Order LL-123456 takes 5 days."
    other = light.chats.start("customer-2").id
    assert bot(light).respond(other, "other@example.com").text == "[EMAIL_1]"  # numbers belong to a conversation


def test_after_two_questions_back_a_person_is_asked(light: Store, chat: str) -> None:
    sut = bot(light, understand=Understanding(Intent("order_status", 0.4, (("refund", 0.38),))))
    kinds = [sut.respond(chat, "hm").reply.kind for _ in range(3)]  # type: ignore[union-attr]
    assert kinds == [Kind.QUESTION, Kind.QUESTION, Kind.HANDOFF]
    waiting = light.chats.get(chat)
    assert (waiting.state, waiting.waiting_for) == (State.WAITING, "the bot could not find an answer")


def test_after_two_questions_of_a_guard_a_person_is_asked_and_a_refusal_between_changes_nothing(
    light: Store, chat: str
) -> None:
    sut = bot(light)
    turns = [sut.respond(chat, said) for said in ("gibberish", "an attack", "gibberish", "gibberish")]
    kinds = [turn.reply.kind for turn in turns if turn.reply]
    assert kinds == [Kind.QUESTION, Kind.REFUSAL, Kind.QUESTION, Kind.HANDOFF]
    assert [option.text for option in turns[0].reply.options] == [phrases.PERSON]  # type: ignore[union-attr]


# Sent again


def test_the_same_id_returns_the_first_answer_and_writes_nothing(light: Store, chat: str) -> None:
    screen = FakeScreen()
    sut = bot(light, screen=screen)
    id = uuid4().hex
    first = sut.respond(chat, f"I am {CANARY}", id)
    asked = len(screen.asked)
    again = sut.respond(chat, "something else altogether", id)
    assert (again.id, again.reply, again.text, again.at) == (id, first.reply, first.text, first.at)
    assert len(screen.asked) == asked
    assert len(light.chats.transcript(chat)) == 1


def test_the_id_of_another_conversation_shows_nothing_of_it(light: Store, chat: str) -> None:
    sut = bot(light)
    first = sut.respond(chat, "Where is it?")
    other = light.chats.start("customer-2").id
    with pytest.raises(Conflict):
        sut.respond(other, "Where is it?", first.id)
    assert light.chats.transcript(other) == []


def test_an_unknown_conversation_is_an_error(light: Store) -> None:
    with pytest.raises(NotFound, match="there is no such conversation"):
        bot(light).respond("nowhere", "Hello")


# When something fails


def test_a_turn_that_cannot_be_written_leaves_nothing_and_may_be_sent_again(light: Store, chat: str) -> None:
    sut, id = bot(light), uuid4().hex
    before = light.chats.get(chat)
    with light.database.engine.begin() as connection:
        connection.execute(text("ALTER TABLE explanations RENAME TO gone"))
    with pytest.raises(StoreUnavailable) as error:
        sut.respond(chat, f"I am {CANARY}", id)
    assert CANARY not in str(error.value)
    assert light.chats.get(chat) == before
    assert light.chats.transcript(chat) == []
    assert b"handrail_turns_total{" not in sut.metrics.page()  # what did not happen is not counted
    with light.database.engine.begin() as connection:
        connection.execute(text("ALTER TABLE gone RENAME TO explanations"))
    assert sut.respond(chat, f"I am {CANARY}", id).text == "I am [EMAIL_1]"
    assert [t.id for t in light.chats.transcript(chat)] == [id]


def test_a_turn_is_counted_as_under_way_until_it_is_kept_or_has_failed(light: Store, chat: str) -> None:
    told = list[bool]()

    class Watched(FakeScreen):
        def screen(self, *texts: Any, **more: Any) -> Any:
            told.append(b"handrail_turns_under_way 1.0" in sut.metrics.page())
            return super().screen(*texts, **more)

    sut = bot(light, screen=Watched())
    sut.respond(chat, "Hello")
    assert told
    assert all(told)
    assert b"handrail_turns_under_way 0.0" in sut.metrics.page()
    broken = bot(light, screen=FakeScreen(fails=RuntimeError("broken")))
    with pytest.raises(RuntimeError):
        broken.respond(chat, "Hello")
    assert b"handrail_turns_under_way 0.0" in broken.metrics.page()


def test_a_message_after_one_that_failed_is_answered(light: Store, chat: str) -> None:
    screen = FakeScreen(fails=RuntimeError("broken"))
    sut = bot(light, screen=screen)
    with pytest.raises(RuntimeError):
        sut.respond(chat, "Hello")
    screen.fails = None
    assert sut.respond(chat, "Hello").reply is not None  # the lock was let go


# The raw message


def test_the_raw_message_is_nowhere_but_in_memory(light: Store, chat: str, sqlite: Path, caplog: object) -> None:
    passage = Passage("t1", 0.9, "q", "a")
    sut = bot(light, retriever=FakeRetriever((passage,)))
    turns = [sut.respond(chat, f"{before} {CANARY} LL-123456") for before in ("I am", "an attack by", "in despair")]
    turns += [bot(light, understand=Understanding(Intent("refund", 0.3))).respond(chat, f"hm {CANARY}")]
    assert all(turn.said.endswith(("LL-123456", CANARY)) for turn in turns)
    light.close()
    kept = b"".join(file.read_bytes() for file in sqlite.parent.iterdir())
    assert b"[EMAIL_1]" in kept
    assert CANARY.encode() not in kept
    assert hashlib.sha256(CANARY.encode()).hexdigest().encode() not in kept  # nor a hash that could be guessed
    assert CANARY not in "".join(map(repr, turns))
    assert CANARY not in caplog.text  # type: ignore[attr-defined]
    assert CANARY not in sut.metrics.page().decode()


@pytest.mark.parametrize(
    "said",
    ["\ud800", "a\x00b", "\x1b[31mred", "<script>alert(1)</script>", "\u202edrowssap", "Ω" * 5000, "{{ 7 * 7 }}",
     "'; DROP TABLE turns; --", "[EMAIL_1]", "¿Dónde está mi pedido?", "\n\n\n", "%s %d {0}"],
)  # fmt: skip
def test_any_text_is_answered_and_kept(light: Store, chat: str, said: str) -> None:
    turn = bot(light).respond(chat, said)
    assert turn.reply is not None
    assert turn.reply.text
    assert light.chats.turn(turn.id).text == turn.text


# Who speaks


def test_the_bot_is_silent_while_a_person_owns_the_conversation(light: Store, chat: str) -> None:
    sut, understand = bot(light), Understanding()
    sut.adopt(serving(understand=understand))
    light.chats.move(chat, State.OWNED, owner="ann", who="ann")
    turn = sut.respond(chat, f"I am {CANARY}")
    assert turn.reply is not None
    assert (turn.reply.kind, turn.reply.text, turn.text) == (Kind.SILENCE, "", "I am [EMAIL_1]")
    assert (understand.asked, light.chats.get(chat).state) == (0, State.OWNED)
    assert light.chats.transcript(chat)[0].text == "I am [EMAIL_1]"  # the person reads it


@pytest.mark.parametrize("said", ["an attack", "in despair", "Talk to a person"])
def test_nothing_breaks_the_silence(light: Store, chat: str, said: str) -> None:
    light.chats.move(chat, State.OWNED, owner="ann", who="ann")
    turn = bot(light).respond(chat, said)
    assert turn.reply is not None
    assert turn.reply.kind is Kind.SILENCE
    assert light.chats.get(chat).owner == "ann"


def test_a_handoff_lets_the_customer_wait_and_the_bot_still_answers(light: Store, chat: str) -> None:
    sut = bot(light)
    sut.respond(chat, "in despair")
    assert light.chats.get(chat).state is State.WAITING
    turn = sut.respond(chat, "Where is it?")
    assert turn.reply is not None
    assert turn.reply.kind is Kind.ANSWER
    assert light.chats.get(chat).state is State.WAITING


# Another model or content


def test_what_is_adopted_serves_from_the_next_message_on(light: Store, chat: str) -> None:
    sut = bot(light)
    new = serving(version="v2", understand=Understanding(Intent("refund", 0.9)))
    sut.adopt(serving(screen=FakeScreen(meanwhile=lambda: sut.adopt(new))))
    under_way = sut.respond(chat, "Where is it?")
    after = sut.respond(chat, "Where is it?")
    assert (under_way.versions["intent"], under_way.intent and under_way.intent.label) == ("v1", "order_status")
    assert (after.versions["intent"], after.intent and after.intent.label) == ("v2", "refund")


# Starters


def test_starters_are_those_that_the_shop_names_else_the_operators_first(light: Store) -> None:
    assert [o.label for o in bot(light).starters()][:2] == ["Order status", "Refund"]
    named = replace(composer(), shop={"name": "x", "starters": ["exchange", "unknown", "refund"]})
    assert [o.text for o in bot(light, composer=named).starters()] == ["Exchange", "Refund"]


@pytest.mark.parametrize("said", ["?", "2", "...", "🙂", "[EMAIL_1]"])
def test_a_message_without_words_is_asked_about_and_not_guessed_at(light: Store, chat: str, said: str) -> None:
    turn = bot(light).respond(chat, said)
    assert turn.reply is not None
    assert turn.reply.kind is Kind.QUESTION
    assert "What can I help you with?" in turn.reply.text


def test_a_customers_token_opens_their_history_and_is_not_stored(light: Store) -> None:
    one = bot(light)
    started = one.start("07700900123")
    latest = one.latest_of("07700900123")
    assert latest is not None
    assert latest.id == started.id
    assert one.latest_of(latest.customer) is None
    assert "07700900123" not in latest.customer
    assert one.owns("07700900123", started.id)
    assert not one.owns("somebody else", started.id)
    assert not one.owns(latest.customer, started.id)


def test_an_approved_wording_is_not_screened_again(light: Store, chat: str) -> None:
    from bot.clearance import Clearance

    screen = FakeScreen()
    approved = {screen.content_key("It takes 5 days."): Action.ALLOW.name}
    bot(light, screen=screen, clearance=Clearance(screen, approved)).respond(chat, "Where?")  # type: ignore[arg-type]
    assert [direction for direction, _ in screen.asked] == ["in"]
    refused = {screen.content_key("It takes 5 days."): Action.REFUSE.name}
    bot(light, screen=screen, clearance=Clearance(screen, refused)).respond(chat, "Where?")  # type: ignore[arg-type]
    assert [direction for direction, _ in screen.asked] == ["in", "in", "out"]


def test_a_verdict_that_only_redacts_lets_the_draft_go(light: Store, chat: str) -> None:
    class Redacting:
        def clear(self, draft: object) -> Verdict:
            return Verdict(Action.REDACT, "It takes [a number of] days.")

    turn = bot(light, clearance=Redacting()).respond(chat, "Where?")
    assert turn.reply is not None
    assert turn.reply.text == "It takes [a number of] days."


def test_a_shop_without_intents_still_answers(light: Store, chat: str) -> None:
    sut = bot(light, composer=composer({"person": composer().intents["person"]}))
    turn = sut.respond(chat, "Where is it?")
    assert turn.reply is not None
    assert turn.reply.kind is Kind.HANDOFF


def test_a_value_that_began_in_an_earlier_message_is_taken_out_of_both(light: Store, chat: str) -> None:
    talk = bot(light)
    first = talk.respond(chat, "my card is 4111")
    talk.respond(chat, "2222 thanks")
    assert [turn.text for turn in light.chats.transcript(chat)] == ["my card is [CARD_1]", "[CARD_1] thanks"]
    assert light.chats.explanation(first.id)["text"] == "my card is [CARD_1]"


def test_approved_answers_are_not_screened_again_when_they_are_joined() -> None:
    from bot.clearance import Clearance

    screen = FakeScreen()
    clearance = Clearance(screen, {screen.content_key(text): Action.ALLOW.name for text in ("One.", "Two.")})  # type: ignore[arg-type]
    one, two, new = (Draft(Reply(Kind.ANSWER, text), "sure", wording=text) for text in ("One.", "Two.", "Three."))
    both = Reply(Kind.ANSWER, "One. Two.")
    assert clearance.clear(Draft(both, "several questions", parts=(one, two))).action is Action.ALLOW
    assert screen.asked == []
    clearance.clear(Draft(both, "several questions", parts=(one, new)))
    assert [direction for direction, _ in screen.asked] == ["out"]
