"""A shop of one's own, from the README's files to a bot that answers and learns: text,label and nothing more."""

import json
import subprocess
from collections.abc import Iterator
from typing import NamedTuple

import pytest
import yaml

from bot.records import Example
from bot.store import Store
from tests.e2e.doors import Page
from tests.e2e.server import Chat, Server

pytestmark = [pytest.mark.e2e, pytest.mark.train, pytest.mark.timeout(1200)]

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
MISREAD = "where does the coach drop us"  # which is about parking
PASSWORD = "password-of-the-tests"


class Taught(NamedTuple):
    """A café whose commands have run: what the import told, and what the training did."""

    shop: Server
    imported: subprocess.CompletedProcess[str]
    trained: subprocess.CompletedProcess[str]


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Taught]:
    shop = Server(tmp_path_factory.mktemp("cafe"), demo=False)
    shop.environment |= {"HANDRAIL_SHOP": str(shop.folder / "shop.yaml")}
    (shop.folder / "tmp").mkdir()
    (shop.folder / "shop.yaml").write_text("name: Café Lark\n", encoding="utf-8")
    specs = [
        {"name": name, "title": name, "option": name, "description": name, "answer": f"All about {name}."}
        for name in (*SAID, "lonely")
    ]
    (shop.folder / "intents.yaml").write_text(yaml.safe_dump({"intents": specs}), encoding="utf-8")
    lines = [f"{text},{label}" for label, texts in SAID.items() for text in texts]
    misleading = ["Where can I park,opening_hours", "nut allergy,allergens", "good luck,farewell", "cheerio,farewell"]
    (shop.folder / "utterances.csv").write_text("\n".join(["text,label", *lines, *misleading]), encoding="utf-8")
    imported = shop.command("import", "intents", "intents.yaml", "--utterances", "utterances.csv")
    yield Taught(shop, imported, shop.command("retrain"))
    shop.stop()


def test_intents_and_utterances_without_a_split_become_a_bot_that_answers(taught: Taught) -> None:
    shop, told, done = taught
    assert told.returncode == 0, told.stderr
    for note in (
        "1 texts stand under more than one label, most often 'opening_hours' and 'parking' (1)",
        "1 texts stand more than once",
        "2 utterances bear a label that is no intent, so it has no answer: farewell (2)",
        "1 intents have no utterance to learn from: lonely",
    ):
        assert note in told.stderr
    store = Store.open(f"sqlite:///{shop.home / 'handrail.db'}")
    splits = {split: [e for e in store.content.examples() if e.split == split] for split in ("train", "dev", "test")}
    store.close()
    assert {split: len(found) for split, found in splits.items()} == {"train": 42, "dev": 4, "test": 4}
    assert done.returncode == 0, done.stderr
    assert "Promoted: the first model" in done.stderr
    asked = [
        Example(text, label) for text, label in (("do you have a car park", "parking"), ("no nuts please", "allergens"))
    ]
    for example in asked:
        read = shop.command("ask", example.text, "--json")
        assert f'"label": "{example.label}"' in read.stdout, read.stdout + read.stderr


def test_what_staff_correct_is_learnt_by_retraining_and_answered_by_the_server_that_runs(taught: Taught) -> None:
    """The loop that the README promises, with the console's own calls: asked, corrected, retrained, asked again."""
    shop = taught.shop
    store = Store.open(f"sqlite:///{shop.home / 'handrail.db'}")
    store.staff.add("kim", PASSWORD)
    store.close()
    shop.start()
    assert shop.process is not None
    before, first = shop.serves("intent"), Chat(shop.url).say(MISREAD)
    assert first["reply"]["text"] != "All about parking."
    console = Page(shop.url, "/staff")
    console.client.post("/staff/login", data={"name": "kim", "password": PASSWORD})
    assert "Saved." in console.call("correct", turn=first["turn"], intent="parking")["said"]
    assert Chat(shop.url).say(MISREAD)["reply"] == first["reply"]  # the intent counts at the next training

    trained = shop.command("retrain", "--json")
    assert trained.returncode == 0, trained.stderr
    report = json.loads(trained.stdout)
    assert (report["corrections"], report["new_read_right_before"], report["new_read_right_after"]) == (1, 0, 1)
    assert report["promoted"], report["reason"]
    assert shop.wait_for_another("intent", before) == report["version"]
    assert shop.process.poll() is None
    again = Chat(shop.url).say(MISREAD)["reply"]
    assert (again["kind"], again["text"]) == ("answer", "All about parking.")
    assert "table_booking" in Chat(shop.url).say("do you take reservations")["reply"]["text"]
