"""One model on disk: `manifest.json` and the files that it names, each with its sha256.

Training writes such a folder and serving reads it; nothing else passes between them. A file that does not
match its hash is refused. Knows nothing of what the tensors mean.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load, save

from models.errors import ModelError

MANIFEST = "manifest.json"
WEIGHTS = "weights.safetensors"
GRAPH = "model.onnx"
TOKENIZER = "tokenizer.json"
WORDS = "words.txt"
FORMAT = 1
REQUIRED = frozenset({"format", "kind", "task", "labels", "head", "files", "created"})
KNOWN = REQUIRED | {
    *("base", "base_sha256", "depth", "calibration", "metrics", "data"),
    *("parent", "seed", "command", "settings", "description"),
}
KINDS = ("branch", "onnx")
ROWWISE = ("encoder.layer.", "embeddings.word_embeddings.")  # matrices that a graph holds in int8, row by row
SCALE = ".scale"


def sha256_of(path: Path) -> str:
    """The sha256 of a file, 64 hexadecimal digits. Raises ModelError when it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ModelError(f"Cannot read the model file {path}: {error.strerror}.") from error


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """A verified model folder.

    `kind` "branch" holds the upper `depth` layers and the head of one task, to be joined to the trunk;
    "onnx" holds a whole graph with its tokenizer. `version` is the first 12 digits of the manifest's sha256.
    """

    path: Path
    manifest: Mapping[str, Any]
    version: str

    @classmethod
    def load(cls, path: Path) -> ModelFolder:
        """Read and verify a folder. Raises ModelError for a missing file, a wrong hash or an unknown key."""
        try:
            raw = (path / MANIFEST).read_bytes()
        except OSError as error:
            raise ModelError(
                f"{path} is not a model folder: its {MANIFEST} cannot be read ({error.strerror}). Restore the folder "
                "(those that ship stand in the project's repository), or train the model again."
            ) from error
        manifest = _parsed(raw, path)
        for name, expected in manifest["files"].items():
            if Path(name).name != name:
                raise ModelError(f"{path / MANIFEST} names a file outside its folder: {name!r}.")
            found = sha256_of(path / name)
            if found != expected:
                raise ModelError(
                    f"{path / name} has sha256 {found[:12]}..., its manifest says {str(expected)[:12]}...: the file is "
                    "damaged or was changed. Train the model again, or restore the folder."
                )
        return cls(path, manifest, hashlib.sha256(raw).hexdigest()[:12])

    @classmethod
    def write(
        cls,
        path: Path,
        manifest: Mapping[str, Any],
        tensors: Mapping[str, np.ndarray] | None = None,
        files: Mapping[str, bytes] | None = None,
    ) -> ModelFolder:
        """Write a folder whole or not at all, replacing one that stands there, and load it back.

        Matrices of the layers and the word table are stored as the graph holds them, in int8 with a scale for each
        row; other floating tensors as float16. `format`, `created` and `files` of the manifest are filled in.
        """
        contents = dict(files or {})
        if tensors is not None:
            contents[WEIGHTS] = save(_stored(tensors))
        complete = {
            "format": FORMAT,
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
            **manifest,
            "files": {name: hashlib.sha256(data).hexdigest() for name, data in sorted(contents.items())},
        }
        contents[MANIFEST] = json.dumps(complete, indent=2, ensure_ascii=False).encode() + b"\n"
        _parsed(contents[MANIFEST], path)
        try:
            _replace_folder(path, contents)
        except OSError as error:
            raise ModelError(f"The model folder {path} cannot be written: {error.strerror}.") from error
        return cls.load(path)

    @property
    def task(self) -> str:
        """What the model is for: "intent", "toxicity", ..."""
        return str(self.manifest["task"])

    @property
    def kind(self) -> str:
        """ "branch" or "onnx"."""
        return str(self.manifest["kind"])

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels, in the order of the logits."""
        return tuple(self.manifest["labels"])

    @property
    def depth(self) -> int:
        """How many of the encoder's upper layers are the branch's own; all of them: the embeddings too."""
        return int(self.manifest["depth"])

    @property
    def activation(self) -> str:
        """ "softmax" (one label holds) or "sigmoid" (each label by itself)."""
        return str(self.manifest["head"]["activation"])

    @property
    def pooling(self) -> str:
        """ "mean" over the words' states, "first" (BERT's pooler), or "none": a tag for each piece."""
        return str(self.manifest["head"]["pooling"])

    @property
    def calibration(self) -> Mapping[str, Any]:
        """What turns logits into confidences; empty when the model was not calibrated."""
        return dict(self.manifest.get("calibration") or {})

    def words(self) -> tuple[str, ...]:
        """The words of the training texts, most frequent first; none where the model does not tell them."""
        return tuple((self.path / WORDS).read_text(encoding="utf-8").split()) if WORDS in self.manifest["files"] else ()

    def tensors(self) -> dict[str, np.ndarray]:
        """The weights, float32."""
        return _read(load((self.path / WEIGHTS).read_bytes()))

    def part(self, what: str, *names: str) -> list[np.ndarray]:
        """These tensors, in their order. Raises ModelError, which names `what` they make up, when one is missing."""
        tensors = self.tensors()
        if missing := [name for name in names if name not in tensors]:
            raise ModelError(f"{self.path} holds no {what} ({missing[0]} is missing): train the model again.")
        return [tensors[name] for name in names]


def _parsed(raw: bytes, path: Path) -> dict[str, Any]:
    try:
        manifest = json.loads(raw)
    except ValueError as error:
        raise ModelError(f"{path / MANIFEST} is not valid JSON: {error}.") from error
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise ModelError(f"{path / MANIFEST} is not of format {FORMAT}: train the model again with this version.")
    if missing := REQUIRED - manifest.keys():
        raise ModelError(f"{path / MANIFEST} lacks {', '.join(sorted(missing))}.")
    if unknown := manifest.keys() - KNOWN:
        raise ModelError(f"{path / MANIFEST} has unknown keys: {', '.join(sorted(unknown))}.")
    if manifest["kind"] not in KINDS:
        raise ModelError(f"{path / MANIFEST} has kind {manifest['kind']!r}; known are: {', '.join(KINDS)}.")
    return manifest


def quantised(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(int8 of the same shape, float32 scale of each row): symmetric, so that int8 times scale is the matrix.

    Quantising what was quantised changes nothing.
    """
    scale = (np.abs(matrix).max(axis=1) / 127 + 1e-12).astype(np.float32)
    return np.round(matrix / scale[:, None]).astype(np.int8), scale


