"""The recipe that the guards' heads share: labels that hold by themselves, on the same loop as intents."""

from __future__ import annotations

import copy
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.console import Console

from models.folder import ModelFolder
from models.runtime import Runtime
from models.trunk import Trunk
from models.vectors import sigmoid
from training.calibrate import label_temperature
from training.dataset import DataError, Examples
from training.errors import TrainingError
from training.extra import require
from training.metrics import auroc, average_precision
from training.trunk_states import LONGEST, trunk_states

if TYPE_CHECKING:
    from training.fit import Fitted

MOST_DIFFERENCE = 0.1  # between served and trained probabilities, on average


@dataclass(frozen=True, slots=True, repr=False)
class Corpus:
    """Texts and what is known of them: `targets` (texts, labels), 0..1, NaN where a label is not known;
    `sources` says where each text comes from, for figures by source."""

    texts: tuple[str, ...]
    targets: np.ndarray
    sources: tuple[str, ...]

    @classmethod
    def of(cls, source: str, pairs: Sequence[tuple[str, Sequence[float]]], labels: int) -> Corpus:
        """A corpus of one source; texts that are empty or come again are left out."""
        kept = {text.strip(): row for text, row in pairs if text.strip()}
        targets = np.array(list(kept.values()), dtype=np.float32).reshape(-1, labels)
        return cls(tuple(kept), targets, (source,) * len(kept))

    @classmethod
    def joined(cls, parts: Sequence[Corpus]) -> Corpus:
        """All parts, one after another."""
        texts = tuple(text for part in parts for text in part.texts)
        sources = tuple(source for part in parts for source in part.sources)
        return cls(texts, np.concatenate([part.targets for part in parts]), sources)

    def __len__(self) -> int:
        return len(self.texts)

    def take(self, indexes: Sequence[int] | np.ndarray) -> Corpus:
        """These texts, in this order."""
        texts, sources = (tuple(column[i] for i in indexes) for column in (self.texts, self.sources))
        return Corpus(texts, self.targets[np.asarray(indexes, dtype=int)], sources)

    def parted(self, share: float, seed: int) -> tuple[Corpus, Corpus]:
        """A share of the distinct texts, drawn by `seed`, each once; and all copies of the others."""
        once = self.distinct()
        apart = once.take(np.random.default_rng(seed).permutation(len(once))[: int(len(once) * share)])
        held, order = set(apart.texts), np.random.default_rng(seed).permutation(len(self))
        return apart, self.take([place for place in order if self.texts[place] not in held])

    def distinct(self) -> Corpus:
        """Each text once, where it came first."""
        places: dict[str, int] = {}
        for place, text in enumerate(self.texts):
            places.setdefault(text, place)
        return self.take(list(places.values()))

    def sample(self, most: int, seed: int) -> Corpus:
        """At most so many texts, drawn by `seed`."""
        return self.take(np.random.default_rng(seed).permutation(len(self))[:most])

    @property
    def fingerprint(self) -> str:
        """12 hexadecimal digits that change with any text or target."""
        return Examples(self.texts, tuple(np.array2string(row) for row in self.targets)).fingerprint


@dataclass(frozen=True, slots=True)
class Recipe:
    """What makes a guard's head: its labels, how it pools (see network.Branch), where its texts come from, how
    many word pieces of each it learns, by how much its targets are smoothed, and which share of the texts chooses the
    epoch.

    `corpus` and `test` read the folder of data sets and take a seed; the test chooses nothing. `about` says what else
    the manifest should tell of the data.
    """

    task: str
    labels: tuple[str, ...]
    pooling: str
    description: str
    corpus: Callable[[Path, int], Corpus]
    test: Callable[[Path, int], Corpus]
    about: Callable[[], Mapping[str, Any]] = dict
    longest: int = LONGEST
    smoothing: float = 0.02
    apart: float = 0.1


