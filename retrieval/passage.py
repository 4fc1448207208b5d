"""A past ticket, and a passage found for a message. Imports nothing of ours."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Ticket:
    """One resolved question, redacted and cleaned: what the customer asked and what resolved it.

    `id` is unique in the store; `origin` is the system's own number for it; `rating` is 1..5 or None;
    `conversation` names the chat it came from, for lineage, or None for an imported one. Of `kind` "article" it is a
    section of a knowledge article instead: its headings, its text, `origin` its file, and `link` leads back to it.
    """

    id: str
    question: str
    answer: str
    origin: str = ""
    created: datetime | None = None
    rating: int | None = None
    intent: str | None = None
    conversation: str | None = None
    kind: str = "ticket"
    link: str = ""


@dataclass(frozen=True, slots=True)
class Passage:
    """A ticket found for a message. `score` is calibrated: the estimated chance, 0..1, that it answers it.

    `conversation` is the chat in which staff wrote the answer, or None for an imported ticket; `kind` and `link` are
    the ticket's.
    """

    ticket: str
    score: float
    question: str
    answer: str
    conversation: str | None = None
    kind: str = "ticket"
    link: str = ""
