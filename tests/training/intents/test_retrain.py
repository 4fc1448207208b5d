"""From corrections to a promotion, with a training that writes what it is told to."""

import csv
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bot.paths import DEMO, DEMO_INTENT_MODEL
from bot.records import Example
from bot.settings import Settings
from bot.store import Store
from models.folder import ModelFolder
from models.trunk import Trunk
from training.dataset import Examples, read_shop
from training.intents.evaluate import read_right
from training.intents.recipe import train_intent
from training.intents.retrain import NothingToLearn, Retrained, retrain, write_dataset
from training.intents.revise import REPEATS, Revision, revise_intent

SEEDS = [
    Example(f"{word} {n}", label, split)
    for label, word in (("refund", "money"), ("delivery", "parcel"))
    for n, split in enumerate(("train",) * 40 + ("dev",) * 2 + ("test",) * 100)
]
CORRECTION = Example("where did my cash go", "refund", "train", "correction", "chat", "turn")


class Recipe:
    """A training that keeps what it was given, and a reading that is right as often as was set for it: of the test set
    `accuracy` and `before` (hundredths), of what is new `learnt` and none."""

    def __init__(self, accuracy: float, before: float = 0.8, *, learnt: bool = True, holds: bool = True) -> None:
        self.accuracy, self.before, self.learnt, self.holds = accuracy, before, learnt, holds
        self.given: dict[str, Any] = {}
        self.trained_on = Examples((), ())
        self.new = Examples((), ())

    def train(self, train: Examples, dev: Examples, test: None, out: Path, **options: Any) -> None:
        self.trained_on, self.given = train, {"way": "train", "out": out, **options}
        _write(out)

    def revise(
        self,
        train: Examples,
        dev: Examples,
        new: np.ndarray,
        out: Path,
        *,
        accept: Callable[[Path], bool],
        **options: Any,
    ) -> Revision:
        self.trained_on, self.new, self.given = train, train.take(new), {"way": "revise", "out": out, **options}
        _write(out)
        if self.holds:
            accept(out)
        return Revision(ModelFolder.load(out), 0.3, 4, 3, 3, int(self.holds))

    def read(self, folder: Path, examples: Examples) -> np.ndarray:
        made = folder == self.given.get("out")
        if examples.texts == self.new.texts:
            return np.full(len(examples), made and self.learnt)
        share = self.accuracy if made else self.before
        return np.arange(len(examples)) < round(share * len(examples))

    def run(self, place: tuple[Store, Settings], who: str = "operator") -> Retrained:
        return retrain(*place, self.train, self.revise, self.read, who=who)


def _write(out: Path) -> None:
    manifest = {"kind": "branch", "task": "intent", "labels": ["refund"], "head": {}, "description": out.name}
    ModelFolder.write(out, manifest, {"head.weight": np.zeros((1, 4), np.float32)})


@pytest.fixture
def place(tmp_path: Path) -> tuple[Store, Settings]:
    """A shop without a model."""
    settings = Settings(home=tmp_path)
    store = Store.open(settings.database)
    store.content.put_examples(SEEDS)
    return store, settings


@pytest.fixture
def served(place: tuple[Store, Settings]) -> tuple[Store, Settings]:
    """A shop whose model was trained, and corrected since."""
    Recipe(0.8).run(place)
    place[0].content.put_examples([CORRECTION])
    return place


def test_a_dataset_is_named_by_what_is_in_it(tmp_path: Path) -> None:
    one, again = write_dataset(SEEDS, tmp_path), write_dataset(list(reversed(SEEDS)), tmp_path)
    other = write_dataset([*SEEDS, CORRECTION], tmp_path)
    assert one.fingerprint == again.fingerprint != other.fingerprint
    assert (one.counts, one.corrections, other.corrections) == ({"train": 80, "dev": 4, "test": 200}, 0, 1)


def test_without_utterances_the_way_out_is_told(tmp_path: Path) -> None:
    with pytest.raises(NothingToLearn, match="handrail import intents"):
        write_dataset([e for e in SEEDS if e.split != "test"], tmp_path)


def test_the_first_model_is_promoted_and_begins_at_the_base(place: tuple[Store, Settings]) -> None:
    recipe = Recipe(0.5)
    result = recipe.run(place)
    assert (result.promoted, result.before, recipe.given["way"]) == (True, None, "train")
    assert "start" not in recipe.given
    assert place[0].models.serving()["intent"].version == result.version


@pytest.mark.parametrize(("accuracy", "promoted"), [(0.81, True), (0.8, True), (0.795, False)])  # one text is enough
def test_a_model_is_promoted_only_if_it_is_no_worse(
    served: tuple[Store, Settings], accuracy: float, promoted: bool
) -> None:
    store, _ = served
    serving, recipe = store.models.serving()["intent"], Recipe(accuracy)
    result = recipe.run(served, who="ann")
    assert (result.promoted, result.before, result.after) == (promoted, 0.8, accuracy)
    assert store.models.serving()["intent"].version == (result.version if promoted else serving.version)
    assert store.audit.recent(1)[0].act == ("model.promote" if promoted else "model.refuse")
    assert (recipe.given["start"], recipe.given["parent"]) == (Path(serving.path), serving.version)
    assert ModelFolder.load(result.folder).version == result.version  # kept, for a look at it
    assert f"{accuracy:.2%} against 80.00%" in result.reason


@pytest.mark.parametrize("recipe", [Recipe(0.9, holds=False), Recipe(0.9, learnt=False, holds=False)])
def test_what_learns_nothing_more_or_costs_the_dev_split_is_not_promoted(
    served: tuple[Store, Settings], recipe: Recipe
) -> None:
    result = recipe.run(served)
    assert not result.promoted
    assert "no more of what is new, or fewer messages of the dev split" in result.reason


