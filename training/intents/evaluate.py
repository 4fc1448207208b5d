"""An intent model measured as it serves: int8, one text at a time. Needs no torch."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, astuple, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

from models.folder import ModelFolder
from models.runtime import Runtime
from models.scoring import IntentScorer
from models.spelling import Speller
from models.trunk import Trunk
from models.vectors import softmax
from training.dataset import DataError, Examples, measured, read_column
from training.metrics import (
    accuracy,
    auroc,
    calibration_error,
    f1_by_label,
    false_rate_at,
    interval,
    macro_f1,
    recall_at,
    risk_coverage,
)
from training.share import Share

RATE_COLUMNS = ("rate chosen on dev", "answered", "right of those", "in scope turned away", "out of scope caught")


@dataclass(frozen=True, slots=True)
class AtRate:
    """What an operator's rate of false rejects comes to on these texts, shares of 0..1: `answered` of all texts are
    taken for in scope, of which `right` bear their label; `turned_away` of those in scope, and `caught` of those out of
    scope (None where there are none), are not."""

    rate: float
    answered: float
    right: float
    turned_away: float
    caught: float | None


@dataclass(frozen=True, slots=True)
class IntentReport:
    """How well a model reads intents. Shares are 0..1; `accuracy_interval` is the bootstrap's middle 95 %.

    `accuracy`, `macro_f1` and `ece` (15 bins; `ece_before` without calibration) are over in-scope texts, whatever
    their out-of-scope score. `risk_coverage` has for each coverage the share of wrong answers if only the surest
    texts are answered; what is out of scope is wrong in any case, as it is in `by_rate`, which has the same for each
    rate of false rejects that an operator can choose.
    The `oos_` figures are None where the data hold no text labelled "oos"; the last two are at the model's
    own threshold. `ms_p50` is the time of one text on one thread. `by_value` has the in-scope texts read right
    for each value of a column of the data, where one was asked for.
    """

    model: str
    examples: int
    out_of_scope: int
    accuracy: float
    accuracy_interval: tuple[float, float]
    macro_f1: float
    ece: float
    ece_before: float
    ms_p50: float
    risk_coverage: tuple[tuple[float, float], ...]
    by_rate: tuple[AtRate, ...] = ()
    oos_auroc: float | None = None
    oos_recall_at_5: float | None = None
    oos_false_rate_at_95: float | None = None
    oos_recall: float | None = None
    false_rejects: float | None = None
    by_label: dict[str, float] | None = None
    by_value: dict[str, Share] | None = None

    def to_dict(self) -> dict[str, Any]:
        """A plain dictionary, for JSON."""
        shares = None if self.by_value is None else {value: share.to_dict() for value, share in self.by_value.items()}
        return asdict(self) | {"by_value": shares}

    def table(self) -> Table:
        """The figures as a table to print."""
        table = Table(title=f"Intent model {self.model}", show_header=False)
        low, high = self.accuracy_interval
        rows = {
            "examples (out of scope)": f"{self.examples} ({self.out_of_scope})",
            "accuracy": f"{self.accuracy:.2%}  (95 %: {low:.2%} to {high:.2%})",
            "macro-F1": f"{self.macro_f1:.2%}",
            "calibration error (15 bins)": f"{self.ece:.4f}  (before calibration: {self.ece_before:.4f})",
            "ms a text, p50": f"{self.ms_p50:.2f}",
        }
        if self.oos_auroc is not None:
            rows |= {
                "out of scope: AUROC": f"{self.oos_auroc:.4f}",
                "recall at 5 % false rejects": f"{self.oos_recall_at_5:.2%}",
                "false rejects at 95 % recall": f"{self.oos_false_rate_at_95:.2%}",
                "recall at the threshold": f"{self.oos_recall:.2%}",
            }
        rows["false rejects at the threshold"] = f"{self.false_rejects:.2%}"
        rows |= {f"wrong of the surest {share:.0%}": f"{risk:.2%}" for share, risk in self.risk_coverage}
        rows |= {f"accuracy where {value or 'empty'}": str(share) for value, share in (self.by_value or {}).items()}
        for name, value in rows.items():
            table.add_row(name, value)
        return table

    def rates(self) -> list[tuple[str, ...]]:
        """`by_rate` as the rows of a table to print, under `RATE_COLUMNS`."""
        shares = [astuple(row) for row in self.by_rate]
        return [tuple("" if share is None else f"{share:.1%}" for share in row) for row in shares]


@dataclass(frozen=True, slots=True, repr=False)
class Predictions:
    """What a model made of examples: `confidences` (examples, labels), `oos` (examples,), milliseconds each."""

    confidences: np.ndarray
    logits: np.ndarray
    oos: np.ndarray
    milliseconds: np.ndarray

    @property
    def found(self) -> np.ndarray:
        """The best label's place, shape (examples,)."""
        best: np.ndarray = self.confidences.argmax(axis=1)
        return best


