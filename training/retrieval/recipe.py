"""The recipe of a retriever: the encoder taught by the company's own tickets what is resolved alike.

What is trained is a projection of the embedding, which a few hundred tickets teach in seconds, and with `depth` the
encoder's upper layers too, which want thousands.

InfoNCE over the batch (van den Oord et al., 2018) with a mined hard negative for each question; tickets of the same
group are no negatives. An embedding is kept near the base encoder's, and what was learnt is blended with the base's
weights (WiSE-FT, Wortsman et al., 2022) as far as the search among other questions, which were not trained on, gets no
worse.
"""

from __future__ import annotations

import copy
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.console import Console
from rich.progress import track

from models.folder import ModelFolder
from models.runtime import RETRIEVER, Runtime
from models.trunk import Trunk
from retrieval.encoder import placed
from retrieval.passage import Ticket
from training.errors import TrainingError
from training.extra import require
from training.retrieval.pairs import Pairs
from training.trunk_states import States, trunk_states

if TYPE_CHECKING:
    from training.network import Branch

FEWEST_TICKETS = 40
DEV_SHARE = 0.2
AT = (1, 5)
BLENDS = (0.0, 0.25, 0.5, 0.75, 1.0)
GENERAL_LOSS = 0.01  # of the share of other questions answered first; more is not paid for a better dev score
LEAST_COSINE = 0.97


@dataclass(frozen=True, slots=True)
class Settings:
    """How to train. `temperature` divides similarities; `keep` weighs the distance to the base's embedding."""

    epochs: int = 20
    batch: int = 32
    rate: float = 3e-4
    temperature: float = 0.05
    keep: float = 1.0
    dropout: float = 0.1
    seed: int = 0
    threads: int = 2


@dataclass(frozen=True, slots=True)
class RetrieverResult:
    """What came of training. `before` and `after` are recall at 1 and 5 on the dev tickets that can be found, by the
    base encoder and by the retriever; `general_before` and `general_after` the share of other questions (with their
    intent known) whose nearest neighbour has the same intent. `blend` is the share of what was learnt, 0..1."""

    out: Path
    version: str
    tickets: int
    groups: int
    blend: float
    before: tuple[float, ...]
    after: tuple[float, ...]
    general_before: float
    general_after: float
    seconds: float

    def to_dict(self) -> dict[str, Any]:
        """A plain dictionary, for JSON."""
        return {**asdict(self), "out": str(self.out)}

    def rows(self) -> list[tuple[str, ...]]:
        """Before and after, to print."""
        before, after = (*self.before, self.general_before), (*self.after, self.general_after)
        return [("base encoder", *map("{:.1%}".format, before)), ("retriever", *map("{:.1%}".format, after))]


def train_retriever(
    tickets: Sequence[Ticket],
    general: Sequence[tuple[str, str]],
    out: Path,
    *,
    depth: int = 0,
    trunk: Trunk | None = None,
    command: str = "",
    quiet: bool = False,
    **options: Any,
) -> RetrieverResult:
    """Train on `tickets` and write the model folder to `out`. A fifth of them, by seed, is the dev split.

    `general` are questions (text, intent), one or more, that the retriever must search no worse than the base
    encoder. `options` are fields of Settings. Raises MissingExtra without the [train] extra, and TrainingError for too
    few tickets, or where nothing is found better than before: `out` is then left as it was.
    """
    torch = require("torch")
    from training.network import Branch

    settings = Settings(**options)
    trunk = trunk or Trunk.from_package()
    torch.manual_seed(settings.seed)
    torch.set_num_threads(settings.threads)
    began = time.perf_counter()
    order = np.random.default_rng(settings.seed).permutation(len(tickets))
    held = int(len(tickets) * DEV_SHARE)
    pairs = Pairs.of([tickets[place] for place in order])
    past = Pairs(pairs.tickets[held:], pairs.groups[held:])
    _check(past)
    read = _Read(trunk, depth, settings.threads)
    learnt, asked, other = (
        read(past.texts),
        read([t.question for t in pairs.tickets[:held]]),
        read([t for t, _ in general]),
    )
    network = Branch(trunk, depth, 0, "unit", settings.dropout)
    base = copy.deepcopy(network.state_dict())
    judge = _Judge(past, learnt, asked, pairs.groups[:held], other, [intent for _, intent in general])
    before, general_before = judge(network)
    for _ in track(
        _epochs(network, past, learnt, settings),
        "training",
        settings.epochs,
        console=Console(stderr=True, quiet=quiet),
    ):
        pass
    tuned = copy.deepcopy(network.state_dict())
    found: list[tuple[tuple[float, ...], float, float]] = []
    for blend in BLENDS:
        network.load_state_dict({name: base[name] + blend * (tuned[name] - base[name]) for name in base})
        recalls, kept = judge(network)
        if kept >= general_before - GENERAL_LOSS:
            found.append((recalls, blend, kept))
    after, blend, general_after = max(found, key=lambda one: (sum(one[0]), -one[1]))
    if blend == 0:
        raise TrainingError(
            f"Of {held} dev tickets none more is found by what was learnt (recall at 1 and 5: {before[0]:.1%}, "
            f"{before[1]:.1%}). Nothing was written; the base encoder serves on. More tickets with an intent or with "
            "links in their answers would help."
        )
    network.load_state_dict({name: base[name] + blend * (tuned[name] - base[name]) for name in base})
    manifest = {
        "kind": "branch", "task": RETRIEVER, "labels": [], "base": trunk.name, "base_sha256": trunk.sha256,
        "depth": depth, "head": {"pooling": "unit", "activation": "none"}, "seed": settings.seed, "command": command,
        "settings": {**asdict(settings), "blend": blend}, "data": {"tickets": len(pairs)},
        "metrics": {"before": before, "after": after, "general": [general_before, general_after]},
    }  # fmt: skip
    folder = _written(out, manifest, network, trunk, past, learnt)
    return RetrieverResult(
        out=out,
        version=folder.version,
        tickets=len(pairs),
        groups=len(set(pairs.groups.tolist())),
        blend=blend,
        before=before,
        after=after,
        general_before=general_before,
        general_after=general_after,
        seconds=round(time.perf_counter() - began, 1),
    )


