"""Details that customers name, and how long they hold."""

import pytest

from bot.slots import LASTING, TURNS_KEPT, Slot, Slots, carried

SLOTS = Slots(r"LL-\d{6}", ("Wren", "Wren sofa", "Kettle mug (blue)"))


@pytest.mark.parametrize(
    ("text", "slots"),
    [
        ("where is LL-123456?", {"order": "LL-123456"}),
        ("where is ll-123456", {"order": "LL-123456"}),
        ("LL-111111, no, LL-222222!", {"order": "LL-222222"}),  # the last mention counts
        ("XLL-123456 LL-1234567", {}),  # part of something longer
        ("LL-12345", {}),
        ("my Wren sofa broke", {"product": "Wren sofa"}),  # the longest name
        ("my wren broke", {"product": "wren"}),
        ("a Kettle mug (blue) came", {"product": "Kettle mug (blue)", "colour": "blue"}),  # names are no patterns
        ("Wrenches", {}),
        ("[EMAIL_1] wrote", {"email": "[EMAIL_1]"}),  # as its placeholder, never as itself
        ("me@example.com", {}),
        ("paid £1,029.50 on 12/03/2026", {"amount": "£1,029.50", "date": "12/03/2026"}),
        ("29.50 pounds", {"amount": "29.50 pounds"}),
        ("£96, please", {"amount": "£96"}),
        ("by next Friday", {"date": "next Friday"}),
        ("the 3rd of June or 12 March", {"date": "12 March"}),
        ("may I ask, I march on", {}),  # months by their names alone are other words
        ("a 140 x 200 cm one", {"size": "140 x 200 cm"}),
        ("in super king please", {"size": "super king"}),
        ("do you have size 12", {"size": "size 12"}),
        ("no, the dark green one", {"colour": "dark green"}),
        ("a double room and a greenhouse", {}),
        ("", {}),
    ],
)
def test_details_are_found_in_a_message(text: str, slots: dict[str, str]) -> None:
    assert SLOTS.find(text) == slots


def test_a_shop_without_orders_and_products_knows_neither() -> None:
    assert Slots().find("LL-123456 Wren") == {}


def test_what_a_message_says_beside_its_details_is_the_rest() -> None:
    assert SLOTS.beside("it's LL-123456, the Wren sofa").split() == ["it's", ",", "the"]


def test_a_detail_of_the_thing_talked_about_grows_old_and_one_of_the_conversation_does_not() -> None:
    hold = carried({}, {"order": "LL-123456", "email": "[EMAIL_1]", "product": "Wren", "colour": "red"})
    for _ in range(TURNS_KEPT):
        hold = carried(hold, {})
    assert set(hold) == {"order", "email", "product", "colour"}
    hold = carried(hold, {"product": "Wren sofa"})
    assert hold["product"] == Slot("Wren sofa", 0)
    assert set(hold) == {*LASTING, "product"}


@pytest.mark.parametrize(
    ("text", "others"),
    [
        ("track my other order", {"order"}),
        ("I need to cancel a different order", {"order"}),
        ("and the second one I ordered?", {"order"}),
        ("I use another e-mail now", {"email"}),
        ("can I place another order", set()),
        ("can I order another one", set()),
        ("in other words", set()),
    ],
)
def test_another_than_the_one_before_is_meant_where_a_message_says_so(text: str, others: set[str]) -> None:
    assert Slots.others(text) == others
