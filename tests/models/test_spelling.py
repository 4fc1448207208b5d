"""Slips of the hand are put right, and every place leads back to the text as it was written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.runtime import Reading
from models.spelling import Speller, frequent_words

TEXTS = ["where is my parcel please", "Please track my parcel", "is the sofabed late, please", "the sofabed is late"]
LABELS = ("delivery", "tracking") * 2
SPELLER = Speller(frequent_words(zip(TEXTS, LABELS, strict=True), ()), {"refund", "paypal", "track"})


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("wheere is my parcle", "wheere is my parcel"),  # "where" stands once: it takes nobody's place
        ("pleaaaase", "please"),
        ("ismy parcel", "is my parcel"),
        ("PARCLE late", "parcel late"),
        ("a refund by paypal", "a refund by paypal"),
        ("the Parcl shop", "the Parcl shop"),
        ("[PARCLE_1] parcle@shop.example", "[PARCLE_1] parcle@shop.example"),
        ("lte", "lte"),
        ("", ""),
    ],
)
def test_what_is_put_right_and_what_is_left(written: str, read: str) -> None:
    assert SPELLER(written).text == read
    assert SPELLER.misspelt(written) == (written != read)


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        ({"where is it": "delivery", "where are you": "delivery"}, True),  # the encoder knows it
        ({"my sofabed": "delivery", "a sofabed": "refund"}, True),
        ({"my sofabed": "delivery", "a sofabed": "delivery"}, False),
        ({"my sofabed": "delivery"}, False),
        ({"for Quillfeather": "delivery", "I am Quillfeather": "refund"}, False),
        ({"Sofabed late": "delivery", "a sofabed": "refund"}, True),
        ({"kitson here": "delivery", "it is kitson": "refund"}, False),  # by a list of names
    ],
    ids=["known", "two labels", "one label", "once", "a capital inside", "a capital first", "a name"],
)
def test_words_that_may_be_names_are_not_told(texts: dict[str, str], told: bool) -> None:
    words = frequent_words(texts.items(), {"where"}, lambda word: word == "kitson")
    assert bool({"where", "sofabed", "quillfeather", "kitson"} & set(words)) is told


def test_a_model_that_tells_no_words_changes_nothing() -> None:
    assert Speller((), {"parcel"})("parcle pleaaase").text == "parcle pleaaase"


def test_words_lead_back_to_where_they_were_written() -> None:
    def read(text: str) -> Reading:
        places = tuple((text.find(word), text.find(word) + len(word)) for word in text.split())
        return Reading(places, tuple(range(len(places))), {}, {})

    written = "so pleeease ismy parcle late"
    offsets = SPELLER.reading(read, written).offsets
    assert [written[start:end] for start, end in offsets] == ["so", "pleeease", "ismy", "ismy", "parcle", "late"]


@given(st.text(alphabet="abclmnoprst PARCEL[]@.é", max_size=40))
def test_places_are_in_order_and_within_the_text(text: str) -> None:
    respelt = SPELLER(text)
    assert len(respelt.places) == len(respelt.text)
    assert list(respelt.places) == sorted(respelt.places)
    assert all(0 <= start < end <= len(text) for start, end in respelt.places)
