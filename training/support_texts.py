"""Ordinary customers' messages of public sets: what the guards' heads must leave alone."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path

HANDLE = re.compile(r"@\w+")
LINK = re.compile(r"https?://\S+")


def support_texts(data: Path) -> dict[str, list[str]]:
    """Messages by source, from BANKING77, CLINC150, MultiDoGO and Twitter customer care under `data`; a set
    that is not there is left out."""
    readers = {
        "banking77": _banking,
        "clinc150": _clinc,
        "multidogo": _multidogo,
        "twitter_care": _twitter,
    }
    return {name: list(read(data / name)) for name, read in readers.items() if (data / name).is_dir()}


def plain(text: str) -> str:
    """A post without handles and links, on one line."""
    return " ".join(LINK.sub("", HANDLE.sub("", text)).split())


def _banking(folder: Path) -> Iterator[str]:
    with (folder / "train.csv").open(encoding="utf-8", newline="") as file:
        yield from (row["text"] for row in csv.DictReader(file))


def _clinc(folder: Path) -> Iterator[str]:
    parts = json.loads((folder / "data_full.json").read_text(encoding="utf-8"))
    yield from (text for text, _ in parts["train"] + parts["oos_train"])


def _multidogo(folder: Path) -> Iterator[str]:
    for path in sorted(folder.glob("*/train.tsv")):
        with path.open(encoding="utf-8", newline="") as file:
            yield from (row["utterance"] or "" for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def _twitter(folder: Path) -> Iterator[str]:
    for conversation in json.loads((folder / "conversations.json").read_text(encoding="utf-8")):
        for turn in conversation["dialogContent"]:
            if "client" in turn:
                yield plain(turn["message"])
