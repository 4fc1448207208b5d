"""Sections of an HTML page: what a reader reads of it, under h1 to h6."""

import re
from html.parser import HTMLParser

from retrieval.articles.section import Outline, Section

HIDDEN = frozenset(
    ("script", "style", "head", "nav", "footer", "aside", "form", "button", "svg", "noscript", "template")
)
BLOCKS = frozenset(("p", "div", "section", "article", "ul", "ol", "table", "pre", "blockquote", "dl", "dd", "hr"))
LINES = frozenset(("br", "li", "tr", "dt"))
HEADING = re.compile(r"h([1-6])")
SPACE = re.compile(r"\s+")


def html_sections(html: str, title: str) -> list[Section]:
    """The sections of `html`; of a page with <main>, only what stands in it. `title`: where no heading does."""
    page = _Page(title, within="main" if re.search(r"<main[\s>]", html, re.IGNORECASE) else "")
    page.feed(html)
    page.close()
    page.flush()
    return page.outline.sections()


class _Page(HTMLParser):
    def __init__(self, title: str, within: str) -> None:
        super().__init__()
        self.outline = Outline(title)
        self._within = within  # the tag whose content counts; "" inside it, or where there is none
        self._hidden: list[str] = []
        self._level = 0  # of the heading that is being read
        self._id: str | None = None
        self._line = ""
        self._kept = False  # whether spaces count
        self._lists: list[int | None] = []  # the last number of each list around; None: not numbered
        self._href = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in HIDDEN:
            self._hidden.append(tag)
        elif tag == self._within:
            self._within = ""
        elif heading := HEADING.fullmatch(tag):
            self.flush()
            self._level, self._id = int(heading[1]), dict(attrs).get("id") or None
        elif tag in BLOCKS or tag in LINES:
            self.flush(parts=tag in BLOCKS and not self._lists)
            self._kept = tag == "pre" or self._kept
            self._open_list(tag)
        elif tag in ("td", "th") and self._line:
            self._line = self._line.rstrip() + " | "
        elif tag == "a":
            self._href = dict(attrs).get("href") or ""

    def handle_endtag(self, tag: str) -> None:
        if tag in self._hidden:
            del self._hidden[self._hidden.index(tag) :]
        elif HEADING.fullmatch(tag) and self._level:
            self.outline.heading(self._level, self._line, self._id)
            self._level, self._line = 0, ""
        elif tag in BLOCKS or tag in LINES:
            self._kept = self._kept and tag != "pre"
            if tag in ("ul", "ol") and self._lists:
                self._lists.pop()
            self.flush(parts=tag in BLOCKS and not self._lists)
        elif tag == "a":
            if self._href.startswith(("http://", "https://")) and self._href not in self._line and not self._level:
                self._line += f" ({self._href})"
            self._href = ""

    def handle_data(self, data: str) -> None:
        if self._hidden or self._within:
            return
        if self._kept:
            *whole, rest = data.split("\n")
            for line in whole:
                self.outline.line(self._line + line)
                self._line = ""
            self._line += rest
        else:
            text = SPACE.sub(" ", data)
            self._line += text.lstrip() if not self._line or self._line.endswith(" ") else text

    def flush(self, *, parts: bool = False) -> None:
        """End the line; with `parts`, the paragraph too."""
        if self._line.strip() and not self._level:
            self.outline.line(self._line)
        if not self._level:
            self._line = ""
        if parts:
            self.outline.line("")

    def _open_list(self, tag: str) -> None:
        if tag in ("ul", "ol"):
            self._lists.append(0 if tag == "ol" else None)
        elif tag == "li" and self._lists:
            number = self._lists[-1]
            if number is not None:
                self._lists[-1] = number + 1
            self._line = "- " if number is None else f"{number + 1}. "
