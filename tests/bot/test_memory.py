"""What a conversation remembers, and the slots it finds."""

import json

import pytest

from bot.memory import Memory, Slots, conversation_secret
from bot.turn import Kind, Reply

SECRET = conversation_secret("installation", "conversation")


def test_each_conversation_of_each_installation_has_a_secret_of_its_own() -> None:
    secrets = {conversation_secret(i, c) for i in ("one", "two") for c in ("a", "b")}
    assert len(secrets) == 4


def test_a_conversation_that_has_just_begun_remembers_nothing() -> None:
    memory = Memory.from_dict({}, SECRET)
    assert (dict(memory.slots), memory.questions, len(memory.placeholders)) == ({}, 0, 0)


def test_a_memory_comes_back_from_json_as_it_went_in() -> None:
    memory = Memory.from_dict({}, SECRET)
    assert memory.placeholders.name("EMAIL", "kit@example.com") == "[EMAIL_1]"
    memory = memory.after(Reply(Kind.QUESTION, "Which?"), {"order": "LL-123456"})
    again = Memory.from_dict(json.loads(json.dumps(memory.to_dict())), SECRET)
    assert (dict(again.slots), again.questions) == ({"order": "LL-123456"}, 1)
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
        ([Kind.QUESTION, Kind.REFUSAL, Kind.QUESTION], 1),
        ([], 0),
    ],
)
def test_questions_in_a_row_are_counted(kinds: list[Kind], questions: int) -> None:
    memory = Memory.from_dict({}, SECRET)
    for kind in kinds:
        memory = memory.after(Reply(kind, "text"), {})
    assert memory.questions == questions


SLOTS = Slots(r"LL-\d{6}", ("Wren", "Wren sofa", "Kettle mug (blue)"))


@pytest.mark.parametrize(
    ("text", "slots"),
    [
        ("where is LL-123456?", {"order": "LL-123456"}),
        ("where is ll-123456", {"order": "LL-123456"}),
        ("LL-111111, no, LL-222222!", {"order": "LL-222222"}),  # the last mention counts
        ("XLL-123456 LL-1234567", {}),  # part of something longer
        ("LL-12345", {}),
        ("my Wren sofa broke", {"product": "Wren sofa"}),  # the longest name
        ("my wren broke", {"product": "wren"}),
        ("a Kettle mug (blue) came", {"product": "Kettle mug (blue)"}),  # names are no patterns
        ("Wrenches", {}),
        ("[EMAIL_1] wrote", {}),
        ("", {}),
    ],
)
def test_slots_are_found_in_a_message(text: str, slots: dict[str, str]) -> None:
    assert SLOTS.find(text) == slots


def test_a_shop_without_orders_and_products_has_no_slots() -> None:
    assert Slots().find("LL-123456 Wren") == {}
