"""Trunk and branches as int8 ONNX graphs, op by op, without torch.

A graph takes one text. The trunk takes `ids` (1, pieces + 2) and gives `words` (pieces, hidden), the states before any
layer, which know nothing of their context, and `state.<n>` (1, pieces + 2, hidden) after each layer n that a branch
leaves it at. The base's own upper layers take the last of these and give `embedding` (hidden,), of unit length. A
branch takes the state that it leaves the trunk at (one as deep as the encoder takes `ids`); one that tags pieces takes
`cases` (1, pieces + 2) too, how each is written. It gives `logits` (labels,), `pooled` (hidden,) and, where the head is
linear over a mean, `contributions` (pieces, labels): each piece's exact additive share of the logits; their sum and the
bias are the logits. A branch that tags gives `tags` (pieces, labels) alone, one without a head `embedding` (hidden,).

They are graphs of their own, since a session runs all of its graph whatever it is asked for. Activations are quantised
per text, weights per output channel (symmetric int8), so that a text's scores do not depend on what else is scored
beside it. Nor do they on the processor: where it does not add such products exactly (`models.arithmetic`), the same
weights are written unsigned, with 128 for their zero.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from onnx import ModelProto, NodeProto, TensorProto, ValueInfoProto, helper, numpy_helper

from models.arithmetic import saturates
from models.folder import ModelFolder, quantised
from models.tokens import CASES
from models.trunk import Trunk

VERSION = 5  # of the way a graph is built; part of the cache's key
MICROSOFT = "com.microsoft"
TRUNK, BASE = "trunk", "base"  # the parts that belong to no task
BASE_DEPTH = 2  # layers of the base encoder that are not the trunk's, where no branch says so
Tensors = Mapping[str, np.ndarray]
Progress = Callable[[int, int], None]


def graph_key(trunk: Trunk, folders: Mapping[str, ModelFolder]) -> str:
    """What graphs are made of, as 12 hexadecimal digits."""
    return _digest(trunk.sha256, *(f"{task}={folder.version}" for task, folder in sorted(folders.items())))


def cached_graphs(
    trunk: Trunk, folders: Mapping[str, ModelFolder], cache: Path, progress: Progress | None = None
) -> dict[str, bytes]:
    """The graphs of TRUNK, BASE and each branch, from `cache` or built and left there. A cache that cannot be written
    is done without. `progress` is told of each layer that is built, and of how many there are to build."""
    parts = _parts(trunk, folders)
    files = {part.name: cache / f"{part.key}{'u' if saturates() else ''}.onnx" for part in parts}
    graphs = {name: _kept(file) for name, file in files.items()}
    missing = [part for part in parts if graphs[part.name] is None]
    layers, done = sum(part.layers for part in missing), 0

    def advance() -> None:
        nonlocal done
        done += 1
        if progress:
            progress(done, layers)

    for part in missing:
        graphs[part.name] = built = part.build(advance)
        _keep(files[part.name], built)
    return {name: graph for name, graph in graphs.items() if graph is not None}


@dataclass(frozen=True, slots=True)
class _Part:
    """A graph to come: its name, its name in the cache, how many layers it has, and what builds it."""

    name: str
    key: str
    layers: int
    build: Callable[[Callable[[], None]], bytes]


def _parts(trunk: Trunk, folders: Mapping[str, ModelFolder]) -> list[_Part]:
    shared = {trunk.layers - folder.depth for folder in folders.values() if folder.depth < trunk.layers}
    levels = sorted(shared) or [max(trunk.layers - BASE_DEPTH, 0)]
    top = levels[-1]
    return [
        _Part(TRUNK, _digest(trunk.sha256, TRUNK, *map(str, levels)), top, partial(trunk_graph, trunk, levels)),
        _Part(BASE, _digest(trunk.sha256, BASE, str(top)), trunk.layers - top, partial(base_graph, trunk, top)),
        *(
            _Part(task, _digest(trunk.sha256, task, folder.version), folder.depth, partial(branch_graph, trunk, folder))
            for task, folder in sorted(folders.items())
        ),
    ]


def trunk_graph(trunk: Trunk, levels: Sequence[int], advance: Callable[[], None] = lambda: None) -> bytes:
    """The base encoder as far as the last of `levels` (ascending; 0: before any layer)."""
    base, graph = trunk.tensors(), _Graph(trunk)
    state = graph.embedded(base)
    graph.output("words", graph.words(state))
    for level in range(levels[-1] + 1):
        if level:
            state = graph.layer(state, base, level - 1)
            advance()
        if level in levels:
            graph.output(f"state.{level}", state)
    return graph.serialised()


def base_graph(trunk: Trunk, level: int, advance: Callable[[], None] = lambda: None) -> bytes:
    """The base encoder's own layers above `level`, and its embedding."""
    base, graph = trunk.tensors(), _Graph(trunk)
    state = graph.state(level)
    for layer in range(level, trunk.layers):
        state = graph.layer(state, base, layer)
        advance()
    graph.embedding(state)
    return graph.serialised()


