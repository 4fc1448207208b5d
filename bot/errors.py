"""The tree of errors. Each message names the thing, the value and the way out, and never quotes a customer.

HandrailError                    models/errors.py      something that a person can put right
├── ModelError                   models/errors.py      a model folder is missing, damaged or of a wrong hash
├── MissingExtra                 models/errors.py      a pip extra is not installed
├── SettingError                 guardrails/errors.py  a region, pattern or list that the guards cannot use
├── PolicyError                  guardrails/policy.py  a policy file that cannot be used, with the line
├── RetrievalError               retrieval/errors.py   a source file or an index cannot be used
├── DataError                    training/dataset.py   examples that cannot be trained on
├── TrainingError                training/errors.py    a training that ended without a model
├── SettingsError                bot/errors.py         a setting that cannot be used
├── ContentError                 bot/errors.py         an intents file that cannot be used
│   └── SlotUnsaid               bot/templates.py      an answer needs a detail that the customer has not named
├── VaultClosed                  bot/errors.py         a value that is not kept, has expired or does not open
├── NotFound                     bot/errors.py         no such conversation, turn, ticket, model
├── Forbidden                    bot/errors.py         a request without the key that its address needs
├── TooMany                      bot/errors.py         more requests than one caller may send
├── Conflict                     bot/errors.py         the thing is in another state than the act needs
└── StoreUnavailable             bot/errors.py         the database is locked, full or gone; try again
"""

import re

from models.errors import HandrailError, MissingExtra, ModelError

__all__ = [
    "Conflict",
    "ContentError",
    "Forbidden",
    "HandrailError",
    "MissingExtra",
    "ModelError",
    "NotFound",
    "SettingsError",
    "StoreUnavailable",
    "TooMany",
    "VaultClosed",
]


class SettingsError(HandrailError):
    """A setting that cannot be used."""


class ContentError(HandrailError):
    """An intents or shop file that cannot be used; the message names file and place."""


class VaultClosed(HandrailError):
    """The value behind a placeholder is not kept, has expired, or does not open."""


def is_ours(id: str) -> bool:
    """Whether an id is one of ours, 32 hexadecimal digits, and may be told: any other may be what a customer typed."""
    return re.fullmatch(r"[0-9a-f]{32}", id) is not None


class NotFound(HandrailError):
    """No such conversation, turn, ticket, intent or model."""

    @classmethod
    def of(cls, kind: str, id: str, way_out: str = "") -> "NotFound":
        """Names the thing by its kind, and by `id` where that is one of ours. `way_out` goes on with the sentence."""
        return cls((f"there is no {kind} '{id}'" if is_ours(id) else f"there is no such {kind}") + way_out)


class Forbidden(HandrailError):
    """A request without the key that its address needs."""


class TooMany(HandrailError):
    """More requests than one caller may send; `seconds` from now there may be another."""

    def __init__(self, seconds: float) -> None:
        super().__init__("too many requests; please wait a moment")
        self.seconds = seconds


class Conflict(HandrailError):
    """The thing is in another state than the act needs."""


class StoreUnavailable(HandrailError):
    """The database could not take the write: locked, full or gone. Nothing was stored; try again."""
