"""What a person wants to see after training: a classification report and a picture of the confusions."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from training.extra import require

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def write_report(folder: Path, truth: np.ndarray, found: np.ndarray, labels: Sequence[str]) -> tuple[Path, Path]:
    """Write `classification.txt` and `confusion.png` into `folder`; `truth` and `found` are places in `labels`.

    The picture shows the labels of the thirty most frequent confusions at most. Raises MissingExtra.
    """
    metrics = require("sklearn.metrics")
    folder.mkdir(parents=True, exist_ok=True)
    text, picture = folder / "classification.txt", folder / "confusion.png"
    every = list(range(len(labels)))
    text.write_text(
        metrics.classification_report(truth, found, labels=every, target_names=list(labels), digits=3, zero_division=0),
        encoding="utf-8",
    )
    plot = confusion_plot(metrics.confusion_matrix(truth, found, labels=every), labels)
    plot.savefig(picture, dpi=110)
    return text, picture


def confusion_plot(counts: np.ndarray, labels: Sequence[str], most: int = 30) -> Figure:
    """A figure of `counts` (labels meant, labels read), a share of the row being a shade and each count a number; of
    more labels than `most` only those most often confused."""
    wrong = counts - np.diag(np.diag(counts))
    shown = np.sort(np.argsort(-(wrong.sum(axis=0) + wrong.sum(axis=1)), kind="stable")[:most])
    part, names = counts[np.ix_(shown, shown)], [labels[index] for index in shown]
    figure: Figure = require("matplotlib.figure").Figure(figsize=(3 + 0.32 * len(names), 3 + 0.32 * len(names)))
    axes = figure.subplots()
    axes.imshow(part / np.maximum(counts[shown].sum(axis=1, keepdims=True), 1), cmap="Blues", vmin=0, vmax=1)
    axes.set_xticks(range(len(names)), names, rotation=90)
    axes.set_yticks(range(len(names)), names)
    axes.set_xlabel("read as")
    axes.set_ylabel("meant")
    for row, column in zip(*np.nonzero(part), strict=True):
        dark = part[row, column] > counts[shown[row]].sum() / 2
        axes.text(column, row, part[row, column], ha="center", va="center", color="white" if dark else "black", size=7)
    axes.set_title("Confusions" if len(names) == len(labels) else f"The {len(names)} labels most often confused")
    figure.tight_layout()
    return figure
