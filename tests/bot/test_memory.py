"""What a conversation remembers."""

import json
from dataclasses import replace

import pytest

from bot.dialogue import Dialogue, Move
from bot.memory import Memory, conversation_secret
from bot.slots import Slot
from bot.turn import Kind, Reply, Source, Turn
from guardrails.verdict import Action, Verdict
from models.intent import Intent

SECRET = conversation_secret("installation", "conversation")


def test_each_conversation_of_each_installation_has_a_secret_of_its_own() -> None:
    secrets = {conversation_secret(i, c) for i in ("one", "two") for c in ("a", "b")}
    assert len(secrets) == 4


def test_a_conversation_that_has_just_begun_remembers_nothing() -> None:
    memory = Memory.from_dict({}, SECRET)
    assert (dict(memory.slots), memory.dialogue.questions, len(memory.placeholders)) == ({}, 0, 0)


def test_a_memory_comes_back_from_json_as_it_went_in() -> None:
    memory = Memory.from_dict({}, SECRET)
    assert memory.placeholders.name("EMAIL", "kit@example.com") == "[EMAIL_1]"
    memory = memory.after(Turn("c", named={"order": "LL-123456"}, reply=Reply(Kind.QUESTION, "Which?")))
    again = Memory.from_dict(json.loads(json.dumps(memory.to_dict())), SECRET)
    assert (dict(again.slots), again.dialogue.questions) == ({"order": Slot("LL-123456")}, 1)
    assert again.placeholders.name("EMAIL", "KIT@example.com") == "[EMAIL_1]"
    assert again.placeholders.name("EMAIL", "other@example.com") == "[EMAIL_2]"


def test_a_memory_holds_no_raw_value() -> None:
    memory = Memory.from_dict({}, SECRET)
    memory.placeholders.name("EMAIL", "kit@example.com")
    assert "kit" not in json.dumps(memory.to_dict())
    assert "kit" not in repr(memory)


@pytest.mark.parametrize(
    ("kinds", "questions"),
    [
        ([Kind.QUESTION], 1),
        ([Kind.QUESTION, Kind.QUESTION], 2),
        ([Kind.QUESTION, Kind.ANSWER], 0),
        ([Kind.QUESTION, Kind.HANDOFF], 0),
        ([Kind.QUESTION, Kind.REFUSAL, Kind.QUESTION], 2),  # a refusal answers nothing
        ([Kind.REFUSAL], 0),
        ([], 0),
    ],
)
def test_questions_in_a_row_are_counted(kinds: list[Kind], questions: int) -> None:
    memory = Memory.from_dict({}, SECRET)
    for kind in kinds:
        memory = memory.after(Turn("c", dialogue=memory.dialogue, reply=Reply(kind, "text")))
    assert memory.dialogue.questions == questions


def test_a_message_that_was_asked_back_upon_is_kept_until_one_is_answered() -> None:
    said, unclear = Verdict(Action.ALLOW, "my bed"), Intent("order_status", 0.4)
    asked = Turn("c", inbound=said, intent=unclear, reply=Reply(Kind.QUESTION, "Which?"))
    memory = Memory.from_dict({}, SECRET).after(asked)
    assert (memory.dialogue.pending, memory.dialogue.before) == ("my bed", "my bed")
    assert memory.after(replace(asked, intent=None)).dialogue.pending == ""  # a guard asked: it may be an attack
    calls = replace(asked, inbound=Verdict(Action.ALLOW, "hi?"), move=Move.CALLS, dialogue=memory.dialogue)
    assert memory.after(calls).dialogue.pending == "my bed"  # it still waits
    source = Source("intent", "order_status", "where an order is now")
    answered = memory.after(replace(asked, reply=Reply(Kind.ANSWER, "There.", (source,)))).dialogue
    assert (answered.pending, answered.question, answered.before) == ("", "my bed", "my bed")


def test_what_was_not_asked_is_no_longer_talked_about() -> None:
    before = Dialogue(topics=("refund", "order_status"), question="where is it?")
    denies = Turn("c", dialogue=before, move=Move.DENIES, reply=Reply(Kind.QUESTION, "What is it about?"))
    after = Memory.from_dict({}, SECRET).after(denies).dialogue
    assert (after.topics, after.question) == (("refund",), "")
