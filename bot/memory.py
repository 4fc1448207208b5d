"""What a conversation remembers from one turn to the next: numbers of placeholders, slots, how often it was unsure."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from bot.slots import Slot, carried
from bot.turn import Kind, Turn
from guardrails.placeholders import Placeholders


@dataclass(frozen=True, slots=True)
class Memory:
    """`questions` counts the questions back in a row; `slots` are the details that still hold."""

    placeholders: Placeholders
    slots: Mapping[str, Slot] = field(default_factory=dict)
    questions: int = 0

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], secret: bytes) -> "Memory":
        """Read what `to_dict` wrote; an empty mapping is a conversation that has just begun.

        `secret` keys the placeholders: see `conversation_secret`.
        """
        placeholders = Placeholders.from_dict(data.get("placeholders") or {"known": {}}, secret)
        slots = {name: Slot(*kept) for name, kept in data.get("slots", {}).items() if isinstance(kept, list)}
        return cls(placeholders, slots, int(data.get("questions", 0)))

    def to_dict(self) -> dict[str, Any]:
        """For the store: no raw value is among it."""
        return {
            "placeholders": self.placeholders.to_dict(),
            "slots": {name: [slot.value, slot.age] for name, slot in self.slots.items()},
            "questions": self.questions,
        }

    def after(self, turn: Turn) -> "Memory":
        """The memory once this turn's reply has been given."""
        asked = self.questions + 1 if turn.reply and turn.reply.kind is Kind.QUESTION else 0
        return replace(self, slots=carried(self.slots, turn.named), questions=asked)


def conversation_secret(installation: str, conversation: str) -> bytes:
    """The key of one conversation's placeholders: its own, and not to be had from the database alone."""
    return hmac.digest(installation.encode(), conversation.encode(), "sha256")
