"""A guard measured as it serves, beside its peers: what it tells apart, what it leaves alone, and whom it hits.

Ranking is judged by the guard's score, the higher of its rules' and its head's, and by the head's alone; everything
else by what the policy makes of it. Needs no torch.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import track

from guardrails.normalise import hidden, normalise
from guardrails.policy import FAILED
from guardrails.rules import Table
from guardrails.screen import Screen
from guardrails.verdict import Action, Finding, Verdict
from guardrails.views import Views
from models.runtime import Runtime
from models.scoring import probabilities
from training.guards.peers import Scorer, peers_here
from training.guards.trials import TRIALS, Grouped, Mixture, Trials, ordinary_messages
from training.metrics import auroc, interval, recall_at
from training.share import Share

Row = tuple[str, ...]
Follow = Callable[[Sequence[str], str], Iterable[str]]
"""Goes through texts with a bar on standard error; the string says what is being done."""

OURS, HEAD = "handrail", "handrail's head alone"
HARMLESS = ("none", "harmless", "odd", "profane")
FALSE_RATE = 0.01


@dataclass(frozen=True, slots=True)
class Ranking:
    """How well one model tells one mixture apart; intervals are the bootstrap's middle 95 %."""

    set: str
    model: str
    texts: int
    bad: int
    auroc: float
    auroc_interval: tuple[float, float]
    recall: float
    recall_interval: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Counted:
    """How many of some texts a model flagged; of contrasts, how many it got right."""

    what: str
    model: str
    share: Share


@dataclass(frozen=True, slots=True)
class ByGroup:
    """What one model makes of each group of some texts: of `bad` ones the share that is caught, of harmless ones the
    share that is flagged; the group that fares worst comes first."""

    what: str
    model: str
    bad: bool
    rates: dict[str, Share]

    @classmethod
    def of(cls, what: str, model: str, grouped: Grouped, flagged: np.ndarray) -> ByGroup:
        """Counted from whether each text of `grouped` is flagged, (pairs,)."""
        flags = defaultdict(list)
        for (_, group), flag in zip(grouped.pairs, flagged, strict=True):
            flags[group].append(flag)
        shares = {group: _share(np.array(found)) for group, found in sorted(flags.items())}
        worst = sorted(shares, key=lambda group: shares[group].value or 0.0, reverse=not grouped.bad)
        return cls(what, model, grouped.bad, {group: shares[group] for group in worst})

    @property
    def gap(self) -> float:
        """The distance between the highest and the lowest rate, in points."""
        values = [100 * (share.value or 0.0) for share in self.rates.values()]
        return max(values) - min(values)

    def to_dict(self) -> dict[str, Any]:
        """A plain dictionary, for JSON."""
        rates = {group: share.to_dict() for group, share in self.rates.items()}
        side = "caught" if self.bad else "flagged"
        return {"what": self.what, "model": self.model, "counted": side, "points_apart": self.gap, "rates": rates}

    def rows(self) -> list[Row]:
        """A row of all groups together, then one of each rate with the groups that have it."""
        total = Share(sum(s.hits for s in self.rates.values()), sum(s.of for s in self.rates.values()))
        title = f"all {len(self.rates)}, {self.gap:.1f} points apart"
        alike = defaultdict(list)
        for group, share in self.rates.items():
            alike[share].append(group)
        rows = [(f"  {len(groups)}: {', '.join(groups)}", "", "", str(share)) for share, groups in alike.items()]
        return [(f"{self.what}: {title}", self.model, "caught" if self.bad else "flagged", str(total)), *rows]


