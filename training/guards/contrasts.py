"""Our own sentences: each attack beside a harmless one of nearly the same words, by the kind of the contrast.

`seeds/<task>.csv` has the columns text, label, kind, split. What `split` calls "dev" or "test" takes no part in
training; settings are chosen by "dev" alone.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Split = Literal["train", "dev", "test"]


@dataclass(frozen=True, slots=True)
class Contrast:
    """A sentence, what it is, and which difference it shows ("quoted", "aimed at a thing", ...)."""

    text: str
    label: str
    kind: str


def read_contrasts(task: str, split: Split) -> Sequence[Contrast]:
    """The sentences of one task and split, in the order of their file."""
    text = (Path(__file__).parent / "seeds" / f"{task}.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(io.StringIO(text, newline=""))
    return [Contrast(row["text"], row["label"], row["kind"]) for row in rows if row["split"] == split]
