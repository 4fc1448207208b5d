"""From feedback to a better model: a dataset version, a training, a fair comparison, a promotion or none.

The comparison is on the frozen test set: seed utterances that no training and no correction ever touched.
"""

import csv
import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.paths import model_folder
from bot.records import Example
from bot.settings import Settings
from bot.store import Store
from models.errors import HandrailError
from models.folder import ModelFolder, sha256_of

SPLITS = ("train", "dev", "test")
FIRST_EPOCHS = 12
CONTINUED = {  # what was learnt is to be kept, and a correction is to serve soon
    "epochs": 3,
    "settings": {"rate": 1e-4, "head_factor": 1.0, "consistency": 0.0, "adversarial": 0.0},
}
LEEWAY = 0.005  # half a point: on a test set of thousands less than chance, on one of tens less than a text
Train = Callable[..., Any]
Evaluate = Callable[[Path, Path], float]


class NothingToLearn(HandrailError):
    """There are no utterances to train on."""


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


@dataclass(frozen=True, slots=True)
class Retrained:
    """What a retraining came to. Accuracies are on the frozen test set, 0..1; `before` is the serving model's, or the
    best that ever served on that test set where it was higher; None without a model."""

    dataset: DatasetVersion
    version: str
    folder: Path
    after: float
    before: float | None
    promoted: bool
    reason: str

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "version": self.version,
            "dataset": self.dataset.fingerprint,
            "examples": self.dataset.counts,
            "corrections": self.dataset.corrections,
            "accuracy_before": self.before,
            "accuracy_after": self.after,
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
    corrections = sum(e.origin == "correction" for e in ordered)
    return DatasetVersion(digest, folder, dict(counts), corrections)


def retrain(
    store: Store, settings: Settings, train: Train, evaluate: Evaluate, *, who: str = "operator", seed: int = 0
) -> Retrained:
    """Train on seeds and corrections, and promote the result if it is no worse than what serves, give or take
    `LEEWAY`; since the best that ever served is what counts, many retrainings cannot lose more than that either.

    Training goes on from the serving model, gently, or begins at the base when there is none. `train` writes a model
    folder; `evaluate` gives a folder's accuracy, 0..1, on a file. A running server picks a promotion up by itself.
    """
    dataset = write_dataset(store.content.examples(), settings.home)
    serving = store.models.serving().get("intent")
    stamp = f"{datetime.now(UTC):%Y%m%d-%H%M%S-%f}"
    folder = model_folder(settings.home, "intent", f"{stamp}-{dataset.fingerprint}")
    origin = {"start": Path(serving.path), "parent": serving.version} if serving else {}
    how = CONTINUED if serving else {"epochs": FIRST_EPOCHS}
    train(dataset.file("train"), dataset.file("dev"), None, folder, seed=seed, **how, **origin)
    after = evaluate(folder, dataset.file("test"))
    test = sha256_of(dataset.file("test"))
    before = max(evaluate(Path(serving.path), dataset.file("test")), _best(store, test)) if serving else None
    promoted = before is None or after >= before - LEEWAY
    reason = _reason(before, after, promoted)
    version = ModelFolder.load(folder).version
    if promoted:
        metrics = {"accuracy": after, "before": before, "dataset": dataset.fingerprint, "test": test}
        store.models.promote("intent", version, folder, by=who, reason=reason, metrics=metrics)
    else:
        store.audit.note(who, "model.refuse", f"intent {version}", {"accuracy": after, "before": before})
    return Retrained(dataset, version, folder, after, before, promoted, reason)


def _best(store: Store, test: str) -> float:
    """The best accuracy that any promoted model had on this test set; 0 when none was measured on it."""
    known = [step.metrics for step in store.models.history("intent") if step.metrics.get("test") == test]
    return max((max(told["accuracy"], told["before"] or 0.0) for told in known), default=0.0)


def _reason(before: float | None, after: float, promoted: bool) -> str:
    if before is None:
        return f"the first model; {after:.1%} on the frozen test set"
    level = "as good" if after == before else "worse only by chance" if promoted else "worse"
    word = "better" if after > before else level
    return f"{word} on the frozen test set: {after:.1%} against {before:.1%}"
