"""Tickets as JSON objects, a line each or in one array: by the names of their fields, or as lists of turns."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from retrieval.sources.conversations import conversation_of
from retrieval.sources.csv import ticket_of
from retrieval.sources.fields import columns_of
from retrieval.sources.json_items import json_items
from retrieval.sources.raw import BadRow, RawTicket


def jsonl_tickets(path: Path, mapping: Mapping[str, str], encoding: str = "") -> Iterator[RawTicket | BadRow]:
    """Each object of `path`. The first one that is no list of turns must have a question and an answer, else
    SourceError; a later one that lacks them is a BadRow."""
    columns: dict[str, str] | None = None
    for item in json_items(path, encoding):
        if isinstance(item, BadRow):
            yield item
            continue
        line, values = item
        if isinstance(values.get("turns"), list):
            yield conversation_of(values, path.name, line)
            continue
        if columns is None:
            columns = columns_of(values, mapping, f"{path}, line {line},")
        if lacks := next((field for field in ("question", "answer") if not values.get(columns[field])), None):
            yield BadRow(path.name, line, f"no {lacks}")
            continue
        yield ticket_of({field: values.get(column) for field, column in columns.items()}, line)