def _check(past: Pairs) -> None:
    sizes = np.bincount(past.groups)
    if len(past) < FEWEST_TICKETS or (sizes > 1).sum() < 2:
        raise TrainingError(
            f"{len(past)} tickets of {(sizes > 0).sum()} kinds are too few to learn from: at least {FEWEST_TICKETS} "
            "are needed, and two kinds (an intent, or a link in the answer) that several tickets share."
        )


@dataclass(frozen=True, slots=True)
class _Read:
    """Reads texts by the trunk's lower layers, once."""

    trunk: Trunk
    depth: int
    threads: int

    def __call__(self, texts: Sequence[str]) -> States:
        return trunk_states(self.trunk, texts, self.depth, threads=self.threads)


@dataclass(frozen=True, slots=True, repr=False)
class _Judge:
    """Measures a network: recall on the dev tickets, and the nearest neighbours of other questions."""

    past: Pairs
    learnt: States
    asked: States
    groups: np.ndarray
    other: States
    intents: Sequence[str]

    def __call__(self, network: Branch) -> tuple[tuple[float, ...], float]:
        count = len(self.past)
        vectors = _embedded(network, self.learnt)
        questions, answers, wholes = np.split(vectors, (count, 2 * count))
        found = placed(questions, wholes, answers)
        recalls = self.past.recall(_embedded(network, self.asked), self.groups, found, AT)
        return recalls, _same_neighbour(_embedded(network, self.other), np.array(self.intents))


def _same_neighbour(vectors: np.ndarray, intents: np.ndarray) -> float:
    if len(vectors) < 2:
        return 1.0
    similar = vectors @ vectors.T
    np.fill_diagonal(similar, -1)
    return float((intents[similar.argmax(axis=1)] == intents).mean())


def _embedded(network: Branch, states: States, batch: int = 64) -> np.ndarray:
    import torch

    network.eval()
    parts = [np.arange(start, min(start + batch, len(states))) for start in range(0, len(states), batch)]
    with torch.inference_mode():
        made = [network(*map(torch.from_numpy, states.padded(part)))[1].numpy() for part in parts]
    return np.concatenate(made) if made else np.empty((0, 0), np.float32)


def _epochs(network: Branch, past: Pairs, states: States, settings: Settings) -> Iterator[None]:
    """Train in place, an epoch at each step."""
    import torch
    from torch.nn import functional

    random, count = np.random.default_rng(settings.seed), len(past)
    first = torch.from_numpy(_embedded(network, states))
    hard = past.negatives(first[:count].numpy())
    steps = settings.epochs * -(-count // settings.batch)
    optimizer = torch.optim.AdamW(network.parameters(), lr=settings.rate, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, settings.rate, total_steps=steps, pct_start=0.1, anneal_strategy="linear"
    )
    for _ in range(settings.epochs):
        network.train()
        for places in np.array_split(random.permutation(count), -(-count // settings.batch)):
            negatives = np.array([random.choice(hard[place]) if len(hard[place]) else place for place in places])
            texts = np.concatenate([places, past.positives(random, places), negatives])
            vectors = network(*map(torch.from_numpy, states.padded(texts)))[1]
            mine, others = vectors[: len(places)], vectors[len(places) :]
            logits = mine @ others.T / settings.temperature
            groups = np.concatenate([past.groups[places], past.groups[negatives]])
            alike = past.groups[places][:, None] == groups[None, :]
            alike[np.arange(len(places)), np.arange(len(places))] = False  # its own positive stays
            logits = logits.masked_fill(torch.from_numpy(alike), -torch.inf)
            loss = functional.cross_entropy(logits, torch.arange(len(places)))
            loss = loss + settings.keep * (1 - (vectors * first[texts]).sum(1)).mean()
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            schedule.step()
        yield


def _written(
    out: Path, manifest: dict[str, Any], network: Branch, trunk: Trunk, past: Pairs, states: States
) -> ModelFolder:
    """The folder, once the int8 graph of it agrees with the network."""
    some = past.texts[: min(len(past), 100)]
    with tempfile.TemporaryDirectory(prefix="handrail-") as scratch:
        draft = ModelFolder.write(Path(scratch) / "draft", manifest, network.tensors())
        served = Runtime.from_folders({RETRIEVER: draft.path}, Path(scratch), trunk=trunk).encode(some)
    cosine = float((served * _embedded(network, states)[: len(some)]).sum(axis=1).mean())
    if cosine < LEAST_COSINE:
        raise TrainingError(
            f"The int8 graph's embeddings lie at a cosine of {cosine:.3f} to the trained ones (at least {LEAST_COSINE} "
            "is needed); nothing was written. Try another seed or a lower rate."
        )
    return ModelFolder.write(out, manifest, network.tensors())
