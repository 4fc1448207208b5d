"""How well the bot understands, beyond accuracy: noise, labels that mislead, what lies out of scope, new intents."""

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.console import print_json, print_table
from bot.settings import Settings

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Data = Annotated[Path, typer.Option(help="CSV or JSON lines with text,label.")]
Model = Annotated[Path | None, typer.Option(help="A model folder; the serving one when not given.")]
Seed = Annotated[int, typer.Option(help="Makes a run repeatable.")]


def evaluate_robustness(data: Data, model: Model = None, seed: Seed = 0, as_json: AsJson = False) -> None:
    """Measure an intent model under typos, slang and more.   Example: handrail evaluate robustness --data test.csv"""
    from bot.assembly import find_model
    from training.robustness import evaluate_robustness as run

    report = run(model or find_model(Settings(), "intent").path, data, seed=seed, cache=Settings().cache)
    if as_json:
        print_json(report.to_dict())
        return
    print_table(f"Intent model {report.model}", ("noise", "read right", "points lost"), report.rows())
