"""Run the bot: serve, ask, doctor, staff."""

import getpass
import os
import sys
from time import perf_counter
from typing import Annotated

import typer

from bot.cli.console import print_json, print_table, progress, say
from bot.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the commands of this room."""
    app.command()(serve)
    app.command()(ask)
    app.command()(doctor)
    staff = typer.Typer(help="Who may open the console.", no_args_is_help=True)
    staff.command("add")(staff_add)
    staff.command("list")(staff_list)
    app.add_typer(staff, name="staff")


def serve(
    demo: Annotated[bool, typer.Option(help="Load the embedded demo shop first.")] = False,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
) -> None:
    """Serve the chat, the staff console and the HTTP service.   Example: handrail serve --demo"""
    from bot import assembly

    begin = perf_counter()
    settings = Settings()
    changes = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    settings = settings.model_copy(update=changes)
    with progress() as bars:
        installation = assembly.Installation.open(settings, demo=demo, progress=bars)
    assembly.serve(installation, lambda url: _greet(url, demo, perf_counter() - begin))


def _greet(url: str, demo: bool, seconds: float) -> None:
    from bot.assembly import DEMO_STAFF

    say(f"Chat           {url}/")
    say(f"Staff console  {url}/staff")
    if demo:
        say(f"Demo log-in    {DEMO_STAFF[0]} / {DEMO_STAFF[1]}")
    say(f"Ready after {seconds:.1f} s. Stop with Ctrl-C.")


def ask(
    text: Annotated[str, typer.Argument(help="What the customer writes; - reads standard input.")],
    as_json: Annotated[bool, typer.Option("--json", help="The reply with its whole explanation.")] = False,
    demo: Annotated[bool, typer.Option(help="Load the embedded demo shop first.")] = False,
) -> None:
    """Give one message to the bot and print the reply.   Example: handrail ask "where is my order" --demo"""
    from bot import assembly
    from bot.wire import wire_turn

    installation = assembly.Installation.open(Settings(), demo=demo)
    bot = installation.bot
    conversation = bot.start("command-line", channel="command line")
    turn = bot.respond(conversation.id, sys.stdin.read() if text == "-" else text)
    explanation = bot.store.chats.explanation(turn.id)
    if as_json:
        print_json(wire_turn(turn, explanation))
        return
    assert turn.reply is not None
    typer.echo(turn.reply.text)
    for option in turn.reply.options:
        typer.echo(f"  [{option.label}]")
    say("\n".join(f"· {sentence}" for sentence in explanation["plain"]))


def doctor() -> None:
    """Say what is installed, which models serve, what is missing and how to get it."""
    from bot.doctor import examine

    checks = examine(Settings())
    print_table("Handrail", ("", "what", "found", "way out"), [(c.mark, c.what, c.found, c.way_out) for c in checks])
    if any(c.broken for c in checks):
        raise typer.Exit(1)


def staff_add(name: Annotated[str, typer.Argument(help="The name to log in with.")]) -> None:
    """Add a member of staff; the password is asked for, or read from HANDRAIL_STAFF_PASSWORD."""
    from bot.assembly import open_store

    password = os.environ.get("HANDRAIL_STAFF_PASSWORD") or getpass.getpass("Password: ")
    open_store(Settings()).staff.add(name, password)
    say(f"{name} may now log in at /staff")


def staff_list() -> None:
    """List who may open the console."""
    from bot.assembly import open_store

    for name in open_store(Settings()).staff.names():
        typer.echo(name)
