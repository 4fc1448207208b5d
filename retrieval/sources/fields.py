"""Which column is what, and how loose values are read."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from retrieval.errors import SourceError

ALIASES: dict[str, tuple[str, ...]] = {
    "question": ("question", "customer", "customer_message", "message", "body", "description", "text"),
    "answer": ("answer", "agent", "agent_reply", "reply", "response", "resolution", "solution"),
    "id": ("id", "ticket_id", "ticket", "number", "origin"),
    "created": ("created", "created_at", "date", "datetime", "at", "timestamp"),
    "rating": ("rating", "csat", "satisfaction", "score", "stars"),
    "intent": ("intent", "label", "category", "topic"),
    "agent_name": ("agent_name", "agent_signature", "assignee"),
    "resolved": ("resolved", "solved", "status"),
}
NEEDED = ("question", "answer")
NAMED = re.compile(r"(?=.{0,40}$)[^\W\d]*\d?(?:[ _./-]+[^\W\d]*\d?){0,3}")  # a column: few words, no number
UNRESOLVED = {"false", "no", "0", "open", "new", "pending", "hold", "unresolved"}
RATINGS = {"good": 5, "bad": 1}


def columns_of(present: Iterable[str], mapping: Mapping[str, str], where: str) -> dict[str, str]:
    """Field -> column. `mapping` (field=column) goes before the usual names, which are compared in any case.

    Raises SourceError for a field or column that there is not, and when question or answer has none.
    """
    columns = {column.strip().lower(): column for column in present}
    if unknown := sorted(set(mapping) - set(ALIASES)):
        raise SourceError(f"There is no field {unknown[0]!r} to map. Fields: {', '.join(ALIASES)}.")
    found = {}
    for field, aliases in ALIASES.items():
        if field in mapping:
            if mapping[field].strip().lower() not in columns:
                raise SourceError(f"{where} has no column {mapping[field]!r}. {_told(columns.values())}")
            found[field] = columns[mapping[field].strip().lower()]
        elif alias := next((alias for alias in aliases if alias in columns), None):
            found[field] = columns[alias]
    if missing := [field for field in NEEDED if field not in found]:
        raise SourceError(
            f"{where} has no column for the {missing[0]}. {_told(columns.values())} "
            f"Say which it is: --map {missing[0]}=COLUMN"
        )
    return found


def _told(columns: Iterable[str]) -> str:
    """What columns there are; not where a first row, without names above it, may have been taken for them."""
    named = [column.strip() for column in columns]
    if not all(NAMED.fullmatch(column) for column in named):
        return "Its first line must name the columns."
    return f"It has: {', '.join(named)}."


def read_time(value: object) -> datetime | None:
    """A time with its zone (UTC where none is given) from ISO 8601, an e-mail date or seconds since 1970; None when
    it is none of them."""
    text = str(value or "").strip()
    for read in (datetime.fromisoformat, parsedate_to_datetime, lambda t: datetime.fromtimestamp(float(t), UTC)):
        try:
            time = read(text)
        except (ValueError, TypeError, OverflowError, OSError):
            continue
        return time if time.tzinfo else time.replace(tzinfo=UTC)
    return None


def read_rating(value: object) -> int | None:
    """1..5, from a number or from good and bad; None when it is neither."""
    text = str(value if value is not None else "").strip().lower()
    if text in RATINGS:
        return RATINGS[text]
    try:
        number = float(text)
    except ValueError:
        return None
    return int(number) if number in (1, 2, 3, 4, 5) else None


def read_resolved(value: object) -> bool:
    """False where the source says that the ticket is still open; True otherwise, and where it says nothing."""
    return str(value if value is not None else "").strip().lower() not in UNRESOLVED
