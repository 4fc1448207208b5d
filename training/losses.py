"""What a branch is taught, and how wrong it is: soft-max, labels by themselves, or a label for each token; with
R-Drop and adversarial steps where they are asked for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from training.network import Branch
from training.trunk_states import States

UNTAGGED = -100


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


def loss(
    network: Branch, train: Task | Tags, indexes: np.ndarray, activation: str, *,
    smoothing: float, consistency: float = 0.0, adversarial: float = 0.0,
) -> Tensor:  # fmt: skip
    """What the network gets wrong of these texts, a scalar. The last three are as in `fit.Settings`; tags know the
    first of them alone."""
    if isinstance(train, Tags):
        return _tag_loss(network, train, indexes, smoothing)
    targets = torch.from_numpy(train.targets[indexes])
    states, *rest = tensors(train.states, indexes)
    attacked = bool(adversarial) and states.is_floating_point()
    states.requires_grad_(attacked)
    logits = network(states, *rest)[0].float()
    each = _each(logits, targets, activation, smoothing)
    if attacked:
        (uphill,) = torch.autograd.grad(each.sum(), states, retain_graph=True)
        other = network(_pushed(states.detach(), uphill, adversarial), *rest)[0].float()
        each = each + _each(other, targets, activation, smoothing)
    if consistency:  # R-Drop: two passes under different dropout should agree (Liang et al., 2021)
        other = network(states, *rest)[0].float()
        each = each + _each(other, targets, activation, smoothing)
        each = each / 2 + consistency * _disagreement(logits, other)
    if train.weights is None:
        return each.mean()
    weights = torch.from_numpy(train.weights[indexes])
    return (each * weights).sum() / weights.sum()


def tensors(states: States, indexes: np.ndarray) -> tuple[Tensor, Tensor, Tensor]:
    """These texts as a `Branch` takes them: states or ids, lengths, and how each token is written."""
    inputs, lengths = states.padded(indexes)
    return torch.from_numpy(inputs), torch.from_numpy(lengths), torch.from_numpy(states.spread(states.cases, indexes))


def _tag_loss(network: Branch, train: Tags, indexes: np.ndarray, smoothing: float) -> Tensor:
    targets = torch.from_numpy(train.states.spread(train.targets, indexes, fill=UNTAGGED))
    logits = network(*tensors(train.states, indexes))[0].float()
    return functional.cross_entropy(
        logits.flatten(0, 1), targets.flatten(), ignore_index=UNTAGGED, label_smoothing=smoothing
    )


def _pushed(states: Tensor, uphill: Tensor, step: float) -> Tensor:
    """States a step in the direction that harms most, as long as this share of each text's (FGM, Miyato et al.,
    2017)."""
    far, steep = (rows.flatten(1).norm(dim=1)[:, None, None] for rows in (states, uphill))
    return states + step * far * uphill / (steep + 1e-12)


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
