"""Who may call, and how often."""

import pytest

from bot.errors import Forbidden, TooMany
from bot.gate import KEPT, Gate, Rate


@pytest.mark.parametrize("header", ["Bearer one", "bearer two", "Bearer  one "])
def test_a_key_opens(header: str) -> None:
    Gate(["one", " two "]).admit(header)


@pytest.mark.parametrize(
    "header", [None, "", "one", "Basic one", "Bearer", "Bearer ", "Bearer onetwo", "Bearer \ud800", "Bearer é"]
)
def test_anything_else_does_not(header: str | None) -> None:
    with pytest.raises(Forbidden, match="Bearer KEY"):
        Gate(["one", "two"]).admit(header)


@pytest.mark.parametrize("keys", [[], [""], [" "]])
def test_without_keys_nobody_is_let_in_and_the_setting_is_named(keys: list[str]) -> None:
    with pytest.raises(Forbidden, match="HANDRAIL_API_KEYS"):
        Gate(keys).admit("Bearer ")


def test_a_bucket_empties_and_fills_evenly() -> None:
    now = [0.0]
    rate = Rate(6, clock=lambda: now[0])
    assert [rate.wait("a") for _ in range(6)] == [0.0] * 6
    assert rate.wait("a") == pytest.approx(10)
    assert rate.wait("b") == 0
    now[0] = 5
    assert rate.wait("a") == pytest.approx(5)
    now[0] = 11
    assert rate.wait("a") == 0


def test_no_limit_is_none() -> None:
    assert {Rate(0).wait("a") for _ in range(1000)} == {0.0}


def test_callers_are_forgotten_not_gathered() -> None:
    rate = Rate(1)
    for number in range(KEPT + 50):
        rate.wait(str(number))
    assert len(rate._buckets) == KEPT


def test_a_conversation_and_an_address_have_each_their_own() -> None:
    gate = Gate(conversation=1, address=3)
    gate.count("1.2.3.4", "chat")
    with pytest.raises(TooMany):
        gate.count("1.2.3.4", "chat")
    gate.count("1.2.3.4", "other")
    with pytest.raises(TooMany) as caught:
        gate.count("1.2.3.4")
    assert 0 < caught.value.seconds <= 20
