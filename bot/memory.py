"""What a conversation remembers from one turn to the next: numbers of placeholders, slots, how often it was unsure."""

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from bot.turn import Kind, Reply
from guardrails.placeholders import Placeholders


@dataclass(frozen=True, slots=True)
class Memory:
    """`questions` counts the questions back in a row; `slots` the latest value of each."""

    placeholders: Placeholders
    slots: Mapping[str, str] = field(default_factory=dict)
    questions: int = 0

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], secret: bytes) -> "Memory":
        """Read what `to_dict` wrote; an empty mapping is a conversation that has just begun.

        `secret` keys the placeholders: see `conversation_secret`.
        """
        placeholders = Placeholders.from_dict(data.get("placeholders") or {"known": {}}, secret)
        return cls(placeholders, dict(data.get("slots", {})), int(data.get("questions", 0)))

    def to_dict(self) -> dict[str, Any]:
        """For the store: no raw value is among it."""
        return {
            "placeholders": self.placeholders.to_dict(),
            "slots": dict(self.slots),
            "questions": self.questions,
        }

    def after(self, reply: Reply, slots: Mapping[str, str]) -> "Memory":
        """The memory once this reply has been given."""
        asked = self.questions + 1 if reply.kind is Kind.QUESTION else 0
        return replace(self, slots=dict(slots), questions=asked)


def conversation_secret(installation: str, conversation: str) -> bytes:
    """The key of one conversation's placeholders: its own, and not to be had from the database alone."""
    return hmac.digest(installation.encode(), conversation.encode(), "sha256")


class Slots:
    """Finds slot values in a redacted message: order numbers by the shop's pattern, products by its catalogue."""

    def __init__(self, order_pattern: str = "", products: tuple[str, ...] = ()) -> None:
        self._patterns: dict[str, re.Pattern[str]] = {}
        if order_pattern:
            self._patterns["order"] = re.compile(rf"(?<!\w){order_pattern}(?!\w)", re.IGNORECASE)
        if products:
            longest_first = sorted(products, key=len, reverse=True)
            self._patterns["product"] = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)", re.I)

    def find(self, text: str) -> dict[str, str]:
        """The slots that this message fills, the last mention of each."""
        found = {name: pattern.findall(text) for name, pattern in self._patterns.items()}
        return {name: hits[-1].upper() if name == "order" else hits[-1] for name, hits in found.items() if hits}
