"""The recipes end to end, with torch: on the tiny encoder in seconds, and once on the real one."""

import csv
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.errors import MissingExtra
from models.folder import ModelFolder
from models.runtime import Runtime
from models.scoring import probabilities, read_intent
from models.trunk import Trunk
from tests.models import tiny
from training.dataset import DataError, Examples
from training.errors import TrainingError
from training.guards.recipe import Corpus, Recipe, train_guard
from training.intents.evaluate import evaluate_intent
from training.intents.recipe import disagrees, train_intent

BRIEF = {"epochs": 3, "threads": 1, "quiet": True}
FAST = {"rate": 5e-3}  # the tiny encoder then tells its labels clearly apart, and int8 has nothing to tip over
SHORT = {"epochs": 12, "threads": 1, "quiet": True, "settings": FAST}


@pytest.mark.train
@pytest.mark.parametrize("depth", [1, tiny.LAYERS])
def test_a_trained_folder_serves_as_it_was_trained(
    tmp_path: Path, trunk: Trunk, examples: Examples, depth: int
) -> None:
    result = train_intent(examples, examples, examples, tmp_path / "model", depth=depth, trunk=trunk, **SHORT)
    folder = ModelFolder.load(result.out)
    assert (folder.version, folder.depth, folder.labels) == (result.version, depth, ("broken", "delivery", "refund"))
    assert result.agreement >= 0.97
    assert folder.manifest["data"]["fingerprint"] == examples.fingerprint
    assert folder.words()[:2] == ("is", "broke")
    assert {path.name for path in (result.out / "report").iterdir()} == {"classification.txt", "confusion.png"}
    json.dumps(result.to_dict())
    report = evaluate_intent(result.out, examples, cache=tmp_path / "cache", trunk=trunk, quiet=True)
    assert result.test is not None
    assert report.accuracy == result.test.accuracy
    assert report.oos_auroc is not None
    runtime = Runtime.from_folders({"intent": result.out}, tmp_path / "cache", trunk=trunk)
    assert read_intent(runtime.read("my lamp broke"), folder).label in folder.labels


@pytest.mark.train
def test_training_can_start_from_a_model_and_names_its_parent(tmp_path: Path, trunk: Trunk, examples: Examples) -> None:
    first = train_intent(examples, None, None, tmp_path / "first", depth=1, trunk=trunk, **SHORT)
    options = {**SHORT, "start": first.out, "parent": first.version, "logdir": tmp_path / "curves"}
    second = train_intent(examples, None, None, tmp_path / "second", depth=1, trunk=trunk, **options)
    assert ModelFolder.load(second.out).manifest["parent"] == first.version
    assert list((tmp_path / "curves").iterdir())
    with pytest.raises(TrainingError, match="no branch of depth 2"):
        train_intent(examples, None, None, tmp_path / "third", depth=2, trunk=trunk, **options)


@pytest.mark.train
def test_only_a_part_of_the_way_from_the_model_before_is_gone_where_one_is_asked_for(
    tmp_path: Path, trunk: Trunk, examples: Examples
) -> None:
    first = train_intent(examples, None, None, tmp_path / "first", depth=1, trunk=trunk, **SHORT)
    heads = [ModelFolder.load(first.out).tensors()["head.weight"]]
    for way in (0.5, 1.0):
        made = train_intent(examples, None, None, tmp_path / "on", start=first.out, way=way, trunk=trunk, **SHORT)
        heads.append(ModelFolder.load(made.out).tensors()["head.weight"])
    before, half, after = heads
    assert np.abs(after - before).max() > 0.01
    assert np.allclose(half, (before + after) / 2, atol=0.02)
    with pytest.raises(TrainingError, match="needs a model to start from"):
        train_intent(examples, None, None, tmp_path / "none", depth=1, way=0.5, trunk=trunk, **SHORT)


