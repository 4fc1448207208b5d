"""The policy decides by its table alone, and says which line is wrong."""

from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any

import pytest

from guardrails.policy import DEFAULT, FAILED, Policy, PolicyError
from guardrails.screen import Screen
from guardrails.verdict import Action, Finding

POLICY = Policy.load()
TEXT = DEFAULT.read_text(encoding="utf-8")


def guards(names: Iterable[str]) -> list[Any]:
    """Guards whose labels are not known beforehand."""
    return [SimpleNamespace(name=name, labels=None) for name in names]


def line_of(text: str, what: str) -> int:
    return text[: text.index(what)].count("\n") + 1


@pytest.mark.parametrize(
    ("findings", "direction", "action"),
    [
        ([], "in", Action.ALLOW),
        ([Finding("pii", "EMAIL", 0.39)], "in", Action.ALLOW),
        ([Finding("pii", "EMAIL", 0.4)], "in", Action.REDACT),
        ([Finding("pii", "EMAIL", 1.0), Finding("injection", "override", 0.95)], "in", Action.REFUSE),
        ([Finding("toxicity", "insult", 0.99)], "in", Action.ALLOW),
        ([Finding("toxicity", "insult", 0.99)], "out", Action.REFUSE),
        ([Finding("toxicity", "threat", 0.95)], "in", Action.ESCALATE),
        ([Finding("toxicity", FAILED, 1.0)], "in", Action.ESCALATE),
        ([Finding("injection", FAILED, 1.0)], "in", Action.REFUSE),
        ([Finding("grounding", FAILED, 1.0)], "out", Action.REFUSE),
    ],
)
def test_it_decides(findings, direction, action):
    assert POLICY.decide(findings, direction).action is action


def test_stored_findings_are_decided_again_under_another_policy():
    stored = POLICY.decide([Finding("injection", "override", 0.9)], "in").findings
    lax = Policy.parse(TEXT.replace("injection:\n      threshold: 0.8", "injection:\n      threshold: 0.95"))
    assert stored[0].action is Action.REFUSE
    assert lax.decide(stored, "in").action is Action.ALLOW
    assert lax.version != POLICY.version


def test_each_finding_carries_what_met_it():
    (finding,) = POLICY.decide([Finding("pii", "EMAIL", 0.9)], "in").findings
    assert (finding.threshold, finding.action, finding.rule) == (0.4, Action.REDACT, "inbound.pii")
    (card,) = POLICY.decide([Finding("pii", "CARD", 0.9)], "in").findings
    assert card.rule == "inbound.pii.CARD"
    (broken,) = POLICY.decide([Finding("pii", FAILED, 1.0)], "out").findings
    assert broken.rule == "outbound.failed"


def test_every_rule_knows_its_line():
    lines = TEXT.splitlines()
    for name, line, rule in POLICY.rules():
        assert lines[line - 1].strip() == f"{name.rpartition('.')[2]}:"
        assert rule.why


def test_findings_of_a_guard_without_a_row_are_told():
    with pytest.raises(PolicyError, match="no row for tarot under inbound"):
        POLICY.decide([Finding("tarot", "death", 1.0)], "in")


def test_the_strictest_message_is_told():
    decision = POLICY.decide([Finding("toxicity", "insult", 1.0), Finding("selfharm", "selfharm", 0.9)], "in")
    assert decision.message is not None
    assert "Samaritans" in decision.message


@pytest.mark.parametrize(
    ("findings", "says"),
    [
        ([Finding("toxicity", "threat", 0.99), Finding("selfharm", "selfharm", 0.85)], "Samaritans"),
        ([Finding("threat", "threat", 0.95), Finding("selfharm", "selfharm", 0.85)], "Samaritans"),
        ([Finding("toxicity", FAILED, 1.0), Finding("selfharm", "selfharm", 0.85)], "Samaritans"),
        ([Finding("injection", "injection", 0.99), Finding("topics", "request", 0.9)], "outside what I know"),
        ([Finding("pii", "CARD", 1.0), Finding("secrets", "password", 0.8)], "please change it"),
    ],
)
def test_of_equally_strict_rules_the_one_that_stands_first_speaks(findings, says):
    for order in (findings, findings[::-1]):
        decision = POLICY.decide(order, "in")
        assert says in (decision.message or "")
        assert decision.findings[0].guard == findings[1].guard


