"""How long a text is: empty, or past what the guards can read in their time."""

from __future__ import annotations

import re
from dataclasses import dataclass

from guardrails.guard import Message
from guardrails.verdict import Finding, Span

CHARACTERS = 4000
TOKENS = 1000
_WORD = re.compile(r"\w+")
_SIGN = re.compile(r"[^\w\s]")
_PIECE = 6
"""Letters of a word that one piece holds; an English word piece holds five or six."""
_DIGITS = 2
"""Characters that one piece holds where digits stand among them."""


@dataclass(frozen=True, slots=True)
class LengthGuard:
    """Score 1 for an empty text (label `empty`), one of more than `limit` characters (`long`) and one of more than
    `tokens` word pieces (`tokens`), which cost a model more than their characters tell.

    A word counts as a piece for every six letters, or every two characters where it has digits; each sign is one.
    """

    limit: int = CHARACTERS
    tokens: int = TOKENS
    name: str = "length"
    labels: frozenset[str] = frozenset({"long", "empty", "tokens"})

    def measure(self, message: Message) -> list[Finding]:
        """Return at most one finding."""
        if len(message.original) > self.limit:
            return [
                Finding(
                    self.name,
                    "long",
                    1.0,
                    (Span(0, len(message.original), "long"),),
                    f"more than {self.limit} characters",
                )
            ]
        if not message.text.strip():
            return [Finding(self.name, "empty", 1.0, (), "nothing to read")]
        if len(message.text) > self.tokens and count_tokens(message.text) > self.tokens:
            return [
                Finding(
                    self.name, "tokens", 1.0, message.views.base.whole("tokens"), f"more than {self.tokens} word pieces"
                )
            ]
        return []


def count_tokens(text: str) -> int:
    """Return about how many word pieces a text has. Scripts without spaces count a piece a character."""
    words = sum(_pieces(word) for word in _WORD.findall(text))
    return words + len(_SIGN.findall(text))


def _pieces(word: str) -> int:
    if not word.isascii():
        return len(word)
    return 1 + (len(word) - 1) // (_PIECE if word.isalpha() else _DIGITS)
