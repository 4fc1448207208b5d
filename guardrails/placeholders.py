"""One value, one numbered placeholder, through a whole conversation. Stores keyed hashes, never values."""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from guardrails.values import folded

PATTERN = re.compile(r"\[([A-Z]{2,8})_(\d{1,4})\]")
"""What a placeholder looks like: [EMAIL_1]."""

MOST = 500  # values that one conversation remembers


@dataclass(frozen=True, slots=True, repr=False)
class Said:
    """A value that was named: `plain`, for whoever must use it, and as it was `written`, for the text it stood in."""

    plain: str
    written: str


class Placeholders:
    """The placeholders of one conversation.

    Two spellings of a plain value are one value (see `guardrails.values`). What is kept is HMAC-SHA256 under a
    secret, cut to 16 bytes, so that neither the values nor equal values of two conversations can be read off
    it by whoever lacks the secret. The secret is not kept beside them: whoever holds a database alone cannot
    try phone numbers until one fits.
    """

    def __init__(self, secret: bytes, known: Mapping[str, str]) -> None:
        self._secret = secret
        self._known = dict(known)
        self._said: dict[str, Said] = {}

    @classmethod
    def fresh(cls) -> Placeholders:
        """Return the empty placeholders of a new conversation."""
        return cls(secrets.token_bytes(32), {})

    @classmethod
    def after(cls, text: str) -> Placeholders:
        """Return fresh placeholders for a text that was redacted before: they go on where its own end."""
        return cls(secrets.token_bytes(32), {match[0]: match[0] for match in PATTERN.finditer(text)})

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], secret: bytes) -> Placeholders:
        """Return what `to_dict` gave, under the secret that it was made with. Raises ValueError when damaged."""
        try:
            known = {str(key): str(value) for key, value in data["known"].items()}
        except (KeyError, TypeError, AttributeError):
            raise ValueError("the conversation's placeholders are damaged; start a new conversation") from None
        return cls(secret, known)

    def to_dict(self) -> dict[str, Any]:
        """Return the state without its secret, fit for JSON."""
        return {"known": dict(self._known)}

    def name(self, label: str, value: str, written: str | None = None) -> str:
        """Return the placeholder of a plain `value` under `label`, such as [EMAIL_1]: the one it has, or the next.

        `written` is what stood in the text (None: the same). Past `MOST` values none is remembered any more: new ones
        of a label share its next number.
        """
        key = self._key(label, value)
        if key not in self._known:
            named = (name for name in self._known.values() if name.startswith(f"[{label}_"))
            placeholder = f"[{label}_{1 + max((int(name[len(label) + 2 : -1]) for name in named), default=0)}]"
            if len(self._known) >= MOST:
                return placeholder
            self._known[key] = placeholder
        self._said.setdefault(self._known[key], Said(value, value if written is None else written))
        return self._known[key]

    @property
    def said(self) -> Mapping[str, Said]:
        """The values named since this was made, by placeholder: in memory alone, for whoever may seal them."""
        return self._said

    @property
    def labels(self) -> frozenset[str]:
        """The labels that have a value here."""
        return frozenset(name[1 : name.rindex("_")] for name in self._known.values())

    def find(self, label: str, value: str) -> str | None:
        """Return the placeholder that a plain `value` has under `label`, None where it has none. Remembers nothing."""
        return self._known.get(self._key(label, value))

    def __len__(self) -> int:
        return len(self._known)

    def __repr__(self) -> str:
        return f"Placeholders({len(self)})"

    def _key(self, label: str, value: str) -> str:
        said = f"{label}:{folded(label, value)}"
        return hmac.new(self._secret, said.encode("utf-8", "replace"), sha256).hexdigest()[:32]


def escape(text: str) -> str:
    """Return `text` with what a customer typed in the shape of a placeholder in round brackets: (EMAIL_1).

    Same length, so offsets stay; and only Handrail writes square ones.
    """
    return PATTERN.sub(r"(\1_\2)", text) if "_" in text else text
