"""What a message's topic weighs is learnt from conversations."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.context import WEIGHTS, Context
from bot.records import Conversation, State
from bot.turn import Turn
from guardrails.verdict import Action, Verdict
from models.intent import Intent
from training.conversations.context import fit_context
from training.dataset import DataError, Examples

ASKED, BACK, AWAY = "I want my money back", "and it", "card"


class FakeBot:
    """Weighs what is said after a question about a refund; by itself and with it that reads as either of two things."""

    def __init__(self) -> None:
        self.serving = self.listener = self

    def start(self, customer: str, channel: str = "chat") -> Conversation:
        now = datetime.now(UTC)
        return Conversation("chat", customer, State.OPEN, "bot", "", now, now, channel)

    def respond(self, conversation: str, text: str) -> Turn:
        return Turn("chat", inbound=Verdict(Action.ALLOW, text), reading=text, weighed=text != ASKED)

    def context(self, turn: Turn, reading: str) -> Context:
        return Context("refund", points_back=turn.text == BACK)

    def asked(self, turn: Turn) -> str:
        return f"{turn.text}\n{ASKED}"

    def read(self, text: str) -> str:
        return text

    def understand(self, reading: str) -> Intent:
        return Intent("payment", 0.5, (("refund", 0.5),))


def stories(tmp_path: Path, *second: tuple[str, str | None]) -> list[Path]:
    """Conversations whose second message is so, and means so."""
    file = tmp_path / "stories.yaml"
    told = [
        {"name": str(number), "turns": [
            {"customer": text, "intent": intent, "kind": "answer"} for text, intent in ((ASKED, "refund"), said)
        ]}
        for number, said in enumerate(second)
    ]  # fmt: skip
    file.write_text(json.dumps({"conversations": told}))
    return [file]


def test_what_always_follows_from_pointing_back_is_learnt_from_other_stories(tmp_path: Path) -> None:
    fit = fit_context(FakeBot(), stories(tmp_path, *[(BACK, "refund"), (AWAY, "payment")] * 10))
    assert (fit.serving.hits, fit.serving.of) == (10, 20)  # the topic is taken for it where nothing else speaks
    assert fit.fitted.hits == 20
    assert fit.weights.topic < WEIGHTS.topic
    assert fit.weights.points_back > WEIGHTS.points_back
    assert fit.rows()[-1][0] == "messages read rightly"
    assert fit.rows()[-1][2].startswith("20 of 20")
    assert fit.to_dict()["weights"].keys() == set(WEIGHTS._fields)


def test_a_message_with_the_question_before_is_one_more_conversation(tmp_path: Path) -> None:
    pairs = Examples((f"{AWAY}\n{ASKED}", "no question before"), ("oos", "payment"))
    fit = fit_context(FakeBot(), stories(tmp_path, (BACK, "refund")), pairs)
    assert (fit.serving.hits, fit.serving.of) == (1, 2)


def test_a_short_message_alone_comes_after_one_about_something_else(tmp_path: Path) -> None:
    cards = [f"{AWAY} {number}" for number in range(9)]
    texts = Examples((*cards, *[ASKED] * 9), (*["payment"] * 9, *["refund"] * 9))
    two = stories(tmp_path, (BACK, "refund"), (AWAY, "payment"))
    assert 2 < fit_context(FakeBot(), two, texts).serving.of <= 2 + len(cards)
    long = Examples((*[f"{' '.join(cards)} {card}" for card in cards], *[ASKED] * 9), texts.labels)
    assert fit_context(FakeBot(), two, long).serving.of == 2


def test_of_one_conversation_nothing_is_learnt(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"Only 'stories\.yaml: 0' has a message that is weighed"):
        fit_context(FakeBot(), stories(tmp_path, (BACK, "refund")))


@pytest.mark.parametrize("meant", [None, "account"], ids=["nothing that matters", "nothing that was weighed"])
def test_without_a_message_to_learn_from_this_is_said(tmp_path: Path, meant: str | None) -> None:
    with pytest.raises(DataError, match="No message of these conversations is weighed"):
        fit_context(FakeBot(), stories(tmp_path, (BACK, meant)))
