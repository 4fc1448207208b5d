"""What an operator can set: by environment (`HANDRAIL_PORT=8080`) or in a `.env` file. Passed in, never global."""

import json
from functools import cached_property
from pathlib import Path
from secrets import token_hex
from typing import Annotated, Any, Self

from pydantic import Field, ModelWrapValidatorHandler, ValidationError, field_validator, model_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.errors import SettingsError

_KINDS = {"int": "a whole number", "float": "a number", "bool": "true or false"}


class Settings(BaseSettings):
    """One installation's settings; each field's default serves the demo shop on one machine.

    Raises SettingsError with the variable, its value and what it may be.
    """

    model_config = SettingsConfigDict(env_prefix="HANDRAIL_", env_file=".env", extra="ignore")

    home: Path = Field(Path(".handrail"), description="where database, index, models and caches live")
    database_url: str = Field("", description="SQLAlchemy URL; empty: SQLite in the home folder")
    host: str = "127.0.0.1"
    port: int = Field(7860, ge=0, le=65535)
    threads: int = Field(1, ge=1, le=64, description="threads of one model pass")
    shop: Path | None = Field(None, description="YAML of shop facts for templates; None: the demo's")
    policy: Path | None = Field(None, description="guardrail policy YAML; None: the shipped one")
    toxicity: Path | None = Field(None, description="a Detoxify checkpoint that scores toxicity; None: our own head")
    toxicity_config: Path | None = Field(None, description="its encoder's config and tokenizer; None: it names them")
    secret: str = Field("", repr=False, description="signs sessions; empty: made once, kept in the home folder")
    vault_key: str = Field("", repr=False, description="seals values behind placeholders; empty: none are kept")
    vault_hours: float = Field(72.0, gt=0, description="how long a sealed value is kept")
    vault_kinds: Annotated[tuple[str, ...], NoDecode] = Field(
        ("EMAIL", "PHONE", "NAME", "ADDRESS"), description="whose values are kept"
    )
    log_level: str = "INFO"
    api_keys: str = Field("", repr=False, description="keys for /v1/screen and /v1/search, parted by commas")
    rate_conversation: int = Field(30, ge=0, description="messages a minute of one conversation; 0: no limit")
    rate_address: int = Field(600, ge=0, description="requests a minute of one address; 0: no limit")
    secure_cookies: bool = Field(False, description="send cookies over HTTPS only: set it behind a proxy with TLS")

    max_chars: int = Field(4000, ge=100, description="longest message that a customer may send, in characters")
    max_tokens: int = Field(1000, ge=50, description="most word pieces in a message, which cost a model its time")
    confident: float = Field(0.70, ge=0, le=1, description="least confidence that answers without asking back")
    margin: float = Field(0.15, ge=0, le=1, description="least lead over the second reading, else ask back")
    hopeless: float = Field(0.25, ge=0, le=1, description="below this no question back is tried")
    passage: float = Field(0.60, ge=0, le=1, description="least calibrated score that answers from a past ticket")
    false_rejects: float | None = Field(
        None,
        ge=0,
        le=0.3,
        description="share of messages in scope taken for out of scope; None: the model's",
    )
    reload_seconds: float = Field(2.0, gt=0, description="how often the server looks for a newly promoted model")

    @field_validator("log_level")
    @classmethod
    def _known_level(cls, value: str) -> str:
        levels = ("DEBUG", "INFO", "WARNING", "ERROR")
        if value.upper() not in levels:
            raise ValueError(f"one of {', '.join(levels)}")
        return value.upper()

    @field_validator("vault_kinds", mode="before")
    @classmethod
    def _listed(cls, value: Any) -> Any:
        """A list in JSON, or parted by commas."""
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value) if value.lstrip().startswith("[") else value.replace(",", " ").split()
        except json.JSONDecodeError:
            raise ValueError('a list, such as ["EMAIL", "PHONE"] or EMAIL,PHONE') from None

    @model_validator(mode="wrap")
    @classmethod
    def _told(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        """What cannot be used, in one sentence that quotes no secret."""
        try:
            return handler(data)
        except ValidationError as error:
            found = {str(one["loc"][0]): one for one in error.errors()}
        told = []
        for name, one in found.items():
            field = cls.model_fields[name]
            value = f" is {str(one['input'])!r}; it" if field.repr else ""
            may_be = one["ctx"]["error"] if one["type"] == "value_error" else _may_be(field)
            told.append(f"HANDRAIL_{name.upper()}{value} must be {may_be}")
        raise SettingsError(", and ".join(told))

    @property
    def database(self) -> str:
        """The URL that the store opens."""
        return self.database_url or f"sqlite:///{self.home / 'handrail.db'}"

    @property
    def cache(self) -> Path:
        """Derived files that may be deleted at any time: assembled graphs."""
        return self.home / "cache"

    def make_home(self) -> None:
        """Make the home folder where it is not there. Raises SettingsError."""
        try:
            self.home.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SettingsError(
                f"the home folder {self.home} cannot be made ({error.strerror}): set HANDRAIL_HOME to one that can"
            ) from None

    @cached_property
    def session_secret(self) -> str:
        """The secret that signs staff sessions and keys placeholders; made on first use, readable by the owner only."""
        if self.secret:
            return self.secret
        file = self.home / "secret"
        if not file.exists():
            self.make_home()
            file.touch(mode=0o600)
            file.write_text(token_hex(32))
        return file.read_text().strip()


def _may_be(field: FieldInfo) -> str:
    """What a setting may be, in words: "a number from 0 to 1"."""
    kind = next((words for name, words in _KINDS.items() if name in str(field.annotation)), "another kind of value")
    bounds = {name: getattr(one, name) for one in field.metadata for name in ("ge", "gt", "le") if hasattr(one, name)}
    least = f" from {bounds['ge']}" if "le" in bounds else f" of at least {bounds['ge']}" if "ge" in bounds else ""
    more = f" above {bounds['gt']:g}" if "gt" in bounds else ""
    return kind + least + more + (f" to {bounds['le']}" if "le" in bounds else "")
