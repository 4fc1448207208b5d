from pathlib import Path

import pytest

from models.trunk import Trunk
from tests.models import tiny
from training.dataset import Examples


@pytest.fixture(scope="session")
def trunk(tmp_path_factory: pytest.TempPathFactory) -> Trunk:
    return tiny.trunk(tmp_path_factory.mktemp("trunk"))


@pytest.fixture(scope="session")
def examples() -> Examples:
    """Three labels that a small model can tell, and texts out of scope."""
    texts = {
        "delivery": ["where is my order", "my order is late", "is the lamp late ?", "where is it"],
        "refund": ["i want a refund", "refund the lamp !", "i want my refund ?", "refund it"],
        "broken": ["the lamp broke", "it broke !", "my lamp broke ?", "it is broke"],
        "oos": ["a b c d", "f f f f", "e d c", "b a b"],
    }
    pairs = [(text, label) for label, group in texts.items() for text in group * 3]
    return Examples(tuple(text for text, _ in pairs), tuple(label for _, label in pairs))


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory, trunk: Trunk, examples: Examples) -> Path:
    """The folder of a small intent model that has learnt the examples."""
    from training.intents.recipe import train_intent

    out = tmp_path_factory.mktemp("trained") / "model"
    return train_intent(examples, examples, None, out, depth=1, epochs=3, threads=1, quiet=True, trunk=trunk).out
