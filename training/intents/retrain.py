"""From feedback to a better model: a dataset version, a training, a fair comparison, a promotion or none.

What is compared is the accuracy on the frozen test set: the share of its messages in scope that are given their label,
by the int8 graph that serves, slips of the hand put right as in service. The test set is seed utterances that no
training and no correction ever touched. Other figures, such as what is found to be out of scope, do not decide.
"""

import csv
import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from bot.paths import model_folder
from bot.records import Example, Promotion
from bot.settings import Settings
from bot.store import Store
from bot.store.content import CORRECTION
from models.errors import HandrailError
from models.folder import ModelFolder, sha256_of
from training.dataset import Examples
from training.intents.revise import HELD_TO, Revision, times

SPLITS = ("train", "dev", "test")
FIRST = {"epochs": 12}
REVISED = {"epochs": 0}
CONTINUED = {  # what was learnt is to be kept, and a correction is to serve soon
    "epochs": 3,
    "settings": {"rate": 1e-4, "head_factor": 1.0, "consistency": 0.0, "adversarial": 0.0},
}
LEARNING, READING = 0.005, 0.01  # seconds that one core takes for a message, to learn it once and to read it
ANCHORS = 2000  # messages, about, that are read beside the splits
FEW = 0.1  # of the training utterances, which may be new for the serving model to be revised, not trained on all

Train = Callable[..., Any]
Revise = Callable[..., Revision]
Read = Callable[[Path, Examples], np.ndarray]


class NothingToLearn(HandrailError):
    """There are no utterances to train on, or none that are new."""


@dataclass(frozen=True, slots=True)
class DatasetVersion:
    """The utterances of one training. `fingerprint` names them; equal examples give equal fingerprints."""

    fingerprint: str
    folder: Path
    counts: dict[str, int]
    corrections: int

    def file(self, split: str) -> Path:
        """The CSV of one split."""
        return self.folder / f"{split}.csv"

    def examples(self, split: str) -> Examples:
        """The examples of one split."""
        return Examples.read(self.file(split))


@dataclass(frozen=True, slots=True)
class Retrained:
    """What a retraining came to. Accuracies are on the frozen test set, 0..1; `before` is the serving model's, or the
    best that ever served on that test set where it was higher; None without a model. Of the `new` utterances, of which
    corrections are always some, `new_before` were read right by the model that served and `new_after` are by this one.
    """

    dataset: DatasetVersion
    version: str
    folder: Path
    after: float
    before: float | None
    new: int
    new_before: int
    new_after: int
    promoted: bool
    reason: str

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "version": self.version,
            "folder": str(self.folder),
            "dataset": self.dataset.fingerprint,
            "examples": self.dataset.counts,
            "corrections": self.dataset.corrections,
            "accuracy_before": self.before,
            "accuracy_after": self.after,
            "new": self.new,
            "new_read_right_before": self.new_before,
            "new_read_right_after": self.new_after,
            "promoted": self.promoted,
            "reason": self.reason,
        }


def write_dataset(examples: Sequence[Example], home: Path) -> DatasetVersion:
    """Write the splits as CSV under `home/datasets/<fingerprint>`. Raises NothingToLearn when one is empty."""
    ordered = sorted(examples, key=lambda e: (e.split, e.label, e.text))
    digest = hashlib.sha256("\n".join(f"{e.split}\t{e.label}\t{e.text}" for e in ordered).encode()).hexdigest()[:12]
    counts = Counter(e.split for e in ordered)
    empty = [split for split in SPLITS if not counts[split]]
    if empty:
        raise NothingToLearn(
            f"there are no utterances in the split '{empty[0]}'; import some with: "
            "handrail import intents INTENTS --utterances FILE   (columns text,label,split)"
        )
    folder = home / "datasets" / digest
    folder.mkdir(parents=True, exist_ok=True)
    for split in SPLITS:
        with (folder / f"{split}.csv").open("w", encoding="utf-8", newline="") as handle:
            writer = csv.writer(handle)
            writer.writerow(("text", "label", "origin", "conversation"))
            writer.writerows((e.text, e.label, e.origin, e.conversation or "") for e in ordered if e.split == split)
    corrections = sum(e.origin == CORRECTION for e in ordered)
    return DatasetVersion(digest, folder, dict(counts), corrections)


