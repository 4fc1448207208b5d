"""A model that serves, taught a few texts more, holding to its own readings of the others.

Learning without forgetting (Li and Hoiem, 2016): beside what is new it learns texts that it knows, each as it reads
that now. Then weights between those before and after are looked through, as int8 keeps them (WiSE-FT, Wortsman et al.,
2022): those nearest to before with which the most new texts are read right and the dev split no worse but by chance.
Corrections are kept by their place too (`models.corrections`), so that they are read right where rounding loses them.
"""

from __future__ import annotations

import copy
import tempfile
from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass, replace
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from models.folder import ModelFolder
from models.trunk import Trunk
from models.vectors import softmax
from training.calibrate import FALSE_REJECTS
from training.dataset import Examples
from training.extra import require
from training.intents.evaluate import read_right
from training.intents.recipe import begin_with, write_folder
from training.trunk_states import States, trunk_states

if TYPE_CHECKING:
    from training.network import Branch

HELD_TO = 4000  # known texts, at most
CONCERNED = 3000  # of those, at most, bear a label that a new text is read as or should be
REPEATS = 20  # how often a new text stands among the known ones, at most
NEW_SHARE = 0.2  # of the known ones, at most, where new ones are repeated
STEPS = 120  # of training, about, at least
SETTINGS = {"rate": 1e-4, "dropout": 0.0, "smoothing": 0.0, "average": 0.0}  # of `fit.Settings`
NEW_HEAD = 10.0  # how much faster than the layers a head with new labels learns
SHARES = tuple(step / 10 for step in range(1, 11))  # of the way from the weights before to those after
LEAD = 0.05  # of a new text's label over the next one, so that int8 does not turn it over
CHANCE = 0.002  # of the dev texts may be read worse: which they are is chance, and the frozen test set decides
MOST_LOST = 2  # dev texts of any one intent that may be read worse: no correction moves an intent
TRIES = 3  # folders that are offered, at most


@dataclass(frozen=True, slots=True)
class Revision:
    """A folder, and how far it went from the weights before to those after, 0..1. `dev_before` and `dev_after` are the
    texts of the dev split in scope that are read right, of `dev`; `tried` is how many folders were made, 0 where none
    reads more of what is new, or the last of them reads dev worse."""

    folder: ModelFolder
    share: float
    dev: int
    dev_before: int
    dev_after: int
    tried: int


def revise_intent(
    train: Examples,
    dev: Examples,
    new: np.ndarray,
    out: Path,
    *,
    start: Path,
    corrections: np.ndarray | None = None,
    accept: Callable[[Path], bool] = lambda folder: True,
    seed: int = 0,
    threads: int = 2,
    parent: str | None = None,
    quiet: bool = False,
    trunk: Trunk | None = None,
    settings: Mapping[str, Any] | None = None,
) -> Revision:
    """Teach the model in the folder `start` the examples of `train` at the places `new`, and write the folder `out`.
    Those at `corrections` (None: there are none) the model keeps by their place, too.

    A new text is learnt `REPEATS` times at most, and all of them together are a fifth of the known ones, so that a
    single one stays a small voice. A label that the model does not know begins as the mean of those that it does.
    Where `accept` turns the folder down, one nearer to `start` is written in its place, `TRIES` in all; the last stays.
    Where there are corrections, the last has the weights of `start`, and keeps them alone.
    `settings` overrides `SETTINGS` and other fields of `fit.Settings`.

    Raises MissingExtra without the [train] extra, DataError for a dev split with labels that are not in `train`,
    TrainingError when the graph that would serve disagrees with what was trained.
    """
    require("torch")
    from training.fit import Settings, fit, predict, progress_bars
    from training.losses import Task
    from training.network import Branch, between

    trunk = trunk or Trunk.from_package()
    origin, classes, taught = ModelFolder.load(start), train.classes, train.take(new)
    corrected = None if corrections is None else train.take(corrections)
    unknown = set(classes) - set(origin.labels)
    head = {"head_factor": NEW_HEAD if unknown else 1.0}
    how = Settings(seed=seed, threads=threads, **{**SETTINGS, **head, **(settings or {})})

    def states_of(examples: Examples, what: str) -> States:
        with progress_bars(quiet) as bars:
            bar = bars.add_task(what, total=len(examples), note="")
            advance = partial(bars.advance, bar)
            return trunk_states(trunk, examples.texts, origin.depth, threads=threads, advance=advance)

    def logits_of(network: Branch, states: States) -> np.ndarray:
        return predict(network, states, mixed=how.autocast)[0]

    before = Branch(trunk, origin.depth, len(classes), dropout=how.dropout)
    begin_with(before, origin, classes)
    mean = {name: origin.tensors()[name].mean(axis=0, keepdims=True) for name in ("head.weight", "head.bias")}
    before.take_head(mean, {place: 0 for place, label in enumerate(classes) if label in unknown})
    new_states, dev_states = states_of(taught, "what is new"), states_of(dev, "the dev split")
    was, dev_was = logits_of(before, new_states), logits_of(before, dev_states)
    concerned = {*taught.labels, *(classes[place] for place in was.argmax(axis=1))}
    known = _held_to(train, new, concerned, seed)
    lessons = states_of(train.take(np.concatenate([known, new])), "what is known")
    targets = softmax(logits_of(before, lessons))
    targets[len(known) :] = taught.targets(classes)
    often = np.repeat(np.arange(len(known), len(targets)), times(len(known), len(new)))
    rows = np.concatenate([np.arange(len(known)), often])
    judge = _Judge.of(taught, dev, classes, dev_was)
    task = Task(lessons.take(rows), targets[rows])
    how = replace(how, **({"epochs": max(round(STEPS * how.batch / len(rows)), 1)} | dict(settings or {})))
    after = fit(copy.deepcopy(before), task, judge.sure, new_states, how, quiet=quiet).network
    learnt = {share: judge.learnt(logits_of(between(before, after, share), new_states)) for share in SHARES}

    def written(share: float, tried: int) -> Revision:
        network = between(before, after, share)
        logits = predict(network, dev_states)[0]
        folder = write_folder(
            network, logits, train, dev, None, out, trunk=trunk, settings=asdict(how) | {"share": share},
            lineage={"parent": parent}, quiet=quiet, corrected=corrected,
        ).folder  # fmt: skip
        return Revision(folder, share, int(dev.in_scope.sum()), judge.right(dev_was), judge.right(logits), tried)

    def served(path: Path) -> np.ndarray:
        with tempfile.TemporaryDirectory(prefix="handrail-") as scratch:
            return judge.by_label(read_right(path, dev, cache=Path(scratch), trunk=trunk, quiet=quiet))

    nearer = _nearer(learnt)
    last = [] if corrected is None or not len(corrected) else [0.0]
    better = (share for share in nearer if learnt[share] > judge.learnt(was))
    able = (share for share in better if judge.holds(dev_was, logits_of(between(before, after, share), dev_states)))
    dev_served, made = served(start), None
    for tried, share in enumerate(chain(islice(able, TRIES - len(last)), last), 1):
        made = written(share, tried)
        if not judge.kept(dev_served, served(out)):
            made = replace(made, tried=0)
        elif accept(out):
            break
    return made or written(nearer[0], 0)


