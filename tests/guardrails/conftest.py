"""The guards, built once; and a model that answers what a test tells it to."""

from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from guardrails.guard import Message
from guardrails.normalise import hidden, normalise
from guardrails.pii import PiiGuard
from guardrails.screen import LEARNED, Screen
from guardrails.views import Views


class FakeModel:
    """Stands for the runtime: gives each task the scores set in `scores`, counts its passes."""

    def __init__(self) -> None:
        self.scores: dict[str, dict[str, float]] = {task: {task: 0.01} for task in LEARNED}
        self.texts: list[str] = []
        self.complete = True

    def read(self, text: str) -> Any:
        self.texts.append(text)
        offsets = tuple((m, m + 1) for m in range(min(3, len(text))))
        shares = {task: np.ones((len(offsets), len(scores))) for task, scores in self.scores.items()}
        outputs = {task: SimpleNamespace(contributions=share) for task, share in shares.items()}
        return SimpleNamespace(offsets=offsets, outputs=outputs, complete=self.complete, embedding=np.zeros(4))

    def score(self, task: str) -> Callable[[Any], Mapping[str, float]]:
        return lambda reading: self.scores[task]


@pytest.fixture(scope="session")
def screen() -> Screen:
    return Screen.build(allow=["help@larchandloom.example", "0800 555 0142"], hosts=["larchandloom.example"])


@pytest.fixture(scope="session")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Screen:
    """The screen with the heads that ship."""
    return Screen.default(cache=tmp_path_factory.mktemp("graph"))


@pytest.fixture(scope="session")
def pii() -> PiiGuard:
    return PiiGuard.build(allow=["help@larchandloom.example", "0800 555 0142"], deny=["Project Heron"])


@pytest.fixture
def model() -> FakeModel:
    return FakeModel()


def message(
    text: str, direction: Any = "in", evidence: tuple[str, ...] = (), model: FakeModel | None = None
) -> Message:
    """Return a message as the screen would make it, nothing redacted."""
    base = normalise(text)
    reader = model or FakeModel()
    return Message(text, Views(base, hidden(text)), base, direction, evidence, lambda view: reader.read(view.text))


@pytest.fixture(name="message")
def _message() -> Callable[..., Message]:
    return message
