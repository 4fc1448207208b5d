"""Search of settings for an intent model, by Optuna: each trial trains on the same states and is judged on dev.

A trial that lags behind the median of the others at the same epoch is cut short. With a study file the search goes on
where it was stopped.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any

from rich.progress import Progress

from models.trunk import Trunk
from training.dataset import Examples
from training.extra import require
from training.intents.recipe import SETTINGS, splits, text_weights
from training.metrics import accuracy
from training.trunk_states import trunk_states

SPACE: dict[str, tuple[float, float, bool]] = {  # lowest, highest, whether by factors
    "rate": (1e-4, 2e-3, True),
    "head_factor": (1.0, 30.0, True),
    "smoothing": (0.0, 0.2, False),
    "dropout": (0.0, 0.3, False),
    "consistency": (0.0, 2.0, False),
    "adversarial": (0.0, 0.2, False),
    "weight_decay": (1e-3, 1e-1, True),
}


@dataclass(frozen=True, slots=True)
class Tuned:
    """The best `settings` that were found, their dev accuracy (0..1), and (accuracy, settings) of all whole trials,
    best first; `pruned` trials were cut short."""

    settings: dict[str, Any]
    accuracy: float
    trials: tuple[tuple[float, dict[str, Any]], ...]
    pruned: int


def tune_intent(
    train: Path | Examples,
    dev: Path | Examples | None,
    *,
    trials: int = 20,
    depth: int = 2,
    epochs: int = 8,
    seed: int = 0,
    threads: int = 2,
    study: Path | None = None,
    trunk: Trunk | None = None,
    progress: Progress | None = None,
) -> Tuned:
    """Try `trials` more settings of `fit.Settings`, the first of a new study being the defaults.

    Without `dev`, a tenth of each label is split off by `seed`. Raises MissingExtra, DataError.
    """
    optuna = require("optuna")
    from training.fit import Settings, fit
    from training.losses import Task
    from training.network import Branch

    trunk = trunk or Trunk.from_package()
    examples, held_out = splits(train, dev, seed)
    classes, inside = examples.classes, held_out.in_scope
    truth = held_out.targets(classes).argmax(axis=1)[inside]
    states = trunk_states(trunk, examples.texts, depth, threads=threads)
    dev_states = trunk_states(trunk, held_out.texts, depth, threads=threads)
    task = Task(states, examples.targets(classes), text_weights(examples))
    base = Settings(epochs=epochs, seed=seed, threads=threads, **SETTINGS)

    def trained(trial: Any) -> float:
        settings, epoch = replace(base, **_suggested(trial)), count(1)

        def score(logits: Any) -> float:
            found = accuracy(truth, logits.argmax(axis=1)[inside])
            trial.report(found, next(epoch))
            if trial.should_prune():
                raise optuna.TrialPruned
            return found

        network = Branch(trunk, depth, len(classes), dropout=settings.dropout)
        return fit(network, task, score, dev_states, settings, quiet=True).score

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    search = optuna.create_study(
        study_name=f"{examples.fingerprint}-{held_out.fingerprint}-{depth}-{epochs}",
        direction="maximize",
        storage=f"sqlite:///{study}" if study else None,
        load_if_exists=True,
        sampler=optuna.samplers.TPESampler(seed=seed),
        pruner=optuna.pruners.MedianPruner(n_startup_trials=4, n_warmup_steps=2),
    )
    if not search.trials:
        search.enqueue_trial({name: getattr(base, name) for name in SPACE})
    bar = progress.add_task("trials", total=trials) if progress else None
    for _ in range(trials):
        search.optimize(trained, n_trials=1)
        if progress and bar is not None:
            progress.advance(bar)
    whole = [trial for trial in search.trials if trial.state is optuna.trial.TrialState.COMPLETE]
    ranked = sorted(((trial.value, dict(trial.params)) for trial in whole), key=lambda pair: -pair[0])
    return Tuned(ranked[0][1], ranked[0][0], tuple(ranked), len(search.trials) - len(whole))


def _suggested(trial: Any) -> dict[str, Any]:
    return {name: trial.suggest_float(name, low, high, log=log) for name, (low, high, log) in SPACE.items()}
