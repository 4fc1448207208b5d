"""Tickets in a table: one row a ticket, with a column for the question and one for the answer."""

import csv
from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path

from retrieval.errors import SourceError
from retrieval.sources.fields import columns_of, read_rating, read_resolved, read_time
from retrieval.sources.raw import BadRow, RawTicket, Role, Said
from retrieval.sources.text import open_text


def csv_tickets(path: Path, mapping: Mapping[str, str], encoding: str = "") -> Iterator[RawTicket | BadRow]:
    """Each row of `path`; comma, semicolon, tab or bar, whichever the header holds most of.

    Raises SourceError for a wrong encoding, an empty file and a column that there is not.
    """
    with open_text(path, encoding) as file:
        first = file.readline()
        if not first.strip():
            raise SourceError(f"{path} is empty: its first line must name the columns.")
        delimiter = max(",;\t|", key=first.count)
        reader = csv.reader(chain((first,), file), delimiter=delimiter)
        header = next(reader)
        columns = columns_of(header, mapping, str(path))
        places = {field: header.index(column) for field, column in columns.items()}
        while True:
            line = reader.line_num + 1
            try:
                row = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield BadRow(path.name, line, f"not a row of CSV ({error})")
                continue
            if not row:
                continue
            if len(row) != len(header):
                yield BadRow(path.name, line, f"{len(row)} columns where the header has {len(header)}")
                continue
            yield ticket_of({field: row[place] for field, place in places.items()}, line)


def ticket_of(values: Mapping[str, object], line: int) -> RawTicket:
    """A ticket from the value of each field; what a field holds beside text is read loosely."""
    said = (
        Said(Role.CUSTOMER, str(values["question"] or ""), read_time(values.get("created"))),
        Said(Role.AGENT, str(values["answer"] or "")),
    )
    return RawTicket(
        line,
        said,
        origin=str(values.get("id") or ""),
        created=read_time(values.get("created")),
        rating=read_rating(values.get("rating")),
        intent=str(values.get("intent") or "") or None,
        resolved=read_resolved(values.get("resolved")),
        agent=str(values.get("agent_name") or ""),
    )
