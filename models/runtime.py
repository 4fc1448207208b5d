"""One pass over one text, on onnxruntime: the trunk at once, each branch when it is first asked for.

A `Runtime` holds the trunk and the branches, and whole models (kind "onnx") beside them. It is safe to share by
threads. It knows nothing of thresholds: scoring.py turns logits into confidences.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Self, TypeVar

import numpy as np
import onnxruntime

from models.errors import ModelError
from models.folder import GRAPH, TOKENIZER, ModelFolder
from models.graph import BASE, TRUNK, Progress, cached_graphs, graph_key
from models.stretch import strongest
from models.tokens import Tokens, WordPieces, cases, content
from models.trunk import Trunk

RETRIEVER = "retriever"  # the task whose branch makes the embedding that past tickets are searched by
T = TypeVar("T")
Run = Callable[[], list[dict[str, np.ndarray]]]
"""A branch over each window of a text."""


@dataclass(frozen=True, slots=True, repr=False)
class Output:
    """What one branch made of a text.

    `logits` (labels,); `pooled` (hidden,) the vector that the head reads; `contributions` (tokens, labels)
    each token's additive share of the logits (with the bias they sum to them exactly), None where the head
    is not linear over a mean.
    """

    logits: np.ndarray
    pooled: np.ndarray
    contributions: np.ndarray | None = None

    def sharpened(self) -> Output:
        """Each label's logit by its strongest stretch of pieces alone (`models.stretch`); the same without shares."""
        if self.contributions is None:
            return self
        logits, shares = strongest(self.logits, self.contributions)
        return Output(logits, self.pooled, shares)


class Asked(Mapping[str, T]):
    """What is made when it is first asked for, and kept: `make` says how, by name."""

    def __init__(self, make: Mapping[str, Callable[[], T]]) -> None:
        self._make = make
        self._made: dict[str, T] = {}

    def __getitem__(self, name: str) -> T:
        if name not in self._made:
            self._made[name] = self._make[name]()
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._make.keys() | self._made.keys())

    def __len__(self) -> int:
        return len(self._make.keys() | self._made.keys())

    def knowing(self, made: Mapping[str, T]) -> Self:
        """The same, with what is made already."""
        self._made.update(made)
        return self


@dataclass(frozen=True, slots=True, repr=False)
class Reading:
    """What one pass over one text gives.

    `offsets` and `words` have one entry a token: its half-open place in the text, in code points, and the
    number of the word it belongs to. `vectors` are the embeddings (hidden,), L2-normalised: that of the BASE encoder
    and, where there is one, that of a fine-tuned RETRIEVER. `outputs` has what each branch made of the text, `tags` the
    logits (tokens, labels) of each branch that tags. `complete` is False when the text was too long to be read to its
    end (see tokens.LONGEST): a guard must then not call it clean. `states` (tokens, hidden) are the tokens before any
    layer, without their context.
    """

    offsets: tuple[tuple[int, int], ...]
    words: tuple[int, ...]
    vectors: Mapping[str, np.ndarray]
    outputs: Mapping[str, Output]
    complete: bool = True
    states: np.ndarray = field(default_factory=lambda: np.empty((0, 0), dtype=np.float32))
    tags: Mapping[str, np.ndarray] = field(default_factory=dict)

    @property
    def embedding(self) -> np.ndarray:
        """The base encoder's, (hidden,)."""
        return self.vectors[BASE]

    @property
    def query(self) -> np.ndarray:
        """What past tickets are searched by, (hidden,): the retriever's embedding, else the base encoder's."""
        return self.vectors[RETRIEVER if RETRIEVER in self.vectors else BASE]

    def whole(self) -> Reading:
        """The same with everything made, which keeps nothing else of the pass."""
        return replace(self, vectors=dict(self.vectors), outputs=dict(self.outputs), tags=dict(self.tags))