@dataclass(frozen=True, slots=True)
class GuardReport:
    """How well one label is told, as served: shares 0..1, `sources` the AUROC or, where a source has only one
    side, the share of its texts at or above 0.5."""

    label: str
    positives: int
    negatives: int
    auroc: float
    average_precision: float
    sources: dict[str, float]

    def to_dict(self) -> dict[str, Any]:
        """A plain dictionary, for JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class GuardResult:
    """What came of training a guard's head; `dev` was used to choose the epoch, `test` was not."""

    out: Path
    version: str
    examples: int
    epoch: int
    seconds: float
    difference: float
    dev: tuple[GuardReport, ...]
    test: tuple[GuardReport, ...]


def train_guard(
    recipe: Recipe,
    data: Path,
    out: Path,
    *,
    depth: int = 2,
    epochs: int = 3,
    seed: int = 0,
    threads: int = 1,
    most: int | None = None,
    beside: Sequence[Path] = (),
    logdir: Path | None = None,
    quiet: bool = False,
    trunk: Trunk | None = None,
) -> GuardResult:
    """Train a head of independent labels on the sets under `data` (one folder each, as their authors publish
    them) and write its folder to `out`; `recipe.apart` of the texts choose the epoch.
    `most` draws so many texts of the corpus (None: all). What is written is the mean of what was trained and of
    the model folders `beside` it (Wortsman et al., "Model soups", 2022): all began with the base encoder's layers.

    Raises MissingExtra, DataError where there are no texts, ModelError for a damaged folder, TrainingError when the
    graph that would serve disagrees with what was trained, or for one `beside` of another task, depth, pooling or
    labels.
    """
    require("torch")
    task, labels = recipe.task, recipe.labels
    corpus, test = recipe.corpus(data, seed), recipe.test(data, seed)
    corpus = corpus if most is None else corpus.sample(most, seed)
    if not len(corpus) or not len(test):
        raise DataError(f"There are no texts to train '{task}' on or to test it with: is {data} the data folder?")
    trunk = trunk or Trunk.from_package()
    dev, train = corpus.parted(recipe.apart, seed)
    others = [_like(path, recipe, depth) for path in beside]
    options = {"epochs": epochs, "seed": seed, "threads": threads, "smoothing": recipe.smoothing, "rate": 3e-4}
    fitted, probabilities = _fitted(
        trunk, recipe, train, dev, options, depth=depth, beside=others, logdir=logdir, quiet=quiet
    )
    manifest: dict[str, Any] = {
        "kind": "branch",
        "task": task,
        "labels": list(labels),
        "base": trunk.name,
        "base_sha256": trunk.sha256,
        "depth": depth,
        "head": {"pooling": recipe.pooling, "activation": "sigmoid"},
        "seed": seed,
        "settings": options,
        "parent": "+".join(other.version for other in others) or None,
        "command": " ".join(["handrail", *sys.argv[1:]]),
        "description": recipe.description,
        "data": {
            "fingerprint": corpus.fingerprint,
            "examples": len(corpus),
            "sources": _counts(corpus),
            **recipe.about(),
        },
    }
    tensors = fitted.network.tensors()
    with tempfile.TemporaryDirectory(prefix="handrail-") as scratch:
        draft = ModelFolder.write(Path(scratch) / "draft", manifest, tensors)
        runtime = Runtime.from_folders({task: draft.path}, Path(scratch), threads, trunk=trunk)
        dev_logits, test_logits = (_logits(runtime, task, part.texts) for part in (dev, test))
    difference = float(np.abs(sigmoid(dev_logits) - probabilities).mean())
    if difference > MOST_DIFFERENCE:
        raise TrainingError(
            f"The int8 graph's scores differ from the trained network's by {difference:.3f} on average "
            f"(at most {MOST_DIFFERENCE}); nothing was written."
        )
    manifest["calibration"] = {"temperature": round(label_temperature(dev_logits, dev.targets), 4)}
    reports = {
        name: guard_reports(labels, part, sigmoid(logits / manifest["calibration"]["temperature"]))
        for name, part, logits in (("dev", dev, dev_logits), ("test", test, test_logits))
    }
    manifest["metrics"] = {name: [report.to_dict() for report in found] for name, found in reports.items()}
    folder = ModelFolder.write(out, manifest, tensors)
    return GuardResult(out, folder.version, len(corpus), fitted.epoch, round(fitted.seconds, 1), difference, **reports)


