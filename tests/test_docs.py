"""The docs name what there is."""

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
THREATS = (TESTS.parent / "docs" / "threats.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`([\w/]+\.py)::(\w+)`", THREATS)))


@pytest.mark.parametrize(("file", "test"), NAMED)
def test_the_test_against_a_threat_is_there(file: str, test: str) -> None:
    assert f"def {test}(" in (TESTS / file).read_text(encoding="utf-8")


def test_every_threat_names_its_test() -> None:
    rows = [line for line in THREATS.splitlines() if line.startswith("| ") and not line.startswith("| threat |")]
    assert [row for row in rows if ".py::test_" not in row] == []
