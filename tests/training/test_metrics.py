import numpy as np
import pytest

from training.metrics import (
    accuracy,
    auroc,
    auroc_interval,
    average_precision,
    calibration_error,
    f1_by_label,
    false_rate_at,
    interval,
    macro_f1,
    mean_interval,
    recall_at,
    risk_coverage,
)


def test_accuracy_and_f1_of_a_case_done_by_hand() -> None:
    truth, found = np.array([0, 0, 1, 1]), np.array([0, 1, 1, 1])
    assert accuracy(truth, found) == 0.75
    assert f1_by_label(truth, found, 3)[:2] == pytest.approx([2 / 3, 0.8])
    assert np.isnan(f1_by_label(truth, found, 3)[2])
    assert macro_f1(truth, found, 3) == pytest.approx((2 / 3 + 0.8) / 2)


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        ([0.1, 0.2, 0.8, 0.9], 1.0),
        ([0.9, 0.8, 0.2, 0.1], 0.0),
        ([0.5, 0.5, 0.5, 0.5], 0.5),
        ([0.1, 0.8, 0.8, 0.9], 0.875),
    ],
)
def test_the_area_under_the_curve_counts_ties_half(scores: list[float], expected: float) -> None:
    assert auroc(np.array([False, False, True, True]), np.array(scores)) == pytest.approx(expected)


def test_an_area_of_few_examples_has_a_wide_interval() -> None:
    random = np.random.default_rng(0)
    truth = np.arange(400) < 100
    scores = truth + random.normal(size=400)
    low, high = auroc_interval(auroc(truth, scores), 100, 300)
    drawn = interval(lambda places: auroc(truth[places], scores[places]), 400)
    assert (low, high) == pytest.approx(drawn, abs=0.02)
    assert auroc_interval(0.8, 10, 30)[0] < low
    assert auroc_interval(1.0, 10, 30) == (1.0, 1.0)


def test_one_sided_data_have_no_area() -> None:
    assert np.isnan(auroc(np.array([True, True]), np.array([0.1, 0.2])))


def test_average_precision_of_a_case_done_by_hand() -> None:
    found = average_precision(np.array([True, False, True]), np.array([0.9, 0.8, 0.7]))
    assert found == pytest.approx((1 + 2 / 3) / 2)


def test_rates_at_a_threshold() -> None:
    positive = np.array([False] * 100 + [True] * 4)
    score = np.concatenate([np.arange(100) / 100, [0.5, 0.97, 0.98, 0.99]])
    assert recall_at(positive, score, 0.05) == 0.75
    assert false_rate_at(positive, score, 1.0) == 0.5


def test_confidences_that_hold_have_no_calibration_error() -> None:
    confidence = np.full(10, 0.7)
    assert calibration_error(confidence, np.arange(10) < 7) == pytest.approx(0)
    assert calibration_error(confidence, np.zeros(10, bool)) == pytest.approx(0.7)


def test_the_interval_holds_the_figure() -> None:
    hits = np.arange(200) % 10 > 0
    low, high = interval(lambda drawn: float(hits[drawn].mean()), 200)
    assert low < 0.9 < high


def test_the_surest_are_wrong_least() -> None:
    sure, correct = np.array([0.9, 0.8, 0.3, 0.1]), np.array([True, True, False, True])
    assert risk_coverage(sure, correct, steps=4) == ((0.25, 0.0), (0.5, 0.0), (0.75, pytest.approx(1 / 3)), (1.0, 0.25))
    assert risk_coverage(sure[:1], correct[:1], steps=2) == ((0.5, 0.0), (1.0, 0.0))


def test_the_mean_of_a_few_seeds_has_students_interval() -> None:
    assert mean_interval([0.8]) == (0.8, 0.8)
    assert mean_interval([1.0, 2.0, 3.0]) == pytest.approx((2 - 4.303 / 3**0.5, 2 + 4.303 / 3**0.5))
    assert mean_interval([0.5, 0.5]) == (0.5, 0.5)