def _like(path: Path, recipe: Recipe, depth: int) -> ModelFolder:
    """The folder, which has the same weights as a training of this depth would give."""
    folder = ModelFolder.load(path)
    alike = (folder.depth, folder.labels, folder.pooling) == (depth, recipe.labels, recipe.pooling)
    if folder.task != recipe.task or not alike:
        raise TrainingError(
            f"{path} is a model for '{folder.task}' of depth {folder.depth}; only one for '{recipe.task}' of depth "
            f"{depth}, pooled by {recipe.pooling}, with the labels {', '.join(recipe.labels)}, can be averaged with it."
        )
    return folder


def guard_reports(labels: Sequence[str], corpus: Corpus, scores: np.ndarray) -> tuple[GuardReport, ...]:
    """Figures of each label that has both sides among the known targets."""
    reports = []
    for place, label in enumerate(labels):
        known = ~np.isnan(corpus.targets[:, place])
        truth, found = corpus.targets[known, place] >= 0.5, scores[known, place]
        if not truth.any() or truth.all():
            continue
        sources = np.array(corpus.sources)[known]
        reports.append(
            GuardReport(
                label=label,
                positives=int(truth.sum()),
                negatives=int((~truth).sum()),
                auroc=round(auroc(truth, found), 4),
                average_precision=round(average_precision(truth, found), 4),
                sources={str(name): _by_source(truth, found, sources == name) for name in sorted(set(sources))},
            )
        )
    return tuple(reports)


def _by_source(truth: np.ndarray, found: np.ndarray, here: np.ndarray) -> float:
    both = truth[here].any() and not truth[here].all()
    return round(auroc(truth[here], found[here]) if both else float((found[here] >= 0.5).mean()), 4)


def _counts(corpus: Corpus) -> dict[str, int]:
    names, counts = np.unique(np.array(corpus.sources), return_counts=True)
    return {str(name): int(count) for name, count in zip(names, counts, strict=True)}


def _logits(runtime: Runtime, task: str, texts: Sequence[str]) -> np.ndarray:
    return np.stack([reading.outputs[task].logits for reading in runtime.read_many(texts)])


def _fitted(
    trunk: Trunk,
    recipe: Recipe,
    train: Corpus,
    dev: Corpus,
    options: Mapping[str, Any],
    *,
    depth: int,
    beside: Sequence[ModelFolder],
    logdir: Path | None,
    quiet: bool,
) -> tuple[Fitted, np.ndarray]:
    """The trained network, or its mean with those `beside` it, and its probabilities of the dev texts."""
    from training.fit import Settings, fit, predict
    from training.losses import Task
    from training.network import Branch, mean

    settings = Settings(**options)
    require("torch").manual_seed(settings.seed)
    with Console(stderr=True, quiet=quiet).status("the trunk reads the texts once"):
        states, dev_states = (
            trunk_states(trunk, part.texts, depth, threads=settings.threads, longest=recipe.longest)
            for part in (train, dev)
        )
    truth, known = dev.targets[:, 0] >= 0.5, ~np.isnan(dev.targets[:, 0])
    network = Branch(trunk, depth, train.targets.shape[1], recipe.pooling, settings.dropout)
    fitted = fit(
        network,
        Task(states, train.targets),
        lambda logits: auroc(truth[known], logits[known, 0]),
        dev_states,
        settings,
        activation="sigmoid",
        logdir=logdir,
        quiet=quiet,
    )
    others = [copy.deepcopy(fitted.network) for _ in beside]
    for other, folder in zip(others, beside, strict=True):
        other.load_tensors(folder.tensors())
    fitted.network = mean([fitted.network, *others]) if others else fitted.network
    return fitted, sigmoid(predict(fitted.network, dev_states)[0])
