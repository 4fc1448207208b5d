"""Disguises are seen through, and what merely looks like them is left alone."""

from random import Random

import pytest

from guardrails.screen import Screen
from training.guards.evasion import DISGUISES, cases, evaluate_evasion, is_caught, is_changed, twins


@pytest.fixture(scope="module")
def screen() -> Screen:
    return Screen.build()


def test_every_disguise_has_cases_and_every_likeness_as_many_twins_as_its_disguises_have_cases() -> None:
    made, alike = list(cases(2, Random(0))), list(twins(2, Random(0)))
    assert {case.disguise for case in made} == set(DISGUISES)
    assert {likeness for _, likeness in alike} == {likeness for _, _, likeness in DISGUISES.values()}
    assert len(made) == len(alike) > 200
    assert all(case.value in case.text and "{" not in case.text for case in made)


def test_cases_are_repeatable_by_their_seed() -> None:
    one, same, other = ([case.text for case in cases(1, Random(seed))] for seed in (1, 1, 2))
    assert one == same != other


def test_the_guards_see_through_nearly_all_and_change_no_twin(screen: Screen) -> None:
    report = evaluate_evasion(screen, each=2, seed=3)
    assert report.caught.value is not None
    assert report.caught.value > 0.93
    assert report.changed.hits <= 3
    assert report.caught.of == sum(share.of for share in report.by_disguise.values())
    assert len(report.missed) == report.caught.of - report.caught.hits
    assert set(report.to_dict()) == {"caught", "twins_changed", "by_disguise", "by_twin"}


def test_what_is_taken_out_in_part_is_not_caught_and_what_is_changed_is_told(screen: Screen) -> None:
    case = next(case for case in cases(1, Random(0)) if case.kind == "card")
    assert is_caught(screen, case)
    assert not is_caught(Screen.build(order=r"\S+"), case)
    assert is_changed(screen, "my mail is bob@example.com")
    assert not is_changed(screen, "the lamp is lovely")
