"""How sure a past ticket is, is learnt from a shop's own tickets and utterances, as they are imported."""

import json
from pathlib import Path

import pytest
import yaml

from bot.assembly import fit_scores, import_intents, import_tickets, open_store
from bot.paths import index_folder
from bot.settings import Settings
from retrieval.calibration import Calibration
from retrieval.retriever import CALIBRATION

SAID = {
    "parking": ["Where can I park?", "Is there a car park?", "What does parking cost?", "Is the car park full?"],
    "opening": ["When do you open?", "What time do you close?", "Are you open on Sunday?", "Opening hours please"],
    "booking": ["Can I book a table?", "A table for two please", "Do you take bookings?", "Reserve a table outside"],
}
ANSWERS = {"parking": "Behind the house", "opening": "From nine to six", "booking": "Write us the day"}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "shop.yaml").write_text("name: Lark\n", encoding="utf-8")
    names = [dict.fromkeys(("name", "title", "option", "description", "answer"), name) for name in SAID]
    (tmp_path / "intents.yaml").write_text(yaml.safe_dump({"intents": names}), encoding="utf-8")
    rows = [f"{text},{name},train" for name, texts in SAID.items() for text in texts]
    (tmp_path / "said.csv").write_text("\n".join(["text,label,split", *rows]), encoding="utf-8")
    return Settings(home=tmp_path / "home", shop=tmp_path / "shop.yaml", _env_file=None)  # type: ignore[call-arg]


def bring_tickets(settings: Settings, folder: Path, number: int, *, intents: bool = True) -> str:
    """Import three tickets of an intent each; what is said of the scores."""
    tickets = [
        {"customer": f"{texts[number]} Hello", "agent": f"{ANSWERS[name]}, as the {number}th sign at the door says."}
        | ({"intent": name} if intents else {})
        for name, texts in SAID.items()
    ]
    (folder / "past.jsonl").write_text("\n".join(map(json.dumps, tickets)), encoding="utf-8")
    given = {"mapping": {}, "encoding": "", "agents": (), "strict": True}
    return import_tickets(settings, folder / "past.jsonl", "jsonl", **given).scores  # type: ignore[arg-type]


def fitted(settings: Settings) -> int:
    """The pairs that the scores were fitted to."""
    return Calibration.open(index_folder(settings.home) / CALIBRATION).pairs


def test_scores_are_fitted_once_tickets_and_utterances_are_there(settings: Settings, tmp_path: Path) -> None:
    store = open_store(settings)
    assert "find fewer than 50 tickets" in bring_tickets(settings, tmp_path, 0)
    bring_tickets(settings, tmp_path, 1)
    assert fitted(settings) == 0
    before = store.audit.revision()
    _, report = import_intents(settings, tmp_path / "intents.yaml", [tmp_path / "said.csv"])
    pairs = fitted(settings)
    assert pairs == 60  # five tickets for each utterance
    assert report.notes[-1].endswith(f"was fitted to {pairs} pairs of an utterance and a ticket it finds")
    assert store.audit.revision() >= before + 2  # of the intents, and of the scores
    assert "fitted to 60 pairs" in bring_tickets(settings, tmp_path, 2)
    assert "fitted to 60 pairs" in fit_scores(settings)


def test_without_tickets_nothing_is_said_of_scores(settings: Settings, tmp_path: Path) -> None:
    _, report = import_intents(settings, tmp_path / "intents.yaml", [tmp_path / "said.csv"])
    assert not [note for note in report.notes if "how sure" in note]
    assert fit_scores(settings) == ""
    assert "stays as it comes" in bring_tickets(settings, tmp_path, 0, intents=False)
