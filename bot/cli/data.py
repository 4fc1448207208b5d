"""Bring data in: past tickets, articles, intents with utterances; build the index."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.console import print_json, print_table, progress, say
from bot.errors import ContentError, is_ours
from bot.settings import Settings


class Format(StrEnum):
    """How tickets come."""

    AUTO = "auto"
    CSV = "csv"
    JSONL = "jsonl"
    CONVERSATIONS = "conversations"
    MBOX = "mbox"
    ZENDESK = "zendesk"


def register(app: typer.Typer) -> None:
    """Add the commands of this room."""
    imports = typer.Typer(help="Import tickets, articles or intents.", no_args_is_help=True)
    imports.command("tickets")(import_tickets)
    imports.command("articles")(import_articles)
    imports.command("intents")(import_intents)
    app.add_typer(imports, name="import")
    tickets = typer.Typer(help="The past tickets that were imported.", no_args_is_help=True)
    tickets.command("flagged")(tickets_flagged)
    tickets.command("remove")(tickets_remove)
    app.add_typer(tickets, name="tickets")
    index = typer.Typer(help="The index of past tickets.", no_args_is_help=True)
    index.command("build")(index_build)
    index.command("status")(index_status)
    app.add_typer(index, name="index")


def import_tickets(
    file: Annotated[Path, typer.Argument(help="CSV, JSON lines, conversations, mbox or a Zendesk export.")],
    format: Annotated[
        Format, typer.Option(help="How the tickets come; auto goes by the name and content.")
    ] = Format.AUTO,
    map: Annotated[list[str], typer.Option(help="field=column, for CSV and JSON lines; may be repeated.")] = [],  # noqa: B006
    encoding: Annotated[str, typer.Option(help="Of a CSV; found out when not given.")] = "",
    strict: Annotated[bool, typer.Option(help="Import nothing when a row is bad.")] = False,
    agent: Annotated[list[str], typer.Option(help="mbox: an address that answers for the company.")] = [],  # noqa: B006
    as_json: Annotated[bool, typer.Option("--json", help="The report as JSON.")] = False,
) -> None:
    """Import past tickets, redacted.   Example: handrail import tickets past.csv --map question=body"""
    from bot import assembly

    mapping = dict(_pair(item) for item in map)
    with progress() as bars:
        report = assembly.import_tickets(
            Settings(),
            file,
            format.value,
            mapping=mapping,
            encoding=encoding,
            strict=strict,
            agents=tuple(agent),
            progress=bars,
        )
    if as_json:
        print_json(report.to_dict())
    else:
        say(report.summary())
    if strict and report.skipped:
        raise typer.Exit(1)


def import_articles(
    folder: Annotated[Path, typer.Argument(help="A folder of Markdown, HTML, PDF and text files.")],
    base_url: Annotated[str, typer.Option(help="Where the folder is published; links lead there.")] = "",
    strict: Annotated[bool, typer.Option(help="Import nothing when a file cannot be read.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The report as JSON.")] = False,
) -> None:
    """Import knowledge articles, or what changed in them.   Example: handrail import articles help/"""
    from bot import assembly

    with progress() as bars:
        report = assembly.import_articles(Settings(), folder, base_url=base_url, strict=strict, progress=bars)
    if as_json:
        print_json(report.to_dict())
    else:
        say(report.summary())


def _pair(item: str) -> tuple[str, str]:
    field, equals, column = item.partition("=")
    if not equals or not field or not column:
        raise ContentError(f"--map {item!r} must be field=column, for example --map question=body")
    return field, column


def import_intents(
    file: Annotated[Path, typer.Argument(help="A YAML file, or a folder of them.")],
    utterances: Annotated[
        list[Path], typer.Option(help="CSV or JSON lines with text,label[,split]; or a folder.")
    ] = [],  # noqa: B006
    replace: Annotated[bool, typer.Option("--replace", help="Remove the intents that the file leaves out.")] = False,
) -> None:
    """Import all intents of the shop, and utterances to learn from, redacted. Those that are there are brought up to
    date; where the file leaves one out, nothing is imported without --replace.

    Example: handrail import intents intents.yaml --utterances utterances.csv
    """
    from bot import assembly

    with progress() as bars:
        intents, report = assembly.import_intents(Settings(), file, utterances, replace=replace, progress=bars)
    say(intents.summary())
    if utterances:
        say(report.summary())
    for note in report.notes:
        say(f"note: {note}")


def tickets_flagged() -> None:
    """List the answers that contradict the current ones, and are therefore not said."""
    from bot.assembly import open_store

    rows = [(t.id, t.origin, t.intent, t.flag) for t in open_store(Settings()).tickets.flagged()]
    print_table("Answers that contradict the current ones", ("ticket", "origin", "intent", "what differs"), rows)


def tickets_remove(ids: Annotated[list[str], typer.Argument(help="The tickets, by id.")]) -> None:
    """Remove past tickets for good; a running server no longer finds them. Ends with 1 where one is not there."""
    from bot.assembly import open_store

    asked = list(dict.fromkeys(ids))
    removed = open_store(Settings()).tickets.remove(asked)
    say(f"{len(removed)} of {len(asked)} tickets removed")
    if unknown := [id for id in asked if id not in removed]:
        named = [id for id in unknown if is_ours(id)]
        if others := len(unknown) - len(named):
            named.append(f"{others} that cannot be one")
        say(f"No such ticket: {', '.join(named)}. The ids are those that handrail search and the console show.")
        raise typer.Exit(1)


def index_build() -> None:
    """Build the index of past tickets anew."""
    from bot import assembly

    with progress() as bars:
        print_json(assembly.build_index(Settings(), progress=bars))


def index_status() -> None:
    """Say whether the index matches the store."""
    from bot import assembly

    print_json(assembly.index_status(Settings()))
