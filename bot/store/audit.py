"""The audit trail: written in the same transaction as the act itself."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.records import AuditEvent
from bot.schema import AuditRow
from bot.store.database import Database

SERVED = (
    *("intents.import", "intent.answer", "tickets.import", "tickets.remove", "tickets.answer", "index.learn"),
    *("model.promote", "model.rollback"),
)  # the acts that change what a running server serves


def record(session: Session, who: str, act: str, subject: str, detail: dict[str, Any] | None = None) -> None:
    """Note an act beside the change it made. `detail` holds names and numbers, never a message."""
    session.add(AuditRow(at=datetime.now(UTC), who=who, act=act, subject=subject, detail=detail or {}))


class Audit:
    """Who did what."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def note(self, who: str, act: str, subject: str, detail: dict[str, Any] | None = None) -> None:
        """Note an act that changed nothing in the database itself."""
        with self._database.transaction() as session:
            record(session, who, act, subject, detail)

    def happened(self, act: str, subject: str) -> bool:
        """Whether an act on this thing stands in the trail."""
        query = select(AuditRow.id).where(AuditRow.act == act, AuditRow.subject == subject).limit(1)
        with self._database.reading() as session:
            return session.scalar(query) is not None

    def revision(self) -> int:
        """Grows whenever something changes that a running server serves: models, intents, tickets."""
        query = select(func.max(AuditRow.id)).where(AuditRow.act.in_(SERVED))
        with self._database.reading() as session:
            return session.scalar(query) or 0

    def recent(self, limit: int = 100) -> list[AuditEvent]:
        """The newest events, newest first."""
        query = select(AuditRow).order_by(AuditRow.id.desc()).limit(limit)
        with self._database.reading() as session:
            return [AuditEvent(r.at, r.who, r.act, r.subject, r.detail) for r in session.scalars(query)]
