"""How a customer feels, and how much it presses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.mood import Mood, mood_of, mourns, named
from guardrails.rules import Table


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Where is my order?", ()),
        ("my lamp arrived broken and the box was torn", ()),  # a fault is no feeling
        ("could you please help me with a gift card, free of charge?", ()),  # nor are manners
        ("Good morning to you all", ()),
        ("tell me a joke", ()),  # one that is asked for is no reproach
        ("I'd love to see a sample", ()),
        ("this is ridiculous, third time I ask", ("upset",)),
        ("THIS IS RIDICULOUS", ("upset",)),
        ("I am not happy with this", ("unhappy",)),
        ("a bit annoyed", ("unhappy",)),
        ("not bad at all", ()),  # half of it, and turned
        ("that was very helpful, thank you so much", ("pleased",)),
        ("not very helpful", ("unhappy",)),
        ("the sofa is lovely but the delivery was a shambles", ("upset",)),  # what comes after "but" counts
        ("the delivery was late but the sofa is gorgeous", ("pleased",)),
        ("it is sparking and I smell smoke", ("urgent",)),
        ("it is not urgent", ()),
        ("I need it today, it is urgent", ("urgent",)),
        ("FURIOUS. I need this sorted immediately!!", ("upset", "urgent")),
        ("", ()),
        ("🙂 ...", ()),
    ],
)
def test_a_mood_is_heard_from_words_and_what_stands_before_them(text: str, names: tuple[str, ...]) -> None:
    assert mood_of(text).names == names


@pytest.mark.parametrize(
    ("weaker", "stronger"),
    [("annoyed", "very annoyed"), ("a bit annoyed", "annoyed"), ("this is a joke", "THIS IS A JOKE!!")],
)
def test_intensifiers_strengthen_and_dampeners_weaken(weaker: str, stronger: str) -> None:
    assert mood_of(stronger).sentiment < mood_of(weaker).sentiment < 0


def test_the_cues_are_words_of_the_list_and_never_of_the_customer() -> None:
    mood = mood_of("Mrs Quill is FURIOUS and furious, it is urgent")
    assert mood.cues == ("furious", "urgent")
    assert "Quill" not in repr(mood)


def test_a_turn_from_before_moods_were_kept_has_an_even_one() -> None:
    assert named(None, None) == Mood().names == ()


@given(st.text(max_size=300))
def test_any_text_has_a_mood_within_bounds(text: str) -> None:
    mood = mood_of(text)
    assert -1 <= mood.sentiment <= 1
    assert 0 <= mood.urgency <= 1


@pytest.mark.parametrize("text", Table.load("loss", "bot.tables").catches)
def test_a_death_is_heard(text: str) -> None:
    assert mourns(text)
    assert mourns(text.upper())


@pytest.mark.parametrize("text", Table.load("loss", "bot.tables").spares)
def test_what_is_no_death_is_not_mourned(text: str) -> None:
    assert not mourns(text)
