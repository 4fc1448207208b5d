"""Train and measure what tells personal data."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.console import print_json, print_table, progress, say
from bot.cli.options import AsJson, Data, Depth, Epochs, Out, Seed, Way
from bot.paths import DEMO, SHIPPED
from bot.settings import Settings

if TYPE_CHECKING:
    from training.personal.spans import SpanReport

SPAN_COLUMNS = ("kind", "stretches", "precision", "recall", "F1 (95 %)", "F2")


def span_row(report: "SpanReport") -> list[object]:
    """One kind's figures, in the order of SPAN_COLUMNS."""
    low, high = report.f1_interval
    f1 = f"{report.f1:.3f} ({low:.3f} to {high:.3f})"
    return [report.kind, report.wanted, f"{report.precision:.3f}", f"{report.recall:.3f}", f1, f"{report.f2:.3f}"]


def add_to(train: typer.Typer, evaluate: typer.Typer) -> None:
    """Add the commands of this room to their groups."""
    train.command("pii")(train_pii)
    evaluate.command("pii")(evaluate_pii)
    evaluate.command("evasion")(evaluate_evasion)


def train_pii(
    data: Data,
    out: Out,
    depth: Depth = 4,
    epochs: Epochs = 2,
    start: Annotated[Path | None, typer.Option(help="A model folder to go on with, gently.")] = None,
    way: Way = 1.0,
    share: Annotated[float, typer.Option(min=0.01, max=1, help="Of the texts that are drawn.")] = 1.0,
    seed: Seed = 0,
    as_json: AsJson = False,
) -> None:
    """Train the branch that tags personal data.   Example: handrail train pii --data data --out models/mine"""
    from training.personal.recipe import train_pii as recipe

    result = recipe(data, out, seed, epochs=epochs, depth=depth, share=share, start=start, way=way)
    if as_json:
        print_json({**asdict(result), "out": str(result.out)})
        return
    print_table("dev, which chose the epoch, as served", SPAN_COLUMNS, [span_row(report) for report in result.dev])
    say(f"{result.examples} texts, {result.seconds:.0f} s; model {result.version} in {result.out}")


def evaluate_pii(
    data: Data,
    model: Annotated[Path | None, typer.Option(help="A model folder; the shipped one when not given.")] = None,
    shop: Annotated[Path, typer.Option(help="A shop's folder, whose utterances are to be left alone.")] = DEMO,
    each: Annotated[int, typer.Option(min=1, help="Patterned values of each kind.")] = 40,
    seed: Seed = 7,
    as_json: AsJson = False,
) -> None:
    """Measure how personal data is told, beside stock Presidio.   Example: handrail evaluate pii --data data"""
    from models.runtime import Runtime
    from training.personal.evaluate import evaluate_pii as run
    from training.personal.recipe import TASK

    runtime = Runtime.from_folders({TASK: model or SHIPPED / TASK}, Settings().cache)
    with progress() as bars:
        report = run(runtime, data, shop, each=each, seed=seed, progress=bars)
    if as_json:
        print_json(report.to_dict())
        return
    rows = [(kind, share, report.presidio[kind]) for kind, share in report.patterned.items()]
    print_table("Patterned values taken out, the worst kind first", ("kind", "Handrail", "stock Presidio"), rows)
    for name, reports in report.spans.items():
        print_table(name, SPAN_COLUMNS, [span_row(found) for found in reports])
    by_locale = [[locale, *span_row(found)[1:]] for locale, found in report.locales.items()]
    print_table("Names and addresses by locale, the worst first", ("locale", *SPAN_COLUMNS[1:]), by_locale)
    print_table("Ordinary messages with a false alarm", ("messages", "share"), report.alarms.items())


def evaluate_evasion(
    each: Annotated[int, typer.Option(min=1, help="Cases of every disguise and kind; 30 make 4,890.")] = 30,
    seed: Seed = 0,
    as_json: AsJson = False,
) -> None:
    """Measure how many disguises the guards see through.   Example: handrail evaluate evasion --each 30"""
    from guardrails.screen import Screen
    from training.guards.evasion import evaluate_evasion as run

    with progress() as bars:
        report = run(Screen.default(Settings().cache), each, seed, bars)
    if as_json:
        print_json(report.to_dict())
        return
    print_table("Seen through, by disguise", ("disguise", "caught"), report.by_disguise.items())
    print_table("Twins that were changed", ("likeness", "changed"), report.by_twin.items())
    say(f"caught {report.caught}; harmless twins changed {report.changed}")
