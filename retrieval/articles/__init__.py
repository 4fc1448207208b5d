"""A folder of knowledge articles, read one section at a time. One module a format."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

from retrieval.articles.html import html_sections
from retrieval.articles.markdown import markdown_sections
from retrieval.articles.pdf import pdf_sections
from retrieval.articles.section import Section, pieces, slug
from retrieval.articles.text import text_sections
from retrieval.errors import SourceError
from retrieval.passage import Ticket
from retrieval.sources.raw import BadRow
from retrieval.sources.text import open_text

__all__ = ["ARTICLE", "PARTED", "Section", "article_files", "article_tickets", "slug"]

ARTICLE = "article"
PARTED = " › "  # between headings
LARGEST = 50_000_000  # bytes
LONGEST_TITLE, LONGEST_ORIGIN = 300, 80  # characters
READERS: dict[str, Callable[[str, str], list[Section]]] = {
    ".md": markdown_sections, ".markdown": markdown_sections, ".html": html_sections, ".htm": html_sections,
    ".txt": text_sections, ".rst": text_sections,
}  # fmt: skip


def article_files(folder: Path) -> list[Path]:
    """The articles under `folder`, in a stable order; hidden files and folders are left out.

    Raises SourceError when it is no folder, or holds none.
    """
    if not folder.is_dir():
        raise SourceError(f"{folder} is no folder. Name the folder that holds the articles.")
    known = (*READERS, ".pdf")
    files = [
        path
        for path in sorted(folder.rglob("*"))
        if path.suffix.lower() in known
        and path.is_file()
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    ]
    if not files:
        raise SourceError(f"{folder} holds no article. Articles end with: {', '.join(known)}.")
    return files


def article_tickets(
    folder: Path, file: Path, base_url: str = "", safe: Callable[[Section], Section | None] = lambda section: section
) -> Sequence[Ticket] | BadRow:
    """The sections of one article of `folder`, each as a ticket without an id: its headings ask, its text answers.

    `link` leads back to the section: the file's path within the folder, after `base_url` where one is given. `safe`
    says what is kept of a section, None for nothing. A file that cannot be read comes as a BadRow, which says why.
    """
    name = file.relative_to(folder).as_posix()
    try:
        if file.stat().st_size > LARGEST:
            return BadRow(name, 1, f"larger than {LARGEST // 1_000_000} MB")
        sections = list(_sections(file))
    except (SourceError, OSError) as error:
        return BadRow(name, 1, str(error))
    if not sections:
        return BadRow(name, 1, "no text in it (a PDF of scanned pages has none)")
    address = base_url.rstrip("/") + "/" + quote(name) if base_url else name
    parts = [replace(section, text=text) for section in sections for text in pieces(section.text)]
    return [
        Ticket(
            "",
            PARTED.join(section.headings)[-LONGEST_TITLE:],
            section.text,
            origin=name[-LONGEST_ORIGIN:],
            kind=ARTICLE,
            link=f"{address}#{section.anchor}" if section.anchor else address,
        )
        for section in filter(None, map(safe, parts))
    ]


def _sections(file: Path) -> Iterator[Section]:
    title = file.stem.replace("-", " ").replace("_", " ").strip().capitalize()
    if file.suffix.lower() == ".pdf":
        yield from pdf_sections(file, title)
        return
    with open_text(file) as opened:
        text = opened.read()
    yield from READERS[file.suffix.lower()](text, title)
