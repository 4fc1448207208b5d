"""What the guardrails' benchmark counts, over a screen that is told what to do."""

from dataclasses import dataclass

import pytest

from benchmarks.screen import fuzz, measure, of_length, strings
from guardrails.policy import FAILED
from guardrails.screening import Screened
from guardrails.stream import Stream
from guardrails.verdict import Action, Finding, Verdict
from guardrails.view import View

MESSAGES = ["where is my order", "the lamp flickers at night", "can I return a rug that I opened"]


class Words:
    """Counts a word as a piece."""

    def __call__(self, text):
        return type("Tokens", (), {"ids": tuple(text.split())})()


@dataclass
class Told:
    """Raises for texts with a NUL, fails for texts with a per cent sign, and lets everything else pass."""

    def screen(self, text, direction="in", evidence=(), memory=None):
        if "\0" in text:
            raise RuntimeError("broken")
        findings = (Finding("pii", FAILED, 1.0),) if "%" in text else ()
        return Screened(Verdict(Action.ALLOW, text, findings, timings={"pii": 0.1}), None, View(text))

    def stream(self, direction="out", evidence=()):
        return Stream(self.screen, 10_000)


def test_the_same_seed_gives_the_same_strings_of_every_kind():
    one, two = (list(strings(MESSAGES, 200, seed=3)) for _ in range(2))
    assert one == two
    assert one != list(strings(MESSAGES, 200, seed=4))
    assert len({kind for kind, _ in one}) == 7


def test_texts_have_the_length_that_was_asked_for():
    texts = of_length(MESSAGES * 3, Words(), 5)
    assert texts
    assert all(len(text.split()) == 5 for text in texts)
    assert len(set(texts)) == len(texts)


def test_what_raises_and_what_fails_is_counted():
    report = fuzz(Told(), MESSAGES, 300)
    bent = [text for _, text in strings(MESSAGES, 300, seed=0)]
    assert report.raised == sum("\0" in text for text in bent) > 0
    assert report.failed == {"pii": sum("%" in text and "\0" not in text for text in bent)}
    assert report.over_1_s == 0
    assert dict(report.rows())["strings"] == "300"


def test_a_screening_is_timed_each_way_and_in_pieces():
    report = measure(Told(), of_length(MESSAGES * 9, Words(), 5), 20, 5, warm=1)
    assert (report.n, report.tokens, set(report.guards_p50_ms)) == (20, 5, {"pii"})
    assert report.inbound.p50_ms <= report.inbound.p99_ms
    assert report.to_dict()["outbound"]["p50_ms"] >= 0
    assert len(report.rows()) == 8


def test_no_text_of_that_length_is_told():
    with pytest.raises(ValueError, match="no text of 900 tokens"):
        measure(Told(), [], 20, 900)
