"""The values behind placeholders, sealed: for actions and staff who must write to a customer, and only for a time.

AES-256-GCM (NIST SP 800-38D) under a key from the settings, which is not in the database. What is sealed is bound
to its conversation and placeholder as associated data, so that a row that was moved or changed does not open.
"""

import re
from base64 import b64decode, b64encode
from binascii import Error
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from os import urandom

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bot.errors import SettingsError, VaultClosed
from bot.store import Store
from guardrails.placeholders import PATTERN

_NONCE = 12  # bytes


def fresh_key() -> str:
    """A new key, as the settings take it."""
    return b64encode(AESGCM.generate_key(256)).decode()


class Vault:
    """Sealed values of one installation. `kinds` are the labels of placeholders whose values are kept."""

    def __init__(self, store: Store, key: bytes, hours: float, kinds: Collection[str]) -> None:
        self._store, self._cipher, self._kinds = store, AESGCM(key), frozenset(kinds)
        self._life = timedelta(hours=hours)

    @classmethod
    def open(cls, store: Store, key: str, hours: float, kinds: Collection[str]) -> "Vault | None":
        """The vault under a key of 32 bytes in base64; without a key there is none. Raises SettingsError."""
        if not key:
            return None
        try:
            raw = b64decode(key, validate=True)
        except (Error, ValueError):
            raw = b""
        if len(raw) != 32:
            raise SettingsError("HANDRAIL_VAULT_KEY must be 32 bytes in base64; make one with: handrail vault key")
        return cls(store, raw, hours, kinds)

    def keep(self, conversation: str, values: Mapping[str, str]) -> None:
        """Seal values by placeholder; a placeholder that has one keeps it longer. Drops what has expired."""
        now = datetime.now(UTC)
        sealed = {
            name: self._sealed(conversation, name, value) for name, value in values.items() if self._is_kept(name)
        }
        if sealed:
            self._store.sealed.put(conversation, sealed, now, now + self._life)

    def restore(self, conversation: str, text: str) -> str:
        """`text` with the values of its placeholders. Raises VaultClosed for one that is not kept, has expired, or
        does not open under this key."""
        kept = self._store.sealed.get(conversation, datetime.now(UTC)) if PATTERN.search(text) else {}
        return PATTERN.sub(lambda match: self._opened(conversation, match, kept), text)

    def _opened(self, conversation: str, match: re.Match[str], kept: Mapping[str, bytes]) -> str:
        name = match[0]
        if name not in kept:
            raise VaultClosed(f"the value of {name} is not kept, or no longer; ask the customer for it again")
        sealed = kept[name]
        try:
            value = self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], _bound(conversation, name))
        except (InvalidTag, ValueError):
            raise VaultClosed(
                f"the value of {name} does not open: it was changed, or sealed under another key. "
                "Check HANDRAIL_VAULT_KEY, or ask the customer for it again"
            ) from None
        return value.decode("utf-8", "surrogatepass")

    def _sealed(self, conversation: str, name: str, value: str) -> bytes:
        nonce, plain = urandom(_NONCE), value.encode("utf-8", "surrogatepass")
        return nonce + self._cipher.encrypt(nonce, plain, _bound(conversation, name))

    def _is_kept(self, name: str) -> bool:
        match = PATTERN.fullmatch(name)
        return match is not None and match[1] in self._kinds


def _bound(conversation: str, name: str) -> bytes:
    return f"{conversation}\0{name}".encode()
