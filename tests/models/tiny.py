"""A base encoder of two small layers with random weights, and branches for it: models that take no time."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

from models.folder import ModelFolder, sha256_of
from models.tokens import CASES
from models.trunk import Trunk

HIDDEN, WIDE, LAYERS = 16, 32, 2
TEXT = "where is my order refund the lamp broke late i want to return it , . ? ! [ ] a b c d e f ##s ##ed"
WORDS = TEXT.split()
LABELS = ("delivery", "refund", "thanks")


def trunk(folder: Path) -> Trunk:
    """Write a trunk into `folder`."""
    random = np.random.default_rng(7)
    vocabulary = {word: place for place, word in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", *WORDS])}
    pieces = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    pieces.normalizer = normalizers.BertNormalizer()
    pieces.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    pieces.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    pieces.add_special_tokens(["[PAD]", "[UNK]", "[CLS]", "[SEP]"])
    pieces.save(str(folder / "tokenizer.json"))
    config = {
        "num_hidden_layers": LAYERS,
        "hidden_size": HIDDEN,
        "num_attention_heads": 2,
        "max_position_embeddings": 300,
        "layer_norm_eps": 1e-12,
    }
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    tensors = embeddings(random, len(vocabulary))
    for index in range(LAYERS):
        tensors |= layer(random, index)
    save_file(tensors, folder / "model.safetensors")
    return Trunk.from_folder(folder, sha256_of(folder / "model.safetensors"), "tiny")


def branch(path: Path, base: Trunk, **changes: Any) -> ModelFolder:
    """Write a branch into `path`; `changes` go over its manifest."""
    random = np.random.default_rng(11)
    manifest = {
        "kind": "branch",
        "task": "intent",
        "labels": list(LABELS),
        "base": base.name,
        "base_sha256": base.sha256,
        "depth": 1,
        "head": {"pooling": "mean", "activation": "softmax"},
    } | changes
    tensors = {} if manifest["depth"] < LAYERS else embeddings(random, 4 + len(WORDS))
    for index in range(LAYERS - manifest["depth"], LAYERS):
        tensors |= layer(random, index)
    tensors |= dense(random, "head", HIDDEN, len(manifest["labels"]))
    if manifest["head"]["pooling"] == "none":
        tensors["cases.weight"] = random.normal(size=(CASES, HIDDEN)).astype(np.float32)
    if manifest["head"]["pooling"] == "first":
        tensors |= dense(random, "pooler.dense", HIDDEN, HIDDEN)
    for space in ("pooled", "embedding"):
        rows = random.normal(size=(len(manifest["labels"]), HIDDEN))
        tensors[f"oos.{space}"] = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    tensors["probe.weights"] = random.normal(size=(len(manifest["labels"]), HIDDEN)).astype(np.float32)
    tensors["probe.centre"] = np.zeros(HIDDEN, np.float32)
    return ModelFolder.write(path, manifest, tensors)


def embeddings(random: np.random.Generator, words: int) -> dict[str, np.ndarray]:
    tables = {"word": words, "position": 300, "token_type": 2}
    tensors = {
        f"embeddings.{name}_embeddings.weight": random.normal(size=(rows, HIDDEN)).astype(np.float32)
        for name, rows in tables.items()
    }
    return tensors | norm("embeddings.LayerNorm")


def layer(random: np.random.Generator, index: int) -> dict[str, np.ndarray]:
    own = f"encoder.layer.{index}."
    tensors = norm(own + "attention.output.LayerNorm") | norm(own + "output.LayerNorm")
    for part in ("attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense"):
        tensors |= dense(random, own + part, HIDDEN, HIDDEN)
    tensors |= dense(random, own + "intermediate.dense", HIDDEN, WIDE)
    return tensors | dense(random, own + "output.dense", WIDE, HIDDEN)


def dense(random: np.random.Generator, name: str, inputs: int, outputs: int) -> dict[str, np.ndarray]:
    weight = random.normal(size=(outputs, inputs), scale=inputs**-0.5).astype(np.float32)
    return {f"{name}.weight": weight, f"{name}.bias": random.normal(size=outputs, scale=0.1).astype(np.float32)}


def norm(name: str) -> dict[str, np.ndarray]:
    return {f"{name}.weight": np.ones(HIDDEN, np.float32), f"{name}.bias": np.zeros(HIDDEN, np.float32)}
