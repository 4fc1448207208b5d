"""The marks of redacted data in a draft, and the words that stand for such data instead."""

from __future__ import annotations

from guardrails.guard import Message
from guardrails.placeholders import PATTERN
from guardrails.verdict import Finding

WORDS = {
    "EMAIL": "the e-mail address",
    "PHONE": "the phone number",
    "CARD": "the card number",
    "IBAN": "the bank details",
    "BANK": "the bank details",
    "NAME": "the customer",
    "ADDRESS": "the address",
    "DOB": "the date of birth",
    "URL": "the link",
}
"""What stands in a draft for data that it must not name."""


def in_words(label: str) -> str:
    """Return what a customer reads in place of data of `label`."""
    return WORDS.get(label, "the number on file")


class PlaceholderGuard:
    """Finds placeholders in a draft; their label is that of what they stand for."""

    name = "placeholder"

    def measure(self, message: Message) -> list[Finding]:
        """Return one finding for each placeholder."""
        view = message.views.base
        return [
            Finding(self.name, match[1], 1.0, (view.span(*match.span(), match[1]),), "a placeholder in the draft")
            for match in PATTERN.finditer(view.text)
        ]
