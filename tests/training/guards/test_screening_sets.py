"""Ordinary customers and grounded drafts, counted over sets of a few lines."""

import json
from pathlib import Path
from typing import Any

import pytest

from guardrails.screening import Screened
from guardrails.verdict import Action, Finding, Verdict
from training.dataset import DataError
from training.guards.grounding import evaluate_grounding
from training.guards.ordinary import evaluate_ordinary
from training.metrics import share_interval

ACTS = {"no": Action.REFUSE, "eh": Action.ASK, "help": Action.ESCALATE}


class Words:
    """Acts on the words of ACTS: refuses "no", asks about "eh", hands over "help"; lets everything else pass."""

    def screen(self, text: str) -> Screened:
        action = ACTS.get(text, Action.ALLOW)
        found = Finding("topics", "word", 1.0, action=action, rule="inbound.topics")
        return Screened(Verdict(action, text, (found,)))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "banking77").mkdir()
    (tmp_path / "banking77" / "test.csv").write_text("text,category\nhello,a\nhello,a\nno,b\neh,b\n")
    (tmp_path / "twitter_care").mkdir()
    turns = [
        {"client": "c", "message": "@shop help"},
        {"agent": "a", "message": "no"},
        {"client": "c", "message": "hi"},
    ]
    (tmp_path / "twitter_care" / "conversations.json").write_text(json.dumps([{"dialogContent": turns}]))
    return tmp_path


def test_each_distinct_message_is_counted_once(data: Path) -> None:
    screen: Any = Words()
    banking, twitter, both = evaluate_ordinary(screen, data, examples=5)
    assert (banking.texts, banking.asked, banking.escalated, banking.refused) == (3, 1, 0, 1)
    assert (twitter.texts, twitter.escalated, twitter.turned_away) == (2, 1, 0.5)
    assert (both.name, both.texts, both.rules) == ("all", 5, {"inbound.topics word": 3})
    assert ("inbound.topics word", "eh") in banking.examples
    assert both.row()[-1] == "40.00% (11.76% to 76.93%)"
    assert both.to_dict()["refused"] == 1


@pytest.mark.parametrize("run", [lambda folder: evaluate_ordinary(Words(), folder), evaluate_grounding])  # type: ignore[arg-type]
def test_a_folder_without_a_set_is_told(run: Any, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="holds none of"):
        run(tmp_path)


def test_drafts_are_told_apart_by_what_their_evidence_says(tmp_path: Path) -> None:
    (tmp_path / "begin" / "wow").mkdir(parents=True)
    lines = ["model_name\tdata_source\tknowledge\tmessage\tresponse\tbegin_label"]
    lines += ["m\tw\tThe lamp costs £40.\tHow much?\tThe lamp costs £40.\tFully attributable"] * 3
    lines += ["m\tw\tThe lamp costs £40.\tHow much?\tThe lamp costs £90.\tNot fully attributable"] * 2
    lines += ["m\tw\tThe lamp costs £40.\tHow much?\tI see.\tGeneric"]
    (tmp_path / "begin" / "wow" / "begin_test_wow.tsv").write_text("\n".join(lines), encoding="utf-8")
    folder = tmp_path / "halueval_partial" / "generation" / "qa"
    folder.mkdir(parents=True)
    row = {"knowledge": "Delhi is the seat.", "question": "Where?", "right_answer": "Delhi",
           "hallucinated_answer": "It is in Mumbai."}  # fmt: skip
    (folder / "qa_one-turn_data.json").write_text(json.dumps(row), encoding="utf-8")
    begin, halueval = evaluate_grounding(tmp_path)
    assert (begin.grounded, begin.ungrounded, begin.auroc) == (3, 2, 1.0)
    assert (begin.held_ungrounded, begin.held_grounded) == (1.0, 0.0)
    assert (halueval.auroc, halueval.held_ungrounded) == (1.0, 1.0)
    assert begin.row()[0] == "begin"


@pytest.mark.parametrize(
    ("count", "total", "low", "high"),
    [(0, 0, 0.0, 1.0), (0, 100, 0.0, 0.037), (50, 100, 0.404, 0.596), (5, 5, 0.566, 1.0)],
)
def test_a_share_has_its_interval(count: int, total: int, low: float, high: float) -> None:
    assert share_interval(count, total) == pytest.approx((low, high), abs=1e-3)
