"""One value keeps one placeholder; the value itself is kept nowhere."""

import json

import pytest

from guardrails.placeholders import MOST, Placeholders, escape


def test_one_value_keeps_its_placeholder_however_it_is_spelt():
    known = Placeholders.fresh()
    assert known.name("PHONE", "07700 900982") == "[PHONE_1]"
    assert known.name("PHONE", "07700-900 982") == "[PHONE_1]"
    assert known.name("PHONE", "07700 900983") == "[PHONE_2]"
    assert known.name("EMAIL", "Bob@Example.com") == known.name("EMAIL", "bob@example.com") == "[EMAIL_1]"


def test_it_survives_storage_and_stores_no_value():
    known = Placeholders(b"secret", {})
    known.name("EMAIL", "bob@example.com")
    stored = json.dumps(known.to_dict())
    assert "bob" not in stored
    assert "secret" not in stored
    again = Placeholders.from_dict(json.loads(stored), b"secret")
    assert again.name("EMAIL", "bob@example.com") == "[EMAIL_1]"
    assert again.name("EMAIL", "eve@example.com") == "[EMAIL_2]"


def test_two_conversations_cannot_be_linked():
    one, two = Placeholders.fresh(), Placeholders.fresh()
    one.name("EMAIL", "bob@example.com")
    two.name("EMAIL", "bob@example.com")
    assert not set(one.to_dict()["known"]) & set(two.to_dict()["known"])


def test_a_conversation_remembers_so_many_values_and_no_more():
    known = Placeholders.fresh()
    names = [known.name("EMAIL", f"bob{n}@example.com") for n in range(MOST + 3)]
    assert names[MOST - 1 :] == [f"[EMAIL_{MOST}]", *[f"[EMAIL_{MOST + 1}]"] * 3]
    assert known.name("EMAIL", "bob7@example.com") == "[EMAIL_8]"
    assert known.name("PHONE", "07700 900982") == "[PHONE_1]"
    assert len(known) == MOST


@pytest.mark.parametrize("damaged", [{}, {"known": 3}, {"known": ["a"]}, []])
def test_damaged_storage_is_refused(damaged):
    with pytest.raises(ValueError, match="placeholders are damaged"):
        Placeholders.from_dict(damaged, b"secret")


def test_a_typed_placeholder_becomes_round():
    assert escape("I typed [EMAIL_1] and [x]") == "I typed (EMAIL_1) and [x]"


def test_placeholders_of_an_earlier_time_are_gone_on_from():
    known = Placeholders.after("from [EMAIL_1] or [EMAIL_4], [NAME_2]")
    assert known.name("EMAIL", "bob@example.com") == "[EMAIL_5]"
    assert known.name("PHONE", "07700 900982") == "[PHONE_1]"
