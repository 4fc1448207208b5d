"""An intent that is made live by a few examples, on the shipped trunk and the demo's model."""

import csv
from pathlib import Path

import pytest

from bot.assembly import add_intent, open_intent_reader
from bot.cli.understanding import intents_add
from bot.content import new_intent, read_intents
from bot.errors import ContentError
from bot.paths import DEMO, DEMO_INTENT_MODEL
from bot.settings import Settings
from bot.store import Store
from models.folder import ModelFolder

NEW = Path(__file__).parents[2] / "benchmarks" / "new_intents.csv"
ANSWER = "We do, from three months on."
STRANGE = ("blue seven", "a hat full of rain", "the third of the sailors", "sing to the parsnips", "no more tin")


def texts(label: str, split: str) -> list[str]:
    with NEW.open(encoding="utf-8", newline="") as file:
        return [row["text"] for row in csv.DictReader(file) if (row["label"], row["split"]) == (label, split)]


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the graph of all branches is assembled once."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def settings(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """An installation with the demo's model and intents."""
    monkeypatch.setenv("HANDRAIL_HOME", str(tmp_path))
    (tmp_path / "cache").symlink_to(cache)
    settings = Settings(_env_file=None)  # type: ignore[call-arg]
    store = Store.open(settings.database)
    store.models.promote("intent", ModelFolder.load(DEMO_INTENT_MODEL).version, DEMO_INTENT_MODEL, by="test")
    store.content.put_intents(read_intents(DEMO / "intents"))
    store.close()
    return settings


@pytest.mark.parametrize(("label", "count"), [("furniture_rental", 5), ("newsletter", 10)])
def test_a_new_intent_answers_its_examples_and_messages_like_them(settings: Settings, label: str, count: int) -> None:
    examples, asked = texts(label, "train")[:count], texts(label, "test")
    tried, report = add_intent(settings, label, new_intent(label, label, ANSWER), examples)
    assert (tried.holds, report.new) == (True, count)
    read = open_intent_reader(settings, None)
    for found in map(read, examples):
        assert (found.label, found.in_scope) == (label, True)
        assert found.confidence >= settings.confident
    assert sum(found.in_scope and found.label == label for found in map(read, asked)) >= 0.7 * len(asked)
    assert read("how much is delivery?").label == "delivery_cost"
    assert not read("who won the derby last night").in_scope


def test_an_intent_that_most_of_its_examples_do_not_speak_for_is_told_with_the_way_out(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "new.csv"
    file.write_text("\n".join(("text", *STRANGE)), encoding="utf-8")
    with pytest.raises(ContentError, match=r"only \d of 5 examples would be answered.*handrail retrain"):
        intents_add("parsnips", file, ANSWER)
    said = capsys.readouterr()
    assert "turned away" in said.out
    assert "is live" not in said.err + said.out


@pytest.mark.parametrize(
    ("answer", "examples", "message"),
    [
        ("Yes, {{ shop.nofact }}.", texts("jobs", "train"), "cannot be filled in"),
        (ANSWER, ["any jobs"] * 5, "there are 1"),
    ],
)
def test_an_intent_that_cannot_be_added_leaves_nothing_behind(
    settings: Settings, answer: str, examples: list[str], message: str
) -> None:
    store = Store.open(settings.database)
    before = store.content.intents()
    with pytest.raises(ContentError, match=message):
        add_intent(settings, "jobs", new_intent("jobs", "Jobs", answer), examples)
    assert store.content.examples() == []
    assert store.content.intents() == before
