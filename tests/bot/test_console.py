"""What the command line says to the person at the terminal."""

import pytest

from bot.cli.console import say


@pytest.mark.parametrize("text", ["of the [train] extra", "a message with [/b] in it", "[EMAIL_1] and [bold]"])
def test_a_line_is_said_as_it_stands(capsys: pytest.CaptureFixture[str], text: str) -> None:
    say(text)
    assert capsys.readouterr().err == f"{text}\n"
