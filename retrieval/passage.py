"""A past ticket, and a passage found for a message. Imports nothing of ours."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Ticket:
    """One resolved question, redacted and cleaned: what the customer asked and what resolved it.

    `id` is unique in the store; `origin` is the system's own number for it; `rating` is 1..5 or None;
    `conversation` names the chat it came from, for lineage, or None for an imported one. Of `kind` "article" it is a
    section of a knowledge article instead: its headings, its text, `origin` its file, and `link` leads back to it.
    `flag` says how the answer contradicts the one that holds now, "" where it does not.
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
    flag: str = ""


@dataclass(frozen=True, slots=True)
class Passage:
    """A ticket found for a message. `score` is calibrated: the estimated chance, 0..1, that it answers it.

    `conversation` is the chat in which staff wrote the answer, or None for an imported ticket; `kind`, `link` and
    `flag` are the ticket's.
    """

    ticket: str
    score: float
    question: str
    answer: str
    conversation: str | None = None
    kind: str = "ticket"
    link: str = ""
    flag: str = ""

    @classmethod
    def of(cls, ticket: Ticket, score: float) -> "Passage":
        """A ticket that was found."""
        said = (ticket.question, ticket.answer, ticket.conversation)
        return cls(ticket.id, score, *said, ticket.kind, ticket.link, ticket.flag)
