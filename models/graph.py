"""Trunk and branches as one int8 ONNX graph, op by op, without torch.

A graph takes one text: `ids` (1, pieces + 2) and, where a branch tags pieces, `cases` (1, pieces + 2), how each
is written. The base encoder runs once; each branch of depth d leaves it
after layer `layers - d`; the base's own upper layers are the branch of the retrieval embedding. Activations
are quantised per text, weights per output channel (symmetric int8), so that a text's scores do not depend on
what else is scored beside it.

Outputs: `embedding` (hidden,); `words` (pieces, hidden), the states before any layer, which know nothing of
their context; and for each task `<task>.logits` (labels,), `<task>.pooled` (hidden,) and,
where the head is linear over a mean, `<task>.contributions` (pieces, labels): each piece's exact additive
share of the logits; their sum and the bias are the logits. A branch that tags has `<task>.tags` (pieces, labels)
alone, one without a head `<task>.embedding` (hidden,), of unit length.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

from models.folder import ModelFolder, quantised
from models.trunk import Trunk

VERSION = 3  # of the way a graph is built; part of the cache's key
MICROSOFT = "com.microsoft"
Tensors = Mapping[str, np.ndarray]
Progress = Callable[[int, int], None]


def graph_key(trunk: Trunk, folders: Mapping[str, ModelFolder]) -> str:
    """What a graph is made of, as 12 hexadecimal digits."""
    parts = [str(VERSION), trunk.sha256, *(f"{task}={folder.version}" for task, folder in sorted(folders.items()))]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]


def cached_graph(
    trunk: Trunk, folders: Mapping[str, ModelFolder], cache: Path, progress: Progress | None = None
) -> bytes:
    """The graph of these branches, from `cache` or built and left there. A cache that cannot be written is
    done without."""
    path = cache / f"{graph_key(trunk, folders)}.onnx"
    if path.is_file():
        return path.read_bytes()
    built = build_graph(trunk, folders, progress=progress)
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=cache, suffix=".part", delete=False) as file:
            file.write(built)
        os.replace(file.name, path)
    except OSError:
        pass
    return built


def build_graph(
    trunk: Trunk,
    folders: Mapping[str, ModelFolder],
    *,
    states: int | None = None,
    int8: bool = True,
    progress: Progress | None = None,
) -> bytes:
    """Build the graph. With `states`, its only output is `states` (pieces + 2, hidden): the base encoder
    after that many layers, which training caches."""
    base = trunk.tensors()
    graph = _Graph(trunk, int8)
    steps = (trunk.layers if states is None else states) + sum(folder.depth for folder in folders.values())
    done = 0

    def advanced() -> None:
        nonlocal done
        done += 1
        if progress:
            progress(done, steps)

    levels = [graph.embedded(base)]
    for layer in range(trunk.layers if states is None else states):
        levels.append(graph.layer(levels[-1], base, layer))
        advanced()
    if states is not None:
        graph.output("states", graph.op("Squeeze", levels[-1], graph.constant(np.array([0]))))
        return graph.serialised()
    graph.embedding("embedding", levels[-1])
    graph.output("words", graph.words(levels[0]))
    for task, folder in sorted(folders.items()):
        own = folder.tensors()
        state = graph.embedded(own) if folder.depth == trunk.layers else levels[trunk.layers - folder.depth]
        if folder.pooling == "none":
            state = graph.cased(state, own)
        for layer in range(trunk.layers - folder.depth, trunk.layers):
            state = graph.layer(state, own, layer)
            advanced()
        graph.head(task, folder.pooling, state, own)
    return graph.serialised()


class _Graph:
    """A graph that grows op by op; every method returns the name of the value that it adds."""

    def __init__(self, trunk: Trunk, int8: bool) -> None:
        self._trunk, self._int8 = trunk, int8
        self._nodes: list[NodeProto] = []
        self._constants: list[TensorProto] = []
        self._outputs: list[str] = []
        self._inputs = ["ids"]

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

    def output(self, name: str, value: str) -> None:
        self._nodes.append(helper.make_node("Identity", [value], [name]))
        self._outputs.append(name)

    def embedded(self, tensors: Tensors) -> str:
        """Word, position and type embeddings, summed and normalised: (1, pieces + 2, hidden)."""
        table = tensors["embeddings.word_embeddings.weight"]
        if self._int8:
            rounded, scale = quantised(table)
            whole = self.op("Cast", self.op("Gather", self.constant(rounded), "ids"), to=TensorProto.FLOAT)
            words = self.op("Mul", whole, self.op("Gather", self.constant(scale[:, None]), "ids"))
        else:
            words = self.op("Gather", self.constant(table), "ids")
        kind = tensors["embeddings.token_type_embeddings.weight"][0]
        places = tensors["embeddings.position_embeddings.weight"] + kind
        length = self.op("Slice", self.op("Shape", "ids"), self.constant(np.array([1])), self.constant(np.array([2])))
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
        mixed = self.op("MultiHeadAttention", *split, domain=MICROSOFT, num_heads=self._trunk.heads)
        mixed = self._dense(mixed, tensors, own + "attention.output.dense")
        state = self._normalised(self.op("Add", mixed, state), tensors, own + "attention.output.LayerNorm")
        wide = self.op("Gelu", self._dense(state, tensors, own + "intermediate.dense"), domain=MICROSOFT)
        narrow = self._dense(wide, tensors, own + "output.dense")
        return self._normalised(self.op("Add", narrow, state), tensors, own + "output.LayerNorm")

    def cased(self, state: str, tensors: Tensors) -> str:
        """The states, and how each piece's word is written."""
        self._inputs = ["ids", "cases"]
        return self.op("Add", state, self.op("Gather", self.constant(tensors["cases.weight"]), "cases"))

    def words(self, state: str) -> str:
        """The states without those of the two special tokens: (pieces, hidden)."""
        begin, end = self.constant(np.array([1])), self.constant(np.array([-1]))
        return self.op("Squeeze", self.op("Slice", state, begin, end, begin), self.constant(np.array([0])))

    def embedding(self, name: str, state: str, projection: np.ndarray | None = None) -> None:
        """A text's embedding: mean over all tokens, projected where a branch has learnt to, of unit length."""
        mean = self.op("ReduceMean", state, self.constant(np.array([0, 1])), keepdims=0)
        if projection is not None:
            mean = self.op("MatMul", mean, self.constant(projection.T))
        self.output(name, self.op("LpNormalization", mean, axis=-1, p=2))

    def head(self, task: str, pooling: str, state: str, tensors: Tensors) -> None:
        """The outputs of a branch, by its pooling."""
        if pooling == "unit":
            self.embedding(f"{task}.embedding", state, tensors["projection.weight"])
        else:
            {"none": self.tag_head, "first": self.first_head}.get(pooling, self.mean_head)(task, state, tensors)

    def mean_head(self, task: str, state: str, tensors: Tensors) -> None:
        """A linear head over the mean of the words' states, with each piece's share."""
        words = self.words(state)
        count = self.op("Gather", self.op("Shape", words), self.constant(np.array(0)))
        count = self.op("Max", self.op("Cast", count, to=TensorProto.FLOAT), self.constant(np.array(1, np.float32)))
        shares = self.op("Div", self.op("MatMul", words, self.constant(tensors["head.weight"].T)), count)
        first = self.constant(np.array([0]))
        summed = self.op("ReduceSum", shares, first, keepdims=0)
        self.output(f"{task}.contributions", shares)
        self.output(f"{task}.logits", self.op("Add", summed, self.constant(tensors["head.bias"])))
        self.output(f"{task}.pooled", self.op("Div", self.op("ReduceSum", words, first, keepdims=0), count))

    def tag_head(self, task: str, state: str, tensors: Tensors) -> None:
        """A linear head over each piece's state."""
        logits = self.op("MatMul", self.words(state), self.constant(tensors["head.weight"].T))
        self.output(f"{task}.tags", self.op("Add", logits, self.constant(tensors["head.bias"])))

    def first_head(self, task: str, state: str, tensors: Tensors) -> None:
        """BERT's pooler over the first token, and a linear head."""
        first = self.op("Gather", state, self.constant(np.array(0)), axis=1)
        dense = self.op("MatMul", first, self.constant(tensors["pooler.dense.weight"].T))
        pooled = self.op("Tanh", self.op("Add", dense, self.constant(tensors["pooler.dense.bias"])))
        logits = self.op("MatMul", pooled, self.constant(tensors["head.weight"].T))
        axis = self.constant(np.array([0]))
        summed = self.op("Add", logits, self.constant(tensors["head.bias"]))
        self.output(f"{task}.logits", self.op("Squeeze", summed, axis))
        self.output(f"{task}.pooled", self.op("Squeeze", pooled, axis))

    def serialised(self) -> bytes:
        inputs = [helper.make_tensor_value_info(name, TensorProto.INT64, [1, "pieces"]) for name in self._inputs]
        outputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in self._outputs]
        graph = helper.make_graph(self._nodes, "handrail", inputs, outputs, self._constants)
        opsets = [helper.make_opsetid("", 18), helper.make_opsetid(MICROSOFT, 1)]
        model: ModelProto = helper.make_model(graph, opset_imports=opsets, ir_version=10)
        return bytes(model.SerializeToString())

    def _dense(self, value: str, tensors: Tensors, name: str) -> str:
        return self._linear(value, tensors[name + ".weight"], tensors[name + ".bias"])

    def _linear(self, value: str, weight: np.ndarray, bias: np.ndarray) -> str:
        if not self._int8:
            return self.op("Add", self.op("MatMul", value, self.constant(weight.T)), self.constant(bias))
        rounded, scale = quantised(weight)
        zero = np.zeros(len(scale), np.int8)
        constants = [self.constant(array) for array in (rounded.T, scale, zero, bias)]
        return self.op("DynamicQuantizeMatMul", value, *constants, domain=MICROSOFT)

    def _normalised(self, value: str, tensors: Tensors, name: str) -> str:
        gain, bias = self.constant(tensors[name + ".weight"]), self.constant(tensors[name + ".bias"])
        return self.op("LayerNormalization", value, gain, bias, axis=-1, epsilon=self._trunk.epsilon)
