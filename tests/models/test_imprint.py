"""Labels known from a handful of examples stand beside those that the model was taught."""

import numpy as np
import pytest

from models.errors import ModelError
from models.folder import ModelFolder
from models.graph import BASE
from models.imprint import LEAST, Imprints
from models.prototypes import Prototypes
from models.runtime import Output, Reading
from models.scoring import IntentScorer
from models.vectors import unit
from tests.models import tiny


def readings(folder: ModelFolder, axis: np.ndarray, count: int = LEAST, seed: int = 0) -> list[Reading]:
    """Texts that lie near an axis of both spaces, read by a head whose logits are six times the cosine."""
    random, known = np.random.default_rng(seed), Prototypes.of(folder)
    found = []
    for _ in range(count):
        place = unit(axis + random.normal(scale=0.05, size=tiny.HIDDEN))
        output = Output((6 * unit(place) @ known.pooled.T).astype(np.float32), place)
        found.append(Reading(((0, 4),), (0,), {BASE: place}, {"intent": output}, states=place[None]))
    return found


@pytest.fixture
def fresh(intent: ModelFolder) -> np.ndarray:
    """A direction far from all labels of the model."""
    known = Prototypes.of(intent).pooled
    axis = np.random.default_rng(5).normal(size=tiny.HIDDEN)
    return unit(axis - np.linalg.pinv(known) @ known @ axis)


def test_a_new_label_is_read_in_one_softmax_with_the_others(intent: ModelFolder, fresh: np.ndarray) -> None:
    imprints = Imprints.learn(intent, {"price_match": readings(intent, fresh)})
    plain, scorer = IntentScorer(intent), IntentScorer(intent, imprints=imprints)
    assert scorer.labels == (*tiny.LABELS, "price_match")
    (seen,) = readings(intent, fresh, 1, seed=9)
    found = scorer(seen)
    assert found.label == "price_match"
    assert found.words
    assert found.confidence + sum(chance for _, chance in found.alternatives) == pytest.approx(1, abs=1e-5)
    assert found.oos_score < plain(seen).oos_score


@pytest.mark.parametrize("place", range(len(tiny.LABELS)))
def test_what_the_model_was_taught_is_read_as_before(intent: ModelFolder, fresh: np.ndarray, place: int) -> None:
    imprints = Imprints.learn(intent, {"price_match": readings(intent, fresh)})
    (seen,) = readings(intent, Prototypes.of(intent).pooled[place], 1)
    assert IntentScorer(intent, imprints=imprints)(seen).label == IntentScorer(intent)(seen).label


def test_the_scope_of_a_new_label_reaches_as_far_as_its_examples_lie_apart(
    intent: ModelFolder, fresh: np.ndarray
) -> None:
    own = readings(intent, fresh)
    imprints, plain = Imprints.learn(intent, {"price_match": own}), IntentScorer(intent, oos_threshold=0.5)
    scorer = IntentScorer(intent, oos_threshold=0.5, imprints=imprints)
    assert all(imprints.belongs(example.embedding) == 1 for example in own)
    assert all(scorer(example).in_scope for example in own)
    assert imprints.belongs(-fresh) == 0
    (beyond,) = readings(intent, -fresh, 1)
    assert scorer(beyond).oos_score == pytest.approx(plain(beyond).oos_score)


def test_examples_that_are_all_but_the_same_leave_room_for_others(intent: ModelFolder, fresh: np.ndarray) -> None:
    (one,) = readings(intent, fresh, 1)
    imprints = Imprints.learn(intent, {"price_match": [one] * LEAST})
    aside = np.linalg.svd(np.stack([one.embedding]))[2][-1]  # at a right angle to it
    assert imprints.belongs(unit(one.embedding + 0.3 * aside)) == 1
    assert imprints.belongs(aside) == 0


@pytest.mark.parametrize(
    ("label", "count", "message"),
    [("delivery", LEAST, "knows the label"), ("new", LEAST - 1, "4 examples; 5 at least")],
)
def test_what_cannot_be_imprinted_is_told(
    intent: ModelFolder, fresh: np.ndarray, label: str, count: int, message: str
) -> None:
    with pytest.raises(ModelError, match=message):
        Imprints.learn(intent, {label: readings(intent, fresh, count)})
