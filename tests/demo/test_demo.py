"""The demo shop is rich, whole, and honest: nothing of its test split is nearly in its training split."""

import json
import re
from collections import Counter, defaultdict
from datetime import datetime
from functools import cache
from typing import Any

import pytest
import yaml

from bot.content import OUT_OF_SCOPE, read_examples, read_intents, read_shop
from bot.paths import DEMO
from bot.records import Example, IntentSpec
from bot.templates import SLOTS, render
from bot.turn import Kind

NEAR = 0.8  # two texts that share this part of their words are nearly the same
APART = ("hard", "blind")  # files of messages that are measured beside the test split
SMALL_TALK = {"greeting", "goodbye", "thanks", "bot_identity"}  # there are only so many ways to say hello


@cache
def intents() -> dict[str, IntentSpec]:
    return {spec.name: spec for spec in read_intents(DEMO / "intents")}


@cache
def utterances() -> list[Example]:
    return [*read_examples(DEMO / "utterances"), *read_examples(DEMO / "oos")]


@cache
def apart(name: str) -> list[Example]:
    return list(read_examples(DEMO / f"{name}.csv"))


@cache
def tickets() -> list[dict[str, Any]]:
    files = sorted((DEMO / "tickets").glob("*.jsonl"))
    return [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines() if line]


@cache
def conversations() -> list[dict[str, Any]]:
    files = sorted((DEMO / "conversations").rglob("*.yaml"))
    return [c for file in files for c in yaml.safe_load(file.read_text(encoding="utf-8"))["conversations"]]


def words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", text.casefold()))


def listed(value: str | list[str] | None) -> list[str]:
    """What a test conversation allows: one or several."""
    return [value] if isinstance(value, str) else value or []


def test_the_shop_can_be_asked_at_least_forty_things() -> None:
    assert len(intents()) >= 40
    assert sum(spec.handoff for spec in intents().values()) == 1  # one way to a person


def test_each_intent_has_at_least_25_utterances_in_three_splits() -> None:
    counts = Counter(e.label for e in utterances())
    assert {name: counts[name] for name in intents() if counts[name] < (20 if name in SMALL_TALK else 25)} == {}
    assert counts.keys() == intents().keys() | {OUT_OF_SCOPE}
    splits = defaultdict(set)
    for example in utterances():
        splits[example.label].add(example.split)
    assert {label: found for label, found in splits.items() if found != {"train", "dev", "test"}} == {}


@pytest.mark.parametrize("name", APART)
def test_the_messages_measured_apart_are_many_and_of_known_intents(name: str) -> None:
    assert {e.label for e in apart(name)} <= intents().keys()
    assert len(apart(name)) >= 1000


def test_at_least_250_messages_are_out_of_scope() -> None:
    assert sum(e.label == OUT_OF_SCOPE for e in utterances()) >= 250


def test_no_two_splits_hold_nearly_the_same_text() -> None:
    beside = [(e.text, name) for name in APART for e in apart(name)]
    every = [*((e.text, e.split) for e in utterances()), *beside]
    texts = sorted(((words(text), split, text) for text, split in every), key=lambda t: len(t[0]))
    near = []
    for at, (mine, mine_in, one) in enumerate(texts):
        for theirs, theirs_in, two in texts[at + 1 :]:
            if len(mine) < NEAR * len(theirs):
                break  # too long from here on to be near
            if mine_in != theirs_in and len(mine & theirs) >= NEAR * len(mine | theirs) > 0:
                near.append((one, two))
    assert near == []


def test_no_text_is_given_twice() -> None:
    counts = Counter(" ".join(e.text.casefold().split()) for e in utterances())
    assert [text for text, times in counts.items() if times > 1] == []


@pytest.mark.parametrize("name", [pytest.param(name, id=name) for name in sorted(intents())])
def test_an_answer_can_be_given_with_and_without_slots(name: str) -> None:
    shop = read_shop(DEMO / "shop.yaml")
    spec = intents()[name]
    for slots in ({}, dict.fromkeys(SLOTS, "LL-204518"), {"order": "LL-204518"}, {"product": "Wren sofa"}):
        answer = render(spec.answer, shop, slots)
        assert len(answer) >= 10
        assert "None" not in answer
        assert not re.search(r"\{\{|\}\}|\{%|  ", answer)
    assert name not in spec.follow_ups


def test_there_are_at_least_300_past_tickets_with_dates_ratings_and_voices() -> None:
    assert len(tickets()) >= 300
    assert len({t["id"] for t in tickets()}) == len(tickets())
    assert all(datetime.fromisoformat(t["created"]) for t in tickets())
    assert all(t["rating"] in (1, 2, 3, 4, 5, None) for t in tickets())
    assert all(t["customer"].strip() and t["agent"].strip() for t in tickets())
    assert len({t["agent_name"] for t in tickets()}) >= 4
    assert {t["intent"] for t in tickets() if t["intent"]} <= intents().keys() | {OUT_OF_SCOPE}
    assert any("@" in t["customer"] for t in tickets())  # some hold personal data, for redaction to find


def test_there_are_at_least_200_test_conversations_that_name_known_intents_and_kinds() -> None:
    assert len(conversations()) >= 200
    turns = [turn for c in conversations() for turn in c["turns"]]
    assert len(turns) >= 2 * len(conversations())
    assert {kind for turn in turns for kind in listed(turn["kind"])} <= set(Kind)
    assert {label for turn in turns for label in listed(turn["intent"])} <= intents().keys() | {OUT_OF_SCOPE}
    assert len({c["name"] for c in conversations()}) == len(conversations())


def test_no_test_conversation_is_nearly_an_utterance_of_the_training_split() -> None:
    train = [words(e.text) for e in utterances() if e.split == "train"]
    said = [(turn["customer"], words(turn["customer"])) for c in conversations() for turn in c["turns"]]
    long = [(text, mine) for text, mine in said if len(mine) > 4]  # "thanks" and "bye" are what they are
    near = [text for text, mine in long if any(len(mine & other) >= NEAR * len(mine | other) for other in train)]
    assert near == []
