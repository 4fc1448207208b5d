"""The tables. Every text column holds redacted text; what a customer typed is nowhere."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, DateTime, ForeignKey, Index, LargeBinary, String, Text, TypeDecorator
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC: aware in Python on every database, also on SQLite, which knows no zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Store as UTC; a naive moment is refused."""
        if value is not None and value.tzinfo is None:
            raise ValueError(f"the moment {value.isoformat()} has no time zone")
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Read as UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """All tables."""

    type_annotation_map = {datetime: UtcDateTime(), dict[str, Any]: JSON(), list[str]: JSON(), str: Text()}  # noqa: RUF012


Id = String(32)
Name = String(80)


class ConversationRow(Base):
    """A chat. `owner` is "bot" or a member of staff; `state` open, waiting (for a person), owned or closed; `urgency`
    the highest of its turns since it began to wait."""

    __tablename__ = "conversations"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    customer: Mapped[str] = mapped_column(Name, index=True)
    channel: Mapped[str] = mapped_column(Name, default="chat")
    state: Mapped[str] = mapped_column(Name, default="open", index=True)
    owner: Mapped[str] = mapped_column(Name, default="bot")
    waiting_for: Mapped[str] = mapped_column(default="")
    waiting_since: Mapped[datetime | None] = mapped_column()
    urgency: Mapped[float] = mapped_column(default=0.0, server_default="0")
    started: Mapped[datetime] = mapped_column()
    last_at: Mapped[datetime] = mapped_column(index=True)
    memory: Mapped[dict[str, Any]] = mapped_column(default=dict)


class TurnRow(Base):
    """One message (redacted) and its reply. An agent's own message has an empty `text`."""

    __tablename__ = "turns"
    __table_args__ = (Index("ix_turns_conversation_position", "conversation", "position", unique=True),)
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    conversation: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    position: Mapped[int] = mapped_column()
    at: Mapped[datetime] = mapped_column(index=True)
    text: Mapped[str] = mapped_column(default="")
    by: Mapped[str] = mapped_column(Name, default="bot")
    kind: Mapped[str] = mapped_column(Name)
    reply: Mapped[str] = mapped_column(default="")
    options: Mapped[list[Any]] = mapped_column(JSON, default=list)
    sources: Mapped[list[Any]] = mapped_column(JSON, default=list)
    intent: Mapped[str | None] = mapped_column(Name, index=True)
    confidence: Mapped[float | None] = mapped_column()
    sentiment: Mapped[float | None] = mapped_column()
    urgency: Mapped[float | None] = mapped_column()


class ExplanationRow(Base):
    """Why a turn's reply was given, whole: see `bot/explain.py`."""

    __tablename__ = "explanations"
    turn: Mapped[str] = mapped_column(ForeignKey("turns.id", ondelete="CASCADE"), primary_key=True)
    data: Mapped[dict[str, Any]] = mapped_column()


