"""Which models serve, and which served before."""

from typing import Annotated

import typer

from bot.cli import understanding
from bot.cli.console import print_json, print_table, say
from bot.cli.options import AsJson
from bot.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the commands of this room."""
    models = typer.Typer(help="Which models serve, and which served before.", no_args_is_help=True)
    models.command("list")(models_list)
    models.command("show")(models_show)
    models.command("promote")(models_promote)
    models.command("rollback")(models_rollback)
    models.command("threshold")(understanding.models_threshold)
    app.add_typer(models, name="models")


def models_list(as_json: AsJson = False) -> None:
    """List all promotions; the last one of each task serves."""
    from bot.assembly import open_store

    store = open_store(Settings())
    serving = store.models.serving()
    rows = [
        {
            "task": p.task,
            "version": p.version,
            "serves": p == serving[p.task],
            "at": f"{p.at:%Y-%m-%d %H:%M:%S}",
            "by": p.by,
            "act": p.act,
            "reason": p.reason,
            "path": p.path,
        }
        for p in store.models.history()
    ]
    if as_json:
        print_json(rows)
        return
    columns = ("task", "version", "serves", "at", "by", "act", "reason")
    print_table(
        "Promotions, oldest first", columns, [["yes" if r[c] is True else r[c] or "" for c in columns] for r in rows]
    )


def models_show(version: Annotated[str, typer.Argument(help="A version, a model folder, or a task.")]) -> None:
    """Show one model's manifest.   Example: handrail models show intent"""
    from bot.assembly import find_model

    folder = find_model(Settings(), version)
    print_json({"version": folder.version, "path": str(folder.path), **folder.manifest})


def models_promote(
    model: Annotated[str, typer.Argument(help="A model folder, or the version of one promoted before.")],
    reason: Annotated[str, typer.Option(help="Why; kept in the audit trail.")] = "",
) -> None:
    """Put a model to service; a running server picks it up by itself."""
    from bot.assembly import find_model, open_store

    folder = find_model(Settings(), model)
    open_store(Settings()).models.promote(
        folder.task,
        folder.version,
        folder.path,
        by="operator",
        reason=reason,
        metrics=dict(folder.manifest.get("metrics", {})),
    )
    say(f"{folder.task} {folder.version} serves now")


def models_rollback(
    task: Annotated[str, typer.Argument(help="The task whose previous model shall serve again.")] = "intent",
    reason: Annotated[str, typer.Option(help="Why; kept in the audit trail.")] = "",
) -> None:
    """Put the previous model back to service."""
    from bot.assembly import open_store

    back = open_store(Settings()).models.rollback(task, by="operator", reason=reason)
    say(f"{task} {back.version} serves again")
