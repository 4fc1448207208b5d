"""The values behind placeholders, sealed: for actions and staff who must write to a customer, and only for a time.

AES-256-GCM (NIST SP 800-38D) under a key from the settings, which is not in the database. What is sealed is bound
to its conversation and placeholder as associated data, so that a row that was moved or changed does not open.
"""

from base64 import b64decode, b64encode
from binascii import Error
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime, timedelta
from os import urandom

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bot.errors import SettingsError, VaultClosed
from bot.store import Store
from guardrails.placeholders import PATTERN, Said

_NONCE = 12  # bytes
_APART = "\0"  # between the plain value and the written one: no text that was screened holds it


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

    def keep(self, conversation: str, values: Mapping[str, Said]) -> None:
        """Seal values by placeholder; a placeholder that has one keeps it longer. Drops what has expired."""
        now = datetime.now(UTC)
        sealed = {
            name: self._sealed(conversation, name, value) for name, value in values.items() if self._is_kept(name)
        }
        if sealed:
            self._store.sealed.put(conversation, sealed, now, now + self._life)

    def restore(self, conversation: str, text: str) -> str:
        """`text` as it was before it was redacted: with its values as the customer last wrote them.

        Raises VaultClosed for one that is not kept, has expired, or does not open under this key.
        """
        return self._filled(conversation, text, lambda said: said.written)

    def fill(self, conversation: str, text: str) -> str:
        """`text` with plain values for its placeholders, for whoever must use them. Raises as `restore`."""
        return self._filled(conversation, text, lambda said: said.plain)

    def _filled(self, conversation: str, text: str, form: Callable[[Said], str]) -> str:
        kept = self._store.sealed.get(conversation, datetime.now(UTC)) if PATTERN.search(text) else {}
        return PATTERN.sub(lambda match: form(self._opened(conversation, match[0], kept)), text)

    def _opened(self, conversation: str, name: str, kept: Mapping[str, bytes]) -> Said:
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
        plain, _, written = value.decode("utf-8", "surrogatepass").partition(_APART)
        return Said(plain, written or plain)

    def _sealed(self, conversation: str, name: str, said: Said) -> bytes:
        nonce, value = urandom(_NONCE), f"{said.plain}{_APART}{said.written}".encode("utf-8", "surrogatepass")
        return nonce + self._cipher.encrypt(nonce, value, _bound(conversation, name))

    def _is_kept(self, name: str) -> bool:
        match = PATTERN.fullmatch(name)
        return match is not None and match[1] in self._kinds


def _bound(conversation: str, name: str) -> bytes:
    return f"{conversation}\0{name}".encode()