@pytest.mark.train
def test_a_model_learns_from_teachers_that_are_taught_once(tmp_path: Path, trunk: Trunk, examples: Examples) -> None:
    teacher, cache = _encoder(trunk, tmp_path / "teacher"), tmp_path / "cache"
    options = {**SHORT, "teachers": [teacher], "cache": cache, "depth": 1, "trunk": trunk}
    results = [train_intent(examples, None, None, tmp_path / name, **options) for name in "ab"]
    (kept,) = cache.glob("*.npy")
    readings = np.load(kept)
    assert readings.shape[1] == 3
    assert np.allclose(readings.sum(axis=1), 1, atol=1e-3)
    assert [ModelFolder.load(r.out).manifest["settings"]["teachers"] for r in results] == [["teacher"], ["teacher"]]


@pytest.mark.train
def test_one_seed_gives_one_model(tmp_path: Path, trunk: Trunk, examples: Examples) -> None:
    results = [train_intent(examples, None, None, tmp_path / name, depth=1, trunk=trunk, **SHORT) for name in "ab"]
    first, second = (ModelFolder.load(result.out).tensors()["head.weight"] for result in results)
    assert np.allclose(first, second, atol=1e-4)


@pytest.mark.train
def test_a_training_that_was_killed_goes_on_to_the_same_model(
    tmp_path: Path, trunk: Trunk, examples: Examples, monkeypatch: pytest.MonkeyPatch
) -> None:
    from training import fit
    from training.checkpoint import CheckpointError

    options = {**SHORT, "depth": 1, "trunk": trunk}
    whole = train_intent(examples, None, None, tmp_path / "whole", **options)
    kept, save = tmp_path / ".half.checkpoint", fit.Checkpoint.save

    def save_and_die(self: fit.Checkpoint, state: dict[str, object]) -> None:
        save(self, state)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(fit.Checkpoint, "save", save_and_die)
        with pytest.raises(KeyboardInterrupt):
            train_intent(examples, None, None, tmp_path / "half", **options)
    assert kept.is_file()
    others = Examples(tuple(f"{text} indeed" for text in examples.texts), examples.labels)
    for part, changed in ((examples, {"epochs": 2}), (others, {}), (examples, {"start": whole.out})):
        with pytest.raises(CheckpointError, match=r"other texts, labels or settings: delete it, or train without"):
            train_intent(part, None, None, tmp_path / "half", resume=True, **{**options, **changed})
    half = train_intent(examples, None, None, tmp_path / "half", resume=True, **options)
    assert not kept.exists()
    assert [row["epoch"] for row in half.history] == [row["epoch"] for row in whole.history]
    first, second = (ModelFolder.load(result.out).tensors()["head.weight"] for result in (whole, half))
    assert np.allclose(first, second, atol=1e-4)


@pytest.mark.train
def test_a_damaged_checkpoint_is_told(tmp_path: Path, trunk: Trunk, examples: Examples) -> None:
    from training.checkpoint import CheckpointError

    (tmp_path / ".model.checkpoint").write_bytes(b"half a file")
    with pytest.raises(CheckpointError, match="is damaged: delete it"):
        train_intent(examples, None, None, tmp_path / "model", depth=1, resume=True, trunk=trunk, **SHORT)


@pytest.mark.train
@pytest.mark.parametrize(
    "settings",
    [
        {"noise": 0.5},
        {"consistency": 0.5},
        {"adversarial": 0.1},
        {"mixed": True},
        {"adapter": "lora", "rate": 2e-2},
        {"adapter": "adalora", "rate": 2e-2},
    ],
)
def test_every_way_to_train_makes_a_model_that_serves(
    tmp_path: Path, trunk: Trunk, examples: Examples, settings: dict[str, float | str]
) -> None:
    result = train_intent(
        examples, examples, None, tmp_path / "m", depth=1, trunk=trunk, **SHORT | {"settings": FAST | settings}
    )
    assert result.agreement >= 0.97
    assert ModelFolder.load(result.out).manifest["settings"].items() >= settings.items()


