"""One pass over one text: all branches at once, on onnxruntime.

A `Runtime` holds the trunk and the branches as one graph, and whole models (kind "onnx") beside it. It is
safe to share by threads. It knows nothing of thresholds: scoring.py turns logits into confidences.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import onnxruntime

from models.errors import ModelError
from models.folder import GRAPH, TOKENIZER, ModelFolder
from models.graph import Progress, cached_graph, graph_key
from models.tokens import Tokens, WordPieces, cases
from models.trunk import Trunk

RETRIEVER = "retriever"  # the task whose branch makes the embedding that past tickets are searched by


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


@dataclass(frozen=True, slots=True, repr=False)
class Reading:
    """What one pass over one text gives.

    `offsets` and `words` have one entry a token: its half-open place in the text, in code points, and the
    number of the word it belongs to. `states` (tokens, hidden) are the tokens before any layer, without their
    context. `tags` has the logits (tokens, labels) of each branch that tags. `embedding` (hidden,) is the base
    encoder's, L2-normalised, and `retriever` that of a fine-tuned retriever (None: there is none). `complete` is False
    when the text was too long to be read to its end (see tokens.LONGEST): a guard must then not call it clean.
    """

    offsets: tuple[tuple[int, int], ...]
    words: tuple[int, ...]
    embedding: np.ndarray
    outputs: Mapping[str, Output]
    complete: bool = True
    states: np.ndarray = field(default_factory=lambda: np.empty((0, 0), dtype=np.float32))
    tags: Mapping[str, np.ndarray] = field(default_factory=dict)
    retriever: np.ndarray | None = None

    @property
    def query(self) -> np.ndarray:
        """What past tickets are searched by, (hidden,): the retriever's embedding, else the base encoder's."""
        return self.embedding if self.retriever is None else self.retriever


class Runtime:
    """Models ready to read texts. Build one with `from_folders`."""

    def __init__(
        self,
        session: onnxruntime.InferenceSession,
        pieces: WordPieces,
        folders: Mapping[str, ModelFolder],
        wholes: Mapping[str, WholeModel],
        *,
        version: str,
        threads: int,
    ) -> None:
        self._session, self._pieces, self._wholes, self._threads = session, pieces, wholes, threads
        self._names = [name for name in (output.name for output in session.get_outputs()) if _asked(name, folders)]
        self._query = next((name for name in self._names if name == f"{RETRIEVER}.embedding"), "embedding")
        self._cased = "cases" in [given.name for given in session.get_inputs()]
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
        """Load the model folder of each task and join them; the graph is kept in `cache` by its hash.

        An empty mapping gives embeddings alone. `threads` bounds the processor threads of one pass and of a
        batch. Raises ModelError for a folder that is damaged, of another task, or made for another base.
        """
        trunk = trunk or Trunk.from_package()
        loaded = {task: _checked(task, ModelFolder.load(path), trunk) for task, path in folders.items()}
        branches = {task: folder for task, folder in loaded.items() if folder.kind == "branch"}
        wholes = {task: WholeModel.from_folder(f, threads) for task, f in loaded.items() if f.kind == "onnx"}
        graph = cached_graph(trunk, branches, cache, progress)
        session, pieces = open_session(graph, threads), WordPieces(trunk.tokenizer)
        return cls(session, pieces, loaded, wholes, version=graph_key(trunk, loaded), threads=threads)

    def only(self, *tasks: str) -> Runtime:
        """The same models, of which only these tasks' branches are run, and what texts are searched by: for reading
        parts of a text that the guards have seen whole."""
        folders = {task: folder for task, folder in self.folders.items() if task in (*tasks, RETRIEVER)}
        wholes = {task: whole for task, whole in self._wholes.items() if task in tasks}
        return Runtime(self._session, self._pieces, folders, wholes, version=self.version, threads=self._threads)

    def read(self, text: str) -> Reading:
        """Read one text, of any length and content; an empty one too. Long texts go in overlapping windows:
        their embeddings are averaged, as are the logits of soft-max heads; of sigmoid heads the highest count.
        """
        tokens = self._pieces(text)
        runs = [
            dict(zip(self._names, self._session.run(self._names, fed, _path_to_what_is_asked()), strict=True))
            for fed in self._feeds(text, tokens)
        ]
        outputs = {
            task: _merged([_output(run, task) for run in runs], tokens, folder.activation)
            for task, folder in self.folders.items()
            if folder.kind == "branch" and folder.pooling not in ("none", "unit")
        }
        tags = {name.removesuffix(".tags"): name for name in self._names if name.endswith(".tags")}
        outputs |= {task: whole.read(text) for task, whole in self._wholes.items()}
        states = _spread([run["words"] for run in runs], tokens)
        return Reading(
            offsets=tokens.offsets,
            words=tokens.words,
            embedding=_unit(runs, "embedding"),
            outputs=outputs,
            complete=tokens.complete,
            states=states,
            tags={task: _spread([run[name] for run in runs], tokens) for task, name in tags.items()},
            retriever=None if self._query == "embedding" else _unit(runs, self._query),
        )

    def _feeds(self, text: str, tokens: Tokens) -> Iterator[dict[str, np.ndarray]]:
        for start, end in tokens.windows:
            fed = {"ids": self._pieces.framed(tokens, (start, end))}
            if self._cased:
                fed["cases"] = cases(text, tokens.offsets[start:end], tokens.words[start:end])
            yield fed

    def vocabulary(self) -> frozenset[str]:
        """The words that the encoder knows whole."""
        return self._pieces.vocabulary()

    def read_many(self, texts: Sequence[str]) -> list[Reading]:
        """Read texts, in order; each gets exactly what `read` gives it."""
        with ThreadPoolExecutor(self._threads) as pool:
            return list(pool.map(self.read, texts))

    def encode(self, texts: Sequence[str], batch: int = 64) -> np.ndarray:
        """What texts are searched by and found by (texts, hidden), float32, L2-normalised: see Reading.query. Only
        that branch is run.

        `batch` is how many texts a worker takes at a time; it does not change the result.
        """
        if not texts:
            return np.empty((0, self._hidden), dtype=np.float32)
        with ThreadPoolExecutor(self._threads) as pool:
            return np.stack(list(pool.map(self._embed, texts, chunksize=batch))).astype(np.float32, copy=False)

    def _embed(self, text: str) -> np.ndarray:
        tokens = self._pieces(text)
        only = _path_to_what_is_asked()
        feeds = self._feeds(text, tokens)
        runs = [{self._query: self._session.run([self._query], fed, only)[0]} for fed in feeds]
        return _unit(runs, self._query)

    @property
    def _hidden(self) -> int:
        return len(self._embed(""))


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


def _asked(output: str, folders: Mapping[str, ModelFolder]) -> bool:
    """Whether an output is the base encoder's, or of one of these tasks."""
    task, dot, _ = output.partition(".")
    return not dot or task in folders


