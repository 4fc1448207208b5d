"""The search of settings, on the tiny encoder."""

from pathlib import Path

import pytest

from models.trunk import Trunk
from training.dataset import Examples
from training.intents.tune import SPACE, tune_intent


@pytest.mark.train
def test_a_search_begins_with_the_defaults_and_goes_on_where_it_stopped(
    tmp_path: Path, trunk: Trunk, examples: Examples
) -> None:
    options = {"depth": 1, "epochs": 2, "threads": 1, "study": tmp_path / "study.db", "trunk": trunk}
    first = tune_intent(examples, examples, trials=2, **options)
    assert set(first.settings) == set(SPACE)
    defaults = [chosen for _, chosen in first.trials if chosen["rate"] == 5e-4]
    assert len(defaults) == 1
    assert (defaults[0]["smoothing"], defaults[0]["consistency"]) == (0.1, 1.0)
    second = tune_intent(examples, examples, trials=1, **options)
    assert len(second.trials) + second.pruned == 3
    assert second.accuracy >= first.accuracy
    assert second.trials[0] == (second.accuracy, second.settings)