def branch_graph(trunk: Trunk, folder: ModelFolder, advance: Callable[[], None] = lambda: None) -> bytes:
    """A task's layers and head."""
    own, graph, level = folder.tensors(), _Graph(trunk), trunk.layers - folder.depth
    state = graph.state(level) if level else graph.embedded(own)
    if folder.pooling == "none":
        state = graph.cased(state, own)
    for layer in range(level, trunk.layers):
        state = graph.layer(state, own, layer)
        advance()
    graph.head(folder.pooling, state, own)
    return graph.serialised()


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join((str(VERSION), *parts)).encode()).hexdigest()[:12]


def _kept(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def _keep(path: Path, graph: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as file:
            file.write(graph)
        os.replace(file.name, path)
    except OSError:
        pass


class _Graph:
    """A graph that grows op by op; every method returns the name of the value that it adds."""

    def __init__(self, trunk: Trunk) -> None:
        self._trunk = trunk
        self._nodes: list[NodeProto] = []
        self._constants: list[TensorProto] = []
        self._outputs: list[str] = []
        self._inputs: list[ValueInfoProto] = []

    def constant(self, array: np.ndarray) -> str:
        name = f"c{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(np.asarray(array, order="C"), name))
        return name

    def op(self, kind: str, *inputs: str, domain: str = "", **attributes: object) -> str:
        return self.ops(kind, 1, *inputs, domain=domain, **attributes)[0]

    def ops(self, kind: str, outputs: int, *inputs: str, domain: str = "", **attributes: object) -> list[str]:
        names = [f"v{len(self._nodes)}_{index}" for index in range(outputs)]
        self._nodes.append(helper.make_node(kind, list(inputs), names, domain=domain, **attributes))
        return names

    def input(self, name: str, kind: int = TensorProto.INT64, *shape: int) -> str:
        self._inputs.append(helper.make_tensor_value_info(name, kind, [1, "pieces", *shape]))
        return name

    def state(self, level: int) -> str:
        """The base encoder's state after `level` layers, from another graph."""
        return self.input(f"state.{level}", TensorProto.FLOAT, self._trunk.hidden)

    def output(self, name: str, value: str) -> None:
        self._nodes.append(helper.make_node("Identity", [value], [name]))
        self._outputs.append(name)

    def embedded(self, tensors: Tensors) -> str:
        """Word, position and type embeddings, summed and normalised: (1, pieces + 2, hidden)."""
        ids = self.input("ids")
        rounded, scale = quantised(tensors["embeddings.word_embeddings.weight"])
        whole = self.op("Cast", self.op("Gather", self.constant(rounded), ids), to=TensorProto.FLOAT)
        words = self.op("Mul", whole, self.op("Gather", self.constant(scale[:, None]), ids))
        kind = tensors["embeddings.token_type_embeddings.weight"][0]
        places = tensors["embeddings.position_embeddings.weight"] + kind
        length = self.op("Slice", self.op("Shape", ids), self.constant(np.array([1])), self.constant(np.array([2])))
        zero = self.constant(np.array([0]))
        placed = self.op("Slice", self.constant(places.astype(np.float32)), zero, length, zero)
        return self._normalised(self.op("Add", words, placed), tensors, "embeddings.LayerNorm")

    def layer(self, state: str, tensors: Tensors, index: int) -> str:
        """One transformer layer, post-norm, as in BERT."""
        own = f"encoder.layer.{index}."
        parts = [own + f"attention.self.{part}" for part in ("query", "key", "value")]
        weight = np.concatenate([tensors[part + ".weight"] for part in parts])
        bias = np.concatenate([tensors[part + ".bias"] for part in parts])
        split = self.ops("Split", 3, self._linear(state, weight, bias), axis=-1, num_outputs=3)
        mixed = self.op("Attention", *split, q_num_heads=self._trunk.heads, kv_num_heads=self._trunk.heads)
        mixed = self._dense(mixed, tensors, own + "attention.output.dense")
        state = self._normalised(self.op("Add", mixed, state), tensors, own + "attention.output.LayerNorm")
        wide = self.op("Gelu", self._dense(state, tensors, own + "intermediate.dense"), domain=MICROSOFT)
        narrow = self._dense(wide, tensors, own + "output.dense")
        return self._normalised(self.op("Add", narrow, state), tensors, own + "output.LayerNorm")

    def cased(self, state: str, tensors: Tensors) -> str:
        """The states, and how each piece's word is written. A branch that does not tell where a line begins reads it
        like any other place."""
        told = np.resize(tensors["cases.weight"], (CASES, self._trunk.hidden))
        return self.op("Add", state, self.op("Gather", self.constant(told), self.input("cases")))

    def words(self, state: str) -> str:
        """The states without those of the two special tokens: (pieces, hidden)."""
        begin, end = self.constant(np.array([1])), self.constant(np.array([-1]))
        return self.op("Squeeze", self.op("Slice", state, begin, end, begin), self.constant(np.array([0])))

    def embedding(self, state: str, projection: np.ndarray | None = None) -> None:
        """A text's embedding: mean over all tokens, projected where a branch has learnt to, of unit length."""
        mean = self.op("ReduceMean", state, self.constant(np.array([0, 1])), keepdims=0)
        if projection is not None:
            mean = self.op("MatMul", mean, self.constant(projection.T))
        self.output("embedding", self.op("LpNormalization", mean, axis=-1, p=2))

    def head(self, pooling: str, state: str, tensors: Tensors) -> None:
        """The outputs of a branch, by its pooling."""
        if pooling == "unit":
            self.embedding(state, tensors["projection.weight"])
        else:
            {"none": self.tag_head, "first": self.first_head}.get(pooling, self.mean_head)(state, tensors)

    def mean_head(self, state: str, tensors: Tensors) -> None:
        """A linear head over the mean of the words' states, with each piece's share."""
        words = self.words(state)
        count = self.op("Gather", self.op("Shape", words), self.constant(np.array(0)))
        count = self.op("Max", self.op("Cast", count, to=TensorProto.FLOAT), self.constant(np.array(1, np.float32)))
        shares = self.op("Div", self.op("MatMul", words, self.constant(tensors["head.weight"].T)), count)
        first = self.constant(np.array([0]))
        summed = self.op("ReduceSum", shares, first, keepdims=0)
        self.output("contributions", shares)
        self.output("logits", self.op("Add", summed, self.constant(tensors["head.bias"])))
        self.output("pooled", self.op("Div", self.op("ReduceSum", words, first, keepdims=0), count))

    def tag_head(self, state: str, tensors: Tensors) -> None:
        """A linear head over each piece's state."""
        logits = self.op("MatMul", self.words(state), self.constant(tensors["head.weight"].T))
        self.output("tags", self.op("Add", logits, self.constant(tensors["head.bias"])))

    def first_head(self, state: str, tensors: Tensors) -> None:
        """BERT's pooler over the first token, and a linear head."""
        first = self.op("Gather", state, self.constant(np.array(0)), axis=1)
        dense = self.op("MatMul", first, self.constant(tensors["pooler.dense.weight"].T))
        pooled = self.op("Tanh", self.op("Add", dense, self.constant(tensors["pooler.dense.bias"])))
        logits = self.op("MatMul", pooled, self.constant(tensors["head.weight"].T))
        axis = self.constant(np.array([0]))
        summed = self.op("Add", logits, self.constant(tensors["head.bias"]))
        self.output("logits", self.op("Squeeze", summed, axis))
        self.output("pooled", self.op("Squeeze", pooled, axis))

    def serialised(self) -> bytes:
        outputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in self._outputs]
        graph = helper.make_graph(self._nodes, "handrail", self._inputs, outputs, self._constants)
        opsets = [helper.make_opsetid("", 23), helper.make_opsetid(MICROSOFT, 1)]
        model: ModelProto = helper.make_model(graph, opset_imports=opsets, ir_version=10)
        return bytes(model.SerializeToString())

    def _dense(self, value: str, tensors: Tensors, name: str) -> str:
        return self._linear(value, tensors[name + ".weight"], tensors[name + ".bias"])

    def _linear(self, value: str, weight: np.ndarray, bias: np.ndarray) -> str:
        rounded, scale = quantised(weight)
        zero_points = np.zeros(len(scale), np.int8)
        if saturates():
            rounded, zero_points = (values.view(np.uint8) ^ 128 for values in (rounded, zero_points))
        weights, scales, zeros, biases = map(self.constant, (rounded.T, scale, zero_points, bias))
        small, step, zero = self.ops("DynamicQuantizeLinear", 3, value)
        inputs = (small, weights, step, scales, zero, zeros, biases)
        return self.op("MatMulIntegerToFloat", *inputs, domain=MICROSOFT)

    def _normalised(self, value: str, tensors: Tensors, name: str) -> str:
        gain, bias = self.constant(tensors[name + ".weight"]), self.constant(tensors[name + ".bias"])
        return self.op("LayerNormalization", value, gain, bias, axis=-1, epsilon=self._trunk.epsilon)
