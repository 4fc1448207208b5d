"""How long a text is: empty, or past what the guards can read in their time."""

from __future__ import annotations

from dataclasses import dataclass

from guardrails.guard import Message
from guardrails.verdict import Finding

CHARACTERS = 4000


@dataclass(frozen=True, slots=True)
class LengthGuard:
    """Score 1 for an empty text (label `empty`) and one of more than `limit` characters (`long`)."""

    limit: int = CHARACTERS
    name: str = "length"

    def measure(self, message: Message) -> list[Finding]:
        """Return at most one finding."""
        if len(message.original) > self.limit:
            return [Finding(self.name, "long", 1.0, (), f"more than {self.limit} characters")]
        if not message.text.strip():
            return [Finding(self.name, "empty", 1.0, (), "nothing to read")]
        return []
