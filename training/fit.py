"""The training loop that all branches share: states and targets in, the best weights on the dev split out."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from torch import Tensor
from torch.nn import functional

from training.network import Branch
from training.schedule import batches_of, slope
from training.trunk_states import States

UNTAGGED = -100


@dataclass(frozen=True, slots=True)
class Settings:
    """How to train. `rate` is AdamW's for the layers, the head's is `head_factor` times that; `warm_up` is a
    share of all steps; `average` the decay of the weights' moving average (0: none); `patience` counts epochs
    without a better dev score; `mixed` is bfloat16 autocast, which pays only on processors with AMX."""

    epochs: int = 12
    batch: int = 32
    rate: float = 5e-4
    head_factor: float = 10.0
    warm_up: float = 0.1
    weight_decay: float = 0.01
    dropout: float = 0.1
    smoothing: float = 0.1
    clip: float = 1.0
    average: float = 0.99
    consistency: float = 0.0
    patience: int = 4
    seed: int = 0
    threads: int = 2
    mixed: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class Task:
    """Texts and what is to be learnt of them. `targets` (texts, labels): a distribution for soft-max, or 0..1
    for each label by itself, NaN where it is not known. `weights` (texts,) scales each text's loss."""

    states: States
    targets: np.ndarray
    weights: np.ndarray | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Tags:
    """Texts and a label for each of their tokens: `targets` (all tokens,), `UNTAGGED` where none is learnt."""

    states: States
    targets: np.ndarray


@dataclass(slots=True)
class Fitted:
    """The network with its best weights, the epoch and dev score of those, and the way there."""

    network: Branch
    epoch: int
    score: float
    seconds: float
    history: list[dict[str, float]] = field(default_factory=list)


def fit(
    network: Branch,
    train: Task | Tags,
    score: Callable[[np.ndarray], float],
    dev: States,
    settings: Settings,
    *,
    activation: str = "softmax",
    logdir: Path | None = None,
    quiet: bool = False,
) -> Fitted:
    """Train `network` in place. `score` maps dev logits, as `predict` gives them, to a figure, higher being better; the
    weights of its best epoch are kept. Progress goes to standard error, curves to `logdir` for TensorBoard."""
    torch.manual_seed(settings.seed)
    torch.set_num_threads(settings.threads)
    random = np.random.default_rng(settings.seed)
    batches = math.ceil(len(train.states) / settings.batch)
    optimizer = _optimizer(network, settings)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, slope(settings.epochs * batches, settings.warm_up))
    averaged = copy.deepcopy(network) if settings.average else network
    best, best_weights, began = Fitted(network, 0, -math.inf, 0.0), network.state_dict(), time.perf_counter()
    writer = _writer(logdir)
    with progress_bars(quiet) as progress:
        bar = progress.add_task("training", total=settings.epochs * batches, note="")
        for epoch in range(1, settings.epochs + 1):
            network.train()
            total = 0.0
            for indexes in batches_of(train.states.lengths, settings.batch, random):
                with torch.autocast("cpu", torch.bfloat16, enabled=settings.mixed):
                    loss = _loss(network, train, indexes, activation, settings)
                optimizer.zero_grad()
                loss.backward()
                torch.nn.utils.clip_grad_norm_(network.parameters(), settings.clip)
                optimizer.step()
                schedule.step()
                _average(averaged, network, settings.average, step := schedule.last_epoch)
                total += loss.item()
                progress.update(bar, completed=step)
            found, mean = score(predict(averaged, dev)[0]), total / batches
            best.history.append({"epoch": epoch, "loss": mean, "dev": found})
            if writer:
                writer.add_scalar("loss/train", mean, epoch)
                writer.add_scalar("score/dev", found, epoch)
            if found > best.score:
                best.score, best.epoch = found, epoch
                best_weights = {name: value.clone() for name, value in averaged.state_dict().items()}
            note = f"epoch {epoch}/{settings.epochs}  loss {mean:.3f}  dev {found:.4f}  best {best.score:.4f}"
            progress.update(bar, note=note)
            if epoch - best.epoch >= settings.patience:
                break
    if writer:
        writer.close()
    network.load_state_dict(best_weights)
    network.eval()
    best.seconds = time.perf_counter() - began
    return best


def predict(network: Branch, states: States, batch: int = 128) -> tuple[np.ndarray, np.ndarray]:
    """(logits (texts, labels), pooled (texts, hidden)) in the order of the texts, float32; of a network without
    pooling (logits (all tokens, labels), nothing)."""
    network.eval()
    order = np.argsort(states.lengths, kind="stable")
    if network.pooling == "none":
        return _predict_tags(network, states, order, batch), np.empty(0, np.float32)
    logits = np.empty((len(states), network.head.out_features), dtype=np.float32)
    pooled = np.empty((len(states), network.head.in_features), dtype=np.float32)
    with torch.inference_mode():
        for start in range(0, len(order), batch):
            indexes = order[start : start + batch]
            out = network(*_tensors(states, indexes))
            logits[indexes], pooled[indexes] = (part.numpy() for part in out)
    return logits, pooled