def _path_to_what_is_asked() -> onnxruntime.RunOptions:
    """Options under which branches that nobody asks for are not run."""
    options = onnxruntime.RunOptions()
    options.only_execute_path_to_fetches = True
    return options


def _checked(task: str, folder: ModelFolder, trunk: Trunk) -> ModelFolder:
    if folder.task != task:
        raise ModelError(f"{folder.path} is a model for '{folder.task}', not for '{task}'.")
    if folder.kind == "branch" and folder.manifest.get("base_sha256") != trunk.sha256:
        raise ModelError(f"{folder.path} was trained on another base model than {trunk.name}: train it again.")
    return folder


def _output(run: Mapping[str, np.ndarray], task: str) -> Output:
    return Output(run[f"{task}.logits"], run[f"{task}.pooled"], run.get(f"{task}.contributions"))


def _spread(windows: Sequence[np.ndarray], tokens: Tokens) -> np.ndarray:
    """States of all tokens; where windows overlap, those of the later one."""
    if len(windows) == 1:
        return windows[0]
    states = np.zeros((len(tokens.ids), windows[0].shape[1]), dtype=np.float32)
    for (start, end), window in zip(tokens.windows, windows, strict=True):
        states[start:end] = window
    return states


def _unit(runs: Sequence[Mapping[str, np.ndarray]], name: str) -> np.ndarray:
    mean: np.ndarray = runs[0][name] if len(runs) == 1 else np.mean([run[name] for run in runs], axis=0)
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
