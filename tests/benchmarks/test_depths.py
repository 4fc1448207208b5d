"""What every depth learns from and is tried on, and what a branch costs beside the others."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks import depths
from bot.paths import SHIPPED
from training.guards.recipe import Corpus

pytestmark = pytest.mark.train


def test_texts_of_dev_are_none_that_were_learnt_and_come_once_with_a_label_that_is_known() -> None:
    texts = tuple(f"text {n % 40}" for n in range(120))  # each three times, as a recipe repeats its own lists
    targets = np.array([[np.nan if n % 40 < 10 else n % 2] for n in range(120)], dtype=np.float32)
    taught, dev = depths.parted(Corpus(texts, targets, ("own",) * 120), 30, 5, 0)
    assert len(taught) == 30
    assert len(set(dev.texts)) == len(dev) == 5
    assert not set(dev.texts) & set(taught.texts)
    assert not np.isnan(dev.targets).any()


def test_a_branch_costs_something_beside_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(depths, "MESSAGES", 15)
    whole, added = depths.cost("bias", SHIPPED / "bias", tmp_path)
    assert 0 < added < whole
