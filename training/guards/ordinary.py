"""What the guards do to ordinary customers, who should never be turned away: counted over public sets."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from guardrails.screen import Screen
from guardrails.verdict import Action, Verdict
from training.dataset import DataError
from training.metrics import share_interval
from training.support_texts import plain

_HINDERED = (Action.ASK, Action.ESCALATE, Action.REFUSE)


@dataclass(frozen=True, slots=True)
class Hindrance:
    """What became of one set's distinct messages. `rules` counts the rules that hindered, the strictest of each
    message; `examples` are the redacted texts of hindered ones, as many as were asked for."""

    name: str
    texts: int
    asked: int
    escalated: int
    refused: int
    rules: Mapping[str, int]
    examples: tuple[tuple[str, str], ...]

    @property
    def turned_away(self) -> float:
        """The share refused or escalated, 0..1."""
        return (self.refused + self.escalated) / self.texts if self.texts else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Its 95 % interval."""
        return share_interval(self.refused + self.escalated, self.texts)

    def row(self) -> tuple[object, ...]:
        """The figures as the row of a table."""
        low, high = self.interval
        share = f"{self.turned_away:.2%} ({low:.2%} to {high:.2%})"
        return (self.name, self.texts, self.asked, self.escalated, self.refused, share)

    def to_dict(self) -> dict[str, Any]:
        """A plain dictionary, for JSON."""
        return {
            "name": self.name, "texts": self.texts, "asked": self.asked, "escalated": self.escalated,
            "refused": self.refused, "turned_away": self.turned_away, "interval": list(self.interval),
            "rules": dict(self.rules),
        }  # fmt: skip


def evaluate_ordinary(
    screen: Screen, data: Path, *, examples: int = 0, progress: Callable[[int], object] = lambda done: None
) -> list[Hindrance]:
    """Screen every distinct message of the sets under `data`, and of all together as the last.

    Read are BANKING77 and Bitext (their test parts), MultiDoGO (dev and test) and the customers of Twitter care; a
    set that is not there is left out. Raises DataError when none is.
    """
    readers = {"banking77": _banking, "bitext_intent": _bitext, "multidogo": _multidogo, "twitter_care": _twitter}
    found = {name: list(dict.fromkeys(filter(str.strip, read(data / name))))
             for name, read in readers.items() if (data / name).is_dir()}  # fmt: skip
    if not found:
        raise DataError(f"{data} holds none of {', '.join(readers)}; name the folder of the data sets")
    parts = [_measure(name, texts, screen, examples, progress) for name, texts in found.items()]
    return [*parts, _together(parts)]


def _measure(
    name: str, texts: Sequence[str], screen: Screen, examples: int, progress: Callable[[int], object]
) -> Hindrance:
    counts: Counter[Action] = Counter()
    rules: Counter[str] = Counter()
    shown: list[tuple[str, str]] = []
    for text in texts:
        verdict = screen.screen(text).verdict
        progress(1)
        counts[verdict.action] += 1
        if verdict.action in _HINDERED:
            rules[_rule(verdict)] += 1
            if len(shown) < examples:
                shown.append((_rule(verdict), verdict.text))
    asked, escalated, refused = (counts[action] for action in _HINDERED)
    return Hindrance(name, len(texts), asked, escalated, refused, rules, tuple(shown))


def _together(parts: Sequence[Hindrance]) -> Hindrance:
    rules: Counter[str] = Counter()
    for part in parts:
        rules.update(part.rules)
    texts, asked, escalated, refused = (
        sum(getattr(part, what) for part in parts) for what in ("texts", "asked", "escalated", "refused")
    )
    return Hindrance("all", texts, asked, escalated, refused, rules, tuple(e for part in parts for e in part.examples))


def _rule(verdict: Verdict) -> str:
    found = verdict.deciding
    return f"{found.rule} {found.label}" if found else ""


def _banking(folder: Path) -> Iterator[str]:
    with (folder / "test.csv").open(encoding="utf-8", newline="") as file:
        yield from (row["text"] for row in csv.DictReader(file))


def _bitext(folder: Path) -> Iterator[str]:
    for path in sorted(folder.glob("test/*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            yield from (row["utterance"] for row in csv.DictReader(file))


def _multidogo(folder: Path) -> Iterator[str]:
    for path in sorted(p for part in ("dev", "test") for p in folder.glob(f"*/{part}.tsv")):
        with path.open(encoding="utf-8", newline="") as file:
            yield from (row["utterance"] or "" for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def _twitter(folder: Path) -> Iterator[str]:
    for conversation in json.loads((folder / "conversations.json").read_text(encoding="utf-8")):
        yield from (plain(turn["message"]) for turn in conversation["dialogContent"] if "client" in turn)
