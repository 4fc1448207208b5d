"""A larger encoder as teacher: what it makes of each training text, without having learnt from that text.

The texts are cut into folds; each fold is read by a teacher that was fine-tuned on the others (out of fold), so
that its doubts are real ones. A student that learns from those readings beside the labels learns which labels
lie near one another (Hinton et al., 2015). The teacher never serves.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from rich.progress import Progress, TaskID
from torch import Tensor, nn
from torch.nn import functional

from models.folder import sha256_of
from training.dataset import Examples
from training.extra import require
from training.schedule import batches_of, slope

LONGEST = 64  # tokens of a text; what follows is cut


@dataclass(frozen=True, slots=True)
class Lessons:
    """How teachers are fine-tuned. `rate` is AdamW's for the encoder, the head's is `head_factor` times that;
    `mixed` is bfloat16 autocast, which pays on processors with AVX-512 BF16 or AMX."""

    folds: int = 2
    epochs: int = 4
    batch: int = 32
    rate: float = 5e-5
    head_factor: float = 20.0
    warm_up: float = 0.1
    weight_decay: float = 0.01
    smoothing: float = 0.05
    seed: int = 0
    threads: int = 2
    mixed: bool = True


class Teacher(nn.Module):  # type: ignore[misc]
    """An encoder of any kind that transformers reads from a local folder, mean-pooled, and a linear head."""

    def __init__(self, folder: Path, labels: int) -> None:
        super().__init__()
        transformers = require("transformers")
        self.tokenizer = transformers.AutoTokenizer.from_pretrained(folder, local_files_only=True)
        self.encoder = transformers.AutoModel.from_pretrained(folder, local_files_only=True)
        self.head = nn.Linear(self.encoder.config.hidden_size, labels)

    def forward(self, texts: Sequence[str]) -> Tensor:
        """Logits (texts, labels)."""
        inputs = self.tokenizer(list(texts), padding=True, truncation=True, max_length=LONGEST, return_tensors="pt")
        states = self.encoder(**inputs).last_hidden_state
        mask = inputs["attention_mask"][..., None].to(states.dtype)
        return self.head(functional.dropout((states * mask).sum(1) / mask.sum(1), 0.1, self.training))


def soft_labels(
    folder: Path, examples: Examples, lessons: Lessons, progress: Progress, cache: Path | None = None
) -> np.ndarray:
    """Probabilities (examples, labels) of teachers started from the encoder in `folder`, each text read by one
    that was not taught on it. Labels are `examples.classes`; texts labelled "oos" are taught as uniform. With
    `cache`, kept there, so that a training that was stopped does not teach the teachers again."""
    kept = cache / f"{_key(folder, examples, lessons)}.npy" if cache else None
    if kept and kept.is_file():
        stored: np.ndarray = np.load(kept, allow_pickle=False)
        return stored
    torch.set_num_threads(lessons.threads)
    targets = examples.targets(examples.classes)
    fold_of = np.random.default_rng(lessons.seed).permutation(len(examples)) % lessons.folds
    read = np.empty_like(targets)
    for fold in range(lessons.folds):
        torch.manual_seed(lessons.seed + fold)
        teacher = Teacher(folder, len(examples.classes))
        inside, outside = np.flatnonzero(fold_of != fold), np.flatnonzero(fold_of == fold)
        task = progress.add_task(f"teacher {fold + 1} of {lessons.folds}", total=None, note="")
        _teach(teacher, [examples.texts[i] for i in inside], targets[inside], lessons, progress, task)
        read[outside] = _read(teacher, [examples.texts[i] for i in outside], lessons)
        right = (read[outside].argmax(1) == targets[outside].argmax(1))[examples.in_scope[outside]].mean()
        progress.update(task, note=f"reads {right:.1%} of the texts it was not taught")
    if kept:
        kept.parent.mkdir(parents=True, exist_ok=True)
        np.save(kept, read, allow_pickle=False)
    return read


def _key(folder: Path, examples: Examples, lessons: Lessons) -> str:
    order = hashlib.sha256("\0".join(examples.texts).encode()).hexdigest()
    weights = sorted(folder.glob("*.safetensors"))
    sums = [sha256_of(path) for path in weights]
    return hashlib.sha256(f"{sums} {order} {examples.fingerprint} {lessons}".encode()).hexdigest()[:16]


def _teach(
    teacher: Teacher, texts: Sequence[str], targets: np.ndarray, lessons: Lessons, progress: Progress, task: TaskID
) -> None:
    random = np.random.default_rng(lessons.seed)
    steps = lessons.epochs * math.ceil(len(texts) / lessons.batch)
    progress.update(task, total=steps)
    optimizer = torch.optim.AdamW(
        [
            {"params": teacher.encoder.parameters(), "lr": lessons.rate},
            {"params": teacher.head.parameters(), "lr": lessons.rate * lessons.head_factor},
        ],
        weight_decay=lessons.weight_decay,
    )
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, slope(steps, lessons.warm_up))
    teacher.train()
    lengths = np.array([len(text) for text in texts])
    for _ in range(lessons.epochs):
        for indexes in batches_of(lengths, lessons.batch, random):
            with torch.autocast("cpu", torch.bfloat16, enabled=lessons.mixed):
                logits = teacher([texts[i] for i in indexes])
            loss = functional.cross_entropy(
                logits.float(), torch.from_numpy(targets[indexes]), label_smoothing=lessons.smoothing
            )
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(teacher.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            progress.update(task, advance=1, note=f"loss {loss.item():.2f}")


def _read(teacher: Teacher, texts: Sequence[str], lessons: Lessons, batch: int = 64) -> np.ndarray:
    teacher.eval()
    order = np.argsort([len(text) for text in texts], kind="stable")
    read = np.empty((len(texts), teacher.head.out_features), dtype=np.float32)
    with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=lessons.mixed):
        for start in range(0, len(order), batch):
            indexes = order[start : start + batch]
            read[indexes] = teacher([texts[i] for i in indexes]).float().softmax(-1).numpy()
    return read
