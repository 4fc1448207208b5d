"""Stored scores under another policy."""

import pytest

from guardrails.policy import DEFAULT, Policy
from guardrails.replay import Stored, replay
from guardrails.verdict import Action

TEXT = DEFAULT.read_text(encoding="utf-8")
LAX = Policy.parse(TEXT.replace("injection:\n      threshold: 0.8", "injection:\n      threshold: 0.95"))


def stored(id: str, guard: str, score: float, action: str, direction="in") -> Stored:
    finding = {"guard": guard, "label": "override", "score": score, "action": action, "spans": []}
    return Stored.from_dict(id, direction, {"action": action, "findings": [finding]})


def test_it_tells_what_would_differ_and_by_which_rule():
    turns = [stored("a", "injection", 0.9, "refuse"), stored("b", "injection", 0.99, "refuse")]
    report = replay(turns, LAX)
    assert (report.decided, report.policy) == (2, LAX.version)
    assert [(c.id, c.before, c.after) for c in report.changes] == [("a", Action.REFUSE, Action.ALLOW)]
    strict = Policy.parse(TEXT.replace("threshold: 0.8\n      action: allow", "threshold: 0.1\n      action: ask"))
    (change,) = replay([stored("c", "toxicity", 0.5, "allow")], strict).changes
    assert (change.after, change.rule) == (Action.ASK, "inbound.toxicity")


def test_the_same_policy_changes_nothing():
    report = replay([stored("a", "injection", 0.9, "refuse"), stored("b", "pii", 0.5, "redact")], Policy.load())
    assert report.changes == ()
    assert report.to_dict()["moves"] == []


def test_a_guard_that_is_gone_is_counted_and_left_out():
    report = replay([stored("a", "tarot", 0.9, "refuse")], LAX)
    assert report.unknown == {"tarot": 1}
    assert report.changes[0].after is Action.ALLOW


@pytest.mark.parametrize(
    "verdict",
    [{"findings": [{"guard": "pii"}]}, {"findings": [3]}, {"findings": 3}, {"action": "hide"}],
)
def test_what_is_no_verdict_is_told(verdict):
    with pytest.raises(ValueError, match=r"none that there is|stored verdict a is not one"):
        Stored.from_dict("a", "in", verdict)


def test_a_verdict_without_findings_stands_by_its_action():
    assert Stored.from_dict("a", "out", {"action": "refuse"}).action is Action.REFUSE
    assert Stored.from_dict("a", "out", {}).action is Action.ALLOW
