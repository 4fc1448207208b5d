"""Text that a reader cannot see and a machine can: tag characters, hidden styles, runs of zero-width characters.

The screen drops all of it before anything else reads the text; this guard says that it was there.
"""

from __future__ import annotations

import re

from guardrails.guard import Message
from guardrails.verdict import Finding, Span

_TAGS = re.compile(r"[\U000e0020-\U000e007e]{4,}")
_FLAG = re.compile(r"\U0001f3f4[\U000e0061-\U000e007a\U000e0030-\U000e0039]{3,6}\U000e007f")
_ZERO = re.compile(r"[\u200b\u200c\u2060-\u2064\ufeff\u180e\u00ad\u034f]")
_BITS = re.compile(r"[\u200b-\u200f\u2060-\u2064\ufeff]{8,}")
_SELECTORS = re.compile(r"[\ufe00-\ufe0f\U000e0100-\U000e01ef]{4,}")
_OVERRIDE = re.compile(r"[\u202d\u202e]")
_ESCAPE = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_STYLE = re.compile(
    r"(?:display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0|opacity\s*:\s*0(?![.\d])"
    r"|color\s*:\s*(?:white|transparent|#fff(?:fff)?\b))|<[^<>]{0,200}\bhidden\b[^<>]{0,200}>|<!--",
    re.IGNORECASE,
)
_KINDS = (
    ("tags", _TAGS, 1.0, "text in tag characters"),
    ("bits", _BITS, 0.95, "a run of zero-width characters, which can spell anything"),
    ("bits", _SELECTORS, 0.95, "a run of variation selectors, which can spell anything"),
    ("style", _STYLE, 0.9, "markup that hides text"),
    ("override", _OVERRIDE, 0.6, "characters that turn the direction of reading"),
    ("escape", _ESCAPE, 0.6, "escape sequences of a terminal"),
)
_MANY = 0.1
"""Share of zero-width characters among all from which on they are no accident of copying."""


class InvisibleGuard:
    """Finds hidden text, in the original."""

    name = "invisible"
    labels = frozenset({*(kind for kind, _, _, _ in _KINDS), "zero_width"})

    def measure(self, message: Message) -> list[Finding]:
        """Return at most one finding per label."""
        text = message.original
        if text.isascii() and "\x1b" not in text and "<" not in text and ":" not in text:
            return []
        flags = [match.span() for match in _FLAG.finditer(text)]
        found: dict[str, Finding] = {}
        for label, pattern, score, reason in _KINDS:
            spans = tuple(
                Span(*match.span(), label)
                for match in pattern.finditer(text)
                if not any(start <= match.start() < end for start, end in flags)
            )
            if spans and label not in found:
                found[label] = Finding(self.name, label, score, spans, reason)
        zero = tuple(Span(*match.span(), "zero_width") for match in _ZERO.finditer(text))
        if len(zero) >= 3:
            score = 0.8 if len(zero) >= _MANY * len(text) else 0.4
            found["zero_width"] = Finding(self.name, "zero_width", score, zero, "zero-width characters")
        return list(found.values())
