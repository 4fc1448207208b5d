"""Patterned values are valid and found; what is measured is what was wanted."""

from collections import Counter
from pathlib import Path

import pytest
from stdnum import iban, luhn

from guardrails.screen import Screen
from guardrails.verdict import Span
from models.runtime import Runtime
from tests.models import tiny
from training.personal import evaluate
from training.personal.evaluate import evaluate_pii, is_taken_out
from training.personal.numbers import Numbers
from training.personal.personas import HELD_OUT, Personas

pytestmark = pytest.mark.train


def test_values_are_valid_by_their_own_rule_and_repeatable() -> None:
    one, same = (list(Numbers(["en_IE", "de_AT"], 3).draw(3)) for _ in range(2))
    assert one == same
    by_label: dict[str, list[str]] = {}
    for message in one:
        span = message.spans[0]
        by_label.setdefault(span.label, []).append(message.text[span.start : span.end])
    assert all(luhn.is_valid(card.replace(" ", "")) for card in by_label["CARD"])
    assert all(iban.is_valid(number) for number in by_label["IBAN"])
    assert len(by_label) == 13


def test_a_value_is_taken_out_when_nothing_of_it_is_left() -> None:
    screened = Screen.build().screen("mail bob@example.com or call")
    assert is_taken_out(screened, Span(5, 20, "EMAIL"))
    assert not is_taken_out(screened, Span(5, 28, "EMAIL"))


def test_values_come_with_their_kind_and_state_numbers_with_their_rule() -> None:
    kinds = Counter(kind for kind, _ in Numbers(["en_IE", "de_AT"], 3).draw_by_kind(2))
    assert (kinds["ID, gb.nhs"], kinds["CARD"], kinds["IP"]) == (2, 2, 4)
    assert len(kinds) == 34


def test_people_are_drawn_of_one_locale_alone_where_none_is_english() -> None:
    people = Personas(("sk_SK",), 1)
    assert len({people.draw("LAST") for _ in range(20)}) > 5


def test_without_sets_and_model_the_patterns_and_our_own_messages_are_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evaluate, "EACH_LOCALE", 10)
    base = tiny.trunk(tmp_path)
    shop = tmp_path / "shop"
    (shop / "utterances").mkdir(parents=True)
    rows = ["text,label,split", "the lamp broke,broken,test", "I am Anna Kowalska,name,test"]
    (shop / "utterances" / "a.csv").write_text("\n".join(rows))
    report = evaluate_pii(Runtime.from_folders({}, tmp_path, trunk=base), tmp_path, shop, each=2)
    shares = report.patterned["all"], report.presidio["all"], report.alarms["demo utterances"]
    assert shares[0].value == 1.0
    assert (shares[1].value or 0) < 0.7
    assert (shares[2].hits, shares[2].of) == (1, 2)
    assert list(report.spans) == ["our messages, other locales"]
    assert set(report.to_dict()) == {"patterned", "presidio", "spans", "locales", "alarms"}
    assert next(iter(report.patterned)) == "all"
    assert set(report.locales) == set(HELD_OUT)
    rates = [found.f1 for found in report.locales.values()]
    assert rates == sorted(rates)
