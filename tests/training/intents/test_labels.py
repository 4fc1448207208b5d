"""Which examples bear a label that the others contradict."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from models.trunk import Trunk
from training.dataset import DataError, Examples
from training.intents.labels import LabelReport, Suspect, evaluate_labels


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


def test_what_is_shown_is_redacted_and_texts_of_one_wording_are_one() -> None:
    report = LabelReport(
        9,
        {"I am Kit": 2, "I am Ann": 3, "last": 2},
        {"call Kit": ("b", "c"), "call Ann": ("a", "c"), "last": ("a", "b")},
        (Suspect("Kit is late", "a", "b", 0.1), Suspect("last", "a", "b", 0.2)),
        (),
    )
    shown = report.redacted(lambda text: re.sub("Kit|Ann", "[NAME_1]", text))
    assert shown.duplicates == {"I am [NAME_1]": 5, "last": 2}
    assert shown.contradictions == {"call [NAME_1]": ("a", "b", "c"), "last": ("a", "b")}
    assert [suspect.text for suspect in shown.suspects] == ["[NAME_1] is late", "last"]
    first = report.redacted(str, 1)
    assert [*first.duplicates, *first.contradictions, first.suspects[0].text] == ["I am Kit", "call Kit", "Kit is late"]
    assert len(first.suspects) == 1


@pytest.mark.train
def test_the_command_shows_no_personal_data(tmp_path: Path) -> None:
    said = {
        "delivery": ["Where is my parcel?", "Kit Fellows here, call +44 20 7946 0958", "My parcel is late"],
        "refund": ["I want my money back", "Kit Fellows here, call +44 20 7946 0958", "Refund my order please"],
        "greeting": ["I am Ann Marlow, hello", "I am Ann Marlow, hello", "Hello there", "Good morning"],
    }
    file = tmp_path / "said.csv"
    file.write_text("text,label\n" + "".join(f'"{t}",{label}\n' for label, texts in said.items() for t in texts))
    done = subprocess.run(
        [sys.executable, "-m", "bot.cli", "evaluate", "labels", "--data", str(file)], capture_output=True,
        env={**os.environ, "HANDRAIL_HOME": str(tmp_path / "home")}, text=True, check=True,
    )  # fmt: skip
    assert "[PHONE_1]" in done.stdout
    assert "[NAME_1]" in done.stdout
    for personal in ("7946", "Fellows", "Marlow"):
        assert personal not in done.stdout + done.stderr