class FeedbackRow(Base):
    """A customer's thumb on one reply; the last one counts."""

    __tablename__ = "feedback"
    turn: Mapped[str] = mapped_column(ForeignKey("turns.id", ondelete="CASCADE"), primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    helpful: Mapped[bool] = mapped_column()
    reasons: Mapped[list[str]] = mapped_column(default=list)
    comment: Mapped[str] = mapped_column(default="")


class CorrectionRow(Base):
    """What a member of staff says the turn should have been. The last one counts; None leaves a part as it was."""

    __tablename__ = "corrections"
    turn: Mapped[str] = mapped_column(ForeignKey("turns.id", ondelete="CASCADE"), primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    staff: Mapped[str] = mapped_column(Name)
    intent: Mapped[str | None] = mapped_column(Name)
    answer: Mapped[str | None] = mapped_column()
    note: Mapped[str] = mapped_column(default="")


class ImportRow(Base):
    """One import of tickets, or one folder of articles. Its tickets count only when `finished` is set."""

    __tablename__ = "imports"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    source: Mapped[str] = mapped_column(Name)
    file: Mapped[str] = mapped_column()
    started: Mapped[datetime] = mapped_column()
    finished: Mapped[datetime | None] = mapped_column()
    kept: Mapped[int] = mapped_column(default=0)


class TicketRow(Base):
    """A past ticket or a section of an article: redacted, cleaned, screened. `serial` is its number in the index."""

    __tablename__ = "tickets"
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012  a serial is never given twice
    serial: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(Id, unique=True)
    key: Mapped[str] = mapped_column(String(64), unique=True)
    batch: Mapped[str] = mapped_column(ForeignKey("imports.id", ondelete="CASCADE"), index=True)
    question: Mapped[str] = mapped_column()
    answer: Mapped[str] = mapped_column()
    origin: Mapped[str] = mapped_column(Name, default="")
    created: Mapped[datetime | None] = mapped_column()
    rating: Mapped[int | None] = mapped_column()
    intent: Mapped[str | None] = mapped_column(Name)
    conversation: Mapped[str | None] = mapped_column(Id, index=True)
    kind: Mapped[str] = mapped_column(Name, default="ticket")
    link: Mapped[str] = mapped_column(default="")
    flag: Mapped[str] = mapped_column(default="")


class IntentRow(Base):
    """What the bot can be asked, and what it answers."""

    __tablename__ = "intents"
    name: Mapped[str] = mapped_column(Name, primary_key=True)
    position: Mapped[int] = mapped_column(default=0)
    title: Mapped[str] = mapped_column()
    option: Mapped[str] = mapped_column()
    description: Mapped[str] = mapped_column()
    answer: Mapped[str] = mapped_column()
    follow_ups: Mapped[list[str]] = mapped_column(default=list)
    handoff: Mapped[bool] = mapped_column(default=False)


class ExampleRow(Base):
    """A labelled utterance. `origin` is seed or correction; `conversation` is its lineage."""

    __tablename__ = "examples"
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    text: Mapped[str] = mapped_column()
    label: Mapped[str] = mapped_column(Name, index=True)
    split: Mapped[str] = mapped_column(Name)
    origin: Mapped[str] = mapped_column(Name)
    conversation: Mapped[str | None] = mapped_column(Id, index=True)
    turn: Mapped[str | None] = mapped_column(Id)
    added: Mapped[datetime] = mapped_column()


class ApprovalRow(Base):
    """A screened piece of content (a template, a ticket's answer), by the hash of its text."""

    __tablename__ = "approvals"
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    action: Mapped[str] = mapped_column(Name)
    policy: Mapped[str] = mapped_column(Name)
    at: Mapped[datetime] = mapped_column()


class SealedRow(Base):
    """The value behind a placeholder, sealed: see `bot/vault.py`. Gone when its time is up."""

    __tablename__ = "sealed"
    conversation: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True)
    placeholder: Mapped[str] = mapped_column(Name, primary_key=True)
    data: Mapped[bytes] = mapped_column(LargeBinary)
    until: Mapped[datetime] = mapped_column(index=True)


class PromotionRow(Base):
    """A model that was put to service; the last one of a task serves. `path` is relative to the home folder."""

    __tablename__ = "promotions"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    task: Mapped[str] = mapped_column(Name, index=True)
    version: Mapped[str] = mapped_column(Name)
    path: Mapped[str] = mapped_column()
    at: Mapped[datetime] = mapped_column()
    by: Mapped[str] = mapped_column(Name)
    act: Mapped[str] = mapped_column(Name)
    reason: Mapped[str] = mapped_column(default="")
    metrics: Mapped[dict[str, Any]] = mapped_column(default=dict)


class StaffRow(Base):
    """Who may open the console. `password` is an argon2 hash."""

    __tablename__ = "staff"
    name: Mapped[str] = mapped_column(Name, primary_key=True)
    password: Mapped[str] = mapped_column()
    created: Mapped[datetime] = mapped_column()


class AuditRow(Base):
    """Who did what to which thing, and when. Details hold no message text."""

    __tablename__ = "audit_events"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    at: Mapped[datetime] = mapped_column(index=True)
    who: Mapped[str] = mapped_column(Name)
    act: Mapped[str] = mapped_column(Name, index=True)
    subject: Mapped[str] = mapped_column()
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)
