"""A serving model taught a few texts more, with torch, on the tiny encoder."""

from pathlib import Path

import numpy as np
import pytest

from models.folder import ModelFolder
from models.trunk import Trunk
from training.dataset import Examples
from training.intents.evaluate import read_right
from training.intents.recipe import train_intent
from training.intents.revise import (
    MOST_LOST,
    NEW_SHARE,
    REPEATS,
    TRIES,
    Revision,
    _held_to,
    _Judge,
    revise_intent,
    times,
)

FAST = {"rate": 5e-3}  # the tiny encoder then tells its labels clearly apart
NEW = Examples(("return it",), ("refund",))


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory, trunk: Trunk, examples: Examples) -> Path:
    """The folder of a model that has learnt the examples well."""
    out = tmp_path_factory.mktemp("taught") / "model"
    return train_intent(
        examples, examples, None, out, depth=1, epochs=12, threads=1, quiet=True, trunk=trunk, settings=FAST
    ).out


def _revised(
    out: Path, trunk: Trunk, start: Path, examples: Examples, new: Examples, **options: object
) -> tuple[Revision, list[Path]]:
    offered: list[Path] = []
    places = np.arange(len(examples), len(examples) + len(new))
    settings = FAST | {"epochs": 6}
    given = {"accept": lambda folder: not offered.append(folder), "corrections": places} | options
    made = revise_intent(
        examples + new, examples, places, out, start=start, threads=1, quiet=True, trunk=trunk,
        settings=settings, **given,
    )  # fmt: skip
    return made, offered


@pytest.mark.train
def test_a_correction_is_read_right_and_the_dev_split_no_worse(
    tmp_path: Path, trunk: Trunk, taught: Path, examples: Examples
) -> None:
    made, offered = _revised(tmp_path / "out", trunk, taught, examples, NEW, parent="the one before")
    assert offered == [tmp_path / "out"]
    assert (made.tried, made.dev_after >= made.dev_before, 0 < made.share <= 1) == (1, True, True)
    assert ModelFolder.load(tmp_path / "out").manifest["parent"] == "the one before"
    right = [read_right(path, NEW, cache=tmp_path, trunk=trunk, quiet=True) for path in (taught, tmp_path / "out")]
    assert np.concatenate(right).tolist() == [False, True]


@pytest.mark.train
def test_a_correction_against_what_is_known_moves_no_weights(
    tmp_path: Path, trunk: Trunk, taught: Path, examples: Examples
) -> None:
    poisoned = Examples(("order broke",), ("delivery",))  # learnt, it would turn what is broken into a delivery
    made, offered = _revised(tmp_path / "out", trunk, taught, examples, poisoned)
    assert (offered, made.share, made.dev_after) == ([tmp_path / "out"], 0.0, made.dev_before)
    assert read_right(tmp_path / "out", poisoned, cache=tmp_path, trunk=trunk, quiet=True).all()  # itself, and no other


@pytest.mark.train
def test_what_is_new_and_no_correction_is_learnt_by_the_weights_or_not_at_all(
    tmp_path: Path, trunk: Trunk, taught: Path, examples: Examples
) -> None:
    against = Examples(("order broke",), ("delivery",))
    made, offered = _revised(tmp_path / "out", trunk, taught, examples, against, corrections=None)
    assert (made.tried, offered, made.dev_after < made.dev_before) == (0, [], True)
    assert ModelFolder.load(tmp_path / "out").version == made.folder.version  # kept, for a look at it


@pytest.mark.train
def test_what_is_turned_down_is_tried_nearer_to_before_and_kept(
    tmp_path: Path, trunk: Trunk, taught: Path, examples: Examples
) -> None:
    asked: list[str] = []

    def refuse(folder: Path) -> bool:
        asked.append(ModelFolder.load(folder).version)
        return False

    made, _ = _revised(tmp_path / "out", trunk, taught, examples, NEW, accept=refuse)
    assert 1 <= made.tried == len(set(asked)) <= TRIES
    assert ModelFolder.load(tmp_path / "out").version == made.folder.version == asked[-1]


def test_no_label_may_lose_what_others_gain() -> None:
    dev = Examples(("a",) * 10 + ("b",) * 10, ("a",) * 10 + ("b",) * 10)
    judge = _Judge(Examples((), ()), dev, ("a", "b"), 0.0)

    def read(a: int, b: int) -> np.ndarray:
        found = np.array([0] * a + [1] * (10 - a) + [1] * b + [0] * (10 - b))
        return np.eye(2)[found]

    before = read(8, 5)
    assert judge.holds(before, read(8 - MOST_LOST, 10))
    assert not judge.holds(before, read(8 - MOST_LOST - 1, 10))
    assert not judge.holds(before, read(7, 5))


def test_what_is_out_of_scope_is_learnt_when_it_is_unsure() -> None:
    judge = _Judge(Examples(("x", "y"), ("oos", "oos")), Examples((), ()), ("a", "b"), 0.6)
    assert judge.learnt(np.log([[0.5, 0.5], [0.9, 0.1]])) == 1


@pytest.mark.parametrize(("known", "new"), [(2500, 1), (2500, 5), (2500, 100), (2500, 2500), (10, 5), (0, 3)])
def test_many_corrections_weigh_less_each_and_one_is_never_loud(known: int, new: int) -> None:
    often = times(known, new)
    assert 1 <= often <= REPEATS
    assert often == 1 or often * new <= NEW_SHARE * known


def test_what_is_held_to_is_first_of_the_labels_concerned() -> None:
    train = Examples(tuple(map(str, range(4000))), tuple("ab"[place % 4 == 0] for place in range(4000)))
    places = _held_to(train, np.array([0, 1]), {"b"}, seed=0)
    assert len(places) == len(set(places)) == 3998
    assert not {0, 1} & set(places)
    assert sum(train.labels[place] == "b" for place in places) == 999
