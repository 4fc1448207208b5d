"""What is being done while something is put together, for whoever watches."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress


class Steps:
    """Names what is being done, where somebody watches."""

    def __init__(self, progress: Progress | None) -> None:
        self._progress = progress
        self._end: Callable[[], object] = lambda: None

    def begin(self, what: str, total: int | None = None) -> Callable[[int], object]:
        """Ends the step before; what is returned is told of each piece that is done."""
        self._end()
        if self._progress is None:
            return lambda done: None
        task = self._progress.add_task(what, total=total)
        self._end = partial(self._progress.update, task, total=total or 1, completed=total or 1)
        return partial(self._progress.advance, task)

    def end(self) -> None:
        """Ends the step that is under way."""
        self._end()