@dataclass(frozen=True, slots=True)
class GuardEvaluation:
    """All figures of one guard. `recall` in a ranking is at 1 % false positives of the same mixture; `groups` has the
    rate of each group of people, or of each kind or source of attacks; `ordinary` counts messages of customers that are
    refused or escalated, by this guard and by the whole screen; `absent` says of each peer that could not run why."""

    task: str
    model: str
    rankings: tuple[Ranking, ...]
    alone: tuple[Counted, ...]
    groups: tuple[ByGroup, ...]
    contrasts: tuple[Counted, ...]
    ordinary: tuple[Counted, ...]
    absent: dict[str, str] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """A plain dictionary, for JSON."""
        counted = {
            name: [{"what": c.what, "model": c.model, **c.share.to_dict()} for c in getattr(self, name)]
            for name in ("alone", "contrasts", "ordinary")
        }
        return asdict(self) | counted | {"groups": [found.to_dict() for found in self.groups]}

    def tables(self) -> Iterable[tuple[str, tuple[str, ...], list[Row]]]:
        """(title, columns, rows) of each table; some have no rows."""
        ranked: list[Row] = [
            (r.set, r.model, f"{r.bad}/{r.texts}", _with(r.auroc, r.auroc_interval), _with(r.recall, r.recall_interval))
            for r in self.rankings
        ]
        yield "Told apart", ("set", "model", "bad/texts", "AUROC", "recall at 1 % false positives"), ranked
        yield "Harmless texts that are flagged", ("set", "model", "flagged"), _rows(self.alone)
        grouped = [row for found in self.groups for row in found.rows()]
        yield "Group by group, the worst first", ("group", "model", "", "share"), grouped
        yield "Contrasts that are told rightly", ("kind", "model", "right"), _rows(self.contrasts)
        yield "Ordinary messages refused or escalated", ("set", "by", "share"), _rows(self.ordinary)


def evaluate_guard(
    task: str, data: Path, runtime: Runtime, screen: Screen, *, seed: int = 0, quiet: bool = False
) -> GuardEvaluation:
    """Try the head of `task` in `runtime`, and its guard in `screen`, on the sets under `data`; a set that is not
    there is left out. Raises KeyError when the runtime lacks the head."""
    trials = TRIALS[task](data, seed)
    peers, absent = peers_here(task)
    follow = partial(_followed, console=Console(stderr=True, quiet=quiet))
    head = partial(_scores, runtime, task, follow)
    flags = partial(_flags, screen, task, trials, follow)
    deciders: dict[str, Callable[[Sequence[str]], np.ndarray]] = {OURS: flags}
    deciders |= {name: partial(_reaches, score, threshold) for name, (score, threshold) in peers.items()}
    rankings = [
        _ranking(name, model, mixture, scores)
        for name, mixture in trials.apart.items()
        for model, scores in _scored(mixture.texts, task, head, peers)
    ]
    alone = [
        Counted(name, model, _share(decide(texts)))
        for name, texts in trials.alone.items()
        for model, decide in deciders.items()
    ]
    ordinary = ordinary_messages(data, seed) if trials.direction == "in" else {}
    return GuardEvaluation(
        task=task,
        model=runtime.folders[task].version,
        rankings=tuple(rankings),
        alone=tuple(alone),
        groups=tuple(
            ByGroup.of(what, name, grouped, decide([text for text, _ in grouped.pairs]))
            for what, grouped in trials.groups.items()
            if grouped.pairs
            for name, decide in deciders.items()
        ),
        contrasts=tuple(c for name, decide in deciders.items() for c in _contrasts(trials, name, decide)),
        ordinary=tuple(c for name, texts in ordinary.items() for c in _ordinary(name, texts, task, screen, follow)),
        absent=absent,
    )


def _ranking(name: str, model: str, mixture: Mixture, scores: np.ndarray) -> Ranking:
    bad = mixture.bad

    def resampled(figure: Callable[..., float], places: np.ndarray, *more: float) -> float:
        return figure(bad[places], scores[places], *more)

    size = len(bad)
    return Ranking(
        name,
        model,
        size,
        int(bad.sum()),
        auroc(bad, scores),
        interval(lambda places: resampled(auroc, places), size, draws=200),
        recall_at(bad, scores, FALSE_RATE),
        interval(lambda places: resampled(recall_at, places, FALSE_RATE), size, draws=200),
    )


