"""Progress bars in place of the terminal's: nothing is drawn, and all that they are told is kept."""

from __future__ import annotations

import io
from typing import Any

from rich.console import Console
from rich.progress import Progress, TaskID


class Recorder(Progress):
    """Keeps (what is done, pieces done, pieces in all, note) each time that a bar is told of something."""

    def __init__(self) -> None:
        super().__init__(console=Console(file=io.StringIO()), disable=True)
        self.told: list[tuple[str, float, float | None, str]] = []

    def update(self, task_id: TaskID, **changes: Any) -> None:
        super().update(task_id, **changes)
        self._keep(task_id)

    def advance(self, task_id: TaskID, advance: float = 1) -> None:
        super().advance(task_id, advance)
        self._keep(task_id)

    def _keep(self, task_id: TaskID) -> None:
        task = self.tasks[self.task_ids.index(task_id)]
        self.told.append((task.description, task.completed, task.total, task.fields.get("note", "")))
