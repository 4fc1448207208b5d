"""What the first passage is worth."""

import json
from xml.etree import ElementTree

from retrieval.passage import Passage
from training.retrieval.curve import risk_coverage_svg
from training.retrieval.passages import evaluate_passages

FOUND = {"late": ("t1", 0.9), "broken": ("t2", 0.8), "refund": ("t1", 0.3), "poem": ("t2", 0.2)}
INTENTS = {"t1": "delivery", "t2": "broken"}


def search(text: str, k: int) -> list[Passage]:
    return [Passage(*FOUND[text], "q", "a")] if text in FOUND else []


def test_the_curve_and_the_threshold_come_from_the_surest_first() -> None:
    messages = [("late", "delivery"), ("broken", "broken"), ("refund", "refund"), ("poem", "oos"), ("unknown", "x")]
    report = evaluate_passages(messages, search, lambda ids: {id: INTENTS[id] for id in ids}, risk=0.1)
    assert (report.right, report.threshold, report.coverage) == (0.4, 0.8, 0.4)
    assert report.curve[3] == (0.4, 0.0)
    assert report.curve[-1] == (1.0, 0.6)
    assert ("least score for 10% wrong", "0.80, reached by 40.0%") in report.rows()
    json.dumps(report.to_dict())


def test_where_the_surest_is_wrong_no_score_is_enough() -> None:
    report = evaluate_passages([("late", "refund")], search, lambda ids: INTENTS, risk=0.1)
    assert (report.threshold, report.coverage) == (None, 0.0)


def test_the_curve_is_drawn_with_a_point_for_each_coverage() -> None:
    drawn = ElementTree.fromstring(risk_coverage_svg([(0.5, 0.0), (1.0, 0.33)], "passages"))
    points = [(float(dot.get("cx", 0)), float(dot.get("cy", 0))) for dot in drawn.iter() if dot.tag.endswith("circle")]
    assert len(points) == 2
    assert points[0][0] < points[1][0]  # more coverage lies to the right,
    assert points[0][1] > points[1][1]  # more risk higher up
    labels = [text.text for text in drawn.iter() if text.tag.endswith("text")]
    assert "40%" in labels
    assert "wrong, of passages" in labels
