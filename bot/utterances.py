"""Labelled utterances for the store: redacted first, told apart, counted. Knows no format of files."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.importing import Screening
from bot.records import Example
from bot.store import Store
from bot.store.content import example_key
from guardrails.placeholders import PATTERN

if TYPE_CHECKING:
    from rich.progress import Progress

TRIES = 2  # of a guard that ran out of its time on a busy machine


@dataclass(frozen=True, slots=True)
class UtteranceReport:
    """What became of utterances: `new` ones are kept, of `redacted` ones personal data was taken out, `skipped` ones
    could not be read for personal data and are not kept. `notes` are sentences about what misleads among them."""

    new: int
    redacted: int
    skipped: int
    notes: tuple[str, ...] = ()

    def summary(self) -> str:
        """For a person: one line."""
        told = f"{self.new:,} new utterances for the next training; personal data was taken out of {self.redacted:,}"
        return told + (f"; {self.skipped:,} could not be read for personal data and were left out" * bool(self.skipped))


def read_utterances(
    examples: Iterable[Example], store: Store, screen: Screening, progress: Progress | None = None
) -> tuple[list[Example], UtteranceReport]:
    """(the utterances to be kept, without personal data; what becomes of them). Placeholders in them stay.

    What the store has word for word already takes its new label alone, and is not read again. Nothing is written.
    """
    unique = list({example_key(example.text): example for example in examples}.values())
    known = {example_key(example.text) for example in store.content.examples()}
    fresh = [example for example in unique if example_key(example.text) not in known]
    safe = list(redacted(fresh, screen, progress))
    kept = [example for example in safe if example is not None]
    labelled = [example for example in unique if example_key(example.text) in known]
    changed = sum(
        after is not None and len(PATTERN.findall(after.text)) > len(PATTERN.findall(before.text))
        for before, after in zip(fresh, safe, strict=True)
    )
    new = len({example_key(example.text) for example in kept} - known)
    return [*labelled, *kept], UtteranceReport(new, changed, len(safe) - len(kept))


def redacted(
    examples: Iterable[Example], screen: Screening, progress: Progress | None = None
) -> Iterator[Example | None]:
    """The utterances in their order, without personal data; None for one that could not be read for it."""
    listed = list(examples)
    task = progress.add_task("Reading utterances for personal data", total=len(listed)) if progress else None

    def safe(example: Example) -> Example | None:
        tries = (screen.redact(example.text, again=True).verdict.text for _ in range(TRIES))
        text = next(filter(str.strip, tries), "")
        return replace(example, text=text) if text else None

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for example in pool.map(safe, listed):
            yield example
            if progress and task is not None:
                progress.advance(task)