@pytest.mark.train
def test_a_graph_that_disagrees_is_not_written(
    tmp_path: Path, trunk: Trunk, examples: Examples, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("training.intents.recipe.LEAST_AGREEMENT", 1.1)
        with pytest.raises(TrainingError, match="nothing was written"):
            train_intent(examples, None, None, tmp_path / "model", depth=1, trunk=trunk, **SHORT)
    assert not (tmp_path / "model").exists()
    kept = tmp_path / ".model.checkpoint"
    assert kept.is_file()  # what was learnt is not lost
    monkeypatch.setattr("training.checkpoint.Checkpoint.save", None)  # no epoch is learnt again
    train_intent(examples, None, None, tmp_path / "model", depth=1, trunk=trunk, resume=True, **SHORT)
    assert not kept.exists()


@pytest.mark.parametrize(
    ("alike", "texts", "refused"),
    [(62, 62, False), (60, 62, False), (55, 62, True), (970, 1000, False), (962, 1000, False), (955, 1000, True)],
)
def test_only_what_chance_does_not_explain_is_called_disagreement(alike: int, texts: int, refused: bool) -> None:
    assert disagrees(alike, texts) is refused


@pytest.mark.train
def test_bad_input_is_told_before_training(tmp_path: Path, trunk: Trunk, examples: Examples) -> None:
    from training.adapters import AdapterError

    with pytest.raises(TrainingError, match=r"not one of 1\.\.2"):
        train_intent(examples, None, None, tmp_path / "model", depth=5, trunk=trunk)
    with pytest.raises(DataError, match="'strange' is not one"):
        train_intent(examples, None, Examples(("hi",), ("strange",)), tmp_path / "model", depth=1, trunk=trunk)
    with pytest.raises(TrainingError, match="no setting 'rat'; there are epochs, batch, rate"):
        train_intent(examples, None, None, tmp_path / "model", depth=1, trunk=trunk, settings={"rat": 1}, quiet=True)
    with pytest.raises(AdapterError, match="'dora' is no adapter"):
        train_intent(examples, None, None, tmp_path / "m", depth=1, trunk=trunk, settings={"adapter": "dora"}, **BRIEF)
    alone = Examples(("hi", "yo", "hey"), ("a", "a", "b"))
    with pytest.raises(DataError, match="label 'b' has fewer than 2 examples"):
        train_intent(alone, None, None, tmp_path / "model", depth=1, trunk=trunk)


@pytest.mark.train
def test_an_utterance_of_ten_thousand_words_is_learnt_and_read(
    tmp_path: Path, trunk: Trunk, examples: Examples
) -> None:
    long = Examples(("where is my order " * 2500,), ("delivery",))
    result = train_intent(examples + long, examples + long, None, tmp_path / "model", depth=1, trunk=trunk, **SHORT)
    runtime = Runtime.from_folders({"intent": result.out}, tmp_path / "cache", trunk=trunk)
    reading = runtime.read(long.texts[0])
    assert not reading.complete
    assert read_intent(reading, runtime.folders["intent"]).label in runtime.folders["intent"].labels


def test_without_torch_the_extra_is_named(
    tmp_path: Path, trunk: Trunk, examples: Examples, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "torch", None)
    with pytest.raises(MissingExtra, match="make train-setup"):
        train_intent(examples, None, None, tmp_path / "model", depth=1, trunk=trunk)


@pytest.mark.train
def test_a_guards_head_learns_labels_that_are_known_in_part(tmp_path: Path, trunk: Trunk) -> None:
    rude, kind = [("it broke !", (1.0, np.nan))] * 1, [("where is my order", (0.0, 0.0))]
    pairs = [(f"{text} {mark}", row) for text, row in rude + kind for mark in ("", "a", "b", "c", "d", "e", "f", "a b")]
    corpus = Corpus.of("made up", pairs, 2)
    recipe = Recipe("toxicity", ("toxicity", "threat"), "first", "", lambda *_: corpus, lambda *_: corpus)
    result = train_guard(recipe, tmp_path, tmp_path / "model", depth=1, trunk=trunk, **BRIEF)
    folder = ModelFolder.load(result.out)
    runtime = Runtime.from_folders({"toxicity": folder.path}, tmp_path / "cache", trunk=trunk)
    assert set(probabilities(runtime.read("it broke !"), folder)) == {"toxicity", "threat"}
    assert [report.label for report in result.test] == ["toxicity"]


@pytest.mark.train
def test_a_head_that_looks_for_a_stretch_serves_as_it_was_trained(tmp_path: Path, trunk: Trunk) -> None:
    letter = "the lamp is in my order . " * 8
    pairs = [(f"{letter}{mark} where refund where", (1.0,)) for mark in "abcdefgh"]
    corpus = Corpus.of("made up", pairs + [(f"{letter}{mark} where", (0.0,)) for mark in "abcdefgh"], 1)
    recipe = Recipe("injection", ("injection",), "stretch", "", lambda *_: corpus, lambda *_: corpus, longest=160)
    result = train_guard(recipe, tmp_path, tmp_path / "model", depth=1, trunk=trunk, **BRIEF)
    assert ModelFolder.load(result.out).pooling == "stretch"
    assert result.difference < 0.02


@pytest.mark.train
def test_a_head_is_the_mean_of_a_training_and_those_beside_it(tmp_path: Path, trunk: Trunk) -> None:
    pairs = [(f"where is {mark}", (float(mark < "e"),)) for mark in "abcdefgh"]
    corpus = Corpus.of("made up", pairs, 1)
    recipe = Recipe("injection", ("injection",), "mean", "", lambda *_: corpus, lambda *_: corpus, apart=0.25)

    def trained(name: str, **kwargs: Any) -> ModelFolder:
        return ModelFolder.load(
            train_guard(recipe, tmp_path, tmp_path / name, depth=1, trunk=trunk, **kwargs, **BRIEF).out
        )

    one, two, three = (trained(f"seed {seed}", seed=seed) for seed in range(3))
    mean = trained("mean", seed=2, beside=[one.path, two.path])
    assert mean.manifest["parent"] == f"{one.version}+{two.version}"
    for name, weights in mean.tensors().items():
        assert np.allclose(weights, np.mean([of.tensors()[name] for of in (one, two, three)], axis=0), atol=0.02)
    with pytest.raises(TrainingError, match="of depth 1; only one for 'toxicity' of depth 1"):
        train_guard(replace(recipe, task="toxicity"), tmp_path, tmp_path / "no", depth=1, beside=[one.path], **BRIEF)


def test_texts_that_choose_the_epoch_teach_nothing_and_stand_once() -> None:
    corpus = Corpus.joined([Corpus.of("made up", [(text, (1.0,)) for text in "abcdefgh"], 1)] * 3)
    apart, rest = corpus.parted(0.25, seed=0)
    assert len(apart) == 2 == len(set(apart.texts))
    assert not set(apart.texts) & set(rest.texts)
    assert len(rest) == 3 * 6


@pytest.mark.train
def test_six_intents_on_the_real_encoder(tmp_path: Path) -> None:
    """Six intents of the demo shop, a few epochs: better than chance by far, and int8 agrees with torch."""
    chosen = ("assembly_help", "discount_code", "fabric_samples", "gift_card", "invoice_request", "mattress_trial")
    parts: dict[str, list[tuple[str, str]]] = {"train": [], "test": []}
    for path in sorted((Path(__file__).parents[3] / "demo" / "utterances").glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                if row["label"] in chosen and row["split"] in parts:
                    parts[row["split"]].append((row["text"], row["label"]))
    train, test = (Examples(*map(tuple, zip(*pairs, strict=True))) for pairs in parts.values())
    result = train_intent(train, test, None, tmp_path / "model", depth=1, epochs=3, threads=1, quiet=True)
    assert result.dev.accuracy > 0.7
    assert result.agreement >= 0.97


def _encoder(trunk: Trunk, folder: Path) -> Path:
    """A small encoder with random weights, as transformers writes one."""
    import transformers

    config = transformers.BertConfig(
        vocab_size=60, hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32
    )
    transformers.BertModel(config).save_pretrained(folder)
    marks = {"pad_token": "[PAD]", "unk_token": "[UNK]"}
    pieces = transformers.PreTrainedTokenizerFast(tokenizer_file=str(trunk.tokenizer), **marks)
    pieces.save_pretrained(folder)
    return folder
