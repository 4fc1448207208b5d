"""Sections of a PDF: lines in larger letters are its headings; a section is linked to by its page."""

from __future__ import annotations

import logging
import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from retrieval.articles.section import Outline, Section
from retrieval.errors import SourceError

LARGER = 1.15  # times the size of most letters makes a heading
WORDS_IN_HEADING = 16


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    size: float
    page: int


def pdf_sections(file: Path, title: str) -> list[Section]:
    """The sections of `file`; none for one that holds pictures of pages only.

    Raises SourceError for a file that is broken or locked with a password.
    """
    lines = list(_lines(file))
    sizes = Counter[float]()
    for line in lines:
        sizes[line.size] += len(line.text)
    body = sizes.most_common(1)[0][0] if sizes else 0.0
    larger = sorted({line.size for line in lines if line.size > body * LARGER}, reverse=True)
    outline, page, heading = Outline(title), 0, None
    for line in lines:
        if line.size in larger and len(line.text.split()) <= WORDS_IN_HEADING:
            joined = f"{heading.text} {line.text}" if heading and heading.size == line.size else line.text
            heading = _Line(joined, line.size, line.page)
            continue
        if heading:
            outline.heading(larger.index(heading.size) + 1, heading.text, f"page={heading.page}")
        elif line.page != page and not larger:
            outline.heading(1, title, f"page={line.page}")
        heading, page = None, line.page
        outline.line(line.text)
    return outline.sections()


def _lines(file: Path) -> Iterator[_Line]:
    from pypdf import PdfReader

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # its warnings quote the file
    try:
        reader = PdfReader(file)
        if reader.is_encrypted and not reader.decrypt(""):
            raise SourceError("locked with a password: save it without one")
        for number, page in enumerate(reader.pages, start=1):
            yield from _of_page(page, number)
    except SourceError:
        raise
    except Exception as error:  # a PDF may be broken in any way, and pypdf then raises nearly any error
        raise SourceError(
            f"a PDF that cannot be read ({type(error).__name__}): open it in a viewer and save it again"
        ) from None


def _of_page(page: Any, number: int) -> Iterator[_Line]:
    parts: list[tuple[str, float]] = []

    def visit(text: str, outer: list[float], inner: list[float], _font: object, size: float) -> None:
        scale = math.hypot(inner[2], inner[3]) * math.hypot(outer[2], outer[3])
        parts.append((text, round(size * scale, 1)))

    page.extract_text(visitor_text=visit)
    line, largest = "", 0.0
    for text, size in (*parts, ("\n", 0.0)):
        for place, run in enumerate(text.split("\n")):
            if place:
                if line.strip():
                    yield _Line(" ".join(line.split()), largest, number)
                line, largest = "", 0.0
            line += run
            largest = max(largest, size if run.strip() else 0.0)
