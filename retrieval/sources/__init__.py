"""Files of past tickets, read one ticket at a time. One module a format; `open_source` finds the right one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from retrieval.errors import SourceError
from retrieval.sources.conversations import conversation_tickets
from retrieval.sources.csv import csv_tickets
from retrieval.sources.jsonl import jsonl_tickets
from retrieval.sources.mbox import mbox_tickets
from retrieval.sources.raw import BadRow, RawTicket, Role, Said
from retrieval.sources.text import open_text
from retrieval.sources.zendesk import zendesk_tickets

__all__ = ["BadRow", "RawTicket", "Role", "Said", "Source", "open_source"]

FORMATS = ("csv", "jsonl", "conversations", "mbox", "zendesk")
PEEK = 20_000


@dataclass(frozen=True, slots=True)
class Source:
    """Past tickets in a file; may be iterated over more than once. `format` is one of FORMATS."""

    path: Path
    format: str
    read: Callable[[], Iterator[RawTicket | BadRow]]

    def __iter__(self) -> Iterator[RawTicket | BadRow]:
        return self.read()


def open_source(
    path: Path,
    format: str = "auto",
    *,
    mapping: Mapping[str, str] | None = None,
    encoding: str = "",
    agents: Sequence[str] = (),
) -> Source:
    """The tickets of `path`. `format` "auto" goes by the name and the first lines; `mapping` (field=column) is
    for csv and jsonl, `agents` (addresses or domains) for mbox, `encoding` for all but mbox ("": found out).

    Raises SourceError when the file cannot be read or its format not be told; the rows' own faults come while
    iterating.
    """
    if not path.is_file():
        raise SourceError(f"{path} cannot be read: there is no such file. Check the path.")
    format = _format_of(path, encoding) if format == "auto" else format
    readers: dict[str, Callable[[], Iterator[RawTicket | BadRow]]] = {
        "csv": lambda: csv_tickets(path, mapping or {}, encoding),
        "jsonl": lambda: jsonl_tickets(path, mapping or {}, encoding),
        "conversations": lambda: conversation_tickets(path, encoding),
        "mbox": lambda: mbox_tickets(path, agents),
        "zendesk": lambda: zendesk_tickets(path, encoding),
    }
    if format not in readers:
        raise SourceError(f"There is no format {format!r}. Formats: {', '.join(FORMATS)}.")
    return Source(path, format, readers[format])


def _format_of(path: Path, encoding: str) -> str:
    suffix = path.suffix.lower()
    if suffix in (".csv", ".tsv"):
        return "csv"
    if suffix in (".mbox", ".mbx"):
        return "mbox"
    with open_text(path, encoding) as file:
        start = file.read(PEEK)
    for key, format in (('"comments"', "zendesk"), ('"dialogContent"', "conversations"), ('"turns"', "conversations")):
        if key in start:
            return format
    if suffix in (".json", ".jsonl", ".ndjson"):
        return "jsonl"
    if start.startswith("From "):
        return "mbox"
    raise SourceError(f"The format of {path} cannot be told. Name it with --format: {', '.join(FORMATS)}.")
