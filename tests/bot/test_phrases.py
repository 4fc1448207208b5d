"""How the bot puts things."""

import pytest

from bot.phrases import percent


@pytest.mark.parametrize(
    ("share", "text"), [(0.934, "93%"), (1.0, "100%"), (0.999, "over 99%"), (0.0, "0%"), (0.004, "under 1%")]
)
def test_a_percentage_never_claims_more_than_is_known(share: float, text: str) -> None:
    assert percent(share) == text
