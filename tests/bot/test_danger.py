"""Where a message speaks of harm to somebody."""

import pytest

from bot.danger import EMERGENCY, advice, asked_beside, dangers_in
from guardrails.rules import Table

TABLE = Table.load("danger", "bot.tables")


@pytest.mark.parametrize("text", TABLE.catches)
def test_a_danger_is_heard_however_it_is_written(text: str) -> None:
    assert dangers_in(text)
    assert dangers_in(text.upper().replace(" ", "  ").replace("'", "’"))


@pytest.mark.parametrize("text", TABLE.spares)
def test_what_only_sounds_like_one_is_spared(text: str) -> None:
    assert dangers_in(text) == ()


def test_every_danger_has_its_advice_and_the_gravest_comes_first() -> None:
    assert dangers_in("the lamp is sparking and my son is bleeding") == ("hurt", "fire")
    for label in TABLE.labels:
        assert advice((label,), {})


def test_the_numbers_to_call_are_the_shops_own() -> None:
    assert "call 999 first" in advice(("hurt",), {"emergency": 999})
    assert EMERGENCY in advice(("hurt",), {})
    assert "0800 111 999" in advice(("gas",), {"emergency": 999, "gas_emergency": "0800 111 999"})
    assert "call 999 from outside" in advice(("gas",), {"emergency": 999})


@pytest.mark.parametrize(
    ("text", "beside"),
    [
        ("Where is my order, and the lamp is sparking", "Where is my order"),
        ("My lamp smells of burning, can I return it?", "can I return it?"),
        ("The mirror broke and my son has glass in his mouth", ""),  # how it came about is no question
        ("the lamp is sparking", ""),
    ],
)
def test_what_is_asked_beside_a_danger_is_left_in_its_place(text: str, beside: str) -> None:
    left = asked_beside(text)
    assert left.strip() == beside
    assert left.find(beside) == text.find(beside) or not beside
    assert len(left) == len(text)
