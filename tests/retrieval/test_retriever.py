"""From a message to passages."""

from pathlib import Path

import numpy as np
import pytest

from retrieval.calibration import Calibration
from retrieval.errors import IndexDamaged
from retrieval.passage import Ticket
from retrieval.retriever import Retriever

SHOP = (
    ("where is my parcel", "It left our warehouse today."),
    ("parcel has not come", "The carrier will bring it tomorrow."),
    ("the lamp flickers", "Please try another bulb."),
    ("my lamp flickers a lot", "Please  try another BULB."),
    ("how do I send back a chair", "Print the label in My orders."),
)


def ask(retriever: Retriever, encoder, text: str, k: int = 5):
    return retriever.search(encoder.encode([text])[0], text, k)


def test_the_ticket_that_asked_the_same_comes_first(encoder, store_of) -> None:
    retriever = Retriever.build(store_of(*SHOP), encoder, version="e1")
    passages = ask(retriever, encoder, "send back a chair")
    assert passages[0].ticket == "t5"
    assert passages[0].answer == "Print the label in My orders."
    scores = [passage.score for passage in passages]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)


def test_tickets_and_articles_are_found_together(encoder, store_of) -> None:
    store = store_of(*SHOP)
    store.rows[6] = Ticket(
        "a1", "Returns › Sending back a chair", "A courier comes.", kind="article", link="r.md#chair"
    )
    found = ask(Retriever.build(store, encoder, version="e1"), encoder, "sending back a chair")
    assert [(p.kind, p.link) for p in found[:2]] == [("article", "r.md#chair"), ("ticket", "")]


def test_the_same_answer_is_given_once(encoder, store_of) -> None:
    retriever = Retriever.build(store_of(*SHOP), encoder, version="e1")
    found = [passage.ticket for passage in ask(retriever, encoder, "lamp flickers")]
    assert len({"t3", "t4"} & set(found)) == 1


def test_of_answers_that_lie_equally_near_the_one_that_was_given_most_comes_first(encoder, store_of) -> None:
    asked = "the lamp flickers"
    store = store_of(
        (asked, "Please look behind it."), (asked, "Please turn the bulb."), (asked, "please TURN the bulb")
    )
    assert ask(Retriever.build(store, encoder, version="e1"), encoder, asked)[0].ticket in ("t2", "t3")


def test_no_more_than_k(encoder, store_of) -> None:
    retriever = Retriever.build(store_of(*SHOP), encoder, version="e1")
    assert len(ask(retriever, encoder, "parcel", k=2)) == 2
    assert ask(retriever, encoder, "parcel", k=0) == []


def test_an_empty_store_gives_no_passages(encoder, store_of, tmp_path: Path) -> None:
    retriever = Retriever.build(store_of(), encoder, version="e1")
    retriever.save(tmp_path)
    assert ask(Retriever.open(tmp_path, store_of(), version="e1"), encoder, "anything") == []


def test_a_ticket_that_the_store_no_longer_has_is_not_returned(encoder, store_of) -> None:
    store = store_of(*SHOP)
    retriever = Retriever.build(store, encoder, version="e1")
    del store.rows[5]
    assert "t5" not in [passage.ticket for passage in ask(retriever, encoder, "send back a chair")]


def test_following_the_store_adds_and_removes(encoder, store_of, tmp_path: Path) -> None:
    store = store_of(*SHOP)
    retriever = Retriever.build(store, encoder, version="e1")
    del store.rows[1]
    store.rows[6] = Ticket("t6", "do you ship to france", "Yes, in five days.")
    retriever.save(tmp_path)
    with pytest.raises(IndexDamaged):
        Retriever.open(tmp_path, store, version="e1")
    assert retriever.follow(encoder) == 2
    assert ask(retriever, encoder, "ship to france")[0].ticket == "t6"
    assert len(retriever) == 5
    assert retriever.follow(encoder) == 0
    retriever.save(tmp_path)
    assert len(Retriever.open(tmp_path, store, version="e1")) == 5


def test_ready_builds_when_missing_damaged_or_of_another_encoder(encoder, store_of, tmp_path: Path) -> None:
    store = store_of(*SHOP)
    built: list[int] = []
    for version, damage in (("e1", False), ("e1", False), ("e1", True), ("e2", False)):
        if damage:
            next((tmp_path / "dense").glob("index-*")).write_bytes(b"nonsense")
        retriever = Retriever.ready(tmp_path, store, encoder, version=version, progress=built.append)
        assert ask(retriever, encoder, "send back a chair")[0].ticket == "t5"
    assert built == [5, 5, 5]


def test_ready_encodes_only_what_is_new_when_the_store_has_moved_on(encoder, store_of, tmp_path: Path) -> None:
    store = store_of(*SHOP)
    Retriever.ready(tmp_path, store, encoder, version="e1")
    del store.rows[2]
    store.rows[9] = Ticket("t9", "do you ship to france", "Yes, in five days.")
    encodes: list[int] = []
    retriever = Retriever.ready(tmp_path, store, encoder, version="e1", progress=encodes.append)
    assert encodes == [1]
    assert ask(retriever, encoder, "ship to france")[0].ticket == "t9"
    assert Retriever.open(tmp_path, store, version="e1").version == retriever.version


class TestCalibration:
    def test_nearer_is_likelier_under_the_prior(self) -> None:
        prior = Calibration()
        chances = [1 / (1 + np.exp(-(prior.slope * s + prior.offset))) for s in (0.2, 0.5, 0.8)]
        assert chances == sorted(chances)

    def test_few_pairs_leave_the_prior_as_it_is(self) -> None:
        assert Calibration.fit(np.ones(10), np.ones(10), np.ones(10)) == Calibration()

    @pytest.mark.parametrize("truth", [(12.0, 0.0, -6.0), (5.0, 3.0, -4.0)])
    def test_many_pairs_give_the_curve_that_made_them(self, truth: tuple[float, float, float]) -> None:
        random = np.random.default_rng(0)
        similarities, margins = random.uniform(0, 1, 50_000), random.uniform(-0.3, 0.3, 50_000)
        chance = 1 / (1 + np.exp(-(truth[0] * similarities + truth[1] * margins + truth[2])))
        fitted = Calibration.fit(similarities, margins, (random.random(50_000) < chance).astype(float))
        assert (fitted.slope, fitted.lift, fitted.offset) == pytest.approx(truth, abs=0.3)
        assert fitted.pairs == 50_000

    def test_it_is_saved_and_opened(self, tmp_path: Path) -> None:
        Calibration(9.0, 1.0, -4.0, 123).save(tmp_path)
        assert Calibration.open(tmp_path) == Calibration(9.0, 1.0, -4.0, 123)
