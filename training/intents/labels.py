"""Labels that mislead: texts that stand twice or under several labels, and texts whose label the others contradict.

The latter are found by confident learning (Northcutt et al., 2021): a classifier over the encoder's embeddings, which
has not seen a text, reads it; where it is surer of another label than that label's own texts are on average, the
label is suspect. Needs no torch.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from models.runtime import Runtime
from models.trunk import Trunk
from training.dataset import DataError, Examples, repeated
from training.extra import require

FOLDS = 5
LEAST = 2  # examples of a label that can be judged by the others


@dataclass(frozen=True, slots=True)
class Suspect:
    """A text whose label is probably wrong. `trust` is the label's probability, 0..1; `likely` the better one."""

    text: str
    label: str
    likely: str
    trust: float


@dataclass(frozen=True, slots=True, repr=False)
class LabelReport:
    """`duplicates`: a text that is there more than once under one label, with how often. `contradictions`: a text
    with its several labels. `suspects`: the least trusted labels first. `unjudged`: labels with a single example."""

    examples: int
    duplicates: dict[str, int]
    contradictions: dict[str, tuple[str, ...]]
    suspects: tuple[Suspect, ...]
    unjudged: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """A plain dictionary, for JSON."""
        return asdict(self)

    def redacted(self, redact: Callable[[str], str], most: int | None = None) -> LabelReport:
        """The same as may be shown: its texts as `redact` gives them back, of each kind the first `most`. Texts that
        differ in personal data alone are then one."""
        alike: Counter[str] = Counter()
        for text, count in islice(self.duplicates.items(), most):
            alike[redact(text)] += count
        clashes: defaultdict[str, set[str]] = defaultdict(set)
        for text, labels in islice(self.contradictions.items(), most):
            clashes[redact(text)].update(labels)
        return replace(
            self,
            duplicates=dict(alike),
            contradictions={text: tuple(sorted(labels)) for text, labels in clashes.items()},
            suspects=tuple(replace(suspect, text=redact(suspect.text)) for suspect in self.suspects[:most]),
        )


def evaluate_labels(
    data: Path | Examples, *, seed: int = 0, threads: int = 1, cache: Path = Path(".handrail/cache"),
    trunk: Trunk | None = None,
) -> LabelReport:  # fmt: skip
    """Judge the labels of a file of text,label; out-of-scope texts are left out.

    Raises MissingExtra without the [train] extra, DataError when fewer than two labels can be judged.
    """
    filter_, rank = require("cleanlab.filter"), require("cleanlab.rank")
    given = data if isinstance(data, Examples) else Examples.read(data)
    examples = given.take(np.flatnonzero(given.in_scope))
    duplicates, contradictions = repeated(examples)
    counts = {label: examples.labels.count(label) for label in examples.classes}
    alone = tuple(label for label, count in counts.items() if count < LEAST)
    judged = examples.take([place for place, label in enumerate(examples.labels) if label not in alone])
    if len(judged.classes) < 2:
        raise DataError(f"Labels judge one another: at least two need {LEAST} examples; {len(judged.classes)} have.")
    runtime = Runtime.from_folders({}, cache, threads, trunk=trunk)
    folds = min(FOLDS, *(counts[label] for label in judged.classes))
    chances = _read_by_others(runtime.encode(judged.texts), judged, folds, seed)
    labels = judged.targets(judged.classes).argmax(axis=1)
    wrong = np.flatnonzero(filter_.find_label_issues(labels, chances))
    order = wrong[np.argsort(rank.get_self_confidence_for_each_label(labels, chances)[wrong], kind="stable")]
    suspects = tuple(
        Suspect(judged.texts[i], judged.labels[i], judged.classes[best], round(float(chances[i, labels[i]]), 4))
        for i in order
        if (best := int(chances[i].argmax())) != labels[i]
    )
    return LabelReport(len(examples), duplicates, contradictions, suspects, alone)


def _read_by_others(embeddings: np.ndarray, examples: Examples, folds: int, seed: int) -> np.ndarray:
    """Probabilities (examples, labels) of classifiers that were each fitted without the texts they read."""
    linear, selection = require("sklearn.linear_model"), require("sklearn.model_selection")
    chances: np.ndarray = selection.cross_val_predict(
        linear.LogisticRegression(C=10, max_iter=300),
        embeddings,
        examples.targets(examples.classes).argmax(axis=1),
        cv=selection.StratifiedKFold(folds, shuffle=True, random_state=seed),
        method="predict_proba",
    )
    return chances
