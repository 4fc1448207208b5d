"""The table of promises is what its page says: two halves, and no harmless sentence is refused."""

import pytest

from benchmarks.promises import is_refused, main, promises

HALVES = promises()
HARMLESS = [text for kinds in HALVES.values() for text in kinds["harmless"]]


@pytest.mark.parametrize("text", HALVES["sight"]["grants"])
def test_a_grant_that_was_in_sight_is_refused(text: str) -> None:
    assert is_refused(text)


@pytest.mark.parametrize("text", HARMLESS)
def test_a_harmless_twin_passes(text: str) -> None:
    assert not is_refused(text)


def test_both_halves_hold_thirty_of_each_kind_and_share_none() -> None:
    assert all(len(texts) >= 30 for kinds in HALVES.values() for texts in kinds.values())
    texts = [text for kinds in HALVES.values() for kind in kinds.values() for text in kind]
    assert len(texts) == len(set(texts))


def test_each_half_and_kind_is_counted(capsys: pytest.CaptureFixture[str]) -> None:
    main()
    assert [line.split()[:2] for line in capsys.readouterr().out.splitlines()] == [
        ["sight", "grants"],
        ["sight", "harmless"],
        ["apart", "grants"],
        ["apart", "harmless"],
    ]
