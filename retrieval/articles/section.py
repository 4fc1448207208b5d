"""A part of an article under its headings, and how it is told apart from the next."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

LONGEST = 1200  # characters of one passage: about what a chat shows without scrolling, and what an encoder reads whole
SHORTEST = 200  # a rest that is shorter stays with what stands before it


@dataclass(frozen=True, slots=True)
class Section:
    """`headings` lead from the article's title to the section's own; `anchor` names its place in the file, "" none."""

    headings: tuple[str, ...]
    text: str
    anchor: str = ""


class Outline:
    """Builds sections from headings and lines, as a reader meets them."""

    def __init__(self, title: str) -> None:
        """`title` stands for the article where it has no heading of its own before the text."""
        self._title = title
        self._headings: list[tuple[int, str]] = []
        self._lines: list[str] = []
        self._anchor = ""
        self._anchors: dict[str, int] = {}
        self._done: list[Section] = []

    def heading(self, level: int, text: str, anchor: str | None = None) -> None:
        """Begin a section; `level` 1 is the highest. `anchor` None: the one that most tools make of a heading."""
        self._finish()
        while self._headings and self._headings[-1][0] >= level:
            self._headings.pop()
        self._headings.append((level, " ".join(text.split())))
        self._anchor = self._own(slug(text)) if anchor is None else anchor

    def line(self, text: str) -> None:
        """A line of the section that was begun last; an empty one parts paragraphs."""
        self._lines.append(text.rstrip())

    def sections(self) -> list[Section]:
        """All sections that hold text, in their order."""
        self._finish()
        return self._done

    def _finish(self) -> None:
        text = re.sub(r"\n{3,}", "\n\n", "\n".join(self._lines)).strip()
        if text:
            headings = tuple(dict.fromkeys(heading for _, heading in self._headings if heading))
            self._done.append(Section(headings or (self._title,), text, self._anchor))
        self._lines = []

    def _own(self, anchor: str) -> str:
        seen = self._anchors.get(anchor, 0)
        self._anchors[anchor] = seen + 1
        return f"{anchor}-{seen}" if seen else anchor


def slug(heading: str) -> str:
    """The anchor that most tools make of a heading."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def pieces(text: str) -> Iterator[str]:
    """`text` in parts of at most LONGEST characters, or little more: broken between paragraphs, else between lines,
    else between sentences, else between words."""
    piece = ""
    for part in _parts(text, ("\n\n", "\n", ". ", " ")):
        if piece and len(piece) + len(part) > LONGEST:
            yield piece.strip()
            piece = ""
        piece += part
    if piece.strip():
        yield piece.strip()


def _parts(text: str, breaks: tuple[str, ...]) -> Iterator[str]:
    """`text` cut after each of the first kind of break; what is still too long is cut after the next kind."""
    if len(text) <= LONGEST + SHORTEST or not breaks:
        yield text
        return
    for part in re.split(rf"(?<={re.escape(breaks[0])})", text):
        yield from _parts(part, breaks[1:]) if len(part) > LONGEST else (part,)
