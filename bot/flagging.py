"""Marks past answers that contradict the template that holds now: staff see them, and the bot does not say them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.store import Store
from bot.templates import wording
from retrieval.cases import for_others
from retrieval.contradiction import contradictions
from retrieval.encoder import Encoder


def flag_tickets(store: Store, shop: Mapping[str, Any], encoder: Encoder) -> int:
    """Compare every ticket of a known intent with its template, and keep what differs; says how many are flagged.

    What tells of one customer's case is left alone: its amounts and days are that case's, and nobody else is told it.
    """
    current = {name: wording(spec.answer, shop, {}) for name, spec in store.content.intents().items()}
    flags = {
        ticket.id: "; ".join(map(str, contradictions(ticket.answer, current[ticket.intent], encoder)))
        if for_others(ticket)
        else ""
        for _, ticket in store.tickets.each()
        if ticket.intent in current
    }
    store.tickets.flag(flags)
    return sum(map(bool, flags.values()))
