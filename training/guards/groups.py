"""People named by their groups, in sentences of every temper: what a head must tell apart from the name itself.

Each sentence of `seeds/groups.yaml` is filled with many groups (counterfactual augmentation, Dixon et al., 2018), so
that no group goes with one temper. Sentences for the test are others than those for training.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
import yaml

Temper = Literal["neutral", "hostile", "stereotype", "discrimination"]
Split = Literal["train", "test"]


@dataclass(frozen=True, slots=True)
class Mention:
    """A sentence that names a group, the group, and what the sentence does with it."""

    text: str
    group: str
    temper: Temper


def mentions(temper: Temper, split: Split, groups_each: int, seed: int) -> list[Mention]:
    """Every sentence of a temper, each with so many groups drawn by `seed` (all of them where there are fewer)."""
    table, random = _table(), np.random.default_rng(seed)
    names = sorted(table["groups"])
    made = []
    for sentence in table[temper][split]:
        for name in _drawn(names, groups_each, random):
            words = table["groups"][name]
            text = sentence.format(**words)
            made.append(Mention(text[0].upper() + text[1:], name, temper))
    return made


def _drawn(names: Sequence[str], count: int, random: np.random.Generator) -> list[str]:
    return [names[place] for place in random.permutation(len(names))[:count]]


@cache
def _table() -> dict[str, Any]:
    text = (Path(__file__).parent / "seeds" / "groups.yaml").read_text(encoding="utf-8")
    table: dict[str, Any] = yaml.safe_load(text)
    return table
