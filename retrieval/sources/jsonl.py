"""Tickets as JSON objects, a line each or in one array: by the names of their fields, or as lists of turns."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from retrieval.errors import SourceError
from retrieval.sources.conversations import conversation_of
from retrieval.sources.csv import ticket_of
from retrieval.sources.fields import columns_of
from retrieval.sources.json_items import json_items
from retrieval.sources.raw import BadRow, RawTicket


def jsonl_tickets(path: Path, mapping: Mapping[str, str], encoding: str = "") -> Iterator[RawTicket | BadRow]:
    """Each object of `path`. The first one that is no list of turns must have a question and an answer, else
    SourceError; a later one that lacks them is a BadRow."""
    columns: dict[frozenset[str], dict[str, str]] = {}
    for item in json_items(path, encoding):
        if isinstance(item, BadRow):
            yield item
            continue
        line, values = item
        if isinstance(values.get("turns"), list):
            yield conversation_of(values, path.name, line)
            continue
        keys = frozenset(values)
        if keys not in columns:
            try:
                columns[keys] = columns_of(
                    keys | set(mapping.values() if columns else ()), mapping, f"{path}, line {line},"
                )
            except SourceError:
                if not columns:
                    raise
                yield BadRow(path.name, line, "no question or no answer")
                continue
        fields = {field: values.get(column) for field, column in columns[keys].items()}
        if lacks := next((field for field in ("question", "answer") if not fields[field]), None):
            yield BadRow(path.name, line, f"no {lacks}")
        else:
            yield ticket_of(fields, line)
