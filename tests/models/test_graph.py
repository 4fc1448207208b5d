"""What is written as a graph comes to the same on every processor."""

import numpy as np
import pytest
from onnx import TensorProto

from models import graph
from models.arithmetic import saturates
from models.runtime import open_session
from models.trunk import Trunk

HIGHEST = np.ones((1, 3, 8), dtype=np.float32)  # as bytes 255 each, times weights that are 127 each


def product(trunk: Trunk) -> np.ndarray:
    """Of the highest activations and weights that are all alike."""
    made = graph._Graph(trunk)
    made.output(
        "sums", made._linear(made.input("given", TensorProto.FLOAT, 8), np.ones((4, 8)), np.zeros(4, np.float32))
    )
    return open_session(made.serialised(), 1).run(["sums"], {"given": HIGHEST})[0]


def test_the_largest_products_add_up_exactly(trunk: Trunk) -> None:
    assert product(trunk) == pytest.approx(8, rel=1e-5)


@pytest.mark.parametrize("signed", [True, False])
def test_weights_count_as_much_signed_as_unsigned(trunk: Trunk, monkeypatch: pytest.MonkeyPatch, signed: bool) -> None:
    monkeypatch.setattr(graph, "saturates", lambda: not signed)
    exact = product(trunk) == pytest.approx(8, rel=1e-5)
    assert exact or (signed and saturates())


def test_graphs_are_kept_apart_by_how_their_weights_are_written(tmp_path, trunk, monkeypatch) -> None:
    for number, answer in enumerate((False, True), 1):
        monkeypatch.setattr(graph, "saturates", lambda answer=answer: answer)
        graph.cached_graphs(trunk, {}, tmp_path)
        assert len([*tmp_path.glob("*.onnx")]) == number * 2  # the trunk's and the base's
