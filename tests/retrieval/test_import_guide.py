"""The examples of docs/import.md, as they stand there."""

import re
from pathlib import Path

import pytest

from retrieval.extraction import extract
from retrieval.passage import Ticket
from retrieval.sources import RawTicket, open_source

GUIDE = Path(__file__).parents[2] / "docs" / "import.md"
EXAMPLES = re.findall(r"<!-- example: (\S+)(.*?) -->\n```\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)


def test_every_format_has_an_example() -> None:
    assert len(EXAMPLES) == 5


@pytest.mark.parametrize(("name", "options", "content"), EXAMPLES, ids=[example[0] for example in EXAMPLES])
def test_the_example_gives_the_ticket(name: str, options: str, content: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(content, "utf-8")
    mapping = dict(pair.split("=") for pair in re.findall(r"--map (\S+)", options))
    (raw,) = open_source(tmp_path / name, mapping=mapping, agents=re.findall(r"--agent (\S+)", options))
    assert isinstance(raw, RawTicket)
    ticket = extract(raw, "id")
    assert isinstance(ticket, Ticket)
    assert "my lamp flickers" in ticket.question
    assert ticket.answer.lower() == "please set the dimmer to 2."
