"""Which model serves each task, and which served before."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select

from bot.errors import NotFound
from bot.records import Promotion
from bot.schema import PromotionRow
from bot.store.audit import record
from bot.store.database import Database


class Registry:
    """Promotions, oldest first; the last one of a task serves."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def promote(
        self, task: str, version: str, path: Path, *, by: str, act: str = "promote", reason: str = "",
        metrics: dict[str, Any] | None = None,
    ) -> None:  # fmt: skip
        """Put a model to service."""
        with self._database.transaction() as session:
            session.add(
                PromotionRow(
                    task=task, version=version, path=str(path.resolve()), at=datetime.now(UTC), by=by, act=act,
                    reason=reason, metrics=metrics or {},
                )
            )  # fmt: skip
            record(session, by, f"model.{act}", f"{task} {version}", {"reason": reason})

    def rollback(self, task: str, *, by: str, reason: str = "") -> Promotion:
        """Put back the version that served before the current one. Raises NotFound when there is none.

        Rolling back twice goes two versions back: what was rolled away from is not returned to.
        """
        stack: list[Promotion] = []
        for step in self.history(task):
            if step.act == "rollback":
                stack.pop()
            else:
                stack.append(step)
        if len(stack) < 2:
            raise NotFound("there is no earlier model to go back to; `handrail models list` shows all")
        back = stack[-2]
        self.promote(task, back.version, Path(back.path), by=by, act="rollback", reason=reason, metrics=back.metrics)
        return back

    def serving(self) -> dict[str, Promotion]:
        """The promotion in force, by task."""
        return {p.task: p for p in self.history()}

    def history(self, task: str = "") -> list[Promotion]:
        """All promotions (of one task), oldest first."""
        query = select(PromotionRow).order_by(PromotionRow.id)
        if task:
            query = query.where(PromotionRow.task == task)
        with self._database.reading() as session:
            return [
                Promotion(r.task, r.version, r.path, r.at, r.by, r.act, r.reason, r.metrics)
                for r in session.scalars(query)
            ]
