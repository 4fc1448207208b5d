"""Measure the guardrails on public sets: what they do to ordinary customers, what grounding tells apart."""

from typing import Annotated

import typer

from bot.cli.console import print_json, print_table, progress, say
from bot.cli.options import AsJson, Data
from bot.settings import Settings


def evaluate_ordinary(
    data: Data,
    examples: Annotated[int, typer.Option(min=0, help="Hindered messages to show of each set, redacted.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Count ordinary customers who are turned away.   Example: handrail evaluate ordinary --data data"""
    from bot.assembly import open_screen
    from training.guards.ordinary import evaluate_ordinary as run

    with progress() as bars:
        task = bars.add_task("Messages", total=None)
        screen = open_screen(Settings())
        parts = run(screen, data, examples=examples, progress=lambda done: bars.advance(task, done))
    if as_json:
        print_json([part.to_dict() for part in parts])
        return
    columns = ("set", "messages", "asked", "escalated", "refused", "turned away (95 %)")
    print_table("Ordinary messages", columns, [part.row() for part in parts])
    for rule, count in sorted(parts[-1].rules.items(), key=lambda entry: -entry[1]):
        say(f"{count} by {rule}")
    for rule, text in parts[-1].examples:
        say(f"{rule}: {text}")


def evaluate_grounding(data: Data, as_json: AsJson = False) -> None:
    """Measure the grounding of drafts in their evidence.   Example: handrail evaluate grounding --data data"""
    from bot.assembly import load_policy
    from training.guards.grounding import evaluate_grounding as run

    reports = run(data, load_policy(Settings()))
    if as_json:
        print_json([report.to_dict() for report in reports])
        return
    columns = ("set", "grounded", "not", "AUROC (95 %)", "held back of the not grounded", "of the grounded")
    print_table("Grounding", columns, [report.row() for report in reports])
