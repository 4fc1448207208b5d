"""Trunk and toxicity branch as one checkpoint that `Detoxify(checkpoint=...)` loads.

The folder that is written holds the checkpoint, the encoder's config and the tokenizer. The temperature is
folded into the head, so that Detoxify's scores are those that `models.scoring.probabilities` gives.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np

from models.errors import ModelError
from models.folder import ModelFolder
from models.trunk import Trunk
from training.extra import require

CHECKPOINT = "toxicity.ckpt"
TOKENIZER_FILES = ("tokenizer.json", "vocab.txt", "special_tokens_map.json")


def write_detoxify(model: Path, out: Path, *, trunk: Trunk | None = None) -> Path:
    """Write the model folder `model` as a Detoxify checkpoint into the folder `out`; returns the checkpoint's path.

    Detoxify finds config and tokenizer by a path inside the checkpoint: move the folder and write it again.
    Raises ModelError for a model without BERT's own head, MissingExtra without the [train] extra.
    """
    torch = require("torch")
    trunk = trunk or Trunk.from_package()
    folder = ModelFolder.load(model)
    if folder.kind != "branch" or folder.pooling != "first" or folder.activation != "sigmoid":
        raise ModelError(f"{model} has no pooler and sigmoid head as Detoxify's models do: it cannot be written so.")
    out.mkdir(parents=True, exist_ok=True)
    config = json.loads((trunk.folder / "config.json").read_text(encoding="utf-8"))
    config |= {
        "architectures": ["BertForSequenceClassification"],
        "problem_type": "multi_label_classification",
        "id2label": {str(place): label for place, label in enumerate(folder.labels)},
        "label2id": {label: place for place, label in enumerate(folder.labels)},
    }
    (out / "config.json").write_text(json.dumps(config, indent=2), encoding="utf-8")
    tokenizer = {"tokenizer_class": "BertTokenizerFast", "do_lower_case": True, "model_max_length": trunk.positions}
    (out / "tokenizer_config.json").write_text(json.dumps(tokenizer, indent=2), encoding="utf-8")
    for name in TOKENIZER_FILES:
        if (trunk.folder / name).is_file():
            shutil.copyfile(trunk.folder / name, out / name)
    arguments = {
        "model_type": str(out.resolve()),
        "model_name": "BertForSequenceClassification",
        "tokenizer_name": "BertTokenizerFast",
        "num_classes": len(folder.labels),
    }
    checkpoint = {
        "config": {"arch": {"args": arguments}, "dataset": {"args": {"classes": list(folder.labels)}}},
        "state_dict": {name: torch.from_numpy(array) for name, array in whole_model(folder, trunk).items()},
    }
    torch.save(checkpoint, out / CHECKPOINT)
    return out / CHECKPOINT


def whole_model(folder: ModelFolder, trunk: Trunk) -> dict[str, np.ndarray]:
    """All weights by the names of transformers' BertForSequenceClassification, float32."""
    own = folder.tensors()
    temperature = float(folder.calibration.get("temperature", 1.0))
    encoder = {name: tensor for name, tensor in trunk.tensors().items() if not name.endswith("position_ids")}
    encoder |= {name: tensor for name, tensor in own.items() if not name.startswith("head.")}
    head = {f"classifier.{kind}": own[f"head.{kind}"] / np.float32(temperature) for kind in ("weight", "bias")}
    return {f"bert.{name}": np.ascontiguousarray(tensor) for name, tensor in encoder.items()} | head