def test_the_best_that_ever_served_is_what_counts(served: tuple[Store, Settings]) -> None:
    assert Recipe(0.9).run(served).promoted
    served[0].models.rollback("intent", by="ann")
    told = Recipe(0.85).run(served)
    assert (told.promoted, told.before) == (False, 0.9)


def test_corrections_are_learnt_from_and_the_frozen_test_set_is_not(served: tuple[Store, Settings]) -> None:
    store, _ = served
    store.content.put_examples(
        [Example("money 50", "delivery", "train", "correction", "chat", "other")]
    )  # of the test set
    recipe = Recipe(0.9)
    result = recipe.run(served)
    assert recipe.new == Examples((CORRECTION.text,), ("refund",))
    assert len(recipe.trained_on) == 81
    assert (result.dataset.corrections, result.new, result.new_before, result.new_after) == (1, 1, 0, 1)
    with result.dataset.file("train").open(encoding="utf-8") as rows:
        learnt = {row["text"]: row for row in csv.DictReader(rows)}
    assert learnt[CORRECTION.text]["conversation"] == "chat"  # lineage
    assert dict(zip(*_columns(result.dataset.examples("test")), strict=True))["money 50"] == "refund"


def _columns(examples: Examples) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return examples.texts, examples.labels


def test_a_model_that_has_learnt_everything_is_left_alone(place: tuple[Store, Settings]) -> None:
    Recipe(0.8).run(place)
    with pytest.raises(NothingToLearn, match="has learnt all 80 utterances: correct a turn"):
        Recipe(0.9).run(place)


def test_where_much_is_new_or_something_is_gone_all_is_trained_on(served: tuple[Store, Settings]) -> None:
    store, _ = served
    store.content.put_examples([Example(f"lamp {n}", "broken", "train") for n in range(20)])
    recipe = Recipe(0.9)
    recipe.run(served)
    assert (recipe.given["way"], recipe.given["epochs"]) == ("train", 3)
    assert recipe.trained_on.texts.count(CORRECTION.text) == REPEATS  # a correction is heard among so many
    store.content.withdraw_example("turn")
    recipe = Recipe(0.9)
    recipe.run(served)
    assert recipe.given["way"] == "train"
    assert CORRECTION.text not in recipe.trained_on.texts


def _shop(settings: Settings, seeds: list[Example], serving: Path) -> Store:
    """A shop in service, whose model was taught these seeds."""
    store = Store.open(settings.database)
    store.content.put_examples(seeds)
    dataset = write_dataset(store.content.examples(), settings.home).fingerprint
    version = ModelFolder.load(serving).version
    store.models.promote("intent", version, serving, by="ann", reason="the first", metrics={"dataset": dataset})
    return store


@pytest.mark.train
def test_a_retraining_goes_on_from_the_serving_model_whatever_its_depth(
    tmp_path: Path, trunk: Trunk, trained: Path, examples: Examples
) -> None:
    settings = Settings(home=tmp_path)
    pairs = dict(zip(examples.texts, examples.labels, strict=True))
    seeds = [
        Example(f"{split} {text}", label, split) for split in ("train", "dev", "test") for text, label in pairs.items()
    ]
    store = _shop(settings, seeds, trained)
    store.content.put_examples([Example(f"the {text}", label, "train") for text, label in pairs.items()])
    train = partial(train_intent, threads=1, quiet=True, trunk=trunk)
    result = retrain(
        store, settings, train, revise_intent, partial(read_right, quiet=True, trunk=trunk, cache=tmp_path)
    )
    made, serving = ModelFolder.load(result.folder), ModelFolder.load(trained)
    assert (made.depth, made.manifest["parent"]) == (serving.depth, serving.version)
    assert made.depth == 1  # which is not what a first training takes


@pytest.mark.train
@pytest.mark.timeout(900)
def test_the_shipped_model_learns_what_staff_corrected_and_loses_nothing(tmp_path: Path) -> None:
    wrong = {
        "Happy to pay for speed": "delivery_express",
        "can i have hard copy by post, i have no printer": "invoice_request",
        "what goes on the front of the parcel": "return_label",
        "Is there a minimum number before you can spend them": "loyalty_points",
    }
    settings = Settings(home=tmp_path)
    seeds = [
        Example(text, label, split)
        for split, most in (("train", 5), ("dev", 2), ("test", 2))
        for text, label in _some(read_shop(DEMO, split), most)
    ]
    store = _shop(settings, seeds, DEMO_INTENT_MODEL)
    store.content.put_examples(Example(text, label, "train", "correction") for text, label in wrong.items())
    revise = partial(revise_intent, threads=1, quiet=True, settings={"rate": 3e-4, "epochs": 4})
    read = partial(read_right, cache=tmp_path / "cache", quiet=True)
    result = retrain(store, settings, partial(train_intent, threads=1), revise, read)
    assert result.new_after > result.new_before == 0
    assert result.before is not None
    assert result.after >= result.before or not result.promoted
    assert result.after > result.before - 0.03  # of 110 messages


def _some(examples: Examples, most: int) -> list[tuple[str, str]]:
    """The first examples of each label."""
    kept: dict[str, list[str]] = {}
    for text, label in zip(examples.texts, examples.labels, strict=True):
        if len(texts := kept.setdefault(label, [])) < most:
            texts.append(text)
    return [(text, label) for label, texts in kept.items() for text in texts]
