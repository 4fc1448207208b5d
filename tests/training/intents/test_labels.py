"""Which examples bear a label that the others contradict."""

from pathlib import Path

import pytest

from models.trunk import Trunk
from training.dataset import DataError, Examples
from training.intents.labels import evaluate_labels


@pytest.mark.train
def test_a_wrong_label_is_the_worst_offender(tmp_path: Path, trunk: Trunk, examples: Examples) -> None:
    marks = [f"{text} {mark}" for text in examples.texts for mark in ("a", "b")]
    labels = [label for label in examples.labels for _ in range(2)]
    wrong = Examples((*marks, "refund refund refund it c"), (*labels, "delivery"))
    report = evaluate_labels(wrong, cache=tmp_path, trunk=trunk)
    worst = report.suspects[0]
    assert (worst.text, worst.label, worst.likely) == ("refund refund refund it c", "delivery", "refund")
    assert 0 <= worst.trust < 0.5
    assert report.examples == sum(label != "oos" for label in wrong.labels)


@pytest.mark.train
def test_repetitions_contradictions_and_lone_labels_are_told(tmp_path: Path, trunk: Trunk, examples: Examples) -> None:
    more = Examples(("Where is  my order", "lamp !"), ("refund", "lonely"))
    report = evaluate_labels(examples + more, cache=tmp_path, trunk=trunk)
    assert report.duplicates["i want a refund"] == 3
    assert report.contradictions == {"where is my order": ("delivery", "refund")}
    assert report.unjudged == ("lonely",)
    assert report.to_dict()["unjudged"] == ("lonely",)


@pytest.mark.train
def test_labels_that_cannot_be_judged_are_told(tmp_path: Path, trunk: Trunk) -> None:
    with pytest.raises(DataError, match="at least two need 2 examples; 0 have"):
        evaluate_labels(Examples(("hi", "yo"), ("a", "b")), cache=tmp_path, trunk=trunk)
