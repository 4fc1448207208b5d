"""A retriever that learns from tickets, and serves as it was trained."""

from pathlib import Path

import numpy as np
import pytest

from bot.cli.retrieve import tuned
from models.folder import ModelFolder
from models.runtime import Runtime
from models.trunk import Trunk
from retrieval.passage import Ticket
from training.errors import TrainingError
from training.retrieval.recipe import train_retriever

OTHERS = [("c d", "x"), ("c e", "x")]
WORDS = {"delivery": "where order the is my", "refund": "refund my i it is", "broken": "the lamp broke it is"}


def tickets(count: int) -> list[Ticket]:
    random = np.random.default_rng(3)
    labels = [list(WORDS)[place % 3] for place in range(count)]
    return [
        Ticket(str(place), " ".join(random.choice(WORDS[label].split(), 2)), "c d e", intent=label)
        for place, label in enumerate(labels)
    ]


@pytest.mark.train
@pytest.mark.parametrize("depth", [0, 1])
def test_what_was_learnt_is_what_past_tickets_are_searched_by(tmp_path: Path, trunk: Trunk, depth: int) -> None:
    result = train_retriever(
        tickets(90), OTHERS, tmp_path / "model", depth=depth, trunk=trunk, quiet=True, threads=1,
        epochs=15, rate=1e-2, keep=0.0,
    )  # fmt: skip
    assert sum(result.after) >= sum(result.before)
    assert result.general_after >= result.general_before - 0.01
    folder = ModelFolder.load(result.out)
    assert (folder.task, folder.depth, folder.pooling, folder.labels) == ("retriever", depth, "unit", ())
    base = Runtime.from_folders({}, tmp_path, trunk=trunk)
    tuned = Runtime.from_folders({"retriever": result.out}, tmp_path, trunk=trunk)
    reading = tuned.read("where is my order")
    assert np.allclose(reading.query, tuned.encode(["where is my order"])[0], atol=1e-6)
    assert np.allclose(reading.embedding, base.encode(["where is my order"])[0], atol=1e-6)
    assert not np.allclose(reading.query, reading.embedding, atol=1e-3)
    assert np.linalg.norm(reading.query) == pytest.approx(1, abs=1e-5)


@pytest.mark.train
def test_too_few_tickets_are_refused_and_nothing_is_written(tmp_path: Path, trunk: Trunk) -> None:
    with pytest.raises(TrainingError, match="too few to learn from: at least 40"):
        train_retriever(tickets(20), OTHERS, tmp_path / "model", trunk=trunk, quiet=True)
    assert not (tmp_path / "model").exists()


@pytest.mark.train
def test_what_finds_no_more_is_not_written(tmp_path: Path, trunk: Trunk) -> None:
    with pytest.raises(TrainingError, match="none more is found"):
        train_retriever(tickets(60), OTHERS, tmp_path / "model", trunk=trunk, quiet=True, epochs=1, rate=1e-9)
    assert not (tmp_path / "model").exists()


@pytest.mark.train
def test_measuring_goes_on_with_the_base_encoder_where_tuning_finds_no_more(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tuned(tickets(20), tmp_path / "model", depth=0, seed=0) == {}
    assert "too few to learn from" in capsys.readouterr().err