def kept(tensors: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Tensors as a folder gives them back, float32. Of a change to a matrix that came from a folder, less than half a
    step of int8 is lost."""
    return _read(_stored(tensors))


def _read(stored: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    scales = {name.removesuffix(SCALE): value for name, value in stored.items() if name.endswith(SCALE)}
    rest = {name: value for name, value in stored.items() if not name.endswith(SCALE)}
    read = {name: value.astype(np.float32) if value.dtype == np.float16 else value for name, value in rest.items()}
    return read | {name: rest[name] * scale[:, None] for name, scale in scales.items()}


def _stored(tensors: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    stored: dict[str, np.ndarray] = {}
    for name, tensor in sorted(tensors.items()):
        if name.startswith(ROWWISE) and tensor.ndim == 2:
            stored[name], stored[name + SCALE] = quantised(tensor)
        else:
            stored[name] = np.ascontiguousarray(tensor, np.float16 if tensor.dtype.kind == "f" else None)
    return stored


def _replace_folder(path: Path, contents: Mapping[str, bytes]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{path.name}-", dir=path.parent))
    try:
        fresh.chmod(0o755)
        for name, data in contents.items():
            with (fresh / name).open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        if path.exists():
            old = Path(tempfile.mkdtemp(prefix=f".{path.name}-old-", dir=path.parent))
            path.rename(old / path.name)
            fresh.rename(path)
            shutil.rmtree(old)
        else:
            fresh.rename(path)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
