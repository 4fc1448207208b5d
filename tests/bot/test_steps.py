"""Whoever waits for a start sees what is being done, and how far it is."""

from pathlib import Path

import numpy as np
import pytest

from bot.assembly.builders import build_retriever
from bot.settings import Settings
from bot.steps import Steps
from bot.store import Store
from tests.bot.examples import ticket
from tests.recorder import Recorder


class Encoder:
    """Gives every text the same place."""

    def encode(self, texts: list[str]) -> np.ndarray:
        return np.full((len(texts), 4), 0.5, dtype=np.float32)


def test_every_step_is_named_told_of_its_pieces_and_brought_to_its_end() -> None:
    recorder = Recorder()
    steps = Steps(recorder)
    advance = steps.begin("Importing", total=3)
    advance(1)
    advance(1)
    steps.begin("Loading models and index")
    steps.end()
    assert [(what, done, total) for what, done, total, _ in recorder.told] == [
        ("Importing", 1, 3),
        ("Importing", 2, 3),
        ("Importing", 3, 3),
        ("Loading models and index", 1, 1),
    ]
    assert recorder.finished


def test_nobody_has_to_watch() -> None:
    steps = Steps(None)
    steps.begin("Importing", total=3)(1)
    steps.end()


def test_an_index_that_is_built_tells_of_every_ticket_and_one_that_is_there_tells_nothing(
    light: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.assembly.builders.embedding_version", lambda store: "e1")
    with light.tickets.importing("csv", "a.csv") as batch:
        batch.add([ticket(number) for number in range(300)])
    for due in ([256, 300], []):
        recorder = Recorder()
        build_retriever(light, Settings(home=tmp_path), Encoder(), recorder)  # type: ignore[arg-type]
        assert [(what, done, total) for what, done, total, _ in recorder.told] == [
            ("Indexing past tickets", done, 300) for done in due
        ]
