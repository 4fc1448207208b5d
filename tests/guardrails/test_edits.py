"""What the policy wants replaced is replaced, all of it, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrails.edits import edited, sentences
from guardrails.verdict import Action, Finding, Span
from guardrails.view import View


def found(action: Action, *stretches: tuple[int, int], score: float = 0.9, label: str = "x") -> Finding:
    return Finding("g", label, score, tuple(Span(*at, label) for at in stretches), action=action)


def told(finding: Finding, value: str) -> str:
    return f"<{finding.label}>"


@pytest.mark.parametrize(
    ("findings", "after"),
    [
        ([], "One two. Three four! Five"),
        ([found(Action.ALLOW, (0, 3))], "One two. Three four! Five"),
        ([found(Action.REFUSE, (0, 3))], "One two. Three four! Five"),
        ([found(Action.REDACT, (0, 3))], "<x> two. Three four! Five"),
        ([found(Action.MASK, (0, 3), (21, 25))], "<x> two. Three four! <x>"),
        ([found(Action.REWRITE, (10, 12))], "One two. <x>Five"),
        ([found(Action.REDACT)], "<x>"),
        ([found(Action.REWRITE, (0, 25))], "<x>"),
        ([found(Action.REDACT, (0, 5), label="a"), found(Action.REDACT, (4, 8), label="b")], "<a> Three four! Five"),
        (
            [found(Action.REDACT, (0, 3), label="a"), found(Action.REDACT, (3, 7), label="b")],
            "<a><b>. Three four! Five",
        ),
        ([found(Action.REDACT, (4, 7), label="a"), found(Action.REWRITE, (0, 1), label="b")], "<b>Three four! Five"),
        ([found(Action.REDACT, (0, 3), label="failed")], "One two. Three four! Five"),
    ],
)
def test_it_replaces_what_the_policy_says(findings, after):
    assert edited(View("One two. Three four! Five"), findings, told).text == after


def test_what_is_not_changed_is_the_same_view():
    view = View("hello")
    assert edited(view, [found(Action.ALLOW, (0, 3))], told) is view


@given(
    st.text(alphabet="ab. \n", max_size=40),
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40), st.sampled_from([Action.REDACT, Action.MASK]))),
)
def test_no_character_that_was_found_is_left(text, stretches):
    view = View(text)
    findings = [
        found(action, (min(a, len(text)), min(b, len(text)))) for a, b, action in stretches if a <= b
    ]  # fmt: skip
    after = edited(view, findings, lambda finding, value: "#")
    covered = {i for f in findings for span in f.spans for i in range(span.start, span.end)}
    kept = [char for i, char in enumerate(text) if i not in covered]
    assert [char for char in after.text if char != "#"] == kept


@given(st.text(alphabet="ab.!? \n\u3002", max_size=60))
def test_sentences_cover_the_text(text):
    assert "".join(text[a:b] for a, b in sentences(text)) == text
