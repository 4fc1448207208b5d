"""What the store hands out: plain values, detached from any session."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from bot.turn import Kind, Option, Source


class State(StrEnum):
    """Where a conversation stands."""

    OPEN = "open"  # the bot answers
    WAITING = "waiting"  # the customer waits for a person; the bot still answers
    OWNED = "owned"  # a person owns it; the bot is silent
    CLOSED = "closed"  # ended; the next message opens it again


@dataclass(frozen=True, slots=True)
class Conversation:
    """A chat. `customer` is an opaque token; `memory` is what the bot remembers (placeholders, slots);
    `waiting_since` is when the customer began to wait for a person, None when they do not; `urgency`, 0..1, how much
    their most pressing message since then presses."""

    id: str
    customer: str
    state: State
    owner: str
    waiting_for: str
    started: datetime
    last_at: datetime
    channel: str = "chat"
    memory: dict[str, Any] = field(default_factory=dict)
    waiting_since: datetime | None = None
    urgency: float = 0.0


@dataclass(frozen=True, slots=True)
class Feedback:
    """A thumb: `helpful` up or down, the reasons ticked, and a redacted comment."""

    turn: str
    helpful: bool
    reasons: tuple[str, ...] = ()
    comment: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Correction:
    """What a turn should have been; None leaves a part as it was."""

    turn: str
    staff: str
    intent: str | None = None
    answer: str | None = None
    note: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StoredTurn:
    """A turn as stored: redacted message, reply, and who gave it ("bot" or a member of staff). `sentiment` and
    `urgency` are those of `bot.mood.Mood`, None where no message was heard."""

    id: str
    conversation: str
    position: int
    at: datetime
    text: str
    by: str
    kind: Kind
    reply: str
    options: tuple[Option, ...] = ()
    sources: tuple[Source, ...] = ()
    intent: str | None = None
    confidence: float | None = None
    sentiment: float | None = None
    urgency: float | None = None
    feedback: Feedback | None = None
    correction: Correction | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    """One line of the staff's list: a conversation with what its last message says, and in what `mood`."""

    conversation: Conversation
    turns: int
    last_text: str
    last_intent: str | None
    mood: tuple[str, ...]
    unhelpful: int
    corrected: int


@dataclass(frozen=True, slots=True)
class IntentSpec:
    """What the bot can be asked, and its answer (a Jinja2 template). `title` completes
    "I read this as being about ..."; `option` is its button."""

    name: str
    title: str
    option: str
    description: str
    answer: str
    follow_ups: tuple[str, ...] = ()
    handoff: bool = False


@dataclass(frozen=True, slots=True)
class Example:
    """A labelled utterance; `label` "oos" is out of scope; `split` train, dev or test."""

    text: str
    label: str
    split: str = "train"
    origin: str = "seed"
    conversation: str | None = None
    turn: str | None = None


@dataclass(frozen=True, slots=True)
class Promotion:
    """A model put to service. `path` is absolute; `act` is promote or rollback."""

    task: str
    version: str
    path: str
    at: datetime
    by: str
    act: str
    reason: str = ""
    metrics: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """Who did what to which thing."""

    at: datetime
    who: str
    act: str
    subject: str
    detail: dict[str, Any] = field(default_factory=dict)
