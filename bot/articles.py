"""Knowledge articles into the store: read, redacted, screened. A folder counts whole or not at all."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.errors import ContentError
from bot.importing import NAME, Screening, impersonal
from bot.store import Store
from bot.turn import new_id
from guardrails.placeholders import PATTERN, Placeholders
from guardrails.verdict import Action
from retrieval.articles import PARTED, Section, article_files, article_tickets, slug
from retrieval.passage import Ticket
from retrieval.sources import BadRow

if TYPE_CHECKING:
    from rich.progress import Progress

ENOUGH = 300  # characters of a section's text that tell what its heading means
PAGE = re.compile(r"page=\d+")  # the anchor of a PDF


@dataclass(frozen=True, slots=True)
class ArticleReport:
    """What became of a folder's sections. `redacted` of them held contact details, which were taken out; `refused`
    would not pass the outbound policy as they stand; `skipped` files could not be read and stay as they were."""

    folder: str
    files: int
    added: int
    unchanged: int
    removed: int
    redacted: int
    refused: int
    skipped: tuple[BadRow, ...]

    def summary(self) -> str:
        """For a person: what changed, and what needs a look."""
        lines = [
            f"{self.folder}: {self.files} articles; {self.added} sections new or changed, "
            f"{self.unchanged} as they were, {self.removed} removed"
        ]
        if self.redacted:
            lines.append(
                f"{self.redacted} sections held contact details, which were taken out; to keep the shop's own, list "
                "them under never_redact in the shop's facts and import again"
            )
        if self.refused:
            lines.append(f"{self.refused} sections would not pass the outbound policy, and are not said as they stand")
        return "\n".join([*lines, *map(str, self.skipped)])

    def to_dict(self) -> dict[str, Any]:
        """A plain dictionary, for JSON."""
        return {**asdict(self), "skipped": [asdict(row) for row in self.skipped]}


def import_articles(
    folder: Path,
    store: Store,
    screen: Screening,
    *,
    base_url: str = "",
    strict: bool = False,
    progress: Progress | None = None,
) -> ArticleReport:
    """Import a folder of articles, or bring what was imported of it up to date.

    `base_url` is where the folder is published, for links. A file that cannot be read is reported and its earlier
    sections stay; with `strict` it raises ContentError, and nothing changes. Raises SourceError for a folder without
    articles.
    """
    files = article_files(folder)
    task = progress.add_task(f"Reading {folder.name}", total=len(files)) if progress else None
    sections: list[Ticket] = []
    skipped: list[BadRow] = []
    for file in files:
        found = article_tickets(folder, file, base_url, lambda section: _redacted(section, screen))
        if isinstance(found, BadRow):
            if strict:
                raise ContentError(f"{found}. Nothing was imported. Mend the file, or import without --strict.")
            skipped.append(found)
        else:
            sections += [replace(section, id=new_id()) for section in found]
        if progress and task is not None:
            progress.advance(task)
    verdicts = {screen.content_key(one.answer): screen.approve(one.answer).action for one in sections}
    store.content.approve({key: action.name for key, action in verdicts.items()}, screen.policy.version)
    changes = store.tickets.put_articles(str(folder.resolve()), sections, [row.file for row in skipped])
    return ArticleReport(
        folder=folder.name,
        files=len(files) - len(skipped),
        added=changes.added,
        unchanged=changes.unchanged,
        removed=changes.removed,
        redacted=sum(bool(PATTERN.search(one.question + one.answer)) for one in sections),
        refused=sum(verdicts[screen.content_key(one.answer)] is Action.REFUSE for one in sections),
        skipped=tuple(skipped),
    )


def _redacted(section: Section, screen: Screening) -> Section | None:
    """The section without personal data, also in its anchor; None where it could not be taken out.

    Each heading is read by itself, where a name shows best, and once more among the others.
    """
    memory = Placeholders.fresh()
    text = screen.redact(section.text, memory).verdict.text
    words = _mere_words(section, screen, memory)
    headings = [one if one in words else screen.redact(one, memory).verdict.text for one in section.headings]
    if not all(headings) or not text:
        return None
    path = _among_others(headings, words, screen, memory)
    return Section((path,), text, _anchor(section, path.rpartition(PARTED)[2], screen)) if path else None


def _mere_words(section: Section, screen: Screening, memory: Placeholders) -> set[str]:
    """Headings of one word that are a name by themselves ("Care", "Rose") and none before the section's text, nor in
    what `memory` has of the text."""
    found = set()
    for heading in set(section.headings):
        alone = PATTERN.fullmatch(screen.redact(heading).verdict.text)
        if alone and alone[1] == "NAME" and len(heading.split()) == 1 and memory.find("NAME", heading) is None:
            whole = PARTED.join(section.headings) + "\n" + section.text[:ENOUGH]
            if heading in screen.redact(whole).verdict.text.partition("\n")[0].split(PARTED):
                found.add(heading)
    return found


def _among_others(headings: Sequence[str], words: Collection[str], screen: Screening, memory: Placeholders) -> str:
    """Redacted headings, joined, without what shows as personal only there; `words` stay."""
    doubtful = [one for one in headings if one not in words]
    if len(headings) < 2 or not doubtful:
        return PARTED.join(headings)
    redacted = screen.redact(PARTED.join(doubtful), memory, again=True).verdict.text
    parts = redacted.split(PARTED)
    if len(parts) != len(doubtful):  # a value went from one into the next
        return redacted
    rest = iter(parts)
    return PARTED.join(one if one in words else next(rest) for one in headings)


def _anchor(section: Section, heading: str, screen: Screening) -> str:
    """Where the section stands in its file; what the redacted `heading` would give where it says something personal."""
    anchor, derived = section.anchor, slug(section.headings[-1])
    if not anchor or PAGE.fullmatch(anchor):
        return anchor
    if PATTERN.search(heading):
        return slug(heading)
    of_heading = derived and anchor.startswith(derived)
    return anchor if of_heading or impersonal(anchor, NAME, screen) else slug(heading)
