"""From corrections to a promotion, with a training that writes what it is told to."""

import csv
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bot.records import Example
from bot.settings import Settings
from bot.store import Store
from models.folder import ModelFolder
from models.trunk import Trunk
from training.dataset import Examples
from training.intents.recipe import train_intent
from training.intents.retrain import NothingToLearn, retrain, write_dataset

SEEDS = [
    Example(f"{word} {n}", label, split)
    for label, word in (("refund", "money"), ("delivery", "parcel"))
    for n, split in enumerate(("train", "train", "dev", "test"))
]


class Recipe:
    """A training that keeps what it was given, and a measuring that gives the accuracies set for it."""

    def __init__(self, accuracy: float, before: float = 0.8) -> None:
        self.accuracy, self.before = accuracy, before
        self.given: dict[str, Any] = {}
        self.trained_on: list[dict[str, str]] = []
        self.measured_on: list[Path] = []

    def train(self, train: Path, dev: Path, test: Path | None, out: Path, **options: Any) -> None:
        with train.open(encoding="utf-8") as rows:
            self.trained_on = list(csv.DictReader(rows))
        self.given = {"dev": dev, "test": test, "out": out, **options}
        manifest = {"kind": "branch", "task": "intent", "labels": ["refund"], "head": {}, "description": out.name}
        ModelFolder.write(out, manifest, {"head.weight": np.zeros((1, 4), np.float32)})

    def evaluate(self, folder: Path, data: Path) -> float:
        self.measured_on.append(data)
        return self.accuracy if folder == self.given["out"] else self.before


@pytest.fixture
def place(tmp_path: Path) -> tuple[Store, Settings]:
    settings = Settings(home=tmp_path)
    store = Store.open(settings.database)
    store.content.put_examples(SEEDS)
    return store, settings


def test_a_dataset_is_named_by_what_is_in_it(tmp_path: Path) -> None:
    one, again = write_dataset(SEEDS, tmp_path), write_dataset(list(reversed(SEEDS)), tmp_path)
    other = write_dataset([*SEEDS, Example("money 9", "refund", "train", "correction")], tmp_path)
    assert one.fingerprint == again.fingerprint != other.fingerprint
    assert (one.counts, one.corrections, other.corrections) == ({"train": 4, "dev": 2, "test": 2}, 0, 1)


def test_without_utterances_the_way_out_is_told(tmp_path: Path) -> None:
    with pytest.raises(NothingToLearn, match="handrail import intents"):
        write_dataset([e for e in SEEDS if e.split != "test"], tmp_path)


def test_the_first_model_is_promoted_and_begins_at_the_base(place: tuple[Store, Settings]) -> None:
    store, settings = place
    recipe = Recipe(0.5)
    result = retrain(store, settings, recipe.train, recipe.evaluate)
    assert (result.promoted, result.before) == (True, None)
    assert "start" not in recipe.given
    assert store.models.serving()["intent"].version == result.version


@pytest.mark.parametrize(
    ("accuracy", "promoted"),
    [(0.81, True), (0.8, True), (0.795, True), (0.794, False)],  # half a point is chance
)
def test_a_model_is_promoted_only_if_it_is_no_worse(
    place: tuple[Store, Settings], accuracy: float, promoted: bool
) -> None:
    store, settings = place
    first = Recipe(0.8)
    serving = retrain(store, settings, first.train, first.evaluate)
    recipe = Recipe(accuracy)
    result = retrain(store, settings, recipe.train, recipe.evaluate, who="ann")
    assert result.promoted is promoted
    now = store.models.serving()["intent"]
    assert now.version == (result.version if promoted else serving.version)
    assert store.audit.recent(1)[0].act == ("model.promote" if promoted else "model.refuse")
    assert recipe.given["start"] == serving.folder.resolve()
    assert recipe.given["parent"] == serving.version


def test_many_retrainings_cannot_lose_little_by_little(place: tuple[Store, Settings]) -> None:
    store, settings = place
    told = []
    for accuracy, before in ((0.8, 0.0), (0.796, 0.8), (0.792, 0.796)):
        recipe = Recipe(accuracy, before)
        told.append(retrain(store, settings, recipe.train, recipe.evaluate))
    assert [result.promoted for result in told] == [True, True, False]
    assert told[2].before == 0.8


def test_corrections_are_learnt_from_and_the_frozen_test_set_is_not(place: tuple[Store, Settings]) -> None:
    store, settings = place
    store.content.put_examples(
        [
            Example("where did my cash go", "refund", "train", "correction", "chat", "turn"),
            Example("money 3", "delivery", "train", "correction", "chat", "other"),  # a text of the test set
        ]
    )
    recipe = Recipe(0.9)
    result = retrain(store, settings, recipe.train, recipe.evaluate)
    learnt = {row["text"]: row for row in recipe.trained_on}
    assert learnt["where did my cash go"]["conversation"] == "chat"  # lineage
    assert "money 3" not in learnt
    assert recipe.given["test"] is None
    with recipe.measured_on[0].open(encoding="utf-8") as rows:
        assert {row["text"]: row["label"] for row in csv.DictReader(rows)}["money 3"] == "refund"
    assert result.dataset.corrections == 1


@pytest.mark.train
def test_a_retraining_goes_on_from_the_serving_model_whatever_its_depth(
    tmp_path: Path, trunk: Trunk, trained: Path, examples: Examples
) -> None:
    settings = Settings(home=tmp_path)
    store = Store.open(settings.database)
    pairs = dict(zip(examples.texts, examples.labels, strict=True))
    splits = {split: [(text, f"{split} {text}") for text in pairs] for split in ("train", "dev", "test")}
    store.content.put_examples(
        [Example(said, pairs[text], split) for split, texts in splits.items() for text, said in texts]
    )
    serving = ModelFolder.load(trained)
    store.models.promote("intent", serving.version, trained, by="ann", reason="the first", metrics={})
    train = partial(train_intent, threads=1, quiet=True, trunk=trunk)
    result = retrain(store, settings, train, lambda folder, _: float(folder != trained))
    made = ModelFolder.load(result.folder)
    assert (made.depth, made.manifest["parent"], result.promoted) == (serving.depth, serving.version, True)
    assert made.depth == 1  # which is not what a first training takes
