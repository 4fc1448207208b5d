"""A message in, passages out: the only module of retrieval that a running bot speaks to.

It joins the index to the store, which stays the source of truth: a ticket that the store no longer has is
never returned, whatever the index says.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Protocol

import numpy as np

from retrieval.calibration import FIELD, Calibration
from retrieval.clusters import clusters, supported
from retrieval.encoder import Encoder, Progress, encoded
from retrieval.errors import IndexDamaged
from retrieval.fitting import calibrate, fuse, gate_opens
from retrieval.index import TicketIndex
from retrieval.lexical import LexicalIndex
from retrieval.passage import Passage, Ticket
from retrieval.priors import prior

DENSE, CALIBRATION = "dense", "calibration"
OVERFETCH = 4
BATCH = 500
LEARN_FROM = 2000


class TicketStore(Protocol):
    """What retrieval asks of the store; bot/store/tickets.py provides it."""

    def by_serial(self, serials: Sequence[int]) -> Mapping[int, Ticket]:
        """Tickets by serial number; those that are gone are left out."""
        ...

    def each(self) -> Iterable[tuple[int, Ticket]]:
        """Every ticket with its serial number, ascending."""
        ...

    def serials(self) -> Sequence[int]:
        """The serial number of every ticket, ascending."""
        ...

    def fingerprint(self) -> str:
        """Changes when a ticket is added or removed."""
        ...


class Retriever:
    """Finds past tickets for a message. May be shared between threads, also while `follow` runs."""

    def __init__(self, store: TicketStore, index: TicketIndex, calibration: Calibration) -> None:
        self._store = store
        self._index = index
        self._calibration = calibration
        self._lexical = _lexical(store) if calibration.fused else None

    @classmethod
    def build(
        cls, store: TicketStore, encoder: Encoder, *, version: str, progress: Progress | None = None
    ) -> Retriever:
        """Encodes every ticket of the store. `version` is the encoder's; `progress` is told of each batch."""
        fingerprint = store.fingerprint()
        serials, vectors = encoded(store.each(), len(store.serials()), encoder, progress)
        index = TicketIndex.build(serials, vectors, encoder=version, fingerprint=fingerprint)
        return cls(store, index, Calibration())

    @classmethod
    def open(cls, folder: Path, store: TicketStore, *, version: str) -> Retriever:
        """Opens what `save` wrote. Raises IndexDamaged when it is missing, corrupt, or of another encoder or
        store; `ready` then puts it right."""
        index = TicketIndex.open(folder / DENSE, encoder=version, fingerprint=store.fingerprint())
        return cls(store, index, Calibration.open(folder / CALIBRATION))

    @classmethod
    def ready(
        cls, folder: Path, store: TicketStore, encoder: Encoder, *, version: str, progress: Progress | None = None
    ) -> Retriever:
        """Opens `folder`. Where only the store has moved on, it is brought up to date; where it is missing,
        corrupt or of another encoder, it is built anew; either way it is then saved. `progress` is told of
        each batch that was encoded."""
        try:
            index = TicketIndex.open(folder / DENSE, encoder=version)
            retriever = cls(store, index, Calibration.open(folder / CALIBRATION))
        except IndexDamaged:
            retriever = cls.build(store, encoder, version=version, progress=progress)
            retriever.save(folder)
        else:
            if retriever.follow(encoder, progress):
                retriever._index.save(folder / DENSE)  # another process may have fitted the scores meanwhile
        return retriever

    def save(self, folder: Path) -> None:
        """Writes index and calibration to `folder`, each in one step."""
        self._calibration.save(folder / CALIBRATION)
        self._index.save(folder / DENSE)

    def __len__(self) -> int:
        return len(self._index)

    @property
    def version(self) -> str:
        """Names encoder and tickets, for a turn's record."""
        return f"{self._index.encoder[:12]}:{self._index.fingerprint[:12]}"

    def search(self, embedding: np.ndarray, text: str, k: int = 5) -> list[Passage]:
        """At most `k` passages for a message, best first; of tickets whose answers say the same, the best one, for
        which the others speak.

        `embedding` (dim,) is the message's, of length 1; `text` the redacted message itself.
        """
        if k <= 0:
            return []
        hits = self._index.search(embedding, max(FIELD, k * OVERFETCH))
        if self._lexical is not None and self._lexical.has_rare(text):
            hits = fuse(hits, self._lexical.search(text, FIELD))
        tickets = self._store.by_serial([hit.serial for hit in hits])
        known = [hit for hit in hits if hit.serial in tickets]
        found = [tickets[hit.serial] for hit in known]
        same = clusters([ticket.answer for ticket in found])
        chances = self._calibration.chances(supported(known, same), [prior(ticket) for ticket in found])
        best: dict[int, Passage] = {}
        for place in np.argsort(-np.array(chances), kind="stable"):
            best.setdefault(int(same[place]), Passage.of(found[place], chances[place]))
        return list(best.values())[:k]

    def learn(self, encoder: Encoder, examples: Sequence[tuple[str, str]] = (), *, words: bool = True) -> Calibration:
        """Fits the scores to labelled utterances (text, intent); with `words`, for which all tickets are read, opens
        the gate for shared words if held-out tickets show that they help. `save` keeps both. Returns what was learnt.
        """
        calibration = calibrate(self._index, self._store.by_serial, examples, encoder)
        if not words:
            self._calibration = replace(calibration, fused=self._calibration.fused)
            return self._calibration
        lexical = _lexical(self._store)
        some = random.Random(0).sample(range(len(serials := self._store.serials())), min(LEARN_FROM, len(serials)))
        tickets = self._store.by_serial([serials[place] for place in some])
        fused = gate_opens(self._index, tickets, encoder, lexical)
        self._calibration = replace(calibration, fused=fused)
        self._lexical = lexical if fused else None
        return self._calibration

    def follow(self, encoder: Encoder, progress: Progress | None = None) -> int:
        """Adds the tickets that the store has gained and removes those it has lost; says how many."""
        fingerprint = self._store.fingerprint()
        if fingerprint == self._index.fingerprint:
            return 0
        here, there = self._index.serials(), np.array(self._store.serials(), dtype=np.int64)
        gone, new = np.setdiff1d(here, there), np.setdiff1d(there, here).tolist()
        if len(gone):
            self._index.remove(gone, fingerprint=fingerprint)
        if new:
            tickets = chain.from_iterable(
                self._store.by_serial(new[at : at + BATCH]).items() for at in range(0, len(new), BATCH)
            )
            serials, vectors = encoded(tickets, len(new), encoder, progress)
            self._index.add(serials, vectors, fingerprint=fingerprint)
        self._index.fingerprint = fingerprint
        return len(gone) + len(new)


def _lexical(store: TicketStore) -> LexicalIndex:
    rows = [(serial, ticket.question) for serial, ticket in store.each()]
    return LexicalIndex.build([serial for serial, _ in rows], [question for _, question in rows])
