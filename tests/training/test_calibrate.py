import numpy as np
import pytest

from models.graph import BASE
from models.prototypes import oos_signals
from models.runtime import Output, Reading
from models.vectors import sigmoid, softmax
from training.calibrate import (
    FALSE_REJECTS,
    RATES,
    intent_calibration,
    label_temperature,
    probe,
    prototypes,
    temperature,
)
from training.dataset import Examples

CLASSES = ("a", "b")


def readings(seed: int, labels: tuple[str, ...]) -> list[Reading]:
    """Texts of "a" lie along the first axis, of "b" along the second, out of scope along the third."""
    random = np.random.default_rng(seed)
    axes = {"a": 0, "b": 1, "oos": 2}
    found = []
    for label in labels:
        place = np.eye(3)[axes[label]] + random.normal(scale=0.15, size=3)
        output = Output(4 * place[:2], place)
        found.append(
            Reading(((0, 1),), (0,), {BASE: place / np.linalg.norm(place)}, {"intent": output}, states=place[None])
        )
    return found


def test_the_temperature_makes_confidences_true() -> None:
    random = np.random.default_rng(0)
    logits = random.normal(size=(4000, 3))
    truth = np.array([random.choice(3, p=row) for row in softmax(logits)])
    assert temperature(logits * 5, truth) == pytest.approx(5, rel=0.1)


def test_a_small_dev_split_without_errors_leaves_some_doubt() -> None:
    logits = np.eye(3)[np.zeros(20, int)] * 2.0
    assert softmax(logits / temperature(logits, np.zeros(20, int))).max() < 0.97


def test_labels_by_themselves_are_calibrated_where_they_are_known() -> None:
    random = np.random.default_rng(0)
    logits = random.normal(size=(4000, 2)) * 2
    targets = (random.random(logits.shape) < sigmoid(logits)).astype(float)
    targets[::2, 1] = np.nan
    for kind in (np.float64, np.float32):
        assert label_temperature((logits * 3).astype(kind), targets.astype(kind)) == pytest.approx(3, rel=0.15)


@pytest.mark.parametrize("beyond", [(), ("oos",) * 30])
def test_the_out_of_scope_score_tells_what_is_far(beyond: tuple[str, ...]) -> None:
    labels = ("a", "b") * 60
    anchors = prototypes(readings(1, labels), labels, CLASSES)
    dev = Examples(tuple(f"text {i}" for i in range(len(labels + beyond))), labels + beyond)
    found = intent_calibration(readings(2, labels + beyond), dev, CLASSES, anchors)["oos"]

    def scores(texts: list[Reading]) -> np.ndarray:
        outputs = [text.outputs["intent"] for text in texts]
        columns = [[o.logits for o in outputs], [o.pooled for o in outputs], [t.embedding for t in texts]]
        signals = oos_signals(*(np.stack(column) for column in columns), anchors)
        return sigmoid(signals @ np.array(found["weights"]) + found["bias"])

    near, far = scores(readings(3, labels)), scores(readings(4, ("oos",) * 40))
    assert (far > found["threshold"]).mean() > 0.9
    assert (near > found["threshold"]).mean() < FALSE_REJECTS + 0.1
    rates = found["rates"]
    assert [row["rate"] for row in rates] == list(RATES)
    assert sorted((row["threshold"] for row in rates), reverse=True) == [row["threshold"] for row in rates]
    assert all((row["caught"] is None) == (not beyond) for row in rates)


def test_the_probe_names_the_token_that_speaks_for_a_label() -> None:
    found = probe(readings(1, ("a", "b", "oos") * 40))
    evidence = found.evidence(np.eye(3), label=0)
    assert evidence[0] > 0 > evidence[1]
