"""Our line, set beside the assembled one: the demo shop with as many tickets in its index."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from benchmarks.home import SEED, demo_messages
from benchmarks.retrieval import near
from benchmarks.turn import MESSAGES_A_CHAT
from bot.assembly import Installation
from bot.engine import Bot
from bot.settings import Settings
from bot.turn import new_id
from models.runtime import Runtime
from retrieval.calibration import Calibration
from retrieval.index import TicketIndex
from retrieval.passage import Ticket
from retrieval.retriever import Retriever


class OurLine:
    """One message in, one reply out, explained and written; a fresh chat every few messages."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot
        self._chat = ""
        self._said = 0

    @classmethod
    def build(cls, settings: Settings, *, tickets: int) -> OurLine:
        """Open the demo shop in an empty home, and fill store and index up to `tickets` with made ones."""
        installation = Installation.open(settings, demo=True)
        bot, known = installation.bot, installation.store.tickets
        with known.importing("benchmark", "made") as batch:
            texts = (f"made {number}" for number in range(tickets - known.count()))
            batch.add([Ticket(new_id(), text, text) for text in texts])
        serials = known.serials()
        vectors = Runtime.from_folders({}, settings.cache).encode(demo_messages())
        made = near(vectors, len(serials), np.random.default_rng(SEED))
        index = TicketIndex.build(serials, made, encoder="benchmark", fingerprint="benchmark")
        bot.adopt(replace(bot.serving, retriever=Retriever(known, index, Calibration())))
        return cls(bot)

    def respond(self, text: str) -> None:
        """Answer one message."""
        if self._said % MESSAGES_A_CHAT == 0:
            self._chat = self._bot.start(f"benchmark-{self._said}", channel="benchmark").id
        self._said += 1
        self._bot.respond(self._chat, text)