def test_a_calm_line_comes_with_abuse_and_a_question():
    decision = POLICY.decide([Finding("toxicity", "insult", 0.9)], "in")
    assert decision.action is Action.ALLOW
    assert decision.message == "I can tell that this has been frustrating, and I would like to help put it right."


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("threshold: 0.4", "threshold: 1.4", "less than or equal to 1"),
        ("threshold: 0.4", "threshold: true", "valid number"),
        ("threshold: 0.4", "threshold: 0.4\n      budget_ms: .inf", "finite number"),
        ("action: redact", "action: hide", "an action is one of allow, redact, mask, rewrite, ask, escalate, refuse"),
        ("      why: Personal", "      reason: x\n      why: Personal", "unknown key"),
        ("    secrets:\n      threshold: 0.5\n", "    secrets:\n", "Field required"),
        ("    secrets:\n", "    pii:\n      threshold: 1\n    secrets:\n", "twice"),
        ("threshold: 0.5", "threshold: [", "line"),
        ("threshold: 0.4\n      action: redact\n", "threshold: 0.4\n      action: ask\n", "ask needs a message"),
        (
            "threshold: 0.4\n      action: redact\n",
            "threshold: 0.4\n      action: rewrite\n",
            "rewrite needs a message",
        ),
    ],
)
def test_a_mistake_is_told_with_its_line(before, after, says):
    with pytest.raises(PolicyError, match=r"policy, line \d+: ") as caught:
        Policy.parse(TEXT.replace(before, after, 1))
    assert says in str(caught.value)


def test_the_line_is_that_of_the_mistake():
    broken = TEXT.replace("threshold: 0.4", "threshold: 7", 1)
    with pytest.raises(PolicyError, match=f"line {line_of(broken, 'threshold: 7')}: inbound.guards.pii.threshold"):
        Policy.parse(broken)


def test_an_unknown_guard_is_told_with_its_line():
    broken = TEXT.replace("    pii:\n", "    piii:\n", 1)
    with pytest.raises(PolicyError, match=f"line {line_of(broken, 'piii:')}: inbound.guards.piii: no such guard"):
        Policy.parse(broken).check(guards(POLICY.rows("in")), guards(POLICY.rows("out")))


def test_a_guard_without_a_row_is_told():
    with pytest.raises(PolicyError, match="no row for tarot under inbound"):
        POLICY.check(guards([*POLICY.rows("in"), "tarot"]), guards(POLICY.rows("out")))


def test_a_label_that_its_guard_never_gives_is_told_with_its_line():
    broken = TEXT.replace("        CARD:\n", "        CRAD:\n", 1)
    says = f"line {line_of(broken, 'CRAD:')}: inbound.guards.pii.CRAD: no such label; there are ADDRESS, .*CARD"
    with pytest.raises(PolicyError, match=says):
        Screen.build(Policy.parse(broken))


@pytest.mark.parametrize("text", ["", "- a\n- b", "3", "inbound: 3", "a: \x00", "a: &x [*x]"])
def test_junk_is_refused(text):
    with pytest.raises(PolicyError):
        Policy.parse(text)


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(PolicyError, match="cannot be read"):
        Policy.load(tmp_path / "none.yaml")


def test_no_sentence_shouts_or_grovels():
    for direction in ("in", "out"):
        for row in POLICY.rows(direction).values():
            for rule in (row, *row.labels.values()):
                assert "!" not in (rule.message or "")
                assert "inconvenience" not in (rule.message or "")
