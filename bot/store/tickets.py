"""Past tickets. They become visible only when their import has ended well."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from hashlib import sha256

from sqlalchemy import ColumnElement, Select, bindparam, delete, func, select, update
from sqlalchemy.orm import Session

from bot.errors import Conflict, NotFound
from bot.records import StoredTurn
from bot.schema import Base, ImportRow, TicketRow
from bot.store.audit import record
from bot.store.database import Database
from bot.turn import new_id
from retrieval.passage import Ticket

CHUNK = 500  # keys in one statement
STAFF_BATCH = "staff"  # the batch of answers that staff wrote


# The statement of every search, made once.
_TICKETS, _IMPORTS = (Base.metadata.tables[name] for name in ("tickets", "imports"))
_FIELDS = [_TICKETS.c[field.name] for field in fields(Ticket)]
_OPEN = select(_IMPORTS.c.id).where(_IMPORTS.c.finished.is_(None))
_BY_SERIAL = select(_TICKETS.c.serial, *_FIELDS).where(
    _TICKETS.c.serial.in_(bindparam("serials", expanding=True)), _TICKETS.c.batch.not_in(_OPEN)
)

ARTICLES = "articles"  # the source of an import that is a folder of articles


def content_key(question: str, answer: str, link: str = "") -> str:
    """What makes two tickets the same: question, answer and, of an article, its place; whatever their case and
    spacing."""
    parts = (question, answer, link) if link else (question, answer)
    return sha256("\x1f".join(" ".join(part.lower().split()) for part in parts).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class ArticleChanges:
    """What became of the sections of a folder of articles: new or changed, as they were, gone."""

    added: int
    unchanged: int
    removed: int


class TicketImport:
    """An import that is under way; made by `Tickets.importing`."""

    def __init__(self, database: Database, batch: str) -> None:
        self._database = database
        self.batch = batch
        self.added = 0

    def add(self, tickets: Sequence[Ticket]) -> int:
        """Stage tickets; those whose content is known are left out. Returns how many were new."""
        fresh: dict[str, Ticket] = {}
        for ticket in tickets:
            fresh.setdefault(content_key(ticket.question, ticket.answer), ticket)
        with self._database.transaction() as session:
            known = set(session.scalars(select(TicketRow.key).where(TicketRow.key.in_(fresh))))
            rows = [_row(t, key, self.batch) for key, t in fresh.items() if key not in known]
            session.add_all(rows)
        self.added += len(rows)
        return len(rows)


class Tickets:
    """The company's past tickets."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @contextmanager
    def importing(self, source: str, file: str) -> Iterator[TicketImport]:
        """Stage an import: all of it counts when the block ends well, none when it does not.

        What an import that was killed left behind is removed when the next one starts; so is one that is still
        under way, which then ends with Conflict.
        """
        batch = new_id()
        with self._database.transaction() as session:
            session.execute(delete(TicketRow).where(TicketRow.batch.in_(_unfinished())))
            session.execute(delete(ImportRow).where(ImportRow.finished.is_(None)))
            session.add(ImportRow(id=batch, source=source, file=file, started=datetime.now(UTC), finished=None, kept=0))
        try:
            staged = TicketImport(self._database, batch)
            yield staged
        except BaseException:
            with self._database.transaction() as session:
                session.execute(delete(TicketRow).where(TicketRow.batch == batch))
                session.execute(delete(ImportRow).where(ImportRow.id == batch))
            raise
        with self._database.transaction() as session:
            done = {"finished": datetime.now(UTC), "kept": staged.added}
            finished = update(ImportRow).where(ImportRow.id == batch).values(**done).returning(ImportRow.id)
            if session.scalar(finished) is None:
                raise Conflict(f"another import began while that of {file} was under way and removed it; run it again")
            record(session, "operator", "tickets.import", batch, {"source": source, "kept": staged.added})

    def put_articles(self, folder: str, sections: Sequence[Ticket], unreadable: Sequence[str] = ()) -> ArticleChanges:
        """Make `sections` those of a folder of articles, in one step: what is as it was keeps its serial number, what
        the folder no longer has goes. Sections of `unreadable` files (origins) stay as they were."""
        fresh = {content_key(t.question, t.answer, t.link): t for t in sections}
        with self._database.transaction() as session:
            of_folder = (ImportRow.source == ARTICLES, ImportRow.file == folder)
            batch = session.scalar(select(ImportRow.id).where(*of_folder)) or new_id()
            now = datetime.now(UTC)
            session.merge(ImportRow(id=batch, source=ARTICLES, file=folder, started=now, finished=now, kept=len(fresh)))
            session.flush()
            theirs = select(TicketRow.key, TicketRow.origin).where(TicketRow.batch == batch)
            known = dict(session.execute(theirs).tuples().all())
            gone = [key for key, origin in known.items() if key not in fresh and origin not in unreadable]
            for at in range(0, len(gone), CHUNK):
                session.execute(delete(TicketRow).where(TicketRow.key.in_(gone[at : at + CHUNK])))
            new = [_row(section, key, batch) for key, section in fresh.items() if key not in known]
            session.add_all(new)
            changes = ArticleChanges(len(new), len(fresh) - len(new), len(gone))
            record(session, "operator", "tickets.import", batch, {"source": ARTICLES, **asdict(changes)})
        return changes

    def add_answer(self, turn: StoredTurn, answer: str, who: str) -> Ticket | None:
        """Keep what staff say answers a turn's message as a ticket of its own; None when it is known already."""
        ticket = Ticket(
            id=new_id(), question=turn.text, answer=answer, origin=f"turn {turn.id}", created=turn.at, rating=5,
            conversation=turn.conversation,
        )  # fmt: skip
        key = content_key(ticket.question, ticket.answer)
        with self._database.transaction() as session:
            _forget_answer(session, turn.id, key)  # a second correction replaces the first
            if session.get(ImportRow, STAFF_BATCH) is None:
                now = datetime.now(UTC)
                session.add(ImportRow(id=STAFF_BATCH, source="staff", file="", started=now, finished=now, kept=0))
                session.flush()
            if session.scalar(select(TicketRow.id).where(TicketRow.key == key)) is not None:
                return None
            session.add(_row(ticket, key, STAFF_BATCH))
            record(session, who, "tickets.answer", ticket.id, {"turn": turn.id})
        return ticket

    def withdraw_answer(self, turn: str, who: str) -> bool:
        """Take back what staff wrote as the answer to a turn; False when there was none."""
        with self._database.transaction() as session:
            gone = _forget_answer(session, turn)
            if gone:
                record(session, who, "tickets.remove", f"turn {turn}")
            return gone

    def remove(self, ids: Sequence[str]) -> list[str]:
        """Remove tickets; returns the ids of those that there were."""
        with self._database.transaction() as session:
            found = list(session.scalars(select(TicketRow.id).where(TicketRow.id.in_(ids))))
            session.execute(delete(TicketRow).where(TicketRow.id.in_(ids)))
            record(session, "operator", "tickets.remove", f"{len(found)} tickets", {"tickets": found[:100]})
            return found

    def flag(self, flags: Mapping[str, str]) -> None:
        """Keep by a ticket's id how its answer contradicts the one that holds now; "" where it does not."""
        with self._database.transaction() as session:
            rows = session.execute(select(TicketRow.serial, TicketRow.id, TicketRow.flag)).all()
            changed = [(serial, flags[id]) for serial, id, known in rows if flags.get(id, known) != known]
            if changed:
                session.execute(update(TicketRow), [{"serial": serial, "flag": flag} for serial, flag in changed])

    def flagged(self) -> list[Ticket]:
        """The tickets whose answer contradicts the one that holds now."""
        with self._database.reading() as session:
            return [_ticket(row) for row in session.scalars(_visible().where(TicketRow.flag != ""))]

    def get(self, ticket: str) -> Ticket:
        """One ticket. Raises NotFound."""
        found = self.many([ticket])
        if not found:
            raise NotFound.of("ticket", ticket, "; it may have been removed")
        return found[ticket]

    def many(self, ids: Sequence[str]) -> dict[str, Ticket]:
        """Tickets by id; those that are gone are left out."""
        with self._database.reading() as session:
            return {r.id: _ticket(r) for r in session.scalars(_visible().where(TicketRow.id.in_(ids)))}

    def by_serial(self, serials: Sequence[int]) -> dict[int, Ticket]:
        """Tickets by their number in the index; those that are gone are left out."""
        with self._database.asking() as connection:
            rows = connection.execute(_BY_SERIAL, {"serials": serials})
            return {serial: Ticket(*fields) for serial, *fields in rows}

    def each(self, batch: int = 1000, after: int = 0) -> Iterator[tuple[int, Ticket]]:
        """All tickets with their serial numbers, in that order, from `after` on; memory holds one batch."""
        while True:
            query = _visible().where(TicketRow.serial > after).order_by(TicketRow.serial).limit(batch)
            with self._database.reading() as session:
                rows = [(r.serial, _ticket(r)) for r in session.scalars(query)]
            yield from rows
            if len(rows) < batch:
                return
            after = rows[-1][0]

    def serials(self) -> list[int]:
        """The serial numbers of all tickets, ascending: what an index must hold."""
        query = _visible().with_only_columns(TicketRow.serial).order_by(TicketRow.serial)
        with self._database.reading() as session:
            return list(session.scalars(query))

    def count(self) -> int:
        """How many tickets there are."""
        with self._database.reading() as session:
            return session.scalar(select(func.count()).select_from(_visible().subquery())) or 0

    def fingerprint(self) -> str:
        """Changes whenever a ticket is added or removed; an index that was built under another is out of date.

        Made of each import's number of tickets and the sum of their serial numbers, which an index of the database
        gives without reading a ticket. Serial numbers only grow and a ticket never changes, so one store has no two
        contents with the same figures; imports have random names, so two stores have none either.
        """
        figures = (TicketRow.batch, func.count(), func.sum(TicketRow.serial))
        query = select(*figures).where(_counts()).group_by(TicketRow.batch).order_by(TicketRow.batch)
        with self._database.reading() as session:
            rows = [f"{batch}:{count}:{int(total)}" for batch, count, total in session.execute(query)]
        return sha256(";".join(rows).encode()).hexdigest()[:16]


def _forget_answer(session: Session, turn: str, but: str = "") -> bool:
    """Delete the tickets that staff wrote for a turn, all but the one of the key `but`."""
    theirs = (TicketRow.batch == STAFF_BATCH, TicketRow.origin == f"turn {turn}", TicketRow.key != but)
    return bool(session.scalars(delete(TicketRow).where(*theirs).returning(TicketRow.id)).all())


def _unfinished() -> Select[str]:
    return select(ImportRow.id).where(ImportRow.finished.is_(None))


def _counts() -> ColumnElement[bool]:
    return TicketRow.batch.not_in(_unfinished())


def _visible() -> Select[TicketRow]:
    return select(TicketRow).where(_counts())


def _row(ticket: Ticket, key: str, batch: str) -> TicketRow:
    return TicketRow(
        id=ticket.id, key=key, batch=batch, question=ticket.question, answer=ticket.answer, origin=ticket.origin,
        created=ticket.created, rating=ticket.rating, intent=ticket.intent, conversation=ticket.conversation,
        kind=ticket.kind, link=ticket.link, flag=ticket.flag,
    )  # fmt: skip


def _ticket(row: TicketRow) -> Ticket:
    return Ticket(*(getattr(row, field.name) for field in fields(Ticket)))
