"""What the operator gave the bot to say and to learn from: intents, examples, approvals."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from bot.errors import NotFound
from bot.records import Example, IntentSpec
from bot.schema import ApprovalRow, ExampleRow, IntentRow
from bot.store.audit import record
from bot.store.database import Database

CORRECTION = "correction"  # the origin of utterances that staff labelled; all others came with the operator's files


def example_key(text: str) -> str:
    """What makes two utterances the same: their words, without regard to case and spacing."""
    return sha256(" ".join(text.lower().split()).encode()).hexdigest()


class Content:
    """Intents with their answers, labelled utterances, and which texts have been screened."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put_intents(
        self, intents: Sequence[IntentSpec], who: str = "operator", *, examples: Iterable[Example] = ()
    ) -> None:
        """Replace all intents by these, and add their utterances as `put_examples` does: both or neither."""
        with self._database.transaction() as session:
            session.execute(delete(IntentRow))
            for position, spec in enumerate(intents):
                session.add(
                    IntentRow(
                        name=spec.name, position=position, title=spec.title, option=spec.option,
                        description=spec.description, answer=spec.answer, follow_ups=list(spec.follow_ups),
                        handoff=spec.handoff,
                    )
                )  # fmt: skip
            _add(session, examples)
            record(session, who, "intents.import", f"{len(intents)} intents")

    def set_answer(self, intent: str, answer: str, who: str) -> None:
        """Change one intent's answer template. Raises NotFound."""
        with self._database.transaction() as session:
            row = session.get(IntentRow, intent)
            if row is None:
                raise NotFound.of("intent", intent)
            row.answer = answer
            record(session, who, "intent.answer", intent)

    def intents(self) -> dict[str, IntentSpec]:
        """All intents by name, in the operator's order."""
        with self._database.reading() as session:
            return {r.name: _spec(r) for r in session.scalars(select(IntentRow).order_by(IntentRow.position))}

    def put_examples(self, examples: Iterable[Example], *, replace_origin: str = "") -> int:
        """Add labelled utterances; a text that is known keeps its split and takes the new label, but for one of the
        frozen test set, which nothing that people say changes.

        With `replace_origin`, those of that origin are removed first. Returns how many were new.
        """
        with self._database.transaction() as session:
            if replace_origin:
                session.execute(delete(ExampleRow).where(ExampleRow.origin == replace_origin))
            return _add(session, examples)

    def withdraw_example(self, turn: str) -> None:
        """Take back the utterance that a correction of this turn added."""
        with self._database.transaction() as session:
            theirs = (ExampleRow.turn == turn, ExampleRow.origin == CORRECTION)
            session.execute(delete(ExampleRow).where(*theirs))

    def examples(self) -> list[Example]:
        """All labelled utterances, in a stable order."""
        with self._database.reading() as session:
            return [
                Example(r.text, r.label, r.split, r.origin, r.conversation, r.turn)
                for r in session.scalars(select(ExampleRow).order_by(ExampleRow.label, ExampleRow.key))
            ]

    def approve(self, verdicts: Mapping[str, str], policy: str) -> None:
        """Keep the verdicts of screened content: its key -> the action's name."""
        now = datetime.now(UTC)
        rows = [{"key": key, "action": action, "policy": policy, "at": now} for key, action in verdicts.items()]
        with self._database.transaction() as session:
            for start in range(0, len(rows), 500):
                some = rows[start : start + 500]
                session.execute(delete(ApprovalRow).where(ApprovalRow.key.in_([row["key"] for row in some])))
                session.execute(insert(ApprovalRow), some)

    def approvals(self, policy: str) -> dict[str, str]:
        """Verdicts of content screened under this policy: its key -> the action's name."""
        with self._database.reading() as session:
            query = select(ApprovalRow).where(ApprovalRow.policy == policy)
            return {r.key: r.action for r in session.scalars(query)}


def _add(session: Session, examples: Iterable[Example]) -> int:
    """Add utterances, or change the labels of those that are known; how many were new."""
    unique = {example_key(e.text): e for e in examples}
    known = {r.key: r for r in session.scalars(select(ExampleRow))} if unique else {}
    now = datetime.now(UTC)
    for key, example in unique.items():
        if key in known:
            if example.origin != CORRECTION or known[key].split != "test":
                known[key].label = example.label
            continue
        session.add(
            ExampleRow(
                key=key, text=example.text, label=example.label, split=example.split, origin=example.origin,
                conversation=example.conversation, turn=example.turn, added=now,
            )
        )  # fmt: skip
    return len(unique.keys() - known.keys())


def _spec(row: IntentRow) -> IntentSpec:
    return IntentSpec(row.name, row.title, row.option, row.description, row.answer, tuple(row.follow_ups), row.handoff)
