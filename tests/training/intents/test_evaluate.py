"""An intent model measured on files, with torch only to have one to measure."""

import csv
import json
from pathlib import Path

import pytest
from rich.console import Console

from models.trunk import Trunk
from training.calibrate import RATES
from training.dataset import DataError, Examples
from training.intents.evaluate import RATE_COLUMNS, evaluate_intent


@pytest.fixture
def data(tmp_path: Path, examples: Examples) -> Path:
    """The examples as a file with a column `form`, the length of each text."""
    path = tmp_path / "test.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("text", "label", "form"))
        for text, label in zip(examples.texts, examples.labels, strict=True):
            writer.writerow((text, label, "long" if len(text) > 12 else "short"))
    return path


@pytest.mark.train
def test_accuracy_is_told_for_each_value_of_a_column(
    tmp_path: Path, trunk: Trunk, trained: Path, data: Path, examples: Examples
) -> None:
    report = evaluate_intent(trained, data, by="form", cache=tmp_path, trunk=trunk, quiet=True)
    shares = report.by_value
    assert shares is not None
    assert list(shares) == ["long", "short"]
    inside = int(examples.in_scope.sum())
    assert sum(share.of for share in shares.values()) == inside
    assert sum(share.hits for share in shares.values()) == round(report.accuracy * inside)
    assert json.loads(json.dumps(report.to_dict()))["by_value"]["long"]["of"] == shares["long"].of
    console = Console(record=True, width=120)
    console.print(report.table())
    assert "accuracy where short" in console.export_text()


@pytest.mark.train
def test_what_each_rate_of_false_rejects_comes_to_is_told(
    tmp_path: Path, trunk: Trunk, trained: Path, examples: Examples
) -> None:
    report = evaluate_intent(trained, examples, cache=tmp_path, trunk=trunk, quiet=True)
    assert [row.rate for row in report.by_rate] == sorted(RATES)
    outside = report.out_of_scope / report.examples
    for row, told in zip(report.by_rate, report.rates(), strict=True):
        assert row.caught is not None
        kept = (1 - row.turned_away) * (1 - outside) + (1 - row.caught) * outside
        assert row.answered == pytest.approx(kept)
        assert len(told) == len(RATE_COLUMNS)
    loosest, strictest = report.by_rate[0], report.by_rate[-1]
    assert loosest.answered >= strictest.answered
    assert json.loads(json.dumps(report.to_dict()))["by_rate"][0]["rate"] == loosest.rate


@pytest.mark.train
def test_a_column_that_is_not_there_is_told_with_those_that_are(
    tmp_path: Path, trunk: Trunk, trained: Path, data: Path
) -> None:
    with pytest.raises(DataError, match=r"no column 'mood'; it has: text, label, form"):
        evaluate_intent(trained, data, by="mood", cache=tmp_path, trunk=trunk, quiet=True)
