"""The training loop that all branches share: states and targets in, the best weights on the dev split out."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from torch import Tensor

from training.adapters import Adapter
from training.checkpoint import Checkpoint
from training.losses import Tags, Task, loss, tensors
from training.network import Branch
from training.schedule import batches_of, slope
from training.trunk_states import States

AVERAGE_EVERY = 4  # steps, at most, from one move of the average of the weights to the next


@dataclass(frozen=True, slots=True)
class Settings:
    """How to train. `rate` is AdamW's for the layers, the head's is `head_factor` times that; `warm_up` is a
    share of all steps; `average` the decay of the weights' moving average (0: none); `patience` counts epochs
    without a better dev score; `consistency` weighs R-Drop, `adversarial` is the step of FGM as a share of a text's
    length, `noise` the share of texts that are learnt under noise, too (`noise`); `adapter` is "lora" or "adalora"
    (`adapters`), "" where all weights learn. `mixed` is bfloat16 autocast; None: where the processor multiplies in
    it."""

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
    adversarial: float = 0.0
    noise: float = 0.0
    adapter: str = ""
    patience: int = 4
    seed: int = 0
    threads: int = 2
    mixed: bool | None = None

    @property
    def of_loss(self) -> dict[str, float]:
        """Those that say what counts as wrong."""
        return {"smoothing": self.smoothing, "consistency": self.consistency, "adversarial": self.adversarial}

    @property
    def autocast(self) -> bool:
        """Whether to multiply in bfloat16."""
        return has_bfloat16() if self.mixed is None else self.mixed


def has_bfloat16() -> bool:
    """Whether this processor multiplies in bfloat16 (AVX-512 BF16 or AMX), which others only imitate, slowly."""
    return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())


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
    checkpoint: Checkpoint | None = None,
    logdir: Path | None = None,
    quiet: bool = False,
) -> Fitted:
    """Train `network` in place. `score` maps dev logits, as `predict` gives them, to a figure, higher being better; the
    weights of its best epoch are kept. Progress goes to standard error, curves to `logdir` for TensorBoard.

    `checkpoint` is written after each epoch; where it is there already, the training goes on from it. It stays at the
    end, until what came of it is written. Raises CheckpointError when it is of another training, AdapterError
    for an unknown adapter.
    """
    torch.manual_seed(settings.seed)
    torch.set_num_threads(settings.threads)
    random = np.random.default_rng(settings.seed)
    batches = math.ceil(len(train.states) / settings.batch)
    adapter = Adapter(network, settings.adapter, settings.epochs * batches) if settings.adapter else None
    optimizer = _optimizer(network, settings)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, slope(settings.epochs * batches, settings.warm_up))
    averaged = copy.deepcopy(network) if settings.average else network
    fresh = Fitted(network, 0, -math.inf, 0.0)
    every = min(AVERAGE_EVERY, batches)
    run = _Run(network, averaged, every, optimizer, schedule, random, fresh, network.state_dict(), adapter)
    first, before = run.restore(checkpoint.load() if checkpoint else None)
    best, began = run.best, time.perf_counter() - before
    writer = _writer(logdir)
    with progress_bars(quiet) as progress:
        bar = progress.add_task("training", total=settings.epochs * batches, note="")
        for epoch in range(first, settings.epochs + 1):
            if epoch - 1 - best.epoch >= settings.patience:
                break
            network.train()
            total = 0.0
            for indexes in batches_of(train.states.lengths, settings.batch, random):
                with torch.autocast("cpu", torch.bfloat16, enabled=settings.autocast):
                    wrong = loss(network, train, indexes, activation, **settings.of_loss)
                run.step(wrong, settings)
                total += wrong.item()
                progress.update(bar, completed=schedule.last_epoch)
            found, mean = score(predict(averaged, dev, mixed=settings.autocast)[0]), total / batches
            best.history.append({"epoch": epoch, "loss": mean, "dev": found})
            if writer:
                writer.add_scalar("loss/train", mean, epoch)
                writer.add_scalar("score/dev", found, epoch)
            if found > best.score:
                best.score, best.epoch = found, epoch
                run.weights = {name: value.clone() for name, value in averaged.state_dict().items()}
            note = f"epoch {epoch}/{settings.epochs}  loss {mean:.3f}  dev {found:.4f}  best {best.score:.4f}"
            progress.update(bar, note=note)
            if checkpoint:
                checkpoint.save(run.state(epoch, time.perf_counter() - began))
    if writer:
        writer.close()
    run.finish()
    best.seconds = time.perf_counter() - began
    return best


@dataclass(slots=True)
class _Run:
    """All that changes from epoch to epoch; `weights` are those of the best one; `every` so many steps the average of
    the weights moves."""

    network: Branch
    averaged: Branch
    every: int
    optimizer: torch.optim.Optimizer
    schedule: torch.optim.lr_scheduler.LambdaLR
    random: np.random.Generator
    best: Fitted
    weights: dict[str, Tensor]
    adapter: Adapter | None

    def step(self, wrong: Tensor, settings: Settings) -> None:
        """Move the weights so that less is wrong, and their average after them."""
        self.optimizer.zero_grad()
        (wrong + self.adapter.penalty() if self.adapter else wrong).backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), settings.clip)
        self.optimizer.step()
        self.schedule.step()
        if self.adapter:
            self.adapter.stepped(self.schedule.last_epoch)
        if self.averaged is not self.network and self.schedule.last_epoch % self.every == 0:
            self._average(settings.average)

    def _average(self, decay: float) -> None:
        step = self.schedule.last_epoch
        share = 1 - min(decay, step / (step + 10)) ** self.every
        with torch.no_grad():
            torch._foreach_lerp_(list(self.averaged.parameters()), list(self.network.parameters()), share)

    def finish(self) -> None:
        """Leave the network with its best weights, what adapters learnt merged."""
        self.network.load_state_dict(self.weights)
        if self.adapter:
            self.adapter.merge()
        self.network.eval()

    def state(self, epoch: int, seconds: float) -> dict[str, Any]:
        """What a checkpoint holds after an epoch."""
        return {
            "epoch": epoch,
            "seconds": seconds,
            "network": self.network.state_dict(),
            "averaged": self.averaged.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "schedule": self.schedule.state_dict(),
            "weights": self.weights,
            "best": (self.best.epoch, self.best.score, self.best.history),
            "random": self.random.bit_generator.state,
            "torch": torch.get_rng_state(),
        }

    def restore(self, state: dict[str, Any] | None) -> tuple[int, float]:
        """(the epoch to begin with, the seconds spent before); the first and none without a state."""
        if state is None:
            return 1, 0.0
        self.network.load_state_dict(state["network"])
        self.averaged.load_state_dict(state["averaged"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.schedule.load_state_dict(state["schedule"])
        self.weights = state["weights"]
        self.best.epoch, self.best.score, self.best.history = state["best"]
        self.random.bit_generator.state = state["random"]
        torch.set_rng_state(state["torch"])
        return int(state["epoch"]) + 1, float(state["seconds"])


def predict(network: Branch, states: States, batch: int = 128, *, mixed: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """(logits (texts, labels), pooled (texts, hidden)) in the order of the texts, float32; of a network without
    pooling (logits (all tokens, labels), nothing). `mixed` multiplies in bfloat16."""
    network.eval()
    order = np.argsort(states.lengths, kind="stable")
    if network.pooling == "none":
        return _predict_tags(network, states, order, batch, mixed), np.empty(0, np.float32)
    logits = np.empty((len(states), network.head.out_features), dtype=np.float32)
    pooled = np.empty((len(states), network.head.in_features), dtype=np.float32)
    with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=mixed):
        for start in range(0, len(order), batch):
            indexes = order[start : start + batch]
            out = network(*tensors(states, indexes))
            logits[indexes], pooled[indexes] = (part.float().numpy() for part in out)
    return logits, pooled


def _predict_tags(network: Branch, states: States, order: np.ndarray, batch: int, mixed: bool) -> np.ndarray:
    logits = np.empty((len(states.rows), network.head.out_features), dtype=np.float32)
    with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=mixed):
        for start in range(0, len(order), batch):
            indexes = order[start : start + batch]
            out = network(*tensors(states, indexes))[0].float().numpy()
            for row, index in enumerate(indexes):
                logits[states.bounds[index] : states.bounds[index + 1]] = out[row, : states.lengths[index]]
    return logits


def _optimizer(network: Branch, settings: Settings) -> torch.optim.AdamW:
    groups: dict[tuple[bool, bool], list[Tensor]] = {}
    for name, parameter in network.named_parameters():
        if not parameter.requires_grad:
            continue
        groups.setdefault((name.startswith("head"), parameter.ndim > 1), []).append(parameter)
    described = [
        {
            "params": parameters,
            "lr": settings.rate * (settings.head_factor if head else 1),
            "weight_decay": settings.weight_decay if decays else 0.0,
        }
        for (head, decays), parameters in groups.items()
    ]
    return torch.optim.AdamW(described, fused=True)


def progress_bars(quiet: bool) -> Progress:
    """Bars on standard error with time left and a `note`; none when `quiet`."""
    columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), TextColumn("{task.fields[note]}"))
    return Progress(TextColumn("{task.description}"), *columns, console=Console(stderr=True), disable=quiet)


def _writer(logdir: Path | None):  # type: ignore[no-untyped-def]
    if logdir is None:
        return None
    from torch.utils.tensorboard import SummaryWriter

    return SummaryWriter(str(logdir))
