"""Past tickets into the store: read, cleaned, redacted, told apart, screened once. Knows no format of files.

All of an import counts or none of it: see `Tickets.importing`. What a customer wrote is in memory until it is
redacted, and in no message, exception or log.
"""

from __future__ import annotations

import hmac
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from itertools import islice
from os import cpu_count
from typing import TYPE_CHECKING, Any, Protocol

from bot.errors import ContentError
from bot.store import Store
from bot.turn import new_id
from guardrails.placeholders import PATTERN, Placeholders
from guardrails.policy import Policy
from guardrails.screening import Screened
from guardrails.verdict import Action, Verdict
from retrieval.extraction import extract
from retrieval.passage import Ticket
from retrieval.resolving import without
from retrieval.sources import BadRow, RawTicket, Source

if TYPE_CHECKING:
    from rich.progress import Progress

    from models.runtime import Reading

BATCH = 500
ABREAST = 32  # tickets at once on all processors; what models made of them is in memory until their turn is over
LISTED = 1000  # bad rows that a report names; all are counted
CODE = re.compile(  # what systems number tickets with, and nobody is known by
    r"(?:#|[a-z]{1,6}[-_#/]?)?\d{1,8}|[0-9a-f]{24}|[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    re.IGNORECASE,
)
NAME = re.compile(r"[^\W\d](?:[^\W\d]|[ _/&-]|(?<!\d)\d(?!\d))*")  # of an intent or a place in an article


class Screening(Protocol):
    """What an import asks of guardrails.screen.Screen."""

    policy: Policy

    def redact(self, text: str, memory: Placeholders | None = None, *, again: bool = False) -> Screened:
        """An inbound text without personal data; empty where that could not be done. `again`: its placeholders stay."""
        ...

    def approve(self, text: str, reading: Reading | None = None) -> Verdict:
        """Judge a text as an answer; `reading` is that of it, where there is one."""
        ...

    def content_key(self, text: str) -> str:
        """The key under which a verdict on a text is kept."""
        ...


@dataclass(slots=True)
class ImportReport:
    """What became of the rows of one file.

    `kept` are new tickets; `duplicates` were in the store already or are near copies of an earlier row;
    `unresolved` are still open by their source's account; `refused` have an answer that the outbound policy would not
    let pass as it stands, `reasons` how many of them for what ("promises: refund"); of `shortened` ones it refused a
    promise, and the rest is kept; `bad` rows were skipped, of which `skipped` lists the first LISTED; of all tickets in
    the store `flagged` contradict the template that holds now. `scores` says whether those of all passages were fitted.
    """

    file: str
    kept: int = 0
    duplicates: int = 0
    unresolved: int = 0
    refused: int = 0
    shortened: int = 0
    bad: int = 0
    flagged: int = 0
    scores: str = ""
    reasons: Counter[str] = field(default_factory=Counter)
    skipped: list[BadRow] = field(default_factory=list)

    def skip(self, row: BadRow) -> None:
        """Count a bad row."""
        self.bad += 1
        if len(self.skipped) < LISTED:
            self.skipped.append(row)

    def refuse(self, reason: str) -> None:
        """Count an answer that the outbound policy refuses."""
        self.refused += 1
        self.reasons[reason] += 1

    def to_dict(self) -> dict[str, Any]:
        """The report, fit for JSON."""
        names = ("file", "kept", "duplicates", "unresolved", "refused", "shortened", "bad", "flagged")
        counts: dict[str, Any] = {name: getattr(self, name) for name in names}
        skipped = [{"line": row.line, "reason": row.reason} for row in self.skipped]
        return counts | {"reasons": dict(self.reasons.most_common()), "skipped": skipped}

    def summary(self) -> str:
        """The report in words, a line for each bad row that is listed."""
        lines = [
            f"{self.file}: {self.kept:,} tickets kept, {self.duplicates:,} duplicates, "
            f"{self.unresolved:,} not resolved, {self.bad:,} bad rows skipped"
        ]
        if self.refused:
            why = ", ".join(f"{reason} {count:,}" for reason, count in self.reasons.most_common())
            lines.append(f"  {self.refused:,} answers will not be sent, the outbound policy refuses them ({why})")
        if self.shortened:
            lines.append(f"  {self.shortened:,} answers are kept without a promise that was made to one customer")
        if self.flagged:
            lines.append(f"  {self.flagged:,} answers contradict the current ones: handrail tickets flagged")
        if self.scores:
            lines.append(f"  {self.scores}")
        lines += [f"  line {row.line}: {row.reason}" for row in self.skipped[:20]]
        if self.bad > 20:
            lines.append(f"  and {self.bad - 20:,} more")
        return "\n".join(lines)


