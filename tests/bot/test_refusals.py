"""What a customer says that they do not want done."""

import pytest

from bot.refusals import refusals_in, without_refusals
from guardrails.rules import Table

TABLE = Table.load("refusals", "bot.tables")


@pytest.mark.parametrize("text", TABLE.catches)
def test_what_is_not_wanted_is_left_out_however_it_is_written(text: str) -> None:
    for written in (text, text.upper(), text.replace("'", "’")):
        assert without_refusals(written) != written
        assert len(without_refusals(written)) == len(written)


@pytest.mark.parametrize("text", TABLE.spares)
def test_what_is_wanted_or_only_told_stays(text: str) -> None:
    assert without_refusals(text) == text


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("don't cancel it", ""),
        ("I dont want a refund, I want it repaired", ", I want it repaired"),
        ("I'm not asking for a refund, where is the parcel", ", where is the parcel"),
        ("can I get a replacement instead of a refund", "can I get a replacement"),
        ("please DON'T cancel LL-550120, I only want the grey one", "please LL-550120, I only want the grey one"),
        ("no need to call me, just email me", ", just email me"),
    ],
)
def test_the_rest_is_what_is_asked(text: str, left: str) -> None:
    assert " ".join(without_refusals(text).split()) == left


def test_what_is_refused_is_told_in_its_own_words() -> None:
    text = "Please don't cancel it, and no need to call me. Where is it?"
    assert refusals_in(text) == "don't cancel it no need to call me"
    assert refusals_in("where is it") == ""