def retrain(
    store: Store,
    settings: Settings,
    train: Train,
    revise: Revise,
    read: Read,
    *,
    who: str = "operator",
    seed: int = 0,
    tell: Callable[[str], object] = lambda line: None,
) -> Retrained:
    """Teach the serving model the corrections and other new utterances, and promote the result if its accuracy on the
    frozen test set is not lower than the serving model's, nor than that of any that ever served on this test set.

    Where few utterances are new the serving model is revised; where many are, or some are gone, it is trained on all,
    gently; without one a training begins at the base. `train`, `revise` and `read` are `recipe.train_intent`,
    `revise.revise_intent` and `evaluate.read_right`. A running server picks a promotion up by itself. What is not
    promoted stays in its folder. Raises NothingToLearn.
    """
    dataset = write_dataset(store.content.examples(), settings.home)
    examples, dev, test = (dataset.examples(split) for split in SPLITS)
    serving = store.models.serving().get("intent")
    new = _new(dataset, serving, settings.home)
    if serving and not new.places.size and not new.gone:
        raise NothingToLearn(
            f"the model {serving.version} has learnt all {len(examples)} utterances: correct a turn in the console, "
            "or import utterances with handrail import intents INTENTS --utterances FILE"
        )
    few = serving is not None and not new.gone and new.places.size <= FEW * len(examples)
    how = REVISED if few else CONTINUED if serving else FIRST
    tell(f"{new.places.size} utterances are new to the model; {_minutes(dataset, how)} on one core")
    frozen = sha256_of(dataset.file("test"))
    gate = _Gate(read, test)
    if serving:
        gate.least = max(gate.accuracy(Path(serving.path)), _best(store, frozen))
    stamp = f"{datetime.now(UTC):%Y%m%d-%H%M%S-%f}"
    folder = model_folder(settings.home, "intent", f"{stamp}-{dataset.fingerprint}")
    origin: dict[str, Any] = {"start": Path(serving.path), "parent": serving.version} if serving else {}
    holds = True
    if few:
        holds = (
            revise(
                examples, dev, new.places, folder, corrections=new.corrections, accept=gate, seed=seed, **origin
            ).tried
            > 0
        )
    else:
        often = np.repeat(new.corrections, times(len(examples), new.corrections.size) - 1)
        train(examples + examples.take(often), dev, None, folder, seed=seed, **how, **origin)
    passed, version, lessons = gate(folder), ModelFolder.load(folder).version, examples.take(new.places)
    learnt = [int(read(path, lessons).sum()) if path and len(lessons) else 0 for path in (origin.get("start"), folder)]
    holds = holds and learnt[1] >= learnt[0]
    promoted, reason = passed and holds, _reason(gate, holds)
    figures = {"accuracy": gate.found, "before": gate.least, "dataset": dataset.fingerprint, "test": frozen}
    if promoted:
        store.models.promote("intent", version, folder, by=who, reason=reason, metrics=figures)
    else:
        store.audit.note(who, "model.refuse", f"intent {version}", figures)
    return Retrained(
        dataset, version, folder, gate.found, gate.least, len(lessons), learnt[0], learnt[1], promoted, reason
    )


@dataclass(slots=True)
class _Gate:
    """Whether a model's accuracy on the frozen test set is at least `least` (None: any will do). `found` is that of the
    `last` model that was measured, which is not measured again."""

    read: Read
    test: Examples
    least: float | None = None
    found: float = 0.0
    last: str = ""

    def __call__(self, folder: Path) -> bool:
        version = ModelFolder.load(folder).version
        if version != self.last:
            self.found, self.last = self.accuracy(folder), version
        return self.least is None or self.found >= self.least

    def accuracy(self, folder: Path) -> float:
        """The share of the messages in scope that are given their label."""
        return float(self.read(folder, self.test)[self.test.in_scope].mean())


@dataclass(frozen=True, slots=True, repr=False)
class _New:
    """Places in the train split of what is to be learnt: all `corrections`, and what the serving model was not taught.
    `gone` is whether it was taught a text that is there no more."""

    places: np.ndarray
    corrections: np.ndarray
    gone: bool


def _new(dataset: DatasetVersion, serving: Promotion | None, home: Path) -> _New:
    """What of the dataset is new for the serving model. What that was taught stands in its dataset, where it was
    trained here; else it is known by the fingerprint of all seeds, or not at all."""
    with dataset.file("train").open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    pairs = [(row["text"], row["label"]) for row in rows]
    corrected = np.array([row["origin"] == CORRECTION for row in rows])
    taught: set[tuple[str, str]] = set()
    if serving:
        kept = home / "datasets" / str(serving.metrics.get("dataset")) / "train.csv"
        seeds = dataset.examples("train").take(np.flatnonzero(~corrected))
        if kept.is_file():
            before = Examples.read(kept)
            taught = set(zip(before.texts, before.labels, strict=True))
        elif ModelFolder.load(Path(serving.path)).manifest.get("data", {}).get("fingerprint") == seeds.fingerprint:
            taught = set(zip(seeds.texts, seeds.labels, strict=True))
    fresh = np.array([pair not in taught for pair in pairs])
    gone = {text for text, _ in taught} - {text for text, _ in pairs}
    return _New(np.flatnonzero(fresh | corrected), np.flatnonzero(corrected), bool(gone))


def _best(store: Store, test: str) -> float:
    """The best accuracy that any promoted model had on this test set; 0 when none was measured on it."""
    known = [step.metrics for step in store.models.history("intent") if step.metrics.get("test") == test]
    return max((max(told["accuracy"], told["before"] or 0.0) for told in known), default=0.0)


def _reason(gate: _Gate, holds: bool) -> str:
    if gate.least is None:
        return f"the first model; {gate.found:.2%} on the frozen test set"
    if not holds:
        return "it reads no more of what is new, or fewer messages of the dev split, than the model that serves"
    word = "better" if gate.found > gate.least else "as good" if gate.found == gate.least else "worse"
    return f"{word} on the frozen test set: {gate.found:.2%} against {gate.least:.2%}"


def _minutes(dataset: DatasetVersion, how: Mapping[str, Any]) -> str:
    learnt = dataset.counts["train"] * how["epochs"] or HELD_TO
    read = 2 * dataset.counts["dev"] + 2 * dataset.counts["test"] + ANCHORS
    seconds = LEARNING * learnt + READING * read
    minutes = max(round(seconds / 60), 1)
    return f"about {minutes} minute" + "s" * (minutes > 1)