class Runtime:
    """Models ready to read texts. Build one with `from_folders`."""

    def __init__(
        self,
        graphs: Mapping[str, Graph],
        pieces: WordPieces,
        folders: Mapping[str, ModelFolder],
        wholes: Mapping[str, WholeModel],
        *,
        version: str,
        threads: int,
    ) -> None:
        self._graphs, self._pieces, self._wholes, self._threads = graphs, pieces, wholes, threads
        self.folders = folders
        self.version = version

    @classmethod
    def from_folders(
        cls,
        folders: Mapping[str, Path],
        cache: Path,
        threads: int = 1,
        *,
        trunk: Trunk | None = None,
        progress: Progress | None = None,
    ) -> Runtime:
        """Load the model folder of each task; their graphs are kept in `cache` by their hashes.

        An empty mapping gives embeddings alone. `threads` bounds the processor threads of one pass and of a
        batch. Raises ModelError for a folder that is damaged, of another task, or made for another base.
        """
        trunk = trunk or Trunk.from_package()
        loaded = {task: _checked(task, ModelFolder.load(path), trunk) for task, path in folders.items()}
        branches = {task: folder for task, folder in loaded.items() if folder.kind == "branch"}
        wholes = {task: WholeModel.from_folder(f, threads) for task, f in loaded.items() if f.kind == "onnx"}
        built = cached_graphs(trunk, branches, cache, progress)
        graphs = {name: Graph(open_session(graph, threads)) for name, graph in built.items()}
        return cls(
            graphs, WordPieces(trunk.tokenizer), loaded, wholes, version=graph_key(trunk, loaded), threads=threads
        )

    def read(self, text: str) -> Reading:
        """Read one text, of any length and content; an empty one too. Long texts go in overlapping windows:
        their embeddings are averaged, as are the logits of soft-max heads; of sigmoid heads the highest count. A window
        that is repeated is read once.
        """
        tokens = self._pieces(text)
        contents = [content(text, tokens, window) for window in tokens.windows]
        distinct = dict(zip(contents, tokens.windows, strict=True))
        begun = {key: self._begun(text, tokens, window) for key, window in distinct.items()}

        def run(task: str) -> list[dict[str, np.ndarray]]:
            made = {key: self._graphs[task](given) for key, given in begun.items()}
            return [made[key] for key in contents]

        outputs: dict[str, Callable[[], Output]] = {}
        vectors: dict[str, Callable[[], np.ndarray]] = {BASE: partial(_unit, partial(run, BASE))}
        tags: dict[str, Callable[[], np.ndarray]] = {}
        for task, folder in self.folders.items():
            if folder.kind != "branch":
                outputs[task] = partial(self._wholes[task].read, text)
            elif folder.pooling == "none":
                tags[task] = partial(_tags, partial(run, task), tokens)
            elif folder.pooling == "unit":
                vectors[task] = partial(_unit, partial(run, task))
            else:
                outputs[task] = partial(_output, partial(run, task), tokens, folder)
        return Reading(
            offsets=tokens.offsets,
            words=tokens.words,
            vectors=Asked(vectors),
            outputs=Asked(outputs),
            complete=tokens.complete,
            states=_spread([begun[key]["words"] for key in contents], tokens),
            tags=Asked(tags),
        )

    def _begun(self, text: str, tokens: Tokens, window: tuple[int, int]) -> Mapping[str, np.ndarray]:
        """What branches may take of a window: its ids, how its words are written, and all that the trunk gives."""
        shown = slice(*window)
        given = Asked({
            "ids": partial(self._pieces.framed, tokens, window),
            "cases": partial(cases, text, tokens.offsets[shown], tokens.words[shown]),
        })  # fmt: skip
        return given.knowing(self._graphs[TRUNK](given))

    def vocabulary(self) -> frozenset[str]:
        """The words that the encoder knows whole."""
        return self._pieces.vocabulary()

    def read_many(self, texts: Sequence[str]) -> list[Reading]:
        """Read texts, in order, by all branches; each gets exactly what `read` gives it."""
        with ThreadPoolExecutor(self._threads) as pool:
            return list(pool.map(lambda text: self.read(text).whole(), texts))

    def encode(self, texts: Sequence[str], batch: int = 64) -> np.ndarray:
        """What texts are searched by and found by (texts, hidden), float32, L2-normalised: see Reading.query.

        `batch` is how many texts a worker takes at a time; it does not change the result.
        """
        if not texts:
            return np.empty((0, len(self.read("").query)), dtype=np.float32)
        with ThreadPoolExecutor(self._threads) as pool:
            vectors = pool.map(lambda text: self.read(text).query, texts, chunksize=batch)
            return np.stack(list(vectors)).astype(np.float32, copy=False)


