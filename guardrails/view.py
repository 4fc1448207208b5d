"""A text, and where each of its characters came from in the original. Knows nothing of what is looked for.

Every change that the guards make to a text (normalising, decoding, redacting) is a list of edits of a
`View`, so a span found in any view can be told in code points of the original.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from guardrails.verdict import Span

Edit = tuple[int, int, str]
"""Replace `[start, end)` of a view by a string."""


@dataclass(frozen=True, slots=True, repr=False)
class View:
    """`text`, with `starts[i]` and `ends[i]` the stretch of the original that character i stands for.

    Both are None when the text is the original itself.
    """

    text: str
    starts: Sequence[int] | None = None
    ends: Sequence[int] | None = None

    def edit(self, edits: Iterable[Edit]) -> View:
        """Return a view with `edits` made; they are sorted and do not overlap.

        A replacement as long as what it replaces maps character by character; any other stands for the
        whole stretch.
        """
        made = list(edits)
        if not made:
            return self
        old_starts, old_ends = self._offsets()
        pieces: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        done = 0
        for start, end, new in made:
            pieces += (self.text[done:start], new)
            starts += old_starts[done:start]
            ends += old_ends[done:start]
            if len(new) == end - start:
                starts += old_starts[start:end]
                ends += old_ends[start:end]
            elif new:
                first, last = self._stretch(start, end)
                starts += [first] * len(new)
                ends += [last] * len(new)
            done = end
        pieces.append(self.text[done:])
        starts += old_starts[done:]
        ends += old_ends[done:]
        return View("".join(pieces), starts, ends)

    def reverse(self) -> View:
        """Return the view read backwards."""
        starts, ends = self._offsets()
        return View(self.text[::-1], list(starts)[::-1], list(ends)[::-1])

    def span(self, start: int, end: int, label: str) -> Span:
        """Return the span of the original that `[start, end)` of this view stands for."""
        if self.starts is None or self.ends is None:
            return Span(start, end, label)
        first, last = self._stretch(start, end)
        return Span(first, last, label)

    def whole(self, label: str) -> tuple[Span, ...]:
        """Return the span that the whole view stands for, alone; nothing where the view is empty."""
        return (self.span(0, len(self.text), label),) if self.text else ()

    def locate(self, span: Span) -> tuple[int, int]:
        """Return the stretch of this view that stands for any of a span of the original.

        Only for views in reading order (not reversed). Empty where the span's characters were dropped.
        """
        if self.starts is None or self.ends is None:
            return min(span.start, len(self.text)), min(span.end, len(self.text))
        first = bisect_right(self.ends, span.start)
        last = bisect_left(self.starts, span.end)
        return first, max(first, last)

    def _offsets(self) -> tuple[Sequence[int], Sequence[int]]:
        if self.starts is None or self.ends is None:
            length = len(self.text)
            return range(length), range(1, length + 1)
        return self.starts, self.ends

    def _stretch(self, start: int, end: int) -> tuple[int, int]:
        starts, ends = self._offsets()
        if start < end:
            return min(starts[start], starts[end - 1]), max(ends[start], ends[end - 1])
        at = starts[start] if start < len(starts) else (ends[-1] if ends else 0)
        return at, at