def _contrasts(trials: Trials, model: str, decide: Callable[[Sequence[str]], np.ndarray]) -> list[Counted]:
    right = defaultdict(list)
    flagged = decide([contrast.text for contrast in trials.contrasts])
    for contrast, flag in zip(trials.contrasts, flagged, strict=True):
        harmless = contrast.label in HARMLESS
        right[f"{contrast.kind}: {'left alone' if harmless else 'caught'}"].append(flag != harmless)
        right[f"all: {'left alone' if harmless else 'caught'}"].append(flag != harmless)
    return [Counted(kind, model, _share(np.array(found))) for kind, found in sorted(right.items())]


def _ordinary(name: str, texts: Sequence[str], task: str, screen: Screen, follow: Follow) -> list[Counted]:
    verdicts = [screen.screen(text).verdict for text in follow(texts, name) if text.strip()]
    held = np.array([verdict.action >= Action.ESCALATE for verdict in verdicts])
    by_guard = np.array([_held(verdict, task) for verdict in verdicts])
    return [Counted(name, f"{task} guard", _share(by_guard)), Counted(name, "whole screen", _share(held))]


def _held(verdict: Verdict, task: str) -> bool:
    return any(f.guard == task and f.action is not None and f.action >= Action.ESCALATE for f in verdict.findings)


def _flags(screen: Screen, task: str, trials: Trials, follow: Follow, texts: Sequence[str]) -> np.ndarray:
    """Whether the guard's findings reach the policy's thresholds, whatever the action."""
    verdicts = (screen.screen(text, trials.direction).verdict for text in follow(texts, "screening"))
    return np.array([any(_reached(f, task) for f in verdict.findings) for verdict in verdicts])


def _reached(finding: Finding, task: str) -> bool:
    if finding.guard != task or finding.label == FAILED or finding.threshold is None:
        return False
    return finding.score >= finding.threshold


def _reaches(score: Scorer, threshold: float, texts: Sequence[str]) -> np.ndarray:
    result: np.ndarray = score(texts) >= threshold
    return result


def _scored(
    texts: Sequence[str], task: str, head: Scorer, peers: Mapping[str, tuple[Scorer, float]]
) -> Iterator[tuple[str, np.ndarray]]:
    """What each model makes of texts, (texts,): the guard, its head alone, the peers."""
    alone = head(texts)
    yield OURS, np.maximum(alone, _ruled(task, texts))
    yield HEAD, alone
    yield from ((name, score(texts)) for name, (score, _) in peers.items())


def _ruled(task: str, texts: Sequence[str]) -> np.ndarray:
    """The score of the guard's surest rule, 0 where none speaks."""
    rules = Table.load(task)
    found = (rules.find(task, Views(normalise(text), hidden(text)).letters) for text in texts)
    return np.array([max((finding.score for finding in findings), default=0.0) for findings in found])


def _scores(runtime: Runtime, task: str, follow: Follow, texts: Sequence[str]) -> np.ndarray:
    """The probability of the head's first label, calibrated."""
    folder = runtime.folders[task]
    first = folder.labels[0]
    return np.array([probabilities(runtime.read(text), folder)[first] for text in follow(texts, "reading")])


def _followed(texts: Sequence[str], what: str, *, console: Console) -> Iterable[str]:
    return track(texts, what, console=console, transient=True)


def _share(flags: np.ndarray) -> Share:
    return Share(int(flags.sum()), len(flags))


def _with(figure: float, bounds: tuple[float, float]) -> str:
    return f"{figure:.3f} ({bounds[0]:.3f} to {bounds[1]:.3f})"


def _rows(counted: Iterable[Counted]) -> list[Row]:
    return [(c.what, c.model, str(c.share)) for c in counted]
