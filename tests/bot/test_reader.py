"""Intents are live from a few examples on, until the next training."""

from pathlib import Path

import pytest

from bot.content import new_intent
from bot.errors import ContentError
from bot.reader import build_near, build_reader, checked_new, untaught
from bot.records import Example
from bot.settings import Settings
from bot.store import Store
from models.runtime import Runtime
from tests.bot.examples import INTENTS
from tests.models import tiny

TEXTS = ("where is it", "my order is late", "it broke", "i want to return it", "refund the lamp")
ORACLE = {"temperature": 1.0, "oos": {"weights": [0, 0, 1, 1], "bias": 0, "threshold": 0.7}}


@pytest.fixture(scope="module")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Runtime:
    trunk = tiny.trunk(tmp_path_factory.mktemp("trunk"))
    folder = tiny.branch(tmp_path_factory.mktemp("model") / "intent", trunk, calibration=ORACLE)
    return Runtime.from_folders({"intent": folder.path}, tmp_path_factory.mktemp("cache"), trunk=trunk)


def test_an_intent_with_five_examples_stands_among_the_labels_without_a_training(
    light: Store, runtime: Runtime
) -> None:
    settings = Settings(_env_file=None)  # type: ignore[call-arg]
    spec = new_intent("price_match", "Price match", "We match any price.")
    light.content.put_intents([*INTENTS, spec])
    light.content.put_examples(Example(text, "price_match", "train") for text in TEXTS[:4])
    assert untaught(light, tiny.LABELS) == {}
    assert build_reader(runtime, settings, light).labels == tiny.LABELS
    light.content.put_examples([Example(TEXTS[4], "price_match", "train"), Example("so what", "gone", "train")])
    assert {name: set(texts) for name, texts in untaught(light, tiny.LABELS).items()} == {"price_match": set(TEXTS)}
    reader = build_reader(runtime, settings, light)
    assert reader.labels == (*tiny.LABELS, "price_match")
    assert build_reader(runtime, settings).labels == tiny.LABELS


def test_an_intent_that_was_taught_is_not_read_by_its_examples(light: Store) -> None:
    light.content.put_intents([new_intent("price_match", "Price match", "We match any price.")])
    light.content.put_examples(Example(text, "price_match", "train") for text in TEXTS)
    assert untaught(light, ("price_match",)) == {}


@pytest.mark.parametrize(
    ("name", "texts", "message"),
    [
        ("price_match", TEXTS[:3], "needs 5 examples at least; there are 3"),
        ("delivery", TEXTS, "taught 'delivery' alr"),
    ],
)
def test_what_cannot_be_made_live_is_told(runtime: Runtime, name: str, texts: tuple[str, ...], message: str) -> None:
    with pytest.raises(ContentError, match=message):
        checked_new(name, new_intent(name, name, "Yes."), texts, runtime)


def test_an_intent_without_an_answer_cannot_be_made_live(runtime: Runtime) -> None:
    with pytest.raises(ContentError, match="give its --answer"):
        checked_new("price_match", None, TEXTS, runtime)


@pytest.mark.parametrize(
    ("name", "answer", "message"),
    [("Price Match", "Yes.", "'Price Match' cannot be added"), ("price_match", "{% if %}", "cannot be added")],
)
def test_a_new_intent_is_checked(name: str, answer: str, message: str) -> None:
    with pytest.raises(ContentError, match=message):
        new_intent(name, "Price match", answer)


def test_sentences_of_answers_are_encoded_once_and_kept_from_one_start_to_the_next(
    runtime: Runtime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, sentences = tmp_path / "sentences-1.npy", ["It is late.", "Call us."]
    first = build_near(runtime, sentences, kept)("where is it", sentences)
    build_near(runtime, sentences[:1], tmp_path / "sentences-2.npy")  # other answers: the earlier file goes
    assert [file.name for file in tmp_path.iterdir()] == ["sentences-2.npy"]
    (tmp_path / "sentences-2.npy").rename(kept)
    assert build_near(runtime, sentences, kept)("where is it", sentences) == pytest.approx(first)  # a damaged one
    reading = runtime.read("where is it")
    near = build_near(runtime, sentences, kept)
    monkeypatch.setattr(runtime, "read", None)  # nothing is left to be read
    assert near(reading, sentences) == pytest.approx(first)