def predict_intents(runtime: Runtime, folder: ModelFolder, examples: Examples, *, quiet: bool = False) -> Predictions:
    """Read every text by itself, slips put right as in service, and time it; `folder` holds the calibration of the
    runtime's intent branch."""
    scorer, speller = IntentScorer(folder), Speller.of(folder, runtime.vocabulary())
    logits, oos, times = [], [], []
    console = Console(stderr=True, quiet=quiet)
    for text in track(examples.texts, "reading", console=console, transient=True):
        began = time.perf_counter()
        reading = speller.reading(runtime.read, text)
        output = reading.outputs["intent"]
        led = scorer.logits(output)
        oos.append(float(scorer.oos(led, output.pooled, reading.embedding)))
        times.append((time.perf_counter() - began) * 1000)
        logits.append(led)
    stacked = np.stack(logits)
    return Predictions(scorer.confidences(stacked), stacked, np.array(oos), np.array(times))


def evaluate_intent(
    model: Path,
    data: Path | Examples,
    *,
    by: str | None = None,
    cache: Path = Path(".handrail/cache"),
    trunk: Trunk | None = None,
    quiet: bool = False,
) -> IntentReport:
    """Measure the model folder `model` on a file of text,label, on the test split of a shop's folder, or on examples;
    with `by`, the name of a column of the file, also for each of its values.

    Raises ModelError for a damaged folder, DataError for a bad file, a missing column or a label unknown to the
    model.
    """
    examples = measured(data)
    values = read_column(data, by) if by and isinstance(data, Path) else None
    runtime = Runtime.from_folders({"intent": model}, cache, trunk=trunk)
    folder = runtime.folders["intent"]
    made = predict_intents(runtime, folder, examples, quiet=quiet)
    return intent_report(folder, examples, made, values)


def read_right(
    model: Path,
    examples: Examples,
    *,
    cache: Path = Path(".handrail/cache"),
    trunk: Trunk | None = None,
    quiet: bool = False,
) -> np.ndarray:
    """Which examples the model folder `model` reads right as it serves, shape (examples,): those in scope by their
    label, whatever their out-of-scope score; the others by that score. A label unknown to the model is read wrong.
    """
    runtime = Runtime.from_folders({"intent": model}, cache, trunk=trunk)
    folder = runtime.folders["intent"]
    made = predict_intents(runtime, folder, examples, quiet=quiet)
    right = np.array([folder.labels[found] for found in made.found]) == np.array(examples.labels)
    return np.where(examples.in_scope, right, made.oos >= IntentScorer(folder).threshold)


def intent_report(
    folder: ModelFolder, examples: Examples, made: Predictions, values: Sequence[str] | None = None
) -> IntentReport:
    """The figures of predictions that were made of these examples; with `values`, one for each example, also the
    accuracy for each value."""
    inside = examples.in_scope
    if not inside.any():
        raise DataError("There is no text in scope to measure the intent model on.")
    truth = examples.targets(folder.labels).argmax(axis=1)[inside]
    found = made.found[inside]
    scores = f1_by_label(truth, found, len(folder.labels))
    threshold = IntentScorer(folder).threshold
    right = inside & (made.found == examples.targets(folder.labels).argmax(axis=1))
    return IntentReport(
        model=folder.version,
        examples=len(examples),
        out_of_scope=int((~inside).sum()),
        accuracy=accuracy(truth, found),
        accuracy_interval=interval(lambda drawn: accuracy(truth[drawn], found[drawn]), len(truth)),
        macro_f1=macro_f1(truth, found, len(folder.labels)),
        ece=calibration_error(made.confidences[inside].max(axis=1), truth == found),
        ece_before=calibration_error(softmax(made.logits[inside]).max(axis=1), truth == found),
        risk_coverage=risk_coverage(made.confidences.max(axis=1) * (1 - made.oos), right),
        by_rate=tuple(
            _at_rate(row["rate"], made.oos < row["threshold"], right, inside)
            for row in folder.calibration["oos"].get("rates", ())
        ),
        ms_p50=float(np.median(made.milliseconds)),
        false_rejects=float((made.oos[inside] >= threshold).mean()),
        by_label={
            label: round(float(f1), 4) for label, f1 in zip(folder.labels, scores, strict=True) if not np.isnan(f1)
        },
        by_value=None if values is None else _by_value(values, inside, right),
        **({} if inside.all() else _beyond(~inside, made.oos, threshold)),
    )


def _at_rate(rate: float, answered: np.ndarray, right: np.ndarray, inside: np.ndarray) -> AtRate:
    caught = None if inside.all() else float((~answered[~inside]).mean())
    hits = float(right[answered].mean()) if answered.any() else 1.0
    return AtRate(rate, float(answered.mean()), hits, float((~answered[inside]).mean()), caught)


def _by_value(values: Sequence[str], inside: np.ndarray, right: np.ndarray) -> dict[str, Share]:
    groups = {value: inside & (np.array(values) == value) for value in sorted(set(values))}
    return {value: Share(int(right[group].sum()), int(group.sum())) for value, group in groups.items() if group.any()}


def _beyond(outside: np.ndarray, scores: np.ndarray, threshold: float) -> dict[str, float]:
    return {
        "oos_auroc": auroc(outside, scores),
        "oos_recall_at_5": recall_at(outside, scores, 0.05),
        "oos_false_rate_at_95": false_rate_at(outside, scores, 0.95),
        "oos_recall": float((scores[outside] >= threshold).mean()),
    }
