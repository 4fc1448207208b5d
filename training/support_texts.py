"""Ordinary messages of customers, and answers to them, of public sets and of the demo: what guards must leave alone.

Sets with a test part keep it for the test; of the others a fifth of the texts is kept, by hash.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bot.paths import DEMO
from training.held_out import kept_apart

HANDLE = re.compile(r"@\w+")
LINK = re.compile(r"https?://\S+")
SENTENCE = re.compile(r"(?<=[.!?])\s+")
SHORTEST = 40  # characters of a paragraph that says something


def support_texts(data: Path, *, test: bool = False) -> dict[str, list[str]]:
    """Customers' messages by source, from BANKING77, CLINC150, MultiDoGO and Twitter customer care under `data`,
    and for the test Bitext too; a set that is not there is left out."""
    readers = {
        "banking77": _banking,
        "clinc150": _clinc,
        "multidogo": _multidogo,
        "twitter_care": _twitter,
        **({"bitext_intent": _bitext} if test else {}),
    }
    return {name: list(read(data / name, test)) for name, read in readers.items() if (data / name).is_dir()}


def utterances(split: str) -> list[str]:
    """What customers of the demo say, of one split ("train", "dev", "test")."""
    return [
        row["text"]
        for path in _demo("utterances")
        for row in csv.DictReader(path.read_text(encoding="utf-8").splitlines())
        if row["split"] == split
    ]


def letters() -> list[str]:
    """What customers wrote in the demo's past tickets."""
    return [ticket["customer"] for ticket in _tickets()]


def answers(data: Path, *, test: bool) -> Iterator[str]:
    """Paragraphs of what shops and offices say: in the demo's past tickets, on Twitter, in FAQ about COVID-19."""
    for text in (*(ticket["agent"] for ticket in _tickets()), *_agents(data / "twitter_care"), *_faq(data)):
        for part in text.split("\n"):
            if len(part) >= SHORTEST and kept_apart(part) == test:
                yield part.strip()


def sentences(data: Path, *, test: bool) -> Iterator[str]:
    """Those paragraphs by the sentence, as templates and streams have them; of the test those that training has not."""
    seen = set(sentences(data, test=False)) if test else set()
    for text in answers(data, test=test):
        yield from (part for part in SENTENCE.split(text) if len(part) > 3 and part not in seen)


def plain(text: str) -> str:
    """A post without handles and links, on one line."""
    return " ".join(LINK.sub("", HANDLE.sub("", text)).split())


def _banking(folder: Path, test: bool) -> Iterator[str]:
    with (folder / f"{'test' if test else 'train'}.csv").open(encoding="utf-8", newline="") as file:
        yield from (row["text"] for row in csv.DictReader(file))


def _clinc(folder: Path, test: bool) -> Iterator[str]:
    parts, split = json.loads((folder / "data_full.json").read_text(encoding="utf-8")), "test" if test else "train"
    yield from (text for text, _ in parts[split] + parts[f"oos_{split}"])


def _multidogo(folder: Path, test: bool) -> Iterator[str]:
    """Turns of customers; of the test part those that training does not hold, for more than half repeat."""
    seen = {turn.lower() for turn in _turns(folder, "train")} if test else set()
    yield from (turn for turn in _turns(folder, "test" if test else "train") if turn.lower() not in seen)


def _turns(folder: Path, split: str) -> Iterator[str]:
    for path in sorted(folder.glob(f"*/{split}.tsv")):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
                yield (row["utterance"] or "").strip()


def _twitter(folder: Path, test: bool) -> Iterator[str]:
    for turn in _dialogues(folder):
        if "client" in turn and kept_apart(text := plain(turn["message"])) == test:
            yield text


def _bitext(folder: Path, _: bool) -> Iterator[str]:
    for path in sorted(folder.glob("test/*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            yield from (row["utterance"] for row in csv.DictReader(file))


def _agents(folder: Path) -> Iterator[str]:
    yield from (plain(turn["message"]) for turn in _dialogues(folder) if "agent" in turn)


def _dialogues(folder: Path) -> Iterator[dict[str, str]]:
    path = folder / "conversations.json"
    for conversation in json.loads(path.read_text(encoding="utf-8")) if path.is_file() else []:
        yield from conversation["dialogContent"]


def _faq(data: Path) -> Iterator[str]:
    path = data / "covid_faq/faqs/faq_covidbert.csv"
    if path.is_file():
        with path.open(encoding="utf-8", newline="") as file:
            yield from (row["answer"] for row in csv.DictReader(file) if row["lang"] == "en")


def _tickets() -> Iterator[dict[str, Any]]:
    for path in _demo("tickets"):
        yield from (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())


def _demo(folder: str) -> list[Path]:
    return sorted((DEMO / folder).iterdir())