def import_tickets(
    source: Source, store: Store, screen: Screening, *, secret: str = "", strict: bool = False,
    dead_links: Collection[str] = (), progress: Progress | None = None,
) -> ImportReport:  # fmt: skip
    """Import a file of past tickets; run again, it adds only what is new.

    A source's own number for a ticket is kept where it is a plain one; instead of any other (an e-mail's, say) stands
    a digest under the installation's `secret`, the same each time, and nothing without one. What points to one of
    `dead_links`, beginnings of addresses, is left out. A bad row is reported and skipped; with `strict` it raises
    ContentError. After any exception, Ctrl-C included, the store is as it was. Raises
    SourceError for a file that cannot be read.
    """
    report = ImportReport(source.path.name)
    judged: dict[str, _Judged] = {}
    rows = _watched(source, progress)
    with store.tickets.importing(source.format, source.path.name) as batch, ThreadPoolExecutor(cpu_count()) as pool:
        seen: set[bytes] = set()
        while chunk := list(islice(rows, BATCH)):
            ready: list[tuple[_Judged, Ticket]] = []
            safe = _safe(chunk, seen, screen, pool, report, strict, secret, dead_links)
            while some := list(islice(safe, ABREAST)):
                ready += _approved(some, screen, pool, judged)
            added = batch.add([ticket for _, ticket in ready])
            report.kept += added
            report.duplicates += len(ready) - added
            for found, _ in ready:
                report.shortened += bool(found.rest)
                if found.refused_for:
                    report.refuse(found.refused_for)
    store.content.approve({found.key: found.action for found in judged.values()}, screen.policy.version)
    return report


def read_tickets(
    source: Source, screen: Screening, *, dead_links: Collection[str] = (), progress: Progress | None = None
) -> tuple[list[Ticket], ImportReport]:
    """The tickets of a file as an import would keep them, without personal data, and what became of its rows. Nothing
    is kept."""
    report = ImportReport(source.path.name)
    with ThreadPoolExecutor(cpu_count()) as pool:
        safe = _safe(_watched(source, progress), set(), screen, pool, report, strict=False, dead_links=dead_links)
        tickets = [ticket for ticket, _ in safe]
    report.kept = len(tickets)
    return tickets, report


def _safe(
    rows: Iterable[RawTicket | BadRow],
    seen: set[bytes],
    screen: Screening,
    pool: Executor,
    report: ImportReport,
    strict: bool,
    secret: str = "",
    dead_links: Collection[str] = (),
) -> Iterator[tuple[Ticket, Screened]]:
    """The tickets among `rows`, cleaned, told apart and redacted, each with what came of redacting its answer."""
    return _redacted(
        _distinct(_sound(rows, report, strict, dead_links), seen, report), screen, pool, report, strict, secret
    )


def _watched(source: Source, progress: Progress | None) -> Iterator[RawTicket | BadRow]:
    if progress is None:
        yield from source
        return
    total = None if source.format == "mbox" else sum(1 for _ in source)  # a first pass is quick, but not over e-mails
    task = progress.add_task(f"Importing {source.path.name}", total=total)
    for row in source:
        yield row
        progress.advance(task)
    progress.update(task, total=progress.tasks[task].completed)


def _sound(
    rows: Iterable[RawTicket | BadRow], report: ImportReport, strict: bool, dead_links: Collection[str]
) -> Iterator[tuple[int, Ticket]]:
    """The tickets among `rows`, cleaned, each with its line."""
    for row in rows:
        if isinstance(row, BadRow):
            _skip(row, report, strict)
        elif not row.resolved:
            report.unresolved += 1
        elif isinstance(found := extract(row, new_id(), dead_links), Ticket):
            yield row.line, found
        else:
            _skip(BadRow(report.file, row.line, found), report, strict)


def _distinct(
    tickets: Iterable[tuple[int, Ticket]], seen: set[bytes], report: ImportReport
) -> Iterator[tuple[int, Ticket]]:
    """Those that no earlier one was like: the same words but for case, punctuation and, in the question, numbers
    (an order's, say; in an answer a number matters)."""
    for line, ticket in tickets:
        asked, answered = (
            re.findall(r"[^\W\d_]+", ticket.question.casefold()),
            re.findall(r"\w+", ticket.answer.casefold()),
        )
        words = " ".join((*asked, "|", *answered))
        key = blake2b(words.encode(), digest_size=8).digest()
        if key in seen:
            report.duplicates += 1
            continue
        seen.add(key)
        yield line, ticket


