"""Intents, utterances and approvals as they are kept, on both databases."""

import pytest

from bot.errors import NotFound
from bot.records import Example
from bot.store import Store
from guardrails.verdict import Action
from tests.bot.examples import INTENTS


def test_intents_are_replaced_whole_and_keep_their_order(store: Store) -> None:
    store.content.put_intents(INTENTS)
    assert list(store.content.intents().values()) == INTENTS
    store.content.put_intents(INTENTS[::-1][:2])
    assert list(store.content.intents().values()) == INTENTS[::-1][:2]


def test_an_answer_can_be_changed_and_an_unknown_intent_is_told(store: Store) -> None:
    store.content.put_intents(INTENTS)
    store.content.set_answer("refund", "Tomorrow.", "ann")
    assert store.content.intents()["refund"].answer == "Tomorrow."
    with pytest.raises(NotFound, match="there is no such intent"):
        store.content.set_answer("nothing_such", "x", "ann")


def test_an_utterance_is_kept_once_keeps_its_split_and_takes_the_new_label(store: Store) -> None:
    assert store.content.put_examples([Example("Where is it", "a", "dev"), Example("where  IS it", "a", "dev")]) == 1
    assert store.content.put_examples([Example("where is it", "b", "train", "correction")]) == 0
    ((text_, label, split),) = [(e.text, e.label, e.split) for e in store.content.examples()]
    assert (text_.lower().split(), label, split) == (["where", "is", "it"], "b", "dev")


def test_seeds_can_be_replaced_without_touching_corrections(store: Store) -> None:
    store.content.put_examples([Example("one", "a"), Example("two", "a", origin="correction")])
    store.content.put_examples([Example("three", "a")], replace_origin="seed")
    assert {e.text for e in store.content.examples()} == {"two", "three"}


def test_approvals_belong_to_one_policy(store: Store) -> None:
    store.content.approve({"k1": Action.ALLOW.name, "k2": Action.REFUSE.name}, "p1")
    store.content.approve({"k1": Action.REFUSE.name}, "p2")  # screened again under another policy
    assert store.content.approvals("p1") == {"k2": "REFUSE"}
    assert store.content.approvals("p2") == {"k1": "REFUSE"}
