"""What a source yields: a ticket as it was written, or a row that could not be read."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """Who speaks."""

    CUSTOMER = "customer"
    AGENT = "agent"


@dataclass(frozen=True, slots=True, repr=False)
class Said:
    """One thing that was said, as it was written; `at` is None when the source does not say."""

    role: Role
    text: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True, repr=False)
class RawTicket:
    """One past conversation as its source holds it: not yet cleaned, not yet redacted.

    `line` is where it begins, from 1; `origin` the source's own number for it. `agent` is the name that the
    agent signs with, where it is known; `accounts` are the public accounts, in lower case and without "@",
    that the customer addressed: their names stay in the question, all other handles go.
    """

    line: int
    said: tuple[Said, ...]
    origin: str = ""
    created: datetime | None = None
    rating: int | None = None
    intent: str | None = None
    resolved: bool = True
    agent: str = ""
    accounts: frozenset[str] = field(default=frozenset())


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that is skipped. `reason` never quotes the row."""

    file: str
    line: int
    reason: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.reason}"
