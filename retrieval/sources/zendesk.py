"""Tickets as Zendesk exports them: JSON with comments, in lines, an array, or {"tickets": [...]}.

Only public comments are read; the requester is the customer, everybody else an agent.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from retrieval.sources.fields import read_rating, read_resolved, read_time
from retrieval.sources.json_items import json_items
from retrieval.sources.raw import BadRow, RawTicket, Role, Said


def zendesk_tickets(path: Path, encoding: str = "") -> Iterator[RawTicket | BadRow]:
    """Each ticket of `path` (https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/)."""
    for item in json_items(path, encoding, within="tickets"):
        yield item if isinstance(item, BadRow) else _ticket_of(item[1], path.name, item[0])


def _ticket_of(ticket: Mapping[str, Any], file: str, line: int) -> RawTicket | BadRow:
    comments, requester = ticket.get("comments"), ticket.get("requester_id")
    if not isinstance(comments, list) or not all(isinstance(comment, dict) for comment in comments):
        return BadRow(file, line, "no comments: export the tickets with their comments")
    if requester is None:
        return BadRow(file, line, "no requester_id")
    said = [
        Said(
            Role.CUSTOMER if comment.get("author_id") == requester else Role.AGENT,
            str(comment.get("plain_body") or comment.get("body") or ""),
            read_time(comment.get("created_at")),
        )
        for comment in comments
        if comment.get("public", True)
    ]
    subject = str(ticket.get("raw_subject") or ticket.get("subject") or "").strip()
    if said and said[0].role is Role.CUSTOMER and subject and subject.lower() not in said[0].text.lower():
        said[0] = Said(Role.CUSTOMER, f"{subject}\n{said[0].text}", said[0].at)
    satisfaction = ticket.get("satisfaction_rating")
    return RawTicket(
        line,
        tuple(said),
        origin=str(ticket.get("id") or ""),
        created=read_time(ticket.get("created_at")),
        rating=read_rating(satisfaction.get("score") if isinstance(satisfaction, dict) else satisfaction),
        resolved=read_resolved(ticket.get("status")),
    )
