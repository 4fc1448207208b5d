"""The training loop by itself, on a network that learns in milliseconds: each part of it is seen to do its work."""

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import numpy as np
import pytest

from models.tokens import CASES
from models.trunk import Trunk
from training.schedule import slope
from training.trunk_states import States

torch = pytest.importorskip("torch")

pytestmark = pytest.mark.train

TEXTS, TOKENS, LABELS = 24, 4, 3
RATE, HEAD_RATE = 1e-2, 1e-1


@pytest.fixture(scope="module")
def states(trunk: Trunk) -> States:
    """Texts of four tokens; those of one label lie in one direction."""
    random = np.random.default_rng(3)
    directions = random.normal(size=(LABELS, trunk.hidden))
    rows = directions[np.arange(TEXTS) % LABELS].repeat(TOKENS, axis=0) + random.normal(size=(TEXTS * TOKENS, 1)) / 4
    return States(rows.astype(np.float16), np.arange(TEXTS + 1) * TOKENS, np.arange(TEXTS * TOKENS) % CASES)


@pytest.fixture
def fitted(trunk: Trunk, states: States) -> Callable[..., Any]:
    """Trains a fresh network of one layer; settings go over plain ones. `score` is as in `fit`; without it, every epoch
    is as good as the first."""
    from training.fit import Settings, fit
    from training.losses import Task
    from training.network import Branch

    def run(score: Callable[[np.ndarray], float] = lambda logits: 1.0, **settings: Any) -> Any:
        torch.manual_seed(5)
        plain = {"rate": RATE, "dropout": 0.0, "average": 0.0, "threads": 1, "batch": 8, "epochs": 1, "mixed": False}
        network = Branch(trunk, 1, LABELS, dropout=0.0)
        targets = np.eye(LABELS, dtype=np.float32)[np.arange(TEXTS) % LABELS]
        return fit(network, Task(states, targets), score, states, Settings(**plain | settings), quiet=True)

    return run


@pytest.fixture
def steps() -> Iterator[list[dict[str, Any]]]:
    """What the optimizer was told at each step: its rates, and how long the gradient of all weights is."""
    from torch.optim.optimizer import register_optimizer_step_pre_hook

    seen: list[dict[str, Any]] = []

    def look(optimizer: Any, _args: object, _named: object) -> None:
        gradients = [one.grad for group in optimizer.param_groups for one in group["params"] if one.grad is not None]
        length = torch.stack([gradient.norm() for gradient in gradients]).norm().item()
        seen.append({"rates": {group["lr"] for group in optimizer.param_groups}, "length": length})

    hook = register_optimizer_step_pre_hook(look)
    yield seen
    hook.remove()


@pytest.mark.parametrize(
    ("step", "share"),
    [(0, 0.1), (4, 0.5), (9, 1.0), (10, 1.0), (55, 0.5), (99, 1 / 90), (100, 0.0), (101, 0.0)],
)
def test_the_rate_climbs_in_a_line_and_falls_in_a_line_to_nothing(step: int, share: float) -> None:
    assert slope(100, 0.1)(step) == pytest.approx(share)


@pytest.mark.parametrize(("steps", "warm_up", "first"), [(100, 0.0, 1.0), (4, 0.1, 1.0), (4, 1.0, 0.25)])
def test_a_short_training_climbs_too_and_never_begins_at_nothing(steps: int, warm_up: float, first: float) -> None:
    assert slope(steps, warm_up)(0) == first


def test_a_training_goes_by_that_slope_and_its_head_faster(
    fitted: Callable[..., Any], steps: list[dict[str, Any]]
) -> None:
    fitted(epochs=4, warm_up=0.25)  # three batches an epoch: three steps up, nine down
    shares = [1 / 3, 2 / 3, 1, *(left / 9 for left in range(9, 0, -1))]
    assert len(steps) == len(shares)
    for step, share in zip(steps, shares, strict=True):
        assert sorted(step["rates"]) == pytest.approx([RATE * share, HEAD_RATE * share])


