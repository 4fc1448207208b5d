"""The guardrail policy: check a file, show what it says, try it on stored scores."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.batch import Side
from bot.cli.console import print_json, print_table, read_lines, say
from bot.cli.options import AsJson
from bot.errors import ContentError
from bot.settings import Settings
from guardrails.policy import Policy
from guardrails.replay import Stored, replay

File = Annotated[Path | None, typer.Argument(help="A policy file; the serving one when not given.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this room."""
    policy = typer.Typer(help="What is done about what the guards find.", no_args_is_help=True)
    policy.command("check")(check)
    policy.command("show")(show)
    policy.command("replay")(replay_stored)
    app.add_typer(policy, name="policy")


def check(file: File = None) -> None:
    """Check a policy file; a mistake is told with its line.   Example: handrail policy check my-policy.yaml"""
    from guardrails.screen import Screen

    policy = _load(file)
    Screen.build(policy)
    rows = sum(len(policy.rows(direction)) for direction in ("in", "out"))
    say(f"{policy.name}: {rows} rows, version {policy.version}; every guard has its row")


def show(file: File = None, as_json: AsJson = False) -> None:
    """Show each rule: threshold, action, line, what the customer is told, and why it exists."""
    policy = _load(file)
    rules = list(policy.rules())
    if as_json:
        print_json([{**rule.model_dump(mode="json", exclude={"labels"}), "rule": name, "line": line,
                     "action": rule.action.name.lower()} for name, line, rule in rules])  # fmt: skip
        return
    columns = ("rule", "line", "from", "action", "the customer is told", "why")
    rows = [(name, line, r.threshold, r.action.name.lower(), r.message, r.why) for name, line, r in rules]
    print_table(f"Policy {policy.version}, {policy.name}", columns, rows)


def replay_stored(
    file: Annotated[Path, typer.Argument(help="The policy file to try.")],
    scores: Annotated[
        Path | None, typer.Option(help="What `handrail screen` printed; the stored turns when not given.")
    ] = None,
    direction: Annotated[Side, typer.Option(help="Which way the texts of --scores went.")] = Side.IN,
    as_json: AsJson = False,
) -> None:
    """Decide stored scores again; nothing is measured.   Example: handrail policy replay my-policy.yaml"""
    policy = _load(file)
    report = replay(_scored(scores, direction) if scores else _turns(), policy)
    if as_json:
        print_json(report.to_dict())
        return
    print_table("What would differ", ("direction", "before", "after", "texts"), [
        (*move, count) for move, count in report.moves.most_common()
    ])  # fmt: skip
    for change in report.changes[:50]:
        say(
            f"{change.id} {change.direction}: {change.before.name.lower()} -> {change.after.name.lower()} {change.rule}"
        )
    for guard, count in report.unknown.items():
        say(f"note: {count} stored findings of {guard}, which has no row in {policy.name}, were left out")
    say(f"{len(report.changes)} of {report.decided} verdicts would differ")


def _turns() -> Iterator[Stored]:
    from bot.assembly import open_store

    for turn, direction, verdict in open_store(Settings()).chats.verdicts():
        yield Stored.from_dict(turn, "in" if direction == "in" else "out", verdict)


def _scored(file: Path, direction: Side) -> Iterator[Stored]:
    for number, row in enumerate(read_lines(file), 1):
        try:
            yield Stored.from_dict(str(row["id"]), direction.value, row)
        except ValueError as error:
            raise ContentError(f"{file}, line {number}: {error}") from None


def _load(file: Path | None) -> Policy:
    path = file or Settings().policy
    return Policy.load(path) if path else Policy.load()
