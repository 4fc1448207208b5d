"""How well the bot understands, beyond accuracy: noise, labels that mislead, what lies out of scope, new intents."""

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.console import print_json, print_table, say
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


def evaluate_labels(
    data: Data,
    most: Annotated[int, typer.Option(min=1, help="How many of each kind are printed.")] = 20,
    seed: Seed = 0,
    as_json: AsJson = False,
) -> None:
    """Find examples whose labels mislead, the worst first.   Example: handrail evaluate labels --data train.csv"""
    from training.labels import evaluate_labels as run

    report = run(data, seed=seed, threads=Settings().threads, cache=Settings().cache)
    if as_json:
        print_json(report.to_dict())
        return
    suspects = [(s.label, s.likely, s.trust, s.text[:80]) for s in report.suspects[:most]]
    print_table("Labels that the others contradict", ("label", "rather", "trust", "text"), suspects)
    clashes = [(", ".join(labels), text[:80]) for text, labels in list(report.contradictions.items())[:most]]
    print_table("Texts under several labels", ("labels", "text"), clashes)
    alike = [(count, text[:80]) for text, count in list(report.duplicates.items())[:most]]
    print_table("Texts that stand more than once", ("times", "text"), alike)
    counts = (len(report.suspects), len(report.contradictions), len(report.duplicates))
    say("{} suspect labels, {} texts under several, {} repeated; {} examples".format(*counts, report.examples))
    if report.unjudged:
        say(f"note: {len(report.unjudged)} labels have a single example, such as {report.unjudged[0]!r}")
