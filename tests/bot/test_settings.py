"""What an operator sets: by environment, checked when it is read."""

from pathlib import Path

import pytest

from bot.cli import main
from bot.errors import SettingsError
from bot.settings import Settings


@pytest.mark.parametrize(
    ("name", "value", "may_be"),
    [
        ("FALSE_REJECTS", "0.9", "a number from 0 to 0.3"),
        ("PORT", "99999", "a whole number from 0 to 65535"),
        ("RATE_ADDRESS", "-1", "a whole number of at least 0"),
        ("RELOAD_SECONDS", "0", "a number above 0"),
        ("THREADS", "many", "a whole number from 1 to 64"),
        ("SECURE_COOKIES", "perhaps", "true or false"),
        ("LOG_LEVEL", "loud", "one of DEBUG, INFO, WARNING, ERROR"),
        ("VAULT_KINDS", "[EMAIL", 'a list, such as ["EMAIL", "PHONE"] or EMAIL,PHONE'),
    ],
)
def test_a_setting_that_cannot_be_is_named_with_its_value_and_what_it_may_be(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, may_be: str
) -> None:
    monkeypatch.setenv(f"HANDRAIL_{name}", value)
    with pytest.raises(SettingsError) as told:
        Settings()
    assert str(told.value) == f"HANDRAIL_{name} is '{value}'; it must be {may_be}"


def test_all_settings_that_cannot_be_are_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HANDRAIL_PORT", "70000")
    monkeypatch.setenv("HANDRAIL_MARGIN", "2")
    with pytest.raises(SettingsError, match=r"PORT is '70000'.*, and HANDRAIL_MARGIN is '2'"):
        Settings()


@pytest.mark.parametrize("value", ['["EMAIL", "PHONE"]', "EMAIL, PHONE", "EMAIL PHONE"])
def test_a_list_is_set_as_json_or_parted_by_commas(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("HANDRAIL_VAULT_KINDS", value)
    assert Settings().vault_kinds == ("EMAIL", "PHONE")


@pytest.mark.parametrize(
    "words", ["models threshold", "doctor", "search", "index status", "tickets flagged", "import tickets a.csv"]
)
def test_every_command_tells_a_setting_that_cannot_be_in_one_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str], words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HANDRAIL_FALSE_REJECTS", "0.9")
    monkeypatch.setattr("sys.argv", ["handrail", *words.split()])
    monkeypatch.setattr("bot.cli.keep_training_out", lambda: None)  # other tests of this process train
    with pytest.raises(SystemExit) as ended:
        main()
    told = capsys.readouterr()
    assert (ended.value.code, told.out) == (1, "")
    assert told.err.strip() == "handrail: HANDRAIL_FALSE_REJECTS is '0.9'; it must be a number from 0 to 0.3"
