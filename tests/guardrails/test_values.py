"""One value has one placeholder, however it is written; whoever must use it gets it plain."""

import base64

import pytest

from guardrails.placeholders import Placeholders
from guardrails.values import folded, plain

REGIONS = ("GB", "IE", "US", "DE")
SAME = [
    ("07700 900982", "+447700900982", "[PHONE_1]", "+447700900982"),
    ("+44 (0)7700 900 982", "07700-900-982", "[PHONE_1]", "+447700900982"),
    ("07700 900982", "O77OO 9OO982", "[PHONE_1]", "+447700900982"),
    ("07700 900982", "oh seven seven double oh nine double oh nine eight two", "[PHONE_1]", "+447700900982"),
    ("ann@example.com", "ann [at] example [dot] com", "[EMAIL_1]", "ann@example.com"),
    ("ann@example.com", "ann%40example.com", "[EMAIL_1]", "ann@example.com"),
    ("ann@example.com", "ANN @ example . com", "[EMAIL_1]", "ann@example.com"),
    ("ann@example.com", base64.b64encode(b"ann@example.com").decode(), "[EMAIL_1]", "ann@example.com"),
    ("ann@example.com", "ａｎｎ@ｅｘａｍｐｌｅ．ｃｏｍ", "[EMAIL_1]", "ann@example.com"),
    ("4111 1111 1111 1111", "٤١١١ ١١١١ ١١١١ ١١١١", "[CARD_1]", "4111111111111111"),
    ("4111-1111-1111-1111", " ".join(["four", *["one"] * 15]), "[CARD_1]", "4111111111111111"),
    ("GB29 NWBK 6016 1331 9268 19", "gb29nwbk60161331926819", "[IBAN_1]", "GB29NWBK60161331926819"),
]
APART = [
    ("mail ann-marie@example.com", "mail annmarie@example.com", "[EMAIL_2]"),
    ("call 07700 900982", "call 07700 900983", "[PHONE_2]"),
    ("dob 12/03/1985", "dob 12/04/1985", "[DOB_2]"),
    ("I am Anna Kowalska", "I am Anna Nowak", "[NAME_2]"),
]


@pytest.mark.parametrize(("one", "other", "name", "value"), SAME)
def test_a_value_keeps_its_placeholder_in_whatever_form_it_comes(screen, one, other, name, value):
    for first, second in ((one, other), (other, one)):
        memory = Placeholders.fresh()
        texts = [screen.screen(f"it is {said}", memory=memory).verdict.text for said in (first, second)]
        assert texts == [f"it is {name}"] * 2
        assert memory.said[name].plain == value
        assert f"it is {memory.said[name].written}" == screen_base(screen, first)


def screen_base(screen, said: str) -> str:
    from guardrails.normalise import normalise

    return normalise(f"it is {said}").text


@pytest.mark.parametrize(("one", "other", "name"), APART)
def test_another_value_has_another(screen, one, other, name):
    memory = Placeholders.fresh()
    screen.screen(one, memory=memory)
    assert name in screen.screen(other, memory=memory).verdict.text


def test_a_date_of_birth_is_its_day(screen):
    memory = Placeholders.fresh()
    for said in ("12/03/1985", "12 March 1985", "March 12th, 1985", "1985-03-12", "12.3.85"):
        assert screen.screen(f"born {said}", memory=memory).verdict.text == "born [DOB_1]"


@pytest.mark.parametrize("said", ["ann [at] example [dot] com", base64.b64encode(b"my mail: ann@example.com").decode()])
@pytest.mark.parametrize("draft", ["We wrote to ann@example.com.", "We wrote to <Ann@example.com>, as you asked."])
def test_a_draft_may_not_say_plainly_what_was_said_disguised(screen, said, draft):
    memory = Placeholders.fresh()
    screen.screen(said, memory=memory)
    verdict = screen.screen(draft, "out", memory=memory).verdict
    assert "placeholder" in [f.guard for f in verdict.findings]
    assert "example.com" not in verdict.text


def test_a_draft_may_not_say_a_number_in_another_form(screen):
    memory = Placeholders.fresh()
    screen.screen("call 07700 900982", memory=memory)
    found = screen.screen("We rang +447700900982.", "out", memory=memory).verdict.findings
    assert ("placeholder", "PHONE") in [(f.guard, f.label) for f in found]


def test_a_value_over_two_messages_is_kept_whole(screen):
    memory = Placeholders.fresh()
    screen.screen("1111 1111", before=["my card is 4111 1111"], memory=memory)
    assert memory.said["[CARD_1]"].plain == "4111111111111111"
    assert screen.screen("4111111111111111", memory=memory).verdict.text == "[CARD_1]"


@pytest.mark.parametrize(
    ("label", "written", "value"),
    [
        ("PHONE", "(212) 555-0123", "+12125550123"),
        ("PHONE", "+1 212 555 0123", "+12125550123"),
        ("PHONE", "0049 30 901820", "+4930901820"),
        ("PHONE", "030 901820", "+4930901820"),
        ("PHONE", "12", "12"),
        ("PHONE", "", ""),
        ("ID", "ab 12 34 56 c", "AB123456C"),
        ("IP", "2001:DB8:0::1", "2001:db8::1"),
        ("IP", "999.1.1.1", "999.1.1.1"),
        ("NAME", "Anna  Kowalska", "Anna Kowalska"),
        ("ADDRESS", "12 Mill Lane,\nLeeds", "12 Mill Lane, Leeds"),
        ("SECRET", "Hunter-2", "Hunter-2"),
    ],
)
def test_each_kind_has_its_plain_form(label, written, value):
    assert plain(label, written, REGIONS) == value
    assert plain(label, value, REGIONS) == value


def test_what_is_compared_by_is_of_the_kind():
    assert folded("NAME", "Anna Kowalska") == folded("NAME", "anna  kowalska")
    assert folded("SECRET", "Hunter2") != folded("SECRET", "hunter2")
    assert folded("DOB", "spring 1985") == "spring1985"
    assert folded("TEXT", "???") == "???"
