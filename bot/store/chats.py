"""Conversations, their turns, and what people said about them."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, Select, and_, bindparam, case, delete, func, insert, or_, select, update
from sqlalchemy.orm import Session

from bot.errors import Conflict, NotFound
from bot.mood import URGENT, named
from bot.records import Conversation, Correction, Feedback, State, StoredTurn, Summary
from bot.schema import Base, ConversationRow, CorrectionRow, ExplanationRow, FeedbackRow, TurnRow
from bot.store.audit import record
from bot.store.database import Database
from bot.turn import Kind, Option, Source, Turn, new_id

# The statements of every turn, made once.
_CHATS, _TURNS, _WHYS = (Base.metadata.tables[name] for name in ("conversations", "turns", "explanations"))
_OF_CHAT = _CHATS.c.id == bindparam("chat")
_CHAT = select(_CHATS).where(_OF_CHAT)
_SAID = select(_TURNS.c.id, _TURNS.c.text).where(_TURNS.c.conversation == bindparam("chat"), _TURNS.c.text != "")
_LAST_SAID = _SAID.order_by(_TURNS.c.position.desc()).limit(bindparam("most"))
_STANDS = select(_CHATS.c.state, _CHATS.c.owner, _CHATS.c.urgency).where(_OF_CHAT).with_for_update()
_MOVE = update(_CHATS).where(_OF_CHAT)
_NEXT = select(func.coalesce(func.max(_TURNS.c.position) + 1, 0)).where(_TURNS.c.conversation == bindparam("chat"))
_WRITE = insert(_TURNS).values(position=_NEXT.scalar_subquery())
_EXPLAIN = insert(_WHYS)


class Chats:
    """Every chat that the bot has had."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # Conversations

    def start(self, customer: str, channel: str = "chat") -> Conversation:
        """Open a conversation for a customer, who is known by an opaque token."""
        now = datetime.now(UTC)
        with self._database.transaction() as session:
            row = ConversationRow(
                id=new_id(), customer=customer, channel=channel, state="open", owner="bot", waiting_for="",
                waiting_since=None, urgency=0.0, started=now, last_at=now, memory={},
            )  # fmt: skip
            session.add(row)
            return _conversation(row)

    def get(self, conversation: str) -> Conversation:
        """One conversation. Raises NotFound."""
        with self._database.asking() as connection:
            row = connection.execute(_CHAT, {"chat": conversation}).one_or_none()
        if row is None:
            raise _unknown(conversation)
        return _conversation(row)

    def latest_of(self, customer: str) -> Conversation | None:
        """The customer's most recent conversation, or None."""
        query = select(ConversationRow).where(ConversationRow.customer == customer)
        with self._database.reading() as session:
            row = session.scalar(query.order_by(ConversationRow.last_at.desc()).limit(1))
            return _conversation(row) if row else None

    def move(self, conversation: str, state: State, *, owner: str = "bot", why: str = "", who: str = "bot") -> None:
        """Put a conversation into another state. Only the person who owns one may move it.

        Raises Conflict when somebody else owns it.
        """
        with self._database.transaction() as session:
            row = _row(session, conversation, lock=True)
            if row.state == State.OWNED and row.owner != who:
                raise Conflict(
                    f"conversation {conversation} belongs to {row.owner}, not to {who}; ask them to hand it over"
                )
            row.state, row.owner, row.waiting_for = state, owner, why
            row.waiting_since = datetime.now(UTC) if state is State.WAITING else None
            row.urgency = row.urgency if state is State.WAITING else 0.0
            record(session, who, f"conversation.{state}", conversation, {"why": why} if why else {})

    def search(
        self, *, text: str = "", intent: str = "", state: str = "", unhelpful: bool = False,
        limit: int = 50, offset: int = 0,
    ) -> list[Summary]:  # fmt: skip
        """Conversations for the staff's list: first those that wait for a person (what is urgent, then the longest),
        then the newest.

        `text` is looked for in messages and replies, without regard to case.
        """
        query = _filtered(select(ConversationRow), text, intent, state, unhelpful)
        waiting = ConversationRow.state == State.WAITING
        waits = case((waiting, 0), else_=1)
        presses = case((and_(waiting, ConversationRow.urgency >= URGENT), 0), else_=1)
        query = (
            query.order_by(waits, presses, ConversationRow.waiting_since, ConversationRow.last_at.desc())
            .limit(limit)
            .offset(offset)
        )
        with self._database.reading() as session:
            return [_summary(session, row) for row in session.scalars(query)]

    def count(self, *, text: str = "", intent: str = "", state: str = "", unhelpful: bool = False) -> int:
        """How many conversations `search` would find without a limit."""
        query = _filtered(select(func.count()).select_from(ConversationRow), text, intent, state, unhelpful)
        with self._database.reading() as session:
            return session.scalar(query) or 0

    # Turns

    def add_turn(self, turn: Turn, explanation: dict[str, Any], memory: dict[str, Any]) -> None:
        """Write a finished turn, its explanation and the conversation's memory, in one transaction.

        Raises Conflict when the bot would speak in a conversation that a person owns.
        """
        if turn.reply is None:
            raise ValueError(f"turn {turn.id} has no reply yet")
        with self._database.telling() as connection:  # a third of the time of mapped rows
            stands = connection.execute(_STANDS, {"chat": turn.conversation}).one_or_none()
            if stands is None:
                raise _unknown(turn.conversation)
            if stands.state == State.OWNED and turn.reply.kind is not Kind.SILENCE:
                raise Conflict(f"conversation {turn.conversation} belongs to {stands.owner}; the bot must be silent")
            moved: dict[str, Any] = {"last_at": turn.at, "memory": memory}
            if turn.reply.kind is Kind.HANDOFF and stands.state in (State.OPEN, State.CLOSED):
                moved |= {"state": State.WAITING, "waiting_for": turn.reason, "waiting_since": turn.at}
            elif stands.state == State.CLOSED:
                moved |= {"state": State.OPEN}
            if State.WAITING in (stands.state, moved.get("state")):
                moved |= {"urgency": max(stands.urgency, turn.mood.urgency)}
            connection.execute(_MOVE, {"chat": turn.conversation, **moved})
            written = {
                "chat": turn.conversation, "id": turn.id, "conversation": turn.conversation, "at": turn.at,
                "text": turn.text, "by": "bot", "kind": turn.reply.kind, "reply": turn.reply.text,
                "options": [[o.label, o.text] for o in turn.reply.options],
                "sources": [[s.kind, s.ref, s.title] for s in turn.reply.sources],
                "intent": turn.intent.label if turn.intent else None,
                "confidence": turn.intent.confidence if turn.intent else None,
                "sentiment": turn.mood.sentiment, "urgency": turn.mood.urgency,
            }  # fmt: skip
            connection.execute(_WRITE, written)
            connection.execute(_EXPLAIN, {"turn": turn.id, "data": explanation})

    def add_staff_message(self, conversation: str, staff: str, text: str) -> StoredTurn:
        """Write what a member of staff says to the customer. Raises Conflict unless they own the conversation."""
        now = datetime.now(UTC)
        with self._database.transaction() as session:
            owner = _row(session, conversation, lock=True)
            if owner.state != State.OWNED or owner.owner != staff:
                raise Conflict(f"{staff} does not own conversation {conversation}; take it over first")
            owner.last_at = now
            row = TurnRow(
                id=new_id(), conversation=conversation, position=_next(session, conversation), at=now, text="",
                by=staff, kind=Kind.ANSWER, reply=text, options=[], sources=[], intent=None, confidence=None,
                sentiment=None, urgency=None,
            )  # fmt: skip
            session.add(row)
            session.flush()
            return _turn(row, None, None)

    def turn(self, turn: str) -> StoredTurn:
        """One turn with its feedback and correction. Raises NotFound."""
        found = self.find_turn(turn)
        if found is None:
            raise NotFound.of("turn", turn)
        return found

    def find_turn(self, turn: str) -> StoredTurn | None:
        """One turn, or None when it was never written."""
        with self._database.reading() as session:
            row = session.execute(_turns().where(TurnRow.id == turn)).first()
            return _turn(*row) if row else None

    def transcript(self, conversation: str) -> list[StoredTurn]:
        """All turns of a conversation, oldest first."""
        query = _turns().where(TurnRow.conversation == conversation).order_by(TurnRow.position)
        with self._database.reading() as session:
            return [_turn(*row) for row in session.execute(query)]

    def last_said(self, conversation: str, most: int) -> dict[str, str]:
        """The customer's last messages, redacted, by turn, oldest first."""
        with self._database.asking() as connection:
            rows = connection.execute(_LAST_SAID, {"chat": conversation, "most": most}).all()
        return {row.id: row.text for row in reversed(rows)}

    def amend(self, texts: Mapping[str, str]) -> None:
        """Write messages anew, by turn: a later one has shown what in them is personal."""
        with self._database.transaction() as session:
            for turn, text in texts.items():
                session.execute(update(TurnRow).where(TurnRow.id == turn).values(text=text))
                why = session.get(ExplanationRow, turn)
                if why is not None:
                    why.data = {**why.data, "text": text}

    def explanation(self, turn: str) -> dict[str, Any]:
        """Why a turn's reply was given. Raises NotFound; a message written by staff has none."""
        with self._database.reading() as session:
            row = session.get(ExplanationRow, turn)
            if row is None:
                raise NotFound.of("turn", turn, " with an explanation")
            return row.data

    def verdicts(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """All stored verdicts, oldest first: the turn, the direction ("in" or "out"), the verdict with its findings."""
        query = select(ExplanationRow).join(TurnRow, TurnRow.id == ExplanationRow.turn).order_by(TurnRow.at)
        with self._database.reading() as session:
            for row in session.scalars(query.execution_options(yield_per=500)):
                for direction, name in (("in", "inbound"), ("out", "outbound")):
                    if row.data.get(name):
                        yield row.turn, direction, row.data[name]

    # What people said

    def rate(self, feedback: Feedback) -> None:
        """Keep a customer's thumb; a second one replaces the first. Raises NotFound."""
        with self._database.transaction() as session:
            if session.get(TurnRow, feedback.turn) is None:
                raise NotFound.of("turn", feedback.turn, " to rate")
            session.merge(
                FeedbackRow(
                    turn=feedback.turn, at=datetime.now(UTC), helpful=feedback.helpful,
                    reasons=list(feedback.reasons), comment=feedback.comment,
                )
            )  # fmt: skip

    def correct(self, correction: Correction) -> None:
        """Keep what staff say a turn should have been; a second correction replaces the first. Raises NotFound."""
        with self._database.transaction() as session:
            if session.get(TurnRow, correction.turn) is None:
                raise NotFound.of("turn", correction.turn, " to correct")
            session.merge(
                CorrectionRow(
                    turn=correction.turn, at=datetime.now(UTC), staff=correction.staff, intent=correction.intent,
                    answer=correction.answer, note=correction.note,
                )
            )  # fmt: skip
            parts = [part for part in ("intent", "answer") if getattr(correction, part) is not None]
            record(session, correction.staff, "turn.correct", correction.turn, {"parts": parts})

    def uncorrect(self, turn: str, staff: str) -> None:
        """Take a correction back."""
        with self._database.transaction() as session:
            session.execute(delete(CorrectionRow).where(CorrectionRow.turn == turn))
            record(session, staff, "turn.uncorrect", turn)

    def commented(self, *, corrected_only: bool = False) -> list[StoredTurn]:
        """All turns that a customer rated or staff corrected, oldest first."""
        query = _turns().where(
            CorrectionRow.turn.is_not(None) if corrected_only
            else or_(FeedbackRow.turn.is_not(None), CorrectionRow.turn.is_not(None))
        )  # fmt: skip
        with self._database.reading() as session:
            return [_turn(*row) for row in session.execute(query.order_by(TurnRow.at))]


def _row(session: Session, conversation: str, *, lock: bool = False) -> ConversationRow:
    row = session.get(ConversationRow, conversation, with_for_update=lock)
    if row is None:
        raise _unknown(conversation)
    return row


def _unknown(conversation: str) -> NotFound:
    return NotFound.of("conversation", conversation)


def _next(session: Session, conversation: str) -> int:
    last = session.scalar(select(func.max(TurnRow.position)).where(TurnRow.conversation == conversation))
    return 0 if last is None else last + 1


def _turns() -> Select[TurnRow, FeedbackRow, CorrectionRow]:
    return (
        select(TurnRow, FeedbackRow, CorrectionRow)
        .outerjoin(FeedbackRow, FeedbackRow.turn == TurnRow.id)
        .outerjoin(CorrectionRow, CorrectionRow.turn == TurnRow.id)
    )


def _filtered(query: Select[Any], text: str, intent: str, state: str, unhelpful: bool) -> Select[Any]:
    of_this = TurnRow.conversation == ConversationRow.id
    if state:
        query = query.where(ConversationRow.state == state)
    if text:
        hit = or_(TurnRow.text.icontains(text, autoescape=True), TurnRow.reply.icontains(text, autoescape=True))
        query = query.where(select(TurnRow.id).where(of_this, hit).exists())
    if intent:
        query = query.where(select(TurnRow.id).where(of_this, TurnRow.intent == intent).exists())
    if unhelpful:
        rated = and_(FeedbackRow.turn == TurnRow.id, FeedbackRow.helpful.is_(False))
        query = query.where(select(TurnRow.id).join(FeedbackRow, rated).where(of_this).exists())
    return query.where(select(TurnRow.id).where(of_this).exists())


def _summary(session: Session, row: ConversationRow) -> Summary:
    of_this = TurnRow.conversation == row.id
    last = session.scalar(select(TurnRow).where(of_this, TurnRow.text != "").order_by(TurnRow.position.desc()).limit(1))
    thumbs = select(func.count()).select_from(FeedbackRow).join(TurnRow, FeedbackRow.turn == TurnRow.id)
    fixes = select(func.count()).select_from(CorrectionRow).join(TurnRow, CorrectionRow.turn == TurnRow.id)
    return Summary(
        conversation=_conversation(row),
        turns=session.scalar(select(func.count()).select_from(TurnRow).where(of_this)) or 0,
        last_text=last.text if last else "",
        last_intent=last.intent if last else None,
        mood=named(last.sentiment, last.urgency) if last else (),
        unhelpful=session.scalar(thumbs.where(of_this, FeedbackRow.helpful.is_(False))) or 0,
        corrected=session.scalar(fixes.where(of_this)) or 0,
    )


def _conversation(row: ConversationRow | Row[Any]) -> Conversation:
    return Conversation(
        id=row.id, customer=row.customer, state=State(row.state), owner=row.owner, waiting_for=row.waiting_for,
        started=row.started, last_at=row.last_at, channel=row.channel, memory=dict(row.memory),
        waiting_since=row.waiting_since, urgency=row.urgency,
    )  # fmt: skip


def _turn(row: TurnRow, feedback: FeedbackRow | None, correction: CorrectionRow | None) -> StoredTurn:
    return StoredTurn(
        id=row.id, conversation=row.conversation, position=row.position, at=row.at, text=row.text, by=row.by,
        kind=Kind(row.kind), reply=row.reply,
        options=tuple(Option(*o) for o in row.options), sources=tuple(Source(*s) for s in row.sources),
        intent=row.intent, confidence=row.confidence, sentiment=row.sentiment, urgency=row.urgency,
        feedback=Feedback(row.id, feedback.helpful, tuple(feedback.reasons), feedback.comment, feedback.at)
        if feedback else None,
        correction=_correction(correction) if correction else None,
    )  # fmt: skip


def _correction(row: CorrectionRow) -> Correction:
    return Correction(row.turn, row.staff, row.intent, row.answer, row.note, row.at)
