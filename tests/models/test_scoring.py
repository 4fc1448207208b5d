from pathlib import Path

import numpy as np
import pytest

from models.errors import ModelError
from models.folder import ModelFolder
from models.runtime import Reading, Runtime
from models.scoring import IntentScorer, probabilities, read_intent, threshold_at, word_weights
from models.trunk import Trunk
from tests.models import tiny


def test_an_intent_has_calibrated_confidences_best_first(runtime: Runtime, intent: ModelFolder) -> None:
    found = read_intent(runtime.read("where is my order ?"), intent)
    chances = [found.confidence, *(chance for _, chance in found.alternatives)]
    assert chances == sorted(chances, reverse=True)
    assert sum(chances) == pytest.approx(1, abs=1e-5)
    assert {found.label, *(label for label, _ in found.alternatives)} == set(tiny.LABELS)
    assert 0 <= found.oos_score <= 1


def test_the_threshold_decides_what_is_in_scope(runtime: Runtime, intent: ModelFolder) -> None:
    reading = runtime.read("where is my order")
    assert read_intent(reading, intent, oos_threshold=1.01).in_scope
    assert not read_intent(reading, intent, oos_threshold=0.0).in_scope


def test_an_empty_message_is_out_of_scope(runtime: Runtime, intent: ModelFolder) -> None:
    found = read_intent(runtime.read(""), intent, oos_threshold=1.01)
    assert not found.in_scope
    assert found.words == ()


def test_the_score_of_many_is_that_of_each(runtime: Runtime, intent: ModelFolder) -> None:
    scorer = IntentScorer(intent)
    readings = runtime.read_many(["where is my order", "refund"])
    outputs = [reading.outputs["intent"] for reading in readings]
    columns = ([o.logits for o in outputs], [o.pooled for o in outputs], [r.embedding for r in readings])
    together = scorer.oos(*(np.stack(column) for column in columns))
    assert together == pytest.approx([scorer(reading).oos_score for reading in readings], abs=1e-6)


def test_pieces_of_one_word_count_together_and_words_against_are_left_out() -> None:
    reading = Reading(((0, 3), (3, 6), (7, 9), (10, 12)), (0, 0, 1, 2), {}, {})
    words = word_weights(reading, np.array([0.3, 0.3, 0.2, -1.0]))
    assert [(start, end) for start, end, _ in words] == [(0, 6), (7, 9)]
    assert [weight for *_, weight in words] == pytest.approx([0.75, 0.25])


def test_the_words_named_lie_within_the_text(runtime: Runtime, intent: ModelFolder) -> None:
    words = read_intent(runtime.read("where is my order ?"), intent).words
    assert words
    assert sum(weight for *_, weight in words) <= 1 + 1e-6
    assert all(0 <= start < end <= 19 for start, end, _ in words)


def test_sigmoid_labels_stand_by_themselves(runtime: Runtime, toxicity: ModelFolder) -> None:
    scores = probabilities(runtime.read("it broke"), toxicity)
    assert list(scores) == ["toxicity", "threat"]
    assert all(0 <= score <= 1 for score in scores.values())


def test_a_model_that_was_not_calibrated_reads_no_intents(tmp_path: Path, trunk: Trunk) -> None:
    with pytest.raises(ModelError, match="not a calibrated intent model"):
        IntentScorer(tiny.branch(tmp_path / "raw", trunk))


@pytest.mark.parametrize(("rate", "expected"), [(None, None), (0.02, 0.8), (0.04, 0.7), (0.1, 0.4), (0.3, 0.4)])
def test_the_operator_chooses_a_rate_of_false_rejects(
    tmp_path: Path, trunk: Trunk, rate: float | None, expected: float | None
) -> None:
    rates = [{"rate": 0.02, "threshold": 0.8}, {"rate": 0.06, "threshold": 0.6}, {"rate": 0.1, "threshold": 0.4}]
    folder = tiny.branch(tmp_path / "rated", trunk, calibration={"oos": {"rates": rates}})
    assert threshold_at(folder, rate) == (None if expected is None else pytest.approx(expected))


def test_a_model_without_rates_names_the_way_out(tmp_path: Path, trunk: Trunk) -> None:
    with pytest.raises(ModelError, match="HANDRAIL_FALSE_REJECTS"):
        threshold_at(tiny.branch(tmp_path / "old", trunk), 0.02)