def _predict_tags(network: Branch, states: States, order: np.ndarray, batch: int) -> np.ndarray:
    logits = np.empty((len(states.rows), network.head.out_features), dtype=np.float32)
    with torch.inference_mode():
        for start in range(0, len(order), batch):
            indexes = order[start : start + batch]
            out = network(*_tensors(states, indexes))[0].numpy()
            for row, index in enumerate(indexes):
                logits[states.bounds[index] : states.bounds[index + 1]] = out[row, : states.lengths[index]]
    return logits


def _tag_loss(network: Branch, train: Tags, indexes: np.ndarray, smoothing: float) -> Tensor:
    targets = torch.from_numpy(train.states.spread(train.targets, indexes, fill=UNTAGGED))
    logits, _ = network(*_tensors(train.states, indexes))
    return functional.cross_entropy(
        logits.flatten(0, 1), targets.flatten(), ignore_index=UNTAGGED, label_smoothing=smoothing
    )


def _loss(network: Branch, train: Task | Tags, indexes: np.ndarray, activation: str, settings: Settings) -> Tensor:
    if isinstance(train, Tags):
        return _tag_loss(network, train, indexes, settings.smoothing)
    targets = torch.from_numpy(train.targets[indexes])
    inputs = _tensors(train.states, indexes)
    logits, _ = network(*inputs)
    each = _each(logits, targets, activation, settings.smoothing)
    if settings.consistency:  # R-Drop: two passes under different dropout should agree (Liang et al., 2021)
        other, _ = network(*inputs)
        each = (each + _each(other, targets, activation, settings.smoothing)) / 2
        each = each + settings.consistency * _disagreement(logits, other)
    if train.weights is None:
        return each.mean()
    weights = torch.from_numpy(train.weights[indexes])
    return (each * weights).sum() / weights.sum()


def _each(logits: Tensor, targets: Tensor, activation: str, smoothing: float) -> Tensor:
    if activation == "softmax":
        return functional.cross_entropy(logits, targets, reduction="none", label_smoothing=smoothing)
    known = ~targets.isnan()
    smooth = targets.nan_to_num() * (1 - smoothing) + smoothing / 2
    losses = functional.binary_cross_entropy_with_logits(logits, smooth, reduction="none")
    return (losses * known).sum(1) / known.sum(1).clamp(min=1)


def _disagreement(logits: Tensor, other: Tensor) -> Tensor:
    one, two = functional.log_softmax(logits, -1), functional.log_softmax(other, -1)
    there = functional.kl_div(one, two, reduction="none", log_target=True)
    back = functional.kl_div(two, one, reduction="none", log_target=True)
    return (there + back).sum(1) / 2


def _tensors(states: States, indexes: np.ndarray) -> tuple[Tensor, Tensor, Tensor]:
    inputs, lengths = states.padded(indexes)
    return torch.from_numpy(inputs), torch.from_numpy(lengths), torch.from_numpy(states.spread(states.cases, indexes))


def _optimizer(network: Branch, settings: Settings) -> torch.optim.AdamW:
    groups: dict[tuple[bool, bool], list[Tensor]] = {}
    for name, parameter in network.named_parameters():
        groups.setdefault((name.startswith("head"), parameter.ndim > 1), []).append(parameter)
    return torch.optim.AdamW(
        {
            "params": parameters,
            "lr": settings.rate * (settings.head_factor if head else 1),
            "weight_decay": settings.weight_decay if decays else 0.0,
        }
        for (head, decays), parameters in groups.items()
    )


def _average(averaged: Branch, network: Branch, decay: float, step: int) -> None:
    if averaged is network:
        return
    share = 1 - min(decay, step / (step + 10))
    with torch.no_grad():
        torch._foreach_lerp_(list(averaged.parameters()), list(network.parameters()), share)


def progress_bars(quiet: bool) -> Progress:
    """Bars on standard error with time left and a `note`; none when `quiet`."""
    columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), TextColumn("{task.fields[note]}"))
    return Progress(TextColumn("{task.description}"), *columns, console=Console(stderr=True), disable=quiet)


def _writer(logdir: Path | None):  # type: ignore[no-untyped-def]
    if logdir is None:
        return None
    from torch.utils.tensorboard import SummaryWriter

    return SummaryWriter(str(logdir))
