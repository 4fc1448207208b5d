"""The docs name what there is."""

import re
from pathlib import Path

import pytest
from pydantic.fields import FieldInfo

from bot.settings import Settings

TESTS = Path(__file__).parent
THREATS = (TESTS.parent / "docs" / "threats.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`([\w/]+\.py)::(\w+)`", THREATS)))


@pytest.mark.parametrize(("file", "test"), NAMED)
def test_the_test_against_a_threat_is_there(file: str, test: str) -> None:
    assert f"def {test}(" in (TESTS / file).read_text(encoding="utf-8")


def test_every_threat_names_its_test() -> None:
    rows = [line for line in THREATS.splitlines() if line.startswith("| ") and not line.startswith("| threat |")]
    assert [row for row in rows if ".py::test_" not in row] == []


_TABLE = (TESTS.parent / "docs" / "settings.md").read_text(encoding="utf-8")
SETTINGS = dict(re.findall(r"^\| `HANDRAIL_(\w+)` \| ([^|]*) \|", _TABLE, re.M))


def test_every_setting_has_its_row() -> None:
    assert sorted(SETTINGS) == sorted(name.upper() for name in Settings.model_fields)


@pytest.mark.parametrize(("name", "field"), Settings.model_fields.items())
def test_a_setting_says_what_it_is_unless_it_is_set(name: str, field: FieldInfo) -> None:
    told = SETTINGS[name.upper()].strip("` ")
    if isinstance(field.default, bool):
        assert told == str(field.default).lower()
    elif isinstance(field.default, int | float):
        assert float(told) == field.default
