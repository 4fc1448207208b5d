"""Short things that people say about what was just said."""

import pytest

from bot import cues
from guardrails.rules import Table


@pytest.mark.parametrize(
    ("text", "yes", "no"),
    [
        ("yes", True, False),
        ("Yes please!", True, False),
        ("ok, do that", True, False),
        ("yeah that would be great", True, False),
        ("sounds good", True, False),
        ("y", True, False),
        ("yes, and how much is it?", False, False),  # says more
        ("no", False, True),
        ("No, thanks.", False, True),
        ("neither of those", False, True),
        ("no thanks, that's all", False, True),
        ("no, the blue one", False, False),
        ("not really", False, True),
        ("nothing works", False, False),
        ("", False, False),
    ],
)
def test_a_yes_and_a_no_say_nothing_else(text: str, yes: bool, no: bool) -> None:
    assert (cues.agrees(text), cues.declines(text)) == (yes, no)


@pytest.mark.parametrize(
    ("text", "count", "picked"),
    [
        ("the second one please", 3, (1,)),
        ("First!", 2, (0,)),
        ("2", 2, (1,)),
        ("number 3", 3, (2,)),
        ("the latter", 2, (1,)),
        ("last one", 3, (2,)),
        ("both", 3, (0, 1)),
        ("the third", 2, ()),  # there is none
        ("the first of May", 3, ()),
        ("second hand sofas", 3, ()),
        ("the one", 1, (0,)),
        ("", 3, ()),
        ("the second one", 0, ()),
    ],
)
def test_a_choice_is_picked_by_its_place(text: str, count: int, picked: tuple[int, ...]) -> None:
    assert cues.picks(text, count) == picked


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("what do you mean?", True),
        ("sorry, I don't understand", True),
        ("can you explain that again please?", True),
        ("in plain English", True),
        ("what does the guarantee mean for a sofa I bought second hand from my neighbour", False),
        ("where is it?", False),
    ],
)
def test_other_words_are_asked_for(text: str, asks: bool) -> None:
    assert cues.asks_for_other_words(text) is asks


def test_a_message_may_put_right_go_on_or_come_back() -> None:
    assert cues.corrects("no, the blue one") == "the blue one"
    assert cues.corrects("Sorry, I meant LL-123456") == "LL-123456"
    assert cues.corrects("nothing arrived") is None
    assert cues.leans("and for the other one?")
    assert cues.leans("how long does that take?")
    assert cues.leans("how long was the card good for anyway")
    assert cues.leans("cant find an edit button anywhere")
    assert not cues.leans("where is my order?")
    assert not cues.leans("do you offer same-day delivery?")
    assert cues.acknowledges("ok thx, I'll try tomorrow")
    assert not cues.acknowledges("ok, I'll pay by card. is that fine?")
    assert not cues.acknowledges("I'll try tomorrow")
    assert cues.asks_for_another("hm ok. what about the lamp")
    assert not cues.asks_for_another("and where is my order?")
    assert cues.goes_back("back to my first question") == "first"
    assert cues.goes_back("back to my first question, how long to Cork?") is None
    assert cues.goes_back("where were we?") == "last"
    assert cues.goes_back("send it back") is None
    assert cues.returns_to("right, back to the samples, are they free?") == "samples"
    assert cues.says_of_itself(["long", "take"]) == []
    assert cues.says_of_itself(["long", "sofa"]) == ["sofa"]


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("I'd rather speak to a real person please", True),
        ("can someone ring me back", True),
        ("put me through to an agent", True),
        ("human!", True),
        ("is this a human being or a machine?", False),
        ("I need a lamp", False),
        ("I don't want to talk to a person", False),
        ("no need to call me back", False),
    ],
)
def test_a_person_is_asked_for_in_plain_words(text: str, asks: bool) -> None:
    assert cues.asks_for_person(text) is asks


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("what does delivery cost? and please connect me to an agent", True),
        ("refund LL-123456 or I want to speak to someone", True),
        ("do I need someone to be in?", False),
        ("I don't want to speak to anyone, where is it?", False),
        ("I want someone to carry it upstairs", False),
    ],
)
def test_beside_a_question_a_person_is_asked_for_only_in_words_that_mean_nothing_else(text: str, asks: bool) -> None:
    assert cues.asks_for_person(text, plainly=True) is asks


@pytest.mark.parametrize(
    ("text", "unhelped"),
    [(text, True) for text in Table.load("unhelped", "bot.tables").catches]
    + [(text, False) for text in Table.load("unhelped", "bot.tables").spares],
)
def test_who_was_not_helped_says_so_in_many_words(text: str, unhelped: bool) -> None:
    for written in (text, text.upper(), text.replace("'", "’")):
        assert cues.says_it_did_not_help(written) is unhelped