def _redacted(
    tickets: Iterator[tuple[int, Ticket]], screen: Screening, pool: Executor, report: ImportReport, strict: bool,
    secret: str,
) -> Iterator[tuple[Ticket, Screened]]:  # fmt: skip
    """Tickets without personal data, each with what came of redacting its answer."""
    intents: dict[str, str | None] = {}  # each that is named: itself, or None where it is personal

    def redacted(ticket: Ticket) -> tuple[Ticket, Screened]:
        memory, intent = Placeholders.fresh(), ticket.intent
        question, answer = screen.redact(ticket.question, memory).verdict.text, screen.redact(ticket.answer, memory)
        if intent and intent not in intents:
            intents[intent] = intent if impersonal(intent, NAME, screen) else None
        intent, origin = intents.get(intent or ""), _origin(ticket.origin, screen, secret)
        return replace(ticket, question=question, answer=answer.verdict.text, origin=origin, intent=intent), answer

    while some := list(islice(tickets, ABREAST)):
        done = pool.map(redacted, [ticket for _, ticket in some])
        for (line, _), (ticket, answer) in zip(some, done, strict=True):
            if ticket.question.strip() and ticket.answer.strip():
                yield ticket, answer
            else:
                _skip(BadRow(report.file, line, "personal data could not be taken out of it"), report, strict)


def _origin(origin: str, screen: Screening, secret: str) -> str:
    """The source's own number as it is kept: see `import_tickets`."""
    if not origin or impersonal(origin, CODE, screen):
        return origin
    return hmac.digest(secret.encode(), origin.encode("utf-8", "replace"), "sha256").hex()[:16] if secret else ""


def impersonal(word: str, shape: re.Pattern[str], screen: Screening) -> bool:
    """Whether a number or name is of a shape that tells of nobody, and nothing personal is found in it."""
    if not shape.fullmatch(word):
        return False
    safe = screen.redact(re.sub(r"[_-]+", " ", word)).verdict.text
    return bool(safe) and not PATTERN.search(safe)


@dataclass(frozen=True, slots=True)
class _Judged:
    """What the outbound policy makes of an answer, and the key of that verdict; `rest` is what is kept of an answer
    that was shortened, "" for one that stays whole."""

    key: str
    action: str
    refused_for: str = ""
    rest: str = ""


def _approved(
    some: Sequence[tuple[Ticket, Screened]], screen: Screening, pool: Executor, judged: dict[str, _Judged]
) -> list[tuple[_Judged, Ticket]]:
    """Tickets with redacted answers as they are kept, each with what was made of its answer. `judged` remembers that by
    the key of the answer, so that what many agents pasted is screened once."""
    keys = [screen.content_key(answer.verdict.text) for _, answer in some]
    fresh = {key: answer for key, (_, answer) in zip(keys, some, strict=True) if key not in judged}
    judged.update(zip(fresh, pool.map(lambda answer: _judge(answer, screen), fresh.values()), strict=True))
    return [
        (judged[key], replace(ticket, answer=judged[key].rest or ticket.answer))
        for key, (ticket, _) in zip(keys, some, strict=True)
    ]


def _judge(answer: Screened, screen: Screening) -> _Judged:
    """Screen an answer. One that is refused for promises alone loses the sentences that make them, where the others
    say enough and pass."""
    text = answer.verdict.text
    key, verdict = screen.content_key(text), screen.approve(text, answer.reading)
    if verdict.action is not Action.REFUSE:
        return _Judged(key, verdict.action.name)
    refused = [finding for finding in verdict.findings if finding.action is Action.REFUSE]
    if all(finding.guard == "promises" for finding in refused):
        rest = without(text, [(span.start, span.end) for finding in refused for span in finding.spans])
        again = screen.approve(rest) if rest else verdict
        if again.action is not Action.REFUSE:
            return _Judged(screen.content_key(rest), again.action.name, rest=rest)
    found = verdict.deciding
    return _Judged(key, verdict.action.name, f"{found.guard}: {found.label}" if found else "the policy")


def _skip(row: BadRow, report: ImportReport, strict: bool) -> None:
    if strict:
        raise ContentError(f"{row}. Nothing was imported. Correct it, or import without --strict to skip such rows.")
    report.skip(row)
