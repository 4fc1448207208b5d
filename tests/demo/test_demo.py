"""The demo shop is rich, whole, and honest: nothing of its test split is nearly in its training split."""

import json
import re
from collections import Counter, defaultdict
from datetime import datetime
from functools import cache
from typing import Any
from zlib import crc32

import numpy as np
import pytest
import yaml

from bot.content import OUT_OF_SCOPE, read_examples, read_intents, read_shop
from bot.paths import DEMO
from bot.records import Example, IntentSpec
from bot.templates import SLOTS, render
from bot.turn import Kind

NEAR = 0.6  # two texts of which this part of all their runs of four characters is shared are nearly the same
SAME_WORDS = 0.8  # the same for the words of a test conversation, which may take up what an utterance says
BINS = 256  # into which the runs are counted: more of them cost more and let fewer pairs through to be compared
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


def runs(text: str) -> frozenset[str]:
    """The runs of four characters of a text without its punctuation and case; of a shorter text the whole."""
    bare = " ".join(re.findall(r"\w+", text.casefold()))
    return frozenset(bare[at : at + 4] for at in range(max(1, len(bare) - 3)))


def near_pairs(texts: list[str], splits: np.ndarray) -> list[tuple[int, int]]:
    """The places of all pairs of different splits, not both before "train", that share `NEAR` of their runs.

    The product of two texts' counts by bin is at least the number of runs that both have, so that only the few pairs
    where it is high enough are compared run by run.
    """
    every = [runs(text) for text in texts]
    counts = np.zeros((len(texts), BINS), dtype=np.float32)
    for row, found in zip(counts, every, strict=True):
        for run in found:
            row[crc32(run.encode()) % BINS] += 1
    sizes = counts.sum(axis=1)
    near = []
    held_out = np.flatnonzero(splits != "train")
    for block in np.array_split(held_out, len(held_out) // 500 + 1):
        enough = (1 + NEAR) * (counts[block] @ counts.T) >= NEAR * (sizes[block, None] + sizes)
        for at, two in np.argwhere(enough & (splits[block, None] != splits)):
            one = block[at]
            both, either = len(every[one] & every[two]), len(every[one] | every[two])
            if (splits[two] == "train" or two > one) and both >= NEAR * either:
                near.append((int(one), int(two)))
    return near


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
    near = near_pairs([text for text, _ in every], np.array([split for _, split in every]))
    assert [(every[one], every[two]) for one, two in near] == []


def test_texts_that_differ_by_a_word_or_a_slip_count_as_nearly_the_same() -> None:
    texts = ["I need an invoice", "need an invoice", "payment won't go through", "payment wont go through", "invoice"]
    assert near_pairs(texts, np.array(["train", "test", "train", "dev", "test"])) == [(1, 0), (3, 2)]
    assert near_pairs(texts, np.array(["train", "train", "dev", "dev", "test"])) == []


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
    near = [t for t, mine in long if any(len(mine & other) >= SAME_WORDS * len(mine | other) for other in train)]
    assert near == []
