"""A shop of one's own, from the README's files to a bot that answers: text,label and nothing more."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from bot.records import Example
from bot.store import Store

pytestmark = [pytest.mark.e2e, pytest.mark.train]

SAID = {
    "opening_hours": (
        "when do you open", "what time do you close", "are you open on sunday", "opening hours please",
        "how long are you open tonight", "do you open before eight", "are you closed at christmas",
        "till when can I come in", "is the cafe open now", "hours on monday", "when does the kitchen close",
        "are you open late",
    ),
    "table_booking": (
        "can I book a table", "a table for two tomorrow", "do you take reservations", "reserve a table for six",
        "I want to book for friday evening", "is there a table free at noon", "table by the window please",
        "booking for ten people", "how do I reserve", "can we have a table outside", "book us in for brunch",
        "I would like to make a reservation",
    ),
    "allergens": (
        "is there gluten in the cake", "do you have anything without nuts", "I am allergic to milk",
        "which dishes are dairy free", "gluten free bread?", "does the soup contain celery", "nut allergy",
        "is the coffee made with oat milk", "list of allergens please", "can you cook without eggs",
        "I can't eat wheat", "are there peanuts in the brownie",
    ),
    "parking": (
        "where can I park", "is there a car park", "do you have parking", "what does parking cost",
        "can I leave my car behind the cafe", "parking for bikes", "is street parking free",
        "where do we put the car", "disabled parking space", "how far is the car park", "park and ride nearby?",
        "is there room for a van",
    ),
}  # fmt: skip


def handrail(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    variables = {**os.environ, "HANDRAIL_HOME": str(home / "home"), "HANDRAIL_SHOP": str(home / "shop.yaml")}
    command = [sys.executable, "-c", "from bot.cli import main; main()", *words]
    return subprocess.run(command, cwd=home, env=variables, capture_output=True, text=True, check=False, timeout=280)


def test_intents_and_utterances_without_a_split_become_a_bot_that_answers(tmp_path: Path) -> None:
    (tmp_path / "shop.yaml").write_text("name: Café Lark\n", encoding="utf-8")
    specs = [
        {"name": name, "title": name, "option": name, "description": name, "answer": f"All about {name}."}
        for name in (*SAID, "lonely")
    ]
    (tmp_path / "intents.yaml").write_text(yaml.safe_dump({"intents": specs}), encoding="utf-8")
    lines = [f"{text},{label}" for label, texts in SAID.items() for text in texts]
    misleading = ["Where can I park,opening_hours", "nut allergy,allergens", "good luck,farewell", "cheerio,farewell"]
    (tmp_path / "utterances.csv").write_text("\n".join(["text,label", *lines, *misleading]), encoding="utf-8")

    told = handrail(tmp_path, "import", "intents", "intents.yaml", "--utterances", "utterances.csv")
    assert told.returncode == 0, told.stderr
    for note in (
        "1 texts stand under more than one label, most often 'opening_hours' and 'parking' (1)",
        "1 texts stand more than once",
        "2 utterances bear a label that is no intent, so it has no answer: farewell (2)",
        "1 intents have no utterance to learn from: lonely",
    ):
        assert note in told.stderr
    store = Store.open(f"sqlite:///{tmp_path / 'home' / 'handrail.db'}")
    splits = {split: [e for e in store.content.examples() if e.split == split] for split in ("train", "dev", "test")}
    assert {split: len(found) for split, found in splits.items()} == {"train": 42, "dev": 4, "test": 4}

    done = handrail(tmp_path, "retrain")
    assert done.returncode == 0, done.stderr
    assert "Promoted: the first model" in done.stderr
    asked = [
        Example(text, label) for text, label in (("do you have a car park", "parking"), ("no nuts please", "allergens"))
    ]
    for example in asked:
        read = handrail(tmp_path, "ask", example.text, "--json")
        assert f'"label": "{example.label}"' in read.stdout, read.stdout + read.stderr
