"""What retrieval is measured on: questions whose right document is known, and what is searched for it.

Conversations: IBM's Twitter customer care set, each resolved by one support document (docID). They are shuffled with a
seed and cut into parts; one is held out, the others are the past tickets. A ticket is known by its customer's turns and
its answer, and stands for its document. Of a held-out conversation the agents' turns are not looked at.

FAQ: entries of question and answer, each a document of its own, all of which are searched; and questions in a
customer's words, with the entry that answers them (text,question; or question_2,question_1,similar as the question
similarity set of deepset's COVID-QA has them). The entries that are asked for are shuffled and cut into parts; those
of one are asked, and of the others a retriever may learn.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from retrieval.cleaning import clean_answer, clean_question
from retrieval.errors import SourceError
from retrieval.passage import Ticket
from retrieval.sources.conversations import conversation_tickets
from retrieval.sources.csv import csv_tickets
from retrieval.sources.json_items import json_items
from retrieval.sources.raw import BadRow, Role
from retrieval.sources.text import open_text

ASKED, WANTED = ("text", "question_2"), ("question", "question_1")


@dataclass(frozen=True, slots=True, repr=False)
class Case:
    """What a customer said, the answer, and the document that resolves it."""

    question: str
    answer: str
    document: str

    def ticket(self) -> Ticket:
        """As a past ticket; its intent is the document."""
        return Ticket("", self.question, self.answer, intent=self.document)


@dataclass(frozen=True, slots=True, repr=False)
class Split:
    """Questions to ask, what is searched, and what a retriever may learn from beside it."""

    asked: tuple[Case, ...]
    past: tuple[Case, ...]
    taught: tuple[Case, ...] = ()

    def lessons(self) -> list[Ticket]:
        """All that may be learnt from: nothing of what is asked."""
        return [case.ticket() for case in (*self.past, *self.taught)]


def conversation_splits(path: Path, parts: int, held_out: Iterable[int], seed: int = 0) -> list[Split]:
    """A split for each part of the conversations that is to be held out, 0 to parts - 1.

    Raises SourceError for a file that cannot be read, and for one of too few conversations.
    """
    cases = list(_conversations(path))
    random.Random(seed).shuffle(cases)
    held = _parts(path, "conversations whose question, answer and document are known", cases, parts, held_out)
    return [Split(tuple(cases[part]), tuple(cases[: part.start] + cases[part.stop :])) for part in held]


def faq_splits(faq: Path, asked: Path, parts: int, held_out: Iterable[int], seed: int = 0) -> list[Split]:
    """A split for each part of the entries whose questions are to be asked, 0 to parts - 1.

    Raises SourceError for a file that cannot be read, and for one with no question whose entry the FAQ has.
    """
    entries = {
        question: Case(question, row.said[1].text.strip(), question)
        for row in csv_tickets(faq, {})
        if not isinstance(row, BadRow) and (question := row.said[0].text.strip())
    }
    cases = [Case(text, entries[wanted].answer, wanted) for text, wanted in _asked(asked) if wanted in entries and text]
    if not cases:
        raise SourceError(f"{asked} asks for no entry of {faq}: its column question must hold their questions.")
    wanted = list(dict.fromkeys(case.document for case in cases))
    random.Random(seed).shuffle(wanted)
    splits = []
    for part in _parts(asked, "entries that are asked for", wanted, parts, held_out):
        here = set(wanted[part])
        of = {inside: tuple(case for case in cases if (case.document in here) is inside) for inside in (True, False)}
        splits.append(Split(of[True], tuple(entries.values()), of[False]))
    return splits


def _parts(path: Path, what: str, items: Sequence[object], parts: int, chosen: Iterable[int]) -> list[slice]:
    """Where the chosen ones of `parts` equal parts lie; the last takes what remains. Raises SourceError where there are
    fewer items than parts."""
    size = len(items) // parts
    if not size:
        raise SourceError(
            f"{path} holds {len(items)} {what}, too few for {parts} parts: give another file, or fewer --parts."
        )
    return [slice(n * size, (n + 1) * size if n < parts - 1 else len(items)) for n in chosen]


def _conversations(path: Path) -> Iterable[Case]:
    """The conversations of which customer's turns, answer and document are known, in the file's order."""
    for raw, item in zip(conversation_tickets(path), json_items(path), strict=True):
        if isinstance(raw, BadRow) or isinstance(item, BadRow):
            continue
        said = (clean_question(said.text, raw.accounts) for said in raw.said if said.role is Role.CUSTOMER)
        document = item[1].get("agentURL")
        if (asked := "\n".join(said)).strip() and isinstance(document, dict) and "doc_id" in document:
            yield Case(asked, clean_answer(raw.said[-1].text), str(document["doc_id"]))


def _asked(path: Path) -> Iterable[tuple[str, str]]:
    """(text, question of the entry) of each row that is not marked as dissimilar."""
    with open_text(path, "") as file:
        rows = csv.DictReader(file)
        names = rows.fieldnames or ()
        columns = [next((name for name in known if name in names), None) for known in (ASKED, WANTED)]
        if None in columns:
            raise SourceError(f"{path} needs the columns text and question; it has: {', '.join(names)}.")
        for row in rows:
            if row.get("similar", "1") != "0":
                text, wanted = (str(row[str(column)] or "").strip() for column in columns)
                yield text, wanted
