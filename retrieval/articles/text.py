"""Sections of a plain text file: a heading is underlined, or stands alone in capitals."""

import re

from retrieval.articles.section import Outline, Section

UNDERLINE = re.compile(r"(=|-|~|\*|\^)\1{2,}\s*")
WORDS_IN_CAPITALS = 10


def text_sections(text: str, title: str) -> list[Section]:
    """The sections of `text`; headings with the same kind of underline are of one level."""
    outline, levels = Outline(title), dict[str, int]()
    lines = text.splitlines()
    for place, line in enumerate(lines):
        below = lines[place + 1] if place + 1 < len(lines) else ""
        above = lines[place - 1] if place else ""
        if line.strip() and UNDERLINE.fullmatch(below) and not above.strip():
            outline.heading(levels.setdefault(below[0], len(levels) + 1), line, "")
        elif _in_capitals(line) and not above.strip() and not below.strip():
            outline.heading(levels.setdefault("capitals", len(levels) + 1), line, "")
        elif not UNDERLINE.fullmatch(line):
            outline.line(line)
    return outline.sections()


def _in_capitals(line: str) -> bool:
    return line.isupper() and 1 <= len(line.split()) <= WORDS_IN_CAPITALS and sum(map(str.isalpha, line)) >= 3
