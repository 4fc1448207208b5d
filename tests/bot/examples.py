"""Finished turns and other values that the tests of the bot write and read."""

from datetime import UTC, datetime
from typing import Any

from bot.records import IntentSpec
from bot.turn import Kind, Option, Reply, Source, Turn
from guardrails.verdict import Action, Verdict
from models.intent import Intent
from retrieval.passage import Ticket

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def finished(conversation: str, text: str = "Where is my order?", **changes: Any) -> Turn:
    """A turn as the line leaves it, ready to be kept."""
    values: dict[str, Any] = {
        "conversation": conversation,
        "inbound": Verdict(Action.ALLOW, text),
        "intent": Intent("order_status", 0.93),
        "reply": Reply(
            Kind.ANSWER,
            "See the page of your orders.",
            (Source("intent", "order_status", "where an order is"),),
            (Option("Late delivery", "Late delivery"),),
        ),
    }
    return Turn(**{**values, **changes})


def handoff(conversation: str, **changes: Any) -> Turn:
    """A turn that asks for a person."""
    return finished(conversation, reply=Reply(Kind.HANDOFF, "A colleague takes over."), reason="asked for", **changes)


def ticket(number: int, **changes: Any) -> Ticket:
    """A past ticket; each number is another one."""
    values = {"id": f"t{number}", "question": f"Question {number}?", "answer": f"Answer {number}.", "created": NOON}
    return Ticket(**{**values, **changes})  # type: ignore[arg-type]


INTENTS = [
    IntentSpec("order_status", "where an order is", "Order status", "d",
               "{% if order %}Order {{ order }}{% else %}It{% endif %} takes {{ shop.days }} days.", ("refund",)),
    IntentSpec("refund", "getting money back", "Refund", "d", "Refunds take 5 days.", ("order_status",)),
    IntentSpec("exchange", "exchanging an item", "Exchange", "d", "Exchanges are free."),
    IntentSpec("person", "talking to a person", "Talk to somebody", "d", "I am passing you on.", (), True),
]  # fmt: skip
