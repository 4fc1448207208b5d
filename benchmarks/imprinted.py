"""What an intent is worth that is live by a few examples, without a training (`handrail intents add`).

`python -m benchmarks.imprinted demo` adds the intents of `new_intents.csv`, which nobody trained on, to the demo's
model, all at once. `python -m benchmarks.imprinted banking77 --data DIR --out DIR` trains BANKING77 without five
intents and adds these from their training texts; they are none of the ten that `models/imprint.py` was chosen on.
"""

import argparse
from dataclasses import astuple
from pathlib import Path

import numpy as np

from benchmarks.intents import banking77
from bot.cli.console import print_table
from bot.paths import DEMO, DEMO_INTENT_MODEL
from bot.reader import Rehearsal, left_out
from bot.records import IntentSpec
from bot.settings import Settings
from models.imprint import Imprints
from models.intent import Intent
from models.runtime import Runtime
from models.scoring import IntentScorer
from models.spelling import Speller
from training.dataset import Examples, read_shop
from training.intents.recipe import train_intent

SHOTS = (5, 10)
PLAIN = {"consistency": 0.0, "adversarial": 0.0, "batch": 64, "rate": 7e-4}

Sets = dict[str, Examples]


def demo() -> tuple[Path, Examples, Sets]:
    """(the model, examples of new intents, what is read with and without them: messages of the new intents, of those
    that the model was taught, and of none)."""
    new = Path(__file__).parent / "new_intents.csv"
    parts = [read_shop(DEMO, split) for split in ("dev", "test")]
    beyond = [part.take(np.flatnonzero(~part.in_scope)) for part in parts]
    known = parts[0].take(np.flatnonzero(parts[0].in_scope))
    sets = {"of the new": Examples.read(new, "test"), "of the old": known, "out of scope": beyond[0] + beyond[1]}
    return DEMO_INTENT_MODEL, Examples.read(new, "train"), sets


def banking(data: Path, out: Path) -> tuple[Path, Examples, Sets]:
    """The same of a model trained for this, unless it is there; examples are training texts, messages are of test."""
    train, _, test = banking77(data)
    chosen_on = np.random.default_rng(0).choice(train.classes, 10, replace=False)
    apart = np.random.default_rng(1).choice(sorted({*train.classes} - {*chosen_on}), 5, replace=False)
    kept, others = (part.take(np.flatnonzero(~np.isin(part.labels, apart))) for part in (train, test))
    if not (out / "manifest.json").is_file():
        train_intent(kept, None, None, out, epochs=6, threads=1, settings=PLAIN)
    new, asked = (part.take(np.flatnonzero(np.isin(part.labels, apart))) for part in (train, test))
    return out, new, {"of the new": asked, "of the old": others}


def measure(model: Path, new: Examples, sets: Sets, cache: Path) -> list[tuple[object, ...]]:
    """A row for each set of messages, before the new intents are there and with the first so many examples of each."""
    settings = Settings(_env_file=None)  # type: ignore[call-arg]
    runtime = Runtime.from_folders({"intent": model}, cache)
    folder = runtime.folders["intent"]
    speller = Speller.of(folder, runtime.vocabulary())
    intents = {name: IntentSpec(name, name, name, name, "Yes.") for name in (*folder.labels, *new.classes)}
    readings = {name: [speller.reading(runtime.read, text) for text in part.texts] for name, part in sets.items()}
    examples = {
        label: runtime.read_many([text for text, mine in zip(new.texts, new.labels, strict=True) if mine == label])
        for label in new.classes
    }
    rows: list[tuple[object, ...]] = []

    def add(name: str, shots: int, read: list[Intent], part: Examples) -> None:
        told = Rehearsal.of(read, part.labels, settings, intents)
        rows.append((name, shots, *(f"{count / len(read):.1%}" for count in astuple(told)), _right(read, part)))

    for shots in (0, *SHOTS):
        some = {label: found[:shots] for label, found in examples.items()}
        scorer = IntentScorer(folder, imprints=Imprints.learn(folder, some) if shots else None)
        for name, part in sets.items():
            add(name, shots, [scorer(reading) for reading in readings[name]], part)
        if shots:
            read = [intent for label in some for intent in left_out(label, some, folder)]
            labels = tuple(label for label, found in some.items() for _ in found)
            add("examples, each left out", shots, read, Examples(labels, labels))
    return rows


def _right(read: list[Intent], part: Examples) -> str:
    """The share that is given its label, whatever its scope; nothing where there is no label."""
    right = [intent.label == label for intent, label in zip(read, part.labels, strict=True)]
    return f"{np.mean(right):.1%}" if part.in_scope.any() else ""


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("set", choices=("demo", "banking77"))
    parser.add_argument("--data", type=Path)
    parser.add_argument("--out", type=Path, default=Path(".handrail/imprinted"))
    given = parser.parse_args()
    found = demo() if given.set == "demo" else banking(given.data, given.out)
    rows = measure(*found, Settings().cache)
    columns = ("messages", "examples", "answered", "asked back", "as another", "turned away", "label right")
    print_table(f"{len(found[1].classes)} new intents at once", columns, rows)


if __name__ == "__main__":
    main()
