"""A message that was put right is read so, and nothing but what is all but the same."""

import numpy as np
import pytest

from models.corrections import NEAR, Corrections
from models.vectors import softmax, unit

LOGITS = np.array([4.0, 0.0, 1.0])
KEPT = Corrections(unit(np.array([[1.0, 0.0], [0.0, 1.0]])), np.array([1, 2]))


def beside(cosine: float) -> np.ndarray:
    """A place at this cosine to the first correction, of any length."""
    return 3 * np.array([cosine, -np.sqrt(1 - cosine**2)])


@pytest.mark.parametrize(("cosine", "label"), [(1.0, 1), (NEAR + 0.01, 1), (NEAR - 0.01, 0), (0.0, 0)])
def test_only_what_is_all_but_the_same_is_read_as_it_was_corrected(cosine: float, label: int) -> None:
    assert KEPT.applied(LOGITS, beside(cosine), 1.0).argmax() == label


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_it_leads_by_nineteen_to_one_whatever_the_calibration(temperature: float) -> None:
    shares = softmax(KEPT.applied(LOGITS, beside(1.0), temperature) / temperature)
    assert shares[1] / shares[0] == pytest.approx(19)


def test_what_was_read_so_more_surely_stays_as_sure() -> None:
    sure = np.array([0.0, 9.0, 0.0])
    assert KEPT.applied(sure, beside(1.0), 1.0).tolist() == sure.tolist()


def test_a_model_without_corrections_reads_as_it_does() -> None:
    none = Corrections(np.empty((0, 0)), np.empty(0, dtype=np.int64))
    assert none.applied(LOGITS, beside(1.0), 1.0) is LOGITS
    assert none.tensors() == {}
