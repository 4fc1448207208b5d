"""What is redacted comes back from the vault exactly: for its conversation, in its time, under its key."""

from base64 import b64encode
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text as sql

from bot.cli.vault import read
from bot.doctor import examine
from bot.errors import SettingsError, VaultClosed
from bot.settings import Settings
from bot.store import Store
from bot.vault import Vault, fresh_key
from guardrails.normalise import normalise
from guardrails.placeholders import PATTERN, Placeholders, Said
from guardrails.screen import Screen
from tests.bot.fakes import bot

KINDS = ("EMAIL", "PHONE", "CARD", "IBAN", "NAME", "ADDRESS", "IP", "SECRET", "DOB", "ID", "BANK", "URL")
KIT = {"[EMAIL_1]": Said("kit@example.com", "kit@example.com")}


@pytest.fixture(scope="module")
def screen() -> Screen:
    return Screen.build()


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Screen:
    return Screen.default(cache=tmp_path_factory.mktemp("graphs"))


def opened(store: Store, key: str | None = None, hours: float = 1.0) -> Vault:
    vault = Vault.open(store, key or fresh_key(), hours, KINDS)
    assert vault is not None
    return vault


def sealed(store: Store, chat: str, screen: Screen, said: str) -> tuple[str, Vault]:
    """What the screen makes of a message, and a vault that keeps what it took out."""
    placeholders, vault = Placeholders.fresh(), opened(store)
    safe = screen.screen(said, memory=placeholders).safe.text
    vault.keep(chat, placeholders.said)
    return safe, vault


VALUES = st.sampled_from(
    [
        "kit@example.com",
        "ann.o'neill+shop@mail.example.org",
        "4111 1111 1111 1111",
        "GB29 NWBK 6016 1331 9268 19",
        "+44 7700 900982",
        "192.168.1.44",
        "Sarah Jenkins",
        "12 Mill Lane, Leeds LS1 4AB",
        "943-476-5870",
        "bob [at] example [dot] com",
        "eve%40example.com",
        "bXkgbWFpbCBpcyBib2JAZ21haWwuY29t",
        "my card is five five five five five five five five five five five five four four four four",
        "٣٧٨٢ ٨٢٢٤٦٣ ١٠٠٠٥",
        "O77OO 9OO983",
        "M-AB 1234\nplease",
    ]
)
WORDS = st.sampled_from(
    ["please", "call", "my card is", "write to", "\n", "NHS", "order LL-204518", "[x]", "100%", "£5"]
)


@given(st.lists(VALUES | WORDS, max_size=8))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_redacted_and_restored_is_the_original(light: Store, chat: str, screen: Screen, parts: list[str]) -> None:
    original = " ".join(parts)
    safe, vault = sealed(light, chat, screen, original)
    assert vault.restore(chat, safe) == original
    assert not any(value in safe for value in parts if "@" in value)


SPELT = [
    ["kit@example.com", "KIT@EXAMPLE.COM", "Kit@Example.com", "k\u200bit@exam\u00adple.com", "ｋｉｔ@example.com"],
    ["07700 900982", "07700-900982", "07700900982", "+44 7700 900982", "０７７００ 900982", "0770\u200b0 900982"],
    ["4111 1111 1111 1111", "4111-1111-1111-1111", "4111111111111111", "４１１１ 1111 1111 1111"],
    ["GB29 NWBK 6016 1331 9268 19", "gb29nwbk60161331926819", "GB29-NWBK-6016-1331-9268-19"],
]
OTHER = st.sampled_from(["cafe\u0301", "ｆｕｌｌ", "a\u00a0b", "please", "ig\u200bno", "£5"]).map(
    lambda word: (word, word)
)
ONE_OF = [st.sampled_from(forms).map(lambda form, forms=forms: (forms[0], form)) for forms in SPELT]


@given(st.lists(st.one_of(OTHER, *ONE_OF), max_size=7))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_value_comes_back_as_it_was_first_spelt_in_the_text_as_a_reader_sees_it(
    light: Store, chat: str, screen: Screen, parts: list[tuple[str, str]]
) -> None:
    first: dict[str, str] = {}
    spelt = [first.setdefault(value, form) for value, form in parts]
    safe, vault = sealed(light, chat, screen, ", ".join(form for _, form in parts))
    assert vault.restore(chat, safe) == normalise(", ".join(spelt)).text
    assert not any(char.isdigit() for char in PATTERN.sub("", safe).replace("£5", ""))


TAGGED = st.sampled_from(
    [
        "I am Zofia Marchetti",
        "it is for Kwame Boateng",
        "we live at 14 Juniper Road, Leeds LS6 2QT",
        "born on 3 May 1971",
    ]
)


@given(st.lists(TAGGED | VALUES | WORDS, max_size=6))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_the_models_take_out_is_restored_too(light: Store, chat: str, shipped: Screen, parts: list[str]) -> None:
    original = ". ".join(parts)
    safe, vault = sealed(light, chat, shipped, original)
    assert vault.restore(chat, safe) == original


