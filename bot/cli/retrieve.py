"""How well past tickets are found: fine-tune the retriever, measure it, and measure what a passage's score is worth."""

import sys
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from bot.cli.console import print_json, print_table, progress, say
from bot.cli.options import AsJson
from bot.settings import Settings
from retrieval.passage import Ticket

Seed = Annotated[int, typer.Option(help="Makes a run repeatable.")]


def train_retriever(
    out: Annotated[Path, typer.Option(help="Where the model folder is written.")],
    tickets: Annotated[Path | None, typer.Option(help="A file of past tickets instead of the imported ones.")] = None,
    depth: Annotated[int, typer.Option(min=0, max=6, help="Upper layers trained beside the projection.")] = 0,
    epochs: Annotated[int, typer.Option(min=1, help="Passes over the tickets.")] = 20,
    seed: Seed = 0,
    threads: Annotated[int, typer.Option(min=1)] = 2,
    as_json: AsJson = False,
) -> None:
    """Fine-tune the search on your own past tickets.   Example: handrail train retriever --out models/retriever"""
    from bot.assembly import open_store, read_tickets
    from training.extra import require
    from training.retrieval.recipe import train_retriever as recipe

    require("torch")  # told before the tickets are read
    settings = Settings()
    if tickets:
        with progress() as bars:
            past, report = read_tickets(settings, tickets, bars)
        say(report.summary())
    else:
        past = [ticket for _, ticket in open_store(settings).tickets.each()]
    result = recipe(
        past, _others(), out, depth=depth, epochs=epochs, seed=seed, threads=threads,
        command=" ".join(["handrail", *sys.argv[1:]]),
    )  # fmt: skip
    if as_json:
        print_json(result.to_dict())
        return
    print_table("Of the dev tickets that can be found", ("", "at 1", "at 5", "other questions"), result.rows())
    say(f"{result.tickets} tickets, {result.seconds:.0f} s; model {result.version} in {out}")
    say(f"Put it to service, and have the index built anew, with: handrail models promote {out}")


def evaluate_retrieval(
    data: Annotated[Path, typer.Option(help="Conversations and their documents; with --faq, questions.")],
    faq: Annotated[Path | None, typer.Option(help="An FAQ (question,answer) that --data (text,question) asks.")] = None,
    parts: Annotated[int, typer.Option(min=2, help="Equal parts that the data is cut into.")] = 5,
    part: Annotated[list[int], typer.Option(min=0, help="The part held out, from 0; may be repeated.")] = [0],  # noqa: B006
    model: Annotated[list[Path], typer.Option(help="A retriever to compare with; one for each part.")] = [],  # noqa: B006
    tune: Annotated[int | None, typer.Option(help="Fine-tune one on each part's others, of so many layers.")] = None,
    seed: Seed = 0,
    as_json: AsJson = False,
) -> None:
    """Measure retrieval on real questions.   Example: handrail evaluate retrieval --data conversations.json --part 0"""
    from models.runtime import RETRIEVER, Runtime
    from retrieval.evaluate import AT
    from retrieval.evaluate import evaluate_retrieval as run
    from retrieval.protocols import conversation_splits, faq_splits

    cache, threads = Settings().cache, Settings().threads
    if max(part) >= parts or (model and len(model) != len(part)):
        raise typer.BadParameter(f"--part goes from 0 to {parts - 1}, and --model is given once for each --part")
    splits = faq_splits(faq, data, parts, part, seed) if faq else conversation_splits(data, parts, part, seed)
    extra = {"fine-tuned": [Runtime.from_folders({RETRIEVER: folder}, cache, threads) for folder in model]}
    with TemporaryDirectory(prefix="handrail-") as scratch:
        if tune is not None:
            places = [Path(scratch) / str(n) for n in range(len(splits))]
            made = [tuned(split.lessons(), place, tune, seed) for split, place in zip(splits, places, strict=True)]
            extra["tuned here"] = [Runtime.from_folders(folders, cache, threads) for folders in made]
        base = Runtime.from_folders({}, cache, threads)
        report = run(splits, base, {name: models for name, models in extra.items() if models})
    if as_json:
        print_json(report.to_dict())
        return
    columns = ("", *(f"at {k}" for k in AT))
    print_table("The right document is found", (*columns, "MRR"), [ranking.row() for ranking in report.rankings])
    print_table("More than by the untuned encoder", columns, [(name, *map(str, g)) for name, g in report.gains()])
    say(f"{report.questions} questions, {report.tickets} tickets; {report.ceiling:.1%} can be found at all")


def tuned(lessons: Sequence[Ticket], out: Path, depth: int, seed: int) -> dict[str, Path]:
    """The folder of a retriever that was taught `lessons`, by its task; none where it found no more than before."""
    from models.runtime import RETRIEVER
    from training.errors import TrainingError
    from training.retrieval.recipe import train_retriever as recipe

    try:
        return {RETRIEVER: recipe(lessons, _others(), out, depth=depth, seed=seed, threads=Settings().threads).out}
    except TrainingError as error:
        say(f"Left as it was: {error}")
        return {}


def _others() -> list[tuple[str, str]]:
    """Questions (text, intent) that a retriever must search no worse than the base encoder: the demo's."""
    from bot.content import read_examples
    from bot.paths import DEMO

    return [(e.text, e.label) for e in read_examples(DEMO / "utterances") if e.split == "dev"]


def evaluate_passages(
    data: Annotated[Path, typer.Option(help="CSV or JSON lines with text,label[,split]; or a folder.")],
    split: Annotated[str, typer.Option(help="The split that is asked; empty: all.")] = "dev",
    risk: Annotated[float, typer.Option(min=0, max=1, help="The share of wrong passages that is borne.")] = 0.1,
    demo: Annotated[bool, typer.Option(help="On the embedded demo shop, in a home of its own.")] = False,
    picture: Annotated[Path | None, typer.Option(help="Where the curve is drawn, as SVG.")] = None,
    as_json: AsJson = False,
) -> None:
    """Measure whether the first passage answers, and what its score is worth; prints the risk-coverage curve."""
    from benchmarks.home import throwaway_home
    from bot.assembly import Installation, open_search, open_store
    from bot.content import read_examples
    from training.retrieval.curve import risk_coverage_svg
    from training.retrieval.passages import evaluate_passages as run

    messages = [(e.text, e.label) for e in read_examples(data) if not split or e.split == split]
    with throwaway_home(Settings()) if demo else nullcontext(Settings()) as settings, progress() as bars:
        if demo:
            Installation.open(settings, demo=True, progress=bars)
        tickets = open_store(settings).tickets
        report = run(
            messages,
            open_search(settings),
            lambda ids: {id: ticket.intent for id, ticket in tickets.many(ids).items()},
            risk=risk,
        )
    if picture:
        picture.write_text(risk_coverage_svg(report.curve, "the first passages that are said"), encoding="utf-8")
    if as_json:
        print_json(report.to_dict())
    else:
        print_table("The first passage", ("what", "figure"), report.rows())
