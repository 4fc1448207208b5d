"""Any Detoxify checkpoint as a model folder that serves: exported once with torch, quantised to int8.

The checkpoint is a pickle: it is opened with `weights_only=True` first, which refuses anything but tensors
and plain values, and its hash is compared where one is given. Some of the published ones have more outputs than
classes (the unbiased: 16 and 7, the others being the identities that a text names): the classes come first, and are
what Detoxify tells and what is exported.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from models.errors import ModelError
from models.folder import GRAPH, TOKENIZER, ModelFolder, sha256_of
from models.runtime import Runtime
from models.tokens import WordPieces
from models.vectors import sigmoid
from training.extra import require

LETTER = (
    "I ordered the walnut table on the third of May and was told that it would come within ten days. On the day itself "
    "I stayed at home from eight in the morning until six in the evening, and nobody came, nor did anyone call. When I "
    "rang your shop I was put through to three people, each of whom promised to look into it and to write to me. The "
    "table did arrive a week later, but one of its legs was split from top to bottom, and two of the screws were "
    "missing from the bag. I have kept the box, the bag and the delivery note, and I took photographs of all of them "
    "before I put anything together. My sister bought the same table last year and has been happy with it ever since. "
    "I would like either a new leg with the screws that belong to it, or somebody who takes the whole table back. "
)
RUDE = "You are lying idiots, your shop is garbage, and whoever packed this is a useless moron. "
PROBES = (
    "",
    "ok",
    "???",
    "Where is my order?",
    "4111 1111 1111 1111",
    "👍 thanks, it looks lovely ❤️",
    "Thank you, the lamp arrived safely and looks lovely in the hall.",
    "WHY HAS NOBODY ANSWERED ME SINCE MONDAY",
    "My grandmother is deaf and Muslim, and she would like a doorbell with a light.",
    "Where is the damn parcel, I have waited two weeks!",
    "You are an idiot and your shop is garbage.",
    "I never said that you are stupid, only that the manual is.",
    "Go to hell, all of you.",
    "I will find out where you live and break your windows.",
    "People like them should not be allowed into this country.",
    "this chair is fucking gorgeous",
    "¿Dónde está mi pedido? Lo necesito mañana.",
    LETTER,
    LETTER * 2 + RUDE,
    LETTER + RUDE + LETTER * 2,
)
"""Texts on which both forms must agree: of several kinds and lengths, the last two longer than a window."""
MOST_DIFFERENCE = 0.15  # of one score: our own head as a checkpoint loses .135 to int8 at most, .010 on average


def import_detoxify(
    checkpoint: Path, out: Path, *, sha256: str | None = None, config: Path | None = None
) -> ModelFolder:
    """Export `checkpoint` into the model folder `out` (kind "onnx", task "toxicity").

    `config` is a local folder with the encoder's config and tokenizer, for a checkpoint that names a hub's.
    Raises ModelError for a wrong hash, a pickle that holds code, a checkpoint that is none of Detoxify's or has fewer
    outputs than classes, an encoder that is not to be had, or an export that scores otherwise; MissingExtra without
    the [train] extra.
    """
    torch = require("torch")
    require("detoxify")
    found = sha256_of(checkpoint)
    if sha256 is not None and found != sha256:
        raise ModelError(f"{checkpoint} has sha256 {found[:12]}..., expected {sha256[:12]}...: it is not used.")
    model = _loaded(checkpoint, config, torch)
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
    return float(np.abs(served - golden_scores(model, PROBES, WordPieces(folder / TOKENIZER))).max())


def golden_scores(model: Any, texts: Sequence[str], pieces: WordPieces) -> np.ndarray:
    """Detoxify's scores (texts, labels). It cuts a long text off where we go on: of a text over several windows of
    `pieces` they are each label's highest over the windows."""
    return np.array([_golden(model, text, pieces) for text in texts])


def _golden(model: Any, text: str, pieces: WordPieces) -> np.ndarray:
    tokens = pieces(text)
    if len(tokens.windows) == 1:
        scores = model.predict(text)
        return np.array([scores[label] for label in model.class_names])
    torch = require("torch")
    with torch.no_grad():
        windows = [torch.from_numpy(pieces.framed(tokens, window)) for window in tokens.windows]
        logits = [model.model(input_ids=ids)[0][0, : len(model.class_names)].numpy() for ids in windows]
    return sigmoid(np.max(logits, axis=0))


def _loaded(checkpoint: Path, config: Path | None, torch: Any) -> Any:
    """The checkpoint as Detoxify opens it."""
    detoxify = require("detoxify")
    try:
        kept = torch.load(checkpoint, map_location="cpu", weights_only=True)
    except Exception as error:  # pickle's and torch's errors share no base
        raise ModelError(f"{checkpoint} holds more than weights, or is damaged: it is not loaded.") from error
    try:
        arguments, classes = kept["config"]["arch"]["args"], kept["config"]["dataset"]["args"]["classes"]
        encoder, outputs, _ = arguments["model_type"], int(arguments["num_classes"]), kept["state_dict"]
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(
            f"{checkpoint} is no checkpoint of Detoxify's: it does not say its config, classes and weights."
        ) from error
    if outputs < len(classes):
        raise ModelError(f"{checkpoint} names {len(classes)} classes but has {outputs} outputs: it is not used.")
    with tempfile.TemporaryDirectory(prefix="handrail-") as scratch:
        if config is not None:  # Detoxify asks the hub for the encoder that is named, whatever else it is given
            arguments["model_type"], checkpoint = str(config.resolve()), Path(scratch) / checkpoint.name
            torch.save(kept, checkpoint)
        try:
            model = detoxify.Detoxify(checkpoint=str(checkpoint))
        except Exception as error:  # transformers' errors share no base
            raise ModelError(
                f"Detoxify cannot load {checkpoint.name} with the encoder {str(config or encoder)!r} "
                f"({type(error).__name__}): give a folder with its config.json and tokenizer in "
                "HANDRAIL_TOXICITY_CONFIG."
            ) from error
    if not hasattr(model.tokenizer, "backend_tokenizer"):
        raise ModelError(f"{type(model.tokenizer).__name__} of {checkpoint.name} is no fast tokenizer, which we serve.")
    return model


def _exported(model: Any, torch: Any) -> bytes:
    """The int8 graph: `ids` (1, tokens) to `logits` (1, labels)."""
    quantization = require("onnxruntime.quantization")
    labels = len(model.class_names)

    class Logits(torch.nn.Module):  # type: ignore[misc]
        def __init__(self, inner: Any) -> None:
            super().__init__()
            self.inner = inner

        def forward(self, ids: Any) -> Any:
            return self.inner(input_ids=ids, attention_mask=torch.ones_like(ids)).logits[:, :labels]

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