def test_where_nothing_is_learnt_matrices_shrink_by_the_decay_and_nothing_else_moves(
    fitted: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def nothing(network: Any, *_args: object, **_named: object) -> Any:
        return sum(one.sum() for one in network.parameters()) * 0

    monkeypatch.setattr("training.fit.loss", nothing)
    kept, decayed = (fitted(weight_decay=decay, warm_up=0.0).network.state_dict() for decay in (0.0, 0.5))
    for name, before in kept.items():
        rate = HEAD_RATE if name.startswith("head") else RATE
        left = np.prod([1 - rate * share * 0.5 for share in (1, 1, 1 / 2)]) if before.ndim > 1 else 1.0
        assert torch.allclose(decayed[name], before * left, rtol=1e-4), name


def test_gradients_longer_than_the_bound_are_cut_to_it(fitted: Callable[..., Any], steps: list[dict[str, Any]]) -> None:
    fitted(clip=1e9)
    free = [step["length"] for step in steps]
    steps.clear()
    fitted(clip=0.01)
    assert min(free) > 0.02
    assert [step["length"] for step in steps] == pytest.approx([0.01] * len(steps), rel=1e-3)


def test_it_ends_where_patience_does_with_the_weights_of_the_best_epoch(
    fitted: Callable[..., Any], states: States
) -> None:
    from training.fit import predict

    scores, seen = [0.5, 0.7, 0.7, 0.6, 0.9, 0.9], list[np.ndarray]()

    def score(logits: np.ndarray) -> float:
        seen.append(logits)
        return scores[len(seen) - 1]

    done = fitted(score, epochs=6, patience=2)
    assert [row["dev"] for row in done.history] == [0.5, 0.7, 0.7, 0.6]
    assert (done.epoch, done.score) == (2, 0.7)
    found = predict(done.network, states)[0]
    assert np.allclose(found, seen[1])
    assert not np.allclose(found, seen[3])


@pytest.mark.parametrize(("patience", "epochs"), [(1, 2), (3, 4), (99, 6)])
def test_patience_counts_epochs_that_are_no_better(fitted: Callable[..., Any], patience: int, epochs: int) -> None:
    assert len(fitted(epochs=6, patience=patience).history) == epochs


def test_what_is_learnt_with_smoothed_labels_is_less_sure(fitted: Callable[..., Any], states: States) -> None:
    from training.fit import predict

    sure = {}
    for smoothing in (0.0, 0.5):
        later = count()  # each epoch is better than the one before
        logits = predict(fitted(lambda _, later=later: next(later), epochs=12, smoothing=smoothing).network, states)[0]
        sure[smoothing] = torch.from_numpy(logits).softmax(-1).amax(-1)
    assert sure[0.0].min() > 0.9
    assert sure[0.5].mean().item() == pytest.approx(1 - 0.5 + 0.5 / LABELS, abs=0.05)


LOGITS = [[2.0, 0.0, -1.0], [0.5, 1.0, 0.0]]


@pytest.mark.parametrize(
    ("activation", "targets", "smoothed"),
    [
        ("softmax", [[1, 0, 0], [0, 0, 1]], [[0.8, 0.1, 0.1], [0.1, 0.1, 0.8]]),
        ("softmax", [[0.5, 0.5, 0], [0, 1, 0]], [[0.45, 0.45, 0.1], [0.1, 0.8, 0.1]]),
        ("sigmoid", [[1, 0, 0], [0, 1, 1]], [[0.85, 0.15, 0.15], [0.15, 0.85, 0.85]]),
        ("sigmoid", [[1, np.nan, 0], [np.nan, 1, 1]], [[0.85, np.nan, 0.15], [np.nan, 0.85, 0.85]]),
    ],
)
def test_smoothing_gives_three_tenths_of_a_label_to_all_labels_alike(
    states: States, activation: str, targets: list[list[float]], smoothed: list[list[float]]
) -> None:
    from training.losses import Task, loss

    def network(*_inputs: object) -> Any:
        return torch.tensor(LOGITS), None

    indexes = np.arange(2)
    task = Task(states, np.array(targets, np.float32))
    found = loss(network, task, indexes, activation, smoothing=0.3).item()  # type: ignore[arg-type]
    assert found == pytest.approx(_wrong(activation, np.array(smoothed)), rel=1e-5)
    assert found != pytest.approx(_wrong(activation, np.array(targets, float)), rel=1e-2)


def test_tags_are_smoothed_too_and_untagged_tokens_are_left_out(states: States) -> None:
    from training.losses import UNTAGGED, Tags, loss

    logits = torch.randn(1, 8, LABELS, generator=torch.Generator().manual_seed(1))
    targets = np.full(TEXTS * TOKENS, UNTAGGED)
    targets[1] = 2
    found = loss(lambda *_: (logits, None), Tags(states, targets), np.arange(1), "softmax", smoothing=0.3)  # type: ignore[arg-type]
    chances = logits[0, 1].log_softmax(-1).numpy()
    assert found.item() == pytest.approx(-(chances * [0.1, 0.1, 0.8]).sum(), rel=1e-5)


@pytest.mark.parametrize(("avx512", "amx", "has"), [(False, False, False), (True, False, True), (False, True, True)])
def test_bfloat16_is_used_where_the_processor_multiplies_in_it_unless_told(
    fitted: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, avx512: bool, amx: bool, has: bool
) -> None:
    from training.fit import Settings, has_bfloat16

    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: avx512)
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: amx)
    assert has_bfloat16() is has
    assert [Settings(mixed=told).autocast for told in (None, True, False)] == [has, True, False]
    used = list[bool]()

    def look(network: Any, *_args: object, **_named: object) -> Any:
        used.append(torch.is_autocast_enabled("cpu"))
        return sum(one.sum() for one in network.parameters()) * 0

    monkeypatch.setattr("training.fit.loss", look)
    fitted(mixed=None)
    assert set(used) == {has}


def _wrong(activation: str, targets: np.ndarray) -> float:
    """The loss against `targets` as they stand, NaN where a label is not known."""
    logits = np.array(LOGITS)
    if activation == "softmax":
        return float(-(targets * (logits - np.log(np.exp(logits).sum(1, keepdims=True)))).sum(1).mean())
    each = np.log1p(np.exp(logits)) - targets * logits
    return float(np.nanmean(each, axis=1).mean())
