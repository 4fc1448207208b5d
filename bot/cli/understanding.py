"""How well the bot understands, beyond accuracy: noise, labels that mislead, what lies out of scope, new intents."""

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.console import print_json, print_table, say
from bot.content import new_intent, read_examples
from bot.settings import Settings
from models.folder import ModelFolder
from models.scoring import threshold_at

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


def models_threshold(model: Model = None, as_json: AsJson = False) -> None:
    """Show what each rate of false rejects costs and catches; HANDRAIL_FALSE_REJECTS=0.02 serves with that rate."""
    from bot.assembly import find_model

    settings = Settings()
    folder = ModelFolder.load(model) if model else find_model(settings, "intent")
    rates = folder.calibration.get("oos", {}).get("rates", [])
    if as_json:
        print_json(rates)
        return
    rows = [(f"{row['rate']:.1%}", row["threshold"], row["caught"]) for row in rates]
    print_table("Messages in scope that are turned away", ("rate", "threshold", "out of scope caught"), rows)
    serving = threshold_at(folder, settings.false_rejects) or folder.calibration["oos"]["threshold"]
    say(f"the threshold {serving:.4f} serves, measured on the dev split; choose a rate with HANDRAIL_FALSE_REJECTS")


def intents_add(
    name: Annotated[str, typer.Argument(help="The intent, such as price_match.")],
    examples: Annotated[Path, typer.Option(help="CSV or JSON lines with text; 5 to 10 are enough.")],
    answer: Annotated[str, typer.Option(help="Its answer; needed for an intent that is not there yet.")] = "",
    option: Annotated[str, typer.Option(help="The words on its button; the name when not given.")] = "",
) -> None:
    """Make an intent live by a few examples, without a training; the next training takes it in.

    Example: handrail intents add price_match --examples new.csv --answer "We match any price of the last 14 days."
    """
    from bot import assembly

    told = option or name.replace("_", " ").capitalize()
    spec = new_intent(name, told, answer) if answer else None
    texts = [example.text for example in read_examples(examples)]
    read = assembly.add_intent(Settings(), name, spec, texts)
    print_table("Its examples are read as", ("intent", "examples"), read.items())
    say(f"{name} is live; a running server follows within seconds, and handrail retrain teaches it to the model")
