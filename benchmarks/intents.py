"""Train and measure intent models on public sets: `python -m benchmarks.intents banking77 --data DIR --out DIR`.

The dev split of BANKING77 is a tenth of its training file; test files are read once, at the end. The few-shot splits
and BANKING77-OOS are those of Zhang et al. (2022); HINT3 is of Arora et al. (2020), its version 2.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from training.dataset import OOS, Examples, split_off
from training.intents.evaluate import IntentReport
from training.intents.recipe import train_intent
from training.metrics import mean_interval

Splits = tuple[Examples, Examples | None, Examples]


def banking77(data: Path) -> Splits:
    """77 banking intents (Casanueva et al., 2020): train, no dev, test."""

    def part(name: str) -> Examples:
        with (data / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        return Examples(tuple(row["text"] for row in rows), tuple(row["category"] for row in rows))

    return part("train"), None, part("test")


def clinc150(data: Path) -> Splits:
    """150 intents and what lies out of their scope (Larson et al., 2019), `data_full.json`."""
    parts = json.loads((data / "data_full.json").read_text(encoding="utf-8"))

    def part(name: str) -> Examples:
        rows = parts[name] + parts[f"oos_{name}"]
        return Examples(tuple(text for text, _ in rows), tuple(label for _, label in rows))

    return part("train"), part("val"), part("test")


def multidogo(data: Path, domain: str = "finance") -> Splits:
    """The customer's turns of one domain of MultiDoGO (Peskov et al., 2019), without repeated texts: a text
    is kept in the first of train, dev and test that has it; turns of several intents are left out, and so are the
    few whose intent is then left without a training text."""
    seen: set[str] = set()
    learnt: set[str] = set()

    def part(name: str) -> Examples:
        pairs: dict[str, str] = {}
        with (data / domain / f"{name}.tsv").open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
                text, intent = row["utterance"].strip(), row["intent"]
                if text and text.casefold() not in seen and "<div>" not in intent:
                    seen.add(text.casefold())
                    pairs[text] = OOS if intent == "outofdomain" else intent
        if name == "train":
            learnt.update(pairs.values())
        pairs = {text: intent for text, intent in pairs.items() if intent in learnt}
        return Examples(tuple(pairs), tuple(pairs.values()))

    return part("train"), part("dev"), part("test")


def few_shot(data: Path, shots: int) -> Splits:
    """BANKING77 from 5 or 10 examples of each intent; the set's own dev split chooses the epoch."""
    folder = data / "BANKING77"
    return _lines(folder / f"train_{shots}"), _lines(folder / "valid"), _lines(folder / "test")


def banking77_oos(data: Path) -> Splits:
    """50 of BANKING77's intents; texts of the other 27, near by, are out of scope in dev and test, unseen in train."""
    folder = data / "BANKING77-OOS"

    def part(name: str) -> Examples:
        return _lines(folder / name) + _lines(folder / "id-oos" / name, OOS)

    return _lines(folder / "train"), part("valid"), part("test")


def hint3(data: Path, bot: str) -> Splits:
    """What customers wrote to a live bot; a sixth of its training examples chooses the epoch."""

    def part(name: str) -> Examples:
        with (data / "v2" / name / f"{bot}_{name}.csv").open(encoding="utf-8", newline="") as file:
            rows = [row for row in csv.DictReader(file) if row["sentence"].strip()]
        labels = tuple(OOS if row["label"] == "NO_NODES_DETECTED" else row["label"] for row in rows)
        return Examples(tuple(row["sentence"].strip() for row in rows), labels)

    train, test = part("train"), part("test")
    counts = Counter(train.labels)
    train = train.take([place for place, label in enumerate(train.labels) if counts[label] > 1])
    known = {*train.labels, OOS}
    return *split_off(train, 1 / 6, seed=0), test.take([i for i, label in enumerate(test.labels) if label in known])


def _lines(folder: Path, label: str = "") -> Examples:
    """A folder with `seq.in` and `label`, line by line; with `label`, all texts bear that one."""
    texts = (folder / "seq.in").read_text(encoding="utf-8").split("\n")
    labels = (folder / "label").read_text(encoding="utf-8").split("\n")
    pairs = [(text.strip(), label or name.strip()) for text, name in zip(texts, labels, strict=True) if text.strip()]
    return Examples(tuple(text for text, _ in pairs), tuple(name for _, name in pairs))


SETS: dict[str, Callable[[Path], Splits]] = {
    "banking77": banking77,
    "banking77-10": partial(few_shot, shots=10),
    "banking77-5": partial(few_shot, shots=5),
    "banking77-oos": banking77_oos,
    "clinc150": clinc150,
    "curekart": partial(hint3, bot="curekart"),
    "sofmattress": partial(hint3, bot="sofmattress"),
    "multidogo": multidogo,
}


FIGURES = (
    "accuracy", "macro_f1", "ece", "ece_before", "oos_auroc", "oos_false_rate_at_95", "oos_recall", "false_rejects",
)  # fmt: skip


def summary(reports: Sequence[IntentReport]) -> dict[str, dict[str, float]]:
    """The mean of each figure over runs of several seeds, with its interval; a figure that no run has is left out."""
    told = {name: [getattr(report, name) for report in reports] for name in FIGURES}
    return {name: _mean(values) for name, values in told.items() if None not in values}


def _mean(values: list[float]) -> dict[str, float]:
    low, high = mean_interval(values)
    return {"mean": round(float(np.mean(values)), 4), "low": round(low, 4), "high": round(high, 4)}


def main() -> None:
    """Read the arguments, train with each seed, print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("set", choices=sorted(SETS))
    parser.add_argument("--data", type=Path, required=True, help="the folder of the set")
    parser.add_argument(
        "--out", type=Path, required=True, help="where the model folders are written, one for each seed"
    )
    parser.add_argument("--start", type=Path, help="a model folder to begin with")
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--depth", type=int, default=2)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0], help="one training for each")
    parser.add_argument("--settings", type=json.loads, default={}, help="JSON over training.fit.Settings")
    options = parser.parse_args()
    train, dev, test = SETS[options.set](options.data)
    results = [
        train_intent(
            train,
            dev,
            test,
            options.out / str(seed),
            depth=options.depth,
            epochs=options.epochs,
            seed=seed,
            threads=options.threads,
            start=options.start,
            settings=options.settings,
            command=f"python -m benchmarks.intents {options.set}",
        )
        for seed in options.seeds
    ]
    runs = [result.to_dict() for result in results]
    for run in runs:
        for report in (run["dev"], run["test"]):
            report.pop("by_label")
    figures = {"runs": runs, "test": summary([result.test for result in results if result.test])}
    sys.stdout.write(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