def test_whoever_must_use_a_value_gets_it_plain(light: Store, chat: str, screen: Screen) -> None:
    said = "write to Bob [at] Example [dot] com or call 07700-900982"
    safe, vault = sealed(light, chat, screen, said)
    assert safe == "write to [EMAIL_1] or call [PHONE_1]"
    assert vault.fill(chat, safe) == "write to bob@example.com or call +447700900982"
    assert vault.restore(chat, safe) == said


def test_the_engine_seals_what_a_message_held_and_only_the_kinds_that_are_kept(light: Store) -> None:
    vault = opened(light)
    talk = bot(light)
    talk._vault = vault
    chat = talk.start("customer").id
    assert talk.respond(chat, "write to kit@example.com").text == "write to [EMAIL_1]"
    assert vault.restore(chat, "dear [EMAIL_1]") == "dear kit@example.com"
    vault.keep(chat, {"[PLATE_1]": Said("AB12CDE", "AB12 CDE")})
    with pytest.raises(VaultClosed, match=r"\[PLATE_1\] is not kept"):
        vault.restore(chat, "[PLATE_1]")


def test_nothing_readable_is_stored(light: Store, chat: str) -> None:
    opened(light).keep(chat, KIT)
    with light.database.engine.connect() as connection:
        data = connection.execute(sql("SELECT data FROM sealed")).scalar_one()
    assert b"kit" not in data


@pytest.mark.parametrize("bit", [0, 7, 100, -1])
def test_a_flipped_bit_does_not_open(light: Store, chat: str, bit: int) -> None:
    vault = opened(light)
    vault.keep(chat, KIT)
    with light.database.engine.begin() as connection:
        data = bytearray(connection.execute(sql("SELECT data FROM sealed")).scalar_one())
        data[bit // 8] ^= 1 << bit % 8
        connection.execute(sql("UPDATE sealed SET data = :data"), {"data": bytes(data)})
    with pytest.raises(VaultClosed, match="does not open"):
        vault.restore(chat, "[EMAIL_1]")


def test_a_row_of_another_conversation_or_placeholder_does_not_open(light: Store, chat: str) -> None:
    vault, other = opened(light), light.chats.start("customer-2").id
    vault.keep(chat, KIT)
    for change in ("conversation = :other", "placeholder = '[EMAIL_2]'"):
        with light.database.engine.begin() as connection:
            connection.execute(sql(f"UPDATE sealed SET {change}"), {"other": other} if ":" in change else {})
        with pytest.raises(VaultClosed):
            vault.restore(other, "[EMAIL_1]")
    with pytest.raises(VaultClosed, match="does not open"):
        vault.restore(other, "[EMAIL_2]")


def test_another_key_does_not_open(light: Store, chat: str) -> None:
    opened(light).keep(chat, KIT)
    with pytest.raises(VaultClosed, match="another key"):
        opened(light).restore(chat, "[EMAIL_1]")


def test_what_has_expired_is_closed_and_goes_with_the_next_that_is_kept(light: Store, chat: str) -> None:
    key = fresh_key()
    opened(light, key, hours=1e-9).keep(chat, KIT)
    vault = opened(light, key)
    with pytest.raises(VaultClosed, match="or no longer"):
        vault.restore(chat, "[EMAIL_1]")
    vault.keep(chat, {"[EMAIL_2]": Said("ann@example.com", "ann@example.com")})
    with light.database.engine.connect() as connection:
        assert connection.execute(sql("SELECT placeholder FROM sealed")).scalars().all() == ["[EMAIL_2]"]


def test_without_a_key_there_is_no_vault(light: Store) -> None:
    assert Vault.open(light, "", 1.0, KINDS) is None


def test_without_a_key_no_value_is_kept_and_whoever_asks_for_one_is_told(
    light: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HANDRAIL_HOME", str(tmp_path))
    monkeypatch.delenv("HANDRAIL_VAULT_KEY", raising=False)
    talk = bot(light)
    chat = talk.start("customer").id
    assert talk.respond(chat, "write to kit@example.com").text == "write to [EMAIL_1]"
    with light.database.engine.connect() as connection:
        assert connection.execute(sql("SELECT count(*) FROM sealed")).scalar_one() == 0
    with pytest.raises(SettingsError, match="no vault without HANDRAIL_VAULT_KEY; make a key with: handrail vault key"):
        read(chat, "[EMAIL_1]", who="kim")
    assert "vault.read" not in [event.act for event in light.audit.recent()]
    (told,) = [check for check in examine(Settings()) if check.what == "vault"]
    assert (told.mark, told.found) == ("missing", "none: no value is kept")
    assert "handrail vault key" in told.way_out


@pytest.mark.parametrize("key", ["short", "ä" * 44, b64encode(b"x" * 31).decode(), b64encode(b"x" * 33).decode()])
def test_a_key_of_a_wrong_length_is_refused_and_not_repeated(light: Store, key: str) -> None:
    with pytest.raises(SettingsError, match="32 bytes in base64") as told:
        Vault.open(light, key, 1.0, KINDS)
    assert key not in str(told.value)
