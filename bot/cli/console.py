"""How the command line reads and prints: JSON lines in and out, tables, progress on standard error."""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any, TextIO

import typer
from rich.console import Console, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from bot.errors import ContentError

errors = Console(stderr=True, highlight=False)
STANDARD_INPUT = Path("-")


def progress() -> Progress:
    """A progress bar with rate and time left, on standard error."""
    return Progress(
        SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
        console=errors,
    )  # fmt: skip


def say(text: str) -> None:
    """One line for the person at the terminal, on standard error; what stands in it is no markup."""
    errors.print(text, soft_wrap=True, markup=False)


def print_json(value: Any) -> None:
    """One JSON value on one line of standard output."""
    typer.echo(json.dumps(value, ensure_ascii=False, default=str))


def print_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table on standard output; numbers stand to the right."""
    listed = [list(row) for row in rows]
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for place, name in enumerate(columns):
        numbers = all(isinstance(row[place], int | float) for row in listed)
        table.add_column(name, justify="right" if listed and numbers else "left")
    for row in listed:
        table.add_row(*(Text("" if cell is None else str(cell)) for cell in row))  # a cell is no markup
    Console(highlight=False, soft_wrap=not sys.stdout.isatty()).print(table)


def print_renderable(thing: RenderableType) -> None:
    """A table that somebody else has laid out, on standard output."""
    Console(highlight=False).print(thing)


def read_lines(file: Path) -> Iterator[dict[str, Any]]:
    """JSON objects, one a line, of a file or of standard input ("-"). Raises ContentError with the line.

    A line that is not JSON is taken as a text of its own when it does not begin with a brace.
    """
    if file != STANDARD_INPUT and not file.exists():
        raise ContentError(f"{file} does not exist")
    handle: Any = nullcontext(sys.stdin) if file == STANDARD_INPUT else file.open(encoding="utf-8-sig")
    with handle as lines:
        yield from _parsed(lines, file)


def _parsed(lines: TextIO, file: Path) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        if not line.lstrip().startswith("{"):
            yield {"id": number, "text": line.rstrip("\n")}
            continue
        try:
            row: Mapping[str, Any] = json.loads(line)
        except json.JSONDecodeError as error:
            raise ContentError(f"{file}, line {number}: not JSON: {error.msg}") from None
        if not isinstance(row.get("text"), str):
            raise ContentError(f"{file}, line {number}: 'text' is missing or not a string")
        yield {"id": number, **row}
