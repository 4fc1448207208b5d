"""The one value that flows: a turn, from the message to the reply and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from uuid import uuid4

from bot.dialogue import Dialogue, Move
from bot.mood import Mood
from guardrails.verdict import Verdict
from models.intent import Intent
from models.runtime import Reading
from retrieval.passage import Passage


class Kind(StrEnum):
    """What a reply is."""

    ANSWER = "answer"
    QUESTION = "question"
    HANDOFF = "handoff"
    REFUSAL = "refusal"
    SILENCE = "silence"


@dataclass(frozen=True, slots=True)
class Source:
    """Where an answer comes from: `kind` is "intent" (a template), "ticket" or "article"; `ref` its name or id;
    `link` leads to an article, "" where there is nowhere to go."""

    kind: str
    ref: str
    title: str
    link: str = ""


@dataclass(frozen=True, slots=True)
class Option:
    """A quick reply: what the button says, and the text that it sends."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What the customer sees. `text` is plain text or a little Markdown; empty only for silence."""

    kind: Kind
    text: str
    sources: tuple[Source, ...] = ()
    options: tuple[Option, ...] = ()


def new_id() -> str:
    """A fresh opaque identifier, 32 hexadecimal digits."""
    return uuid4().hex


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a message that is answered by itself, what it was understood as, and the details it names."""

    text: str
    intent: Intent
    named: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Turn:
    """One message and all that was made of it.

    `said` is the raw message: it lives in memory only and stays out of `repr`. Everything else is safe
    to store. `reading` is what the models made of the message. `dialogue` is where the conversation stood before,
    `move` what the message does in it, `asked` the message with the question that it was read together with ("" for
    none), `together` what the models made of that, where they had to. `weighed` is whether the intent was weighed in
    the light of the topic. `named` are the details in this message, `slots` all that hold now, `others` those of which
    it means another than the one before. `parts` are the questions that are answered each; with none, `intent` is the
    one. `told` and `wanted` are those of the draft.
    `timings` are milliseconds by step; `versions` the models, index and policy that served.
    """

    conversation: str
    said: str = field(repr=False, default="")
    id: str = field(default_factory=new_id)
    at: datetime = field(default_factory=lambda: datetime.now(UTC))
    inbound: Verdict | None = None
    reading: Reading | None = field(repr=False, default=None)
    together: Reading | None = field(repr=False, default=None)
    dialogue: Dialogue = field(default_factory=Dialogue)
    move: Move = Move.ASKS
    asked: str = ""
    weighed: bool = False
    intent: Intent | None = None
    parts: tuple[Part, ...] = ()
    mood: Mood = field(default_factory=Mood)
    named: dict[str, str] = field(default_factory=dict)
    slots: dict[str, str] = field(default_factory=dict)
    others: frozenset[str] = frozenset()
    passages: tuple[Passage, ...] = ()
    draft: Reply | None = None
    told: tuple[str, ...] = ()
    wanted: str = ""
    outbound: Verdict | None = None
    reply: Reply | None = None
    reason: str = ""
    timings: dict[str, float] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The redacted message; empty until the inbound guards have passed it."""
        return self.inbound.text if self.inbound else ""