@dataclass(frozen=True, slots=True, repr=False)
class _Judge:
    """Says of logits how much of what is new, and of the dev split, is read right; `unsure` is the confidence below
    which a text counts as out of scope."""

    new: Examples
    dev: Examples
    classes: tuple[str, ...]
    unsure: float

    @classmethod
    def of(cls, new: Examples, dev: Examples, classes: tuple[str, ...], logits: np.ndarray) -> _Judge:
        """`logits` are those of dev before: `FALSE_REJECTS` of its texts in scope are less sure than `unsure`."""
        sure = softmax(logits[dev.in_scope]).max(axis=1)
        return cls(new, dev, classes, float(np.quantile(sure, FALSE_REJECTS)))

    def learnt(self, logits: np.ndarray) -> int:
        """How many new texts are read right, and clearly so."""
        ranked = np.sort(softmax(logits), axis=1)
        right = logits.argmax(axis=1) == self.new.targets(self.classes).argmax(axis=1)
        clear = ranked[:, -1] - ranked[:, -2] >= LEAD
        return int(np.where(self.new.in_scope, right & clear, ranked[:, -1] < self.unsure).sum())

    def sure(self, logits: np.ndarray) -> float:
        """How sure the new texts are of what they should be read as, 0..1 on average."""
        return float((softmax(logits) * self.new.targets(self.classes)).sum(axis=1).mean())

    def right(self, logits: np.ndarray) -> int:
        """How many dev texts in scope are read right."""
        return int(self._read(logits).sum())

    def holds(self, before: np.ndarray, after: np.ndarray) -> bool:
        """Whether dev is read no worse but by chance: of all texts `CHANCE` at most, of one label `MOST_LOST`."""
        return self.kept(self._read(before), self._read(after))

    def kept(self, before: np.ndarray, after: np.ndarray) -> bool:
        """The same of how many texts of each label (labels,) are read right."""
        gained = after - before
        return bool(gained.sum() >= -CHANCE * len(self.dev) and gained.min() >= -MOST_LOST)

    def by_label(self, right: np.ndarray) -> np.ndarray:
        """How many dev texts in scope of each label (labels,) are among those read `right` (texts,)."""
        truth = self.dev.targets(self.classes).argmax(axis=1)
        return np.bincount(truth[right & self.dev.in_scope], minlength=len(self.classes))

    def _read(self, logits: np.ndarray) -> np.ndarray:
        return self.by_label(logits.argmax(axis=1) == self.dev.targets(self.classes).argmax(axis=1))


def _nearer(learnt: Mapping[float, int]) -> list[float]:
    """Of the shares with what each has learnt: first the one that learnt most, and each next one nearer to before."""
    ranked = sorted(learnt, key=lambda share: (-learnt[share], share))
    return [share for place, share in enumerate(ranked) if share <= min(ranked[: place + 1])]


def times(known: int, new: int) -> int:
    """How often each of the new texts stands beside the known ones, so that all are `NEW_SHARE` of them at most."""
    return int(np.clip(NEW_SHARE * known / max(new, 1), 1, REPEATS))


def _held_to(train: Examples, new: np.ndarray, concerned: Collection[str], seed: int) -> np.ndarray:
    """Places of the known texts that are held to: many of the labels concerned, where most may be lost."""
    others = np.random.default_rng(seed).permutation(np.setdiff1d(np.arange(len(train)), new))
    near = np.isin(np.array(train.labels)[others], list(concerned))
    return np.concatenate([others[near][:CONCERNED], others[~near]])[:HELD_TO]
