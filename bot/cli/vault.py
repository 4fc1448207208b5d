"""The values behind placeholders: make a key, read what is sealed."""

from typing import Annotated

import typer

from bot.errors import SettingsError
from bot.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the commands of this room."""
    vault = typer.Typer(help="The values behind placeholders, sealed and kept for a time.", no_args_is_help=True)
    vault.command("key")(key)
    vault.command("read")(read)
    app.add_typer(vault, name="vault")


def key() -> None:
    """Print a new key for HANDRAIL_VAULT_KEY. Whoever loses it loses what is sealed."""
    from bot.vault import fresh_key

    typer.echo(fresh_key())


def read(
    conversation: Annotated[str, typer.Argument(help="The conversation's id.")],
    text: Annotated[str, typer.Argument(help="A text with its placeholders.")],
    who: Annotated[str, typer.Option(help="Who reads; kept in the audit trail.")],
) -> None:
    """Print a text with its plain values.   Example: handrail vault read 5f2c... "write to [EMAIL_1]" --who kim"""
    from bot.assembly import open_store, open_vault
    from guardrails.placeholders import PATTERN

    store = open_store(Settings())
    vault = open_vault(Settings(), store)
    if vault is None:
        raise SettingsError("there is no vault without HANDRAIL_VAULT_KEY; make a key with: handrail vault key")
    store.chats.get(conversation)  # what is no conversation of ours is not written into the audit trail
    filled = vault.fill(conversation, text)
    store.audit.note(who, "vault.read", conversation, {"placeholders": [m[0] for m in PATTERN.finditer(text)]})
    typer.echo(filled)
