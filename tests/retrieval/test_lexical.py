"""Ranking by words."""

from retrieval.lexical import LexicalIndex, words_of


def test_codes_are_one_word() -> None:
    assert words_of("Error CE-34224-5, v2.1!") == ["error", "ce-34224-5", "v2.1"]


def test_the_ticket_with_the_rare_word_comes_first() -> None:
    index = LexicalIndex.build([11, 12, 13], ["the box fails", "the error ce-34224-5", "the box is blue"])
    hits = index.search("what is ce-34224-5", 3)
    assert hits[0].serial == 12
    assert hits[0].similarity == 1.0
    assert index.has_rare("ce-34224-5")
    assert not index.has_rare("unheard")


def test_nothing_is_found_in_nothing_or_for_nothing() -> None:
    assert LexicalIndex.build([], []).search("box", 3) == []
    assert LexicalIndex.build([1], [""]).search("box", 3) == []
    assert LexicalIndex.build([1], ["box"]).search("", 3) == []
