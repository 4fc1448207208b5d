"""What must not leave: the rules themselves, internal addresses, and the marks of redacted data."""

from __future__ import annotations

import re

from guardrails.guard import Message
from guardrails.placeholders import PATTERN
from guardrails.rules import Rule, RuleGuard
from guardrails.verdict import Finding

RULES = (
    Rule.of("internal_address", 0.95, "an internal address", r"\b(?:https?|ftp|postgres(?:ql)?|redis|amqp|s3|file)://(?:[^\s/@]*@)?(?:localhost|127\.|10\.\d|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|169\.254\.|\[?::1|[\w.-]+\.(?:internal|local|lan|intra|corp|svc)\b)[^\s]*|\b(?:localhost|127\.0\.0\.1):\d{2,5}\b"),
    Rule.of("internal_address", 0.8, "a path of the server", r"(?<![\w./])/(?:etc|var|usr|home|root|opt|srv|proc|tmp)/[\w./-]{2,}|\b[A-Z]:\\(?:Users|Windows|inetpub)\\"),
    Rule.of("policy", 0.9, "speaks of the rules it runs under", r"\b(?:my|our|the) (?:system prompt|hidden instructions|guard ?rails?|content filters?|safety filters?|instructions (?:say|are|tell|were|from))\b|\bi (?:was|am|have been) (?:instructed|programmed|told|configured|trained) (?:to|not to|never to)\b|\bpolicy\.yaml\b|\b(?:threshold|toxicity|injection|confidence) (?:score|threshold) (?:of|is|was|=|:) ?0?\.\d"),
    Rule.of("trace", 0.95, "an error's trace", r"\bTraceback \(most recent call last\)|\bFile \"[^\"\n]{1,300}\", line \d+|\b(?:sqlalchemy|psycopg|onnxruntime|pydantic_core)\.\w+|\bselect .{1,200} from \w+ where\b"),
    Rule.of("template", 0.9, "an unfilled template", r"\{\{[^{}\n]{0,120}\}\}|\{%[^{}\n]{0,120}%\}"),
)  # fmt: skip
_GATE = re.compile(r"://|localhost|127\.|/(?:etc|var|usr|home|root|opt|srv|proc|tmp)/|:\\|prompt|instruct|guard|filter|programmed|told|configured|trained|policy|score|threshold|Traceback|File|sqlalchemy|psycopg|onnx|pydantic|select|\{", re.I)

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


def leak() -> RuleGuard:
    """Return the guard for what is internal."""
    return RuleGuard("leak", RULES, _GATE)


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
