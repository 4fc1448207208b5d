"""Any Detoxify checkpoint as a model folder that serves: exported once with torch, quantised to int8.

The checkpoint is a pickle: it is opened with `weights_only=True` first, which refuses anything but tensors
and plain values, and its hash is compared where one is given.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from models.errors import ModelError
from models.folder import GRAPH, TOKENIZER, ModelFolder, sha256_of
from models.runtime import Runtime
from models.vectors import sigmoid
from training.extra import require

PROBES = (  # neutral and rude texts, on which both forms must agree
    "Where is my order?",
    "You are an idiot and your shop is garbage.",
    "Thank you, the lamp arrived safely and looks lovely in the hall.",
)
MOST_DIFFERENCE = 0.15


def import_detoxify(
    checkpoint: Path, out: Path, *, sha256: str | None = None, config: Path | None = None
) -> ModelFolder:
    """Export `checkpoint` into the model folder `out` (kind "onnx", task "toxicity").

    `config` is a local folder with the encoder's config and tokenizer, for a checkpoint that names a hub's.
    Raises ModelError for a wrong hash, a pickle that holds code, or an export that scores otherwise;
    MissingExtra without the [train] extra.
    """
    torch, detoxify = require("torch"), require("detoxify")
    found = sha256_of(checkpoint)
    if sha256 is not None and found != sha256:
        raise ModelError(f"{checkpoint} has sha256 {found[:12]}..., expected {sha256[:12]}...: it is not used.")
    try:
        torch.load(checkpoint, map_location="cpu", weights_only=True)
    except Exception as error:  # pickle's and torch's errors share no base
        raise ModelError(f"{checkpoint} holds more than weights, or is damaged: it is not loaded.") from error
    model = detoxify.Detoxify(checkpoint=str(checkpoint), huggingface_config_path=str(config) if config else None)
    graph = _exported(model, torch)
    manifest = {
        "kind": "onnx",
        "task": "toxicity",
        "labels": list(model.class_names),
        "head": {"pooling": "own", "activation": "sigmoid"},
        "base": type(model.model).__name__,
        "base_sha256": found,
        "description": f"Imported from the Detoxify checkpoint {checkpoint.name}",
    }
    files = {GRAPH: graph, TOKENIZER: model.tokenizer.backend_tokenizer.to_str().encode()}
    with tempfile.TemporaryDirectory(prefix="handrail-") as scratch:
        draft = ModelFolder.write(Path(scratch) / "draft", manifest, files=files)
        difference = golden_difference(draft.path, model)
    if difference > MOST_DIFFERENCE:
        raise ModelError(f"The exported graph's scores differ from Detoxify's by {difference:.3f}: it is not written.")
    return ModelFolder.write(out, manifest, files=files)


def golden_difference(folder: Path, model: Any) -> float:
    """The largest difference between a toxicity folder's uncalibrated scores and Detoxify's, over `PROBES`."""
    with tempfile.TemporaryDirectory(prefix="handrail-") as scratch:
        runtime = Runtime.from_folders({"toxicity": folder}, Path(scratch))
    served = sigmoid(np.stack([reading.outputs["toxicity"].logits for reading in runtime.read_many(PROBES)]))
    reference = model.predict(list(PROBES))
    scores = np.column_stack([reference[label] for label in runtime.folders["toxicity"].labels])
    return float(np.abs(served - scores).max())


def _exported(model: Any, torch: Any) -> bytes:
    """The int8 graph: `ids` (1, tokens) to `logits` (1, labels)."""
    quantization = require("onnxruntime.quantization")

    class Logits(torch.nn.Module):  # type: ignore[misc]
        def __init__(self, inner: Any) -> None:
            super().__init__()
            self.inner = inner

        def forward(self, ids: Any) -> Any:
            return self.inner(input_ids=ids, attention_mask=torch.ones_like(ids)).logits

    ids = torch.ones((1, 12), dtype=torch.int64)
    with tempfile.TemporaryDirectory(prefix="handrail-") as scratch:
        plain, small = Path(scratch) / "plain.onnx", Path(scratch) / "int8.onnx"
        torch.onnx.export(
            Logits(model.model.eval()),
            (ids,),
            str(plain),
            input_names=["ids"],
            output_names=["logits"],
            dynamic_axes={"ids": {1: "tokens"}},
            dynamo=False,
        )
        quantization.quantize_dynamic(plain, small, per_channel=True)
        return small.read_bytes()