class Graph:
    """A session that takes what it needs of what is known, by its inputs' names, and gives its outputs by theirs."""

    def __init__(self, session: onnxruntime.InferenceSession) -> None:
        self._session = session
        self._takes = [given.name for given in session.get_inputs()]
        self._gives = [output.name for output in session.get_outputs()]

    def __call__(self, known: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Run it."""
        fed = {name: known[name] for name in self._takes}
        return dict(zip(self._gives, self._session.run(self._gives, fed), strict=True))


class WholeModel:
    """A whole graph with a tokenizer of its own, such as an imported Detoxify checkpoint."""

    def __init__(self, session: onnxruntime.InferenceSession, pieces: WordPieces, activation: str) -> None:
        self._session, self._pieces, self._activation = session, pieces, activation

    @classmethod
    def from_folder(cls, folder: ModelFolder, threads: int = 1) -> WholeModel:
        """Open the graph of a folder of kind "onnx"."""
        session = open_session((folder.path / GRAPH).read_bytes(), threads)
        return cls(session, WordPieces(folder.path / TOKENIZER), folder.activation)

    def read(self, text: str) -> Output:
        """Logits of one text; `pooled` is empty and there are no contributions."""
        tokens = self._pieces(text)
        logits = np.stack([self._run(self._pieces.framed(tokens, window)) for window in tokens.windows])
        merged = logits.max(axis=0) if self._activation == "sigmoid" else logits.mean(axis=0)
        return Output(merged, np.empty(0, np.float32))

    def _run(self, ids: np.ndarray) -> np.ndarray:
        logits: np.ndarray = self._session.run(["logits"], {"ids": ids})[0][0]
        return logits


def open_session(graph: bytes, threads: int) -> onnxruntime.InferenceSession:
    """An onnxruntime session over a serialised graph, on the processor. Raises ModelError when it is damaged."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # The graph is written in fused operators; the runtime's own fusion of residual and norm is slower.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's errors share no public base
        digest = hashlib.sha256(graph).hexdigest()[:12]
        raise ModelError(f"The model graph {digest} is damaged. Empty the model cache and start again.") from error


def _checked(task: str, folder: ModelFolder, trunk: Trunk) -> ModelFolder:
    if folder.task != task:
        raise ModelError(f"{folder.path} is a model for '{folder.task}', not for '{task}'.")
    if folder.kind == "branch" and folder.manifest.get("base_sha256") != trunk.sha256:
        raise ModelError(f"{folder.path} was trained on another base model than {trunk.name}: train it again.")
    return folder


def _output(run: Run, tokens: Tokens, folder: ModelFolder) -> Output:
    windows = [Output(**window) for window in run()]
    if folder.pooling == "stretch":
        windows = [window.sharpened() for window in windows]
    return _merged(windows, tokens, folder.activation)


def _tags(run: Run, tokens: Tokens) -> np.ndarray:
    return _spread([window["tags"] for window in run()], tokens)


def _spread(windows: Sequence[np.ndarray], tokens: Tokens) -> np.ndarray:
    """States of all tokens; where windows overlap, those of the later one."""
    if len(windows) == 1:
        return windows[0]
    states = np.zeros((len(tokens.ids), windows[0].shape[1]), dtype=np.float32)
    for (start, end), window in zip(tokens.windows, windows, strict=True):
        states[start:end] = window
    return states


def _unit(run: Run) -> np.ndarray:
    every = [window["embedding"] for window in run()]
    mean: np.ndarray = every[0] if len(every) == 1 else np.mean(every, axis=0)
    return mean / max(float(np.linalg.norm(mean)), 1e-12)


def _merged(windows: Sequence[Output], tokens: Tokens, activation: str) -> Output:
    """One output for a text of several windows: the mean, or for sigmoid heads each label's highest window."""
    if len(windows) == 1:
        return windows[0]
    logits = np.stack([window.logits for window in windows])
    pooled = np.mean([window.pooled for window in windows], axis=0)
    if activation == "sigmoid":
        weights = (np.arange(len(windows))[:, None] == logits.argmax(axis=0)).astype(np.float32)
    else:
        weights = np.full(logits.shape, 1 / len(windows), dtype=np.float32)
    merged = Output((logits * weights).sum(axis=0), pooled)
    if windows[0].contributions is None:
        return merged
    shares = np.zeros((len(tokens.ids), logits.shape[1]), dtype=np.float32)
    for (start, end), window, weight in zip(tokens.windows, windows, weights, strict=True):
        if window.contributions is not None:
            shares[start:end] += window.contributions * weight
    return Output(merged.logits, pooled, shares)
