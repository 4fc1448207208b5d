"""How well the bot understands, beyond accuracy: noise, labels that mislead, what lies out of scope, new intents."""

import json
from contextlib import nullcontext
from dataclasses import astuple
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.cli.console import print_json, print_table, progress, say
from bot.cli.options import AsJson, Measured
from bot.content import new_intent, read_examples
from bot.errors import ContentError
from bot.settings import Settings
from models.folder import ModelFolder
from models.scoring import threshold_at

Data = Annotated[Path, typer.Option(help="CSV or JSON lines with text,label.")]
Model = Annotated[Path | None, typer.Option(help="A model folder; the serving one when not given.")]
Seed = Annotated[int, typer.Option(help="Makes a run repeatable.")]
UNREADABLE = "(a text that could not be read for personal data)"


def read_settings(file: Path) -> dict[str, Any]:
    """Settings of a training from a JSON file. Raises ContentError."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ContentError(f"{file} does not hold settings as JSON: {error}") from None
    if not isinstance(found, dict) or not all(isinstance(value, int | float) for value in found.values()):
        raise ContentError(f"{file} must hold one JSON object of numbers, as handrail tune intent writes it")
    return found


def evaluate_robustness(data: Measured, model: Model = None, seed: Seed = 0, as_json: AsJson = False) -> None:
    """Measure an intent model under typos, slang and more.   Example: handrail evaluate robustness --data test.csv"""
    from bot.assembly import find_model
    from training.intents.robustness import evaluate_robustness as run

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
    """Find examples whose labels mislead, the worst first.   Example: handrail evaluate labels --data train.csv

    What is shown of them is redacted.
    """
    from bot.assembly import open_screen
    from training.intents.labels import evaluate_labels as run

    settings = Settings()
    report = run(data, seed=seed, threads=settings.threads, cache=settings.cache)
    with progress() as bars:
        bars.add_task("Taking personal data out of what is shown", total=None)
        screen = open_screen(settings)
        shown = report.redacted(
            lambda text: screen.redact(text, again=True).verdict.text or UNREADABLE, None if as_json else most
        )
    if as_json:
        print_json(shown.to_dict())
        return
    suspects = [(s.label, s.likely, s.trust, s.text[:80]) for s in shown.suspects]
    print_table("Labels that the others contradict", ("label", "rather", "trust", "text"), suspects)
    clashes = [(", ".join(labels), text[:80]) for text, labels in shown.contradictions.items()]
    print_table("Texts under several labels", ("labels", "text"), clashes)
    alike = [(count, text[:80]) for text, count in shown.duplicates.items()]
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
    """Make an intent live by a few examples, redacted, without a training; the next training takes it in.

    Says what each example would lead to if it were not among them, and exits with 1 where most would not be answered.
    Example: handrail intents add price_match --examples new.csv --answer "We match any price of the last 14 days."
    """
    from bot import assembly

    told = option or name.replace("_", " ").capitalize()
    spec = new_intent(name, told, answer) if answer else None
    texts = [example.text for example in read_examples(examples)]
    tried, report = assembly.add_intent(Settings(), name, spec, texts)
    columns = ("answered", "asked back", "answered as another", "turned away")
    print_table("Its examples, each left out in turn", columns, [astuple(tried)])
    say(report.summary())
    if not tried.holds:
        raise ContentError(
            f"{name} is kept, but only {tried.answered} of {sum(astuple(tried))} examples would be answered by the "
            "others: add more, in the words of customers, or teach them to the model with handrail retrain"
        )
    say(f"{name} is live; a running server follows within seconds, and handrail retrain teaches it to the model")


def tune_intent(
    train: Annotated[Path, typer.Option(help="CSV or JSON lines: text,label; oos is out of scope.")],
    out: Annotated[Path, typer.Option(help="Where the best settings are written, as JSON.")],
    dev: Annotated[Path | None, typer.Option(help="Judges; a tenth of train when not given.")] = None,
    trials: Annotated[int, typer.Option(min=1, help="How many settings are tried.")] = 20,
    study: Annotated[Path | None, typer.Option(help="Keep the search here; a second run goes on with it.")] = None,
    depth: Annotated[int, typer.Option(min=1, max=6, help="Upper layers trained.")] = 2,
    epochs: Annotated[int, typer.Option(min=1, help="Passes over the texts, of each trial.")] = 8,
    seed: Seed = 0,
    threads: Annotated[int, typer.Option(min=1)] = 2,
) -> None:
    """Search the best settings.   Example: handrail tune intent --train my.csv --out settings.json

    Then: handrail train intent --train my.csv --settings settings.json --out models/mine
    """
    from training.intents.tune import tune_intent as run

    with progress() as bars:
        found = run(
            train,
            dev,
            trials=trials,
            depth=depth,
            epochs=epochs,
            seed=seed,
            threads=threads,
            study=study,
            progress=bars,
        )
    rows = [(f"{score:.2%}", *(f"{value:.3g}" for value in chosen.values())) for score, chosen in found.trials[:10]]
    print_table("The best trials on dev", ("accuracy", *found.settings), rows)
    out.write_text(json.dumps(found.settings, indent=2) + "\n", encoding="utf-8")
    say(f"{len(found.trials)} whole trials, {found.pruned} cut short; the best settings are in {out}")


def tune_context(
    files: Annotated[list[Path], typer.Argument(help="YAML stories, or folders of them.")],
    pairs: Annotated[
        Path | None,
        typer.Option(help="text,label, or a shop: its dev split; a message, a new line, the question before."),
    ] = None,
    demo: Annotated[bool, typer.Option(help="On the embedded demo shop, in a home of its own.")] = False,
    as_json: AsJson = False,
) -> None:
    """Fit what a message's topic weighs.   Example: handrail tune context demo/conversations/development --demo"""
    from benchmarks.home import throwaway_home
    from bot.assembly import Installation
    from training.conversations.context import fit_context as run
    from training.dataset import Examples, read_shop
    from training.extra import require

    require("torch")  # told before the conversations are held
    shop = pairs is not None and pairs.is_dir()
    read = None if pairs is None else read_shop(pairs, "dev") if shop else Examples.read(pairs)
    with throwaway_home(Settings()) if demo else nullcontext(Settings()) as settings, progress() as bars:
        bot = Installation.open(settings, demo=demo, progress=bars).bot
        task = bars.add_task("Conversations", total=None)
        report = run(bot, files, read, progress=lambda done: bars.advance(task, done))
    if as_json:
        print_json(report.to_dict())
    else:
        print_table("What a message is read by in its context", ("sign", "serving", "fitted"), report.rows())
