"""The branch as a torch network: the encoder's upper layers and a head. Names are transformers' own, so that
its weights go to and from a model folder unchanged."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from models.folder import kept
from models.stretch import PIECES
from models.tokens import CASES
from models.trunk import Trunk

STRIDE = 4  # words between the beginnings of stretches in training; in service every word begins one


class Dropout(nn.Module):  # type: ignore[misc]
    """Dropout whose random numbers are drawn four at a time, sixteen bits each: on a CPU, torch's own spends more time
    on drawing than a layer on multiplying."""

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = rate

    def forward(self, state: Tensor) -> Tensor:
        """`state` of any shape; untouched outside of training."""
        if not self.training or not self.rate:
            return state
        drawn = (
            torch.empty(-(-state.numel() // 4), dtype=torch.int64, device=state.device)
            .random_(-(2**63), None)
            .view(torch.int16)
        )
        kept = drawn[: state.numel()].view(state.shape) >= round(self.rate * 2**16) - 2**15
        return state * kept.to(state.dtype).mul_(1 / (1 - self.rate))


class Layer(nn.Module):  # type: ignore[misc]
    """One post-norm transformer layer."""

    def __init__(self, hidden: int, wide: int, heads: int, epsilon: float, dropout: float) -> None:
        super().__init__()
        self.heads = heads
        self.query, self.key, self.value = (nn.Linear(hidden, hidden) for _ in range(3))
        self.mixed, self.wide, self.narrow = nn.Linear(hidden, hidden), nn.Linear(hidden, wide), nn.Linear(wide, hidden)
        self.mixed_norm, self.narrow_norm = (nn.LayerNorm(hidden, eps=epsilon) for _ in range(2))
        self.dropout = Dropout(dropout)

    def forward(self, state: Tensor, mask: Tensor) -> Tensor:
        """`state` (texts, tokens, hidden), `mask` (texts, 1, 1, tokens), True where there is a token."""
        query, key, value = (
            part(state).unflatten(-1, (self.heads, -1)).transpose(1, 2) for part in (self.query, self.key, self.value)
        )
        scores = (query @ key.transpose(-1, -2) / query.shape[-1] ** 0.5).masked_fill(~mask, -1e4)
        mixed = self.dropout(scores.softmax(-1)).to(value.dtype) @ value
        mixed = self.mixed(mixed.transpose(1, 2).flatten(2))
        state = self.mixed_norm(state + self.dropout(mixed))
        return self.narrow_norm(state + self.dropout(self.narrow(functional.gelu(self.wide(state)))))


PARTS = {
    "query": "attention.self.query",
    "key": "attention.self.key",
    "value": "attention.self.value",
    "mixed": "attention.output.dense",
    "mixed_norm": "attention.output.LayerNorm",
    "wide": "intermediate.dense",
    "narrow": "output.dense",
    "narrow_norm": "output.LayerNorm",
}


class Embeddings(nn.Module):  # type: ignore[misc]
    """Word, position and type embeddings, for a branch as deep as the encoder."""

    def __init__(self, tensors: Mapping[str, np.ndarray], epsilon: float, dropout: float) -> None:
        super().__init__()
        words, hidden = tensors["embeddings.word_embeddings.weight"].shape
        self.words, self.norm = nn.Embedding(words, hidden), nn.LayerNorm(hidden, eps=epsilon)
        self.places = nn.Embedding(len(tensors["embeddings.position_embeddings.weight"]), hidden)
        self.types = nn.Embedding(len(tensors["embeddings.token_type_embeddings.weight"]), hidden)
        self.dropout = Dropout(dropout)

    def forward(self, ids: Tensor) -> Tensor:
        """`ids` (texts, tokens) to states."""
        places = self.places(torch.arange(ids.shape[1], device=ids.device))
        return self.dropout(self.norm(self.words(ids) + places + self.types.weight[0]))


EMBEDDINGS = {
    "words": "embeddings.word_embeddings",
    "places": "embeddings.position_embeddings",
    "types": "embeddings.token_type_embeddings",
    "norm": "embeddings.LayerNorm",
}


class Branch(nn.Module):  # type: ignore[misc]
    """The upper `depth` layers, started from the base encoder's, and a linear head.

    `pooling` "mean": the head reads the mean over the words' states, so that each word has an exact share;
    "stretch": that of the stretch of words that speaks for a label most (`models.stretch`);
    "first": BERT's pooler over the first token; "unit": no head, the mean over all tokens, projected, of unit length;
    "none": the head reads every token's state, to which is added, where the branch begins, how the token's word is
    written (`models.tokens.cases`).
    """

    def __init__(self, trunk: Trunk, depth: int, labels: int, pooling: str = "mean", dropout: float = 0.1) -> None:
        super().__init__()
        base = trunk.tensors()
        wide = len(base["encoder.layer.0.intermediate.dense.bias"])
        self.first_layer = trunk.layers - depth
        self.pooling = pooling
        self.embeddings = Embeddings(base, trunk.epsilon, dropout) if depth == trunk.layers else None
        self.layers = nn.ModuleList(
            Layer(trunk.hidden, wide, trunk.heads, trunk.epsilon, dropout) for _ in range(depth)
        )
        self.pooler = nn.Linear(trunk.hidden, trunk.hidden) if pooling == "first" else None
        self.cases = nn.Embedding(CASES, trunk.hidden) if pooling == "none" else None
        self.projection = nn.Linear(trunk.hidden, trunk.hidden, bias=False) if pooling == "unit" else None
        self.dropout = Dropout(dropout)
        self.head = nn.Linear(trunk.hidden, labels) if labels else nn.Identity()
        if labels:
            nn.init.normal_(self.head.weight, std=0.02)
            nn.init.zeros_(self.head.bias)
        if self.cases is not None:
            nn.init.zeros_(self.cases.weight)
        if self.projection is not None:
            nn.init.eye_(self.projection.weight)
        self.load_tensors(base, strict=False)

    def forward(self, inputs: Tensor, lengths: Tensor, cases: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """(logits (texts, labels), pooled (texts, hidden)) of padded states or ids; without pooling both have an
        axis of tokens."""
        places = torch.arange(inputs.shape[1], device=inputs.device)
        mask = (places < lengths[:, None])[:, None, None]
        state = inputs if self.embeddings is None else self.embeddings(inputs)
        if self.cases is not None and cases is not None:
            state = state + self.cases(cases)
        for layer in self.layers:
            state = layer(state, mask)
        if self.cases is not None:
            return self.head(self.dropout(state)), state
        if self.pooler is not None:
            pooled = torch.tanh(self.pooler(state[:, 0]))
        elif self.pooling == "unit":
            every = mask[:, 0, 0, :, None].to(state.dtype)
            mean = (state * every).sum(1) / every.sum(1)
            pooled = functional.normalize(mean if self.projection is None else self.projection(mean), dim=-1)
        else:
            words = ((places > 0) & (places < lengths[:, None] - 1))[..., None].to(state.dtype)
            pooled = (state * words).sum(1) / words.sum(1).clamp(min=1)
            if self.pooling == "stretch":
                return self._strongest(state * words, lengths - 2), pooled
        return self.head(self.dropout(pooled)), pooled

    def _strongest(self, states: Tensor, counts: Tensor) -> Tensor:
        """Logits (texts, labels) by the strongest of the stretches that begin at every `STRIDE`-th word. `states`
        (texts, tokens, hidden) are zero but at words, `counts` (texts,) says how many there are."""
        sums = functional.pad(states.float().cumsum(1), (0, 0, 1, 0))
        begins = torch.arange(1, max(int(counts.max()) - PIECES, 0) + 2, STRIDE, device=states.device)
        ends = (begins + PIECES).clamp(max=states.shape[1])
        sizes = counts.clamp(min=1, max=PIECES)[:, None, None]
        logits = self.head(self.dropout((sums[:, ends] - sums[:, begins]) / sizes))
        beyond = (begins > 1) & (begins + PIECES > counts[:, None] + 1)
        return logits.masked_fill(beyond[..., None], -torch.inf).amax(1)

    def tensors(self) -> dict[str, np.ndarray]:
        """The weights by their names in a model folder, float32."""
        return {theirs: own.detach().numpy() for theirs, own in self._named().items()}

    def load_tensors(self, tensors: Mapping[str, np.ndarray], strict: bool = True) -> None:
        """Take weights by their names in a model folder; without `strict`, those that there are."""
        with torch.no_grad():
            for name, own in self._named().items():
                if strict or name in tensors:
                    own.copy_(torch.from_numpy(np.asarray(tensors[name])))

    def take_head(self, tensors: Mapping[str, np.ndarray], rows: Mapping[int, int]) -> None:
        """Take rows of another head: `rows` maps a label's place here to its place there."""
        here, there = list(rows), list(rows.values())
        with torch.no_grad():
            self.head.weight[here] = torch.from_numpy(np.asarray(tensors["head.weight"])[there])
            self.head.bias[here] = torch.from_numpy(np.asarray(tensors["head.bias"])[there])

    def _named(self) -> dict[str, Tensor]:
        named: dict[str, Tensor] = {}
        groups: list[tuple[str, nn.Module, Mapping[str, str]]] = [
            (f"encoder.layer.{self.first_layer + index}.", layer, PARTS) for index, layer in enumerate(self.layers)
        ]
        if self.embeddings is not None:
            groups.append(("", self.embeddings, EMBEDDINGS))
        for prefix, module, parts in groups:
            for own, theirs in parts.items():
                for kind, tensor in getattr(module, own).named_parameters():
                    named[f"{prefix}{theirs}.{kind}"] = tensor
        if self.pooler is not None:
            named |= {"pooler.dense.weight": self.pooler.weight, "pooler.dense.bias": self.pooler.bias}
        if self.cases is not None:
            named["cases.weight"] = self.cases.weight
        if self.projection is not None:
            return named | {"projection.weight": self.projection.weight}
        return named | {"head.weight": self.head.weight, "head.bias": self.head.bias}


def between(before: Branch, after: Branch, share: float) -> Branch:
    """A network whose weights lie this share, 0..1, of the way from one's to the other's, as a model folder keeps
    them."""
    mixed, start, end = copy.deepcopy(before), before.tensors(), after.tensors()
    mixed.load_tensors(kept({name: start[name] + share * (end[name] - start[name]) for name in start}))
    return mixed


def mean(networks: Sequence[Branch]) -> Branch:
    """A network whose weights are the mean of several alike ones', as a model folder keeps them."""
    mixed, every = copy.deepcopy(networks[0]), [network.tensors() for network in networks]
    mixed.load_tensors(kept({name: np.mean([tensors[name] for tensors in every], axis=0) for name in every[0]}))
    return mixed
