"""Sections of a Markdown file (CommonMark with tables), by way of HTML."""

import re

from markdown_it import MarkdownIt

from retrieval.articles.html import html_sections
from retrieval.articles.section import Section

FRONT_MATTER = re.compile(r"\A---[ \t]*\r?\n(.*?)\r?\n---[ \t]*(?:\r?\n|\Z)", re.DOTALL)
TITLE = re.compile(r"^title:[ \t]*['\"]?(.+?)['\"]?[ \t]*$", re.MULTILINE)


def markdown_sections(text: str, title: str) -> list[Section]:
    """The sections of `text`. The title of its front matter, else `title`, stands where no heading does."""
    front = FRONT_MATTER.match(text)
    if front:
        text = text[front.end() :]
        named = TITLE.search(front[1])
        title = named[1] if named else title
    return html_sections(MarkdownIt("commonmark").enable("table").render(text), title)
