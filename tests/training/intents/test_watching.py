"""What a person sees of a training: bars while it runs, curves, a report and a picture of the confusions."""

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from models.folder import ModelFolder
from models.runtime import Runtime
from models.scoring import read_intent
from models.trunk import Trunk
from tests.recorder import Recorder
from training.dataset import Examples
from training.intents.recipe import TrainResult, train_intent
from training.intents.report import confusion_plot, write_report

pytestmark = pytest.mark.train
LABELS = ("delivery", "refund", "thanks")


@pytest.fixture(scope="module")
def watched(
    tmp_path_factory: pytest.TempPathFactory, trunk: Trunk, examples: Examples
) -> tuple[TrainResult, Recorder, Path]:
    """A training that was watched: what came of it, what its bars were told, and where its curves are."""
    folder, recorder = tmp_path_factory.mktemp("watched"), Recorder()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("training.fit.progress_bars", lambda quiet: recorder)
        result = train_intent(
            examples, examples, None, folder / "model", depth=1, epochs=3, threads=1, quiet=True, trunk=trunk,
            logdir=folder / "curves", settings={"batch": 16},
        )  # fmt: skip
    return result, recorder, folder / "curves"


def test_the_bar_of_a_training_is_told_of_every_step_and_of_each_epochs_loss_and_dev_accuracy(
    watched: tuple[TrainResult, Recorder, Path],
) -> None:
    result, recorder, _ = watched
    steps = [(done, total) for what, done, total, _ in recorder.told if what == "training"]
    assert list(dict.fromkeys(steps)) == [(step, 9) for step in range(1, 10)]  # 48 texts in batches of 16, 3 epochs
    notes = list(dict.fromkeys(note for *_, note in recorder.told if note))
    assert len(notes) == 3
    for note, row in zip(notes, result.history, strict=True):
        assert f"epoch {row['epoch']}/3  loss {row['loss']:.3f}  dev {row['dev']:.4f}" in note


def test_the_curves_hold_the_loss_and_the_dev_accuracy_of_every_epoch(
    watched: tuple[TrainResult, Recorder, Path],
) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    result, _, curves = watched
    events = EventAccumulator(str(curves)).Reload()
    assert set(events.Tags()["scalars"]) == {"loss/train", "score/dev"}
    for tag, name in (("loss/train", "loss"), ("score/dev", "dev")):
        drawn = [(event.step, event.value) for event in events.Scalars(tag)]
        assert [step for step, _ in drawn] == [1, 2, 3]
        assert [value for _, value in drawn] == pytest.approx([row[name] for row in result.history], rel=1e-5)


def test_the_picture_of_the_confusions_names_the_labels_and_counts_what_was_read_as_what(tmp_path: Path) -> None:
    from matplotlib.image import imread

    truth, found = np.array([0, 0, 0, 1, 1, 2]), np.array([0, 0, 1, 1, 1, 0])
    axes = confusion_plot(np.array([[2, 1, 0], [0, 2, 0], [1, 0, 0]]), LABELS).axes[0]
    assert tuple(tick.get_text() for tick in axes.get_xticklabels()) == LABELS
    assert tuple(tick.get_text() for tick in axes.get_yticklabels()) == LABELS
    counts = {(int(y), int(x)): text.get_text() for text in axes.texts for x, y in [text.get_position()]}
    assert counts == {(0, 0): "2", (0, 1): "1", (1, 1): "2", (2, 0): "1"}
    text, picture = write_report(tmp_path, truth, found, LABELS)
    assert all(label in text.read_text(encoding="utf-8") for label in LABELS)
    pixels = imread(picture)[..., :3]
    assert min(pixels.shape[:2]) > 300
    assert len(np.unique(pixels.reshape(-1, 3), axis=0)) > 20  # shades, letters, and no blank sheet


def test_of_many_labels_the_picture_shows_those_most_often_confused() -> None:
    counts = np.diag(np.full(40, 9))
    counts[3, 7] = 5
    axes = confusion_plot(counts, [f"label {n}" for n in range(40)], most=2).axes[0]
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["label 3", "label 7"]


def test_depth_six_trains_the_whole_real_encoder(tmp_path: Path, examples: Examples) -> None:
    from bot.cli import app

    file = tmp_path / "train.csv"
    inside = examples.take(np.flatnonzero(examples.in_scope))
    rows = [f'"{text}",{label}' for text, label in zip(inside.texts, inside.labels, strict=True)]
    file.write_text("\n".join(["text,label", *rows]), encoding="utf-8")
    words = ["train", "intent", "--train", str(file), "--dev", str(file), "--out", str(tmp_path / "model")]
    done = CliRunner().invoke(app, [*words, "--depth", "6", "--epochs", "3", "--threads", "1", "--json"])
    assert done.exit_code == 0, done.output
    folder = ModelFolder.load(tmp_path / "model")
    told = json.loads(done.stdout.strip().splitlines()[-1])
    assert (folder.depth, told["version"]) == (6, folder.version)
    assert told["agreement"] >= 0.97
    learnt = folder.tensors()
    assert {f"encoder.layer.{n}.output.dense.weight" for n in range(6)} < learnt.keys()
    assert "embeddings.word_embeddings.weight" in learnt
    runtime = Runtime.from_folders({"intent": folder.path}, tmp_path / "cache")
    assert read_intent(runtime.read("i want my refund"), folder).label in folder.labels
