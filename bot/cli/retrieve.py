"""How well past tickets are found: fine-tune the retriever, measure it, and measure what a passage's score is worth."""

import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.console import print_json, print_table, progress, say
from bot.cli.options import AsJson
from bot.settings import Settings

Seed = Annotated[int, typer.Option(help="Makes a run repeatable.")]


def train_retriever(
    out: Annotated[Path, typer.Option(help="Where the model folder is written.")],
    depth: Annotated[int, typer.Option(min=0, max=6, help="Upper layers trained beside the projection.")] = 0,
    epochs: Annotated[int, typer.Option(min=1, help="Passes over the tickets.")] = 20,
    seed: Seed = 0,
    threads: Annotated[int, typer.Option(min=1)] = 2,
    as_json: AsJson = False,
) -> None:
    """Fine-tune the search on your own past tickets.   Example: handrail train retriever --out models/retriever"""
    from bot.assembly import open_store
    from bot.content import read_examples
    from bot.paths import DEMO
    from training.retrieval.recipe import train_retriever as recipe

    tickets = [ticket for _, ticket in open_store(Settings()).tickets.each()]
    general = [(e.text, e.label) for e in read_examples(DEMO / "utterances") if e.split == "dev"]
    result = recipe(
        tickets, general, out, depth=depth, epochs=epochs, seed=seed, threads=threads,
        command=" ".join(["handrail", *sys.argv[1:]]),
    )  # fmt: skip
    if as_json:
        print_json(result.to_dict())
        return
    print_table("Of the dev tickets that can be found", ("", "at 1", "at 5", "other questions"), result.rows())
    say(f"{result.tickets} tickets, {result.seconds:.0f} s; model {result.version} in {out}")
    say(f"Put it to service, and have the index built anew, with: handrail models promote {out}")


def evaluate_retrieval(
    data: Annotated[Path, typer.Option(help="Conversations that end with the document that resolved them.")],
    model: Annotated[Path | None, typer.Option(help="A retriever's model folder, to compare with.")] = None,
    seed: Seed = 0,
    as_json: AsJson = False,
) -> None:
    """Measure retrieval on real conversations.   Example: handrail evaluate retrieval --data conversations.json"""
    from models.runtime import RETRIEVER, Runtime
    from retrieval.evaluate import AT
    from retrieval.evaluate import evaluate_retrieval as run

    cache, threads = Settings().cache, Settings().threads
    tuned = {"fine-tuned": Runtime.from_folders({RETRIEVER: model}, cache, threads)} if model else {}
    report = run(data, Runtime.from_folders({}, cache, threads), seed=seed, extra=tuned)
    if as_json:
        print_json(report.to_dict())
        return
    rows = [
        (r.name, *(f"{s:.1%} ({low:.1%} to {high:.1%})" for s, (low, high) in zip(r.shares, r.intervals, strict=True)))
        for r in report.recalls
    ]
    print_table("The right document is found", ("", *(f"at {k}" for k in AT)), rows)
    say(f"{report.tickets} past conversations, {report.questions} held out; {report.ceiling:.1%} can be found at all")


def evaluate_passages(
    data: Annotated[Path, typer.Option(help="CSV or JSON lines with text,label[,split]; or a folder.")],
    split: Annotated[str, typer.Option(help="The split that is asked; empty: all.")] = "dev",
    risk: Annotated[float, typer.Option(min=0, max=1, help="The share of wrong passages that is borne.")] = 0.1,
    demo: Annotated[bool, typer.Option(help="On the embedded demo shop, in a home of its own.")] = False,
    as_json: AsJson = False,
) -> None:
    """Measure whether the first passage answers, and what its score is worth; prints the risk-coverage curve."""
    from benchmarks.home import throwaway_home
    from bot.assembly import Installation, open_search, open_store
    from bot.content import read_examples
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
    if as_json:
        print_json(report.to_dict())
    else:
        print_table("The first passage", ("what", "figure"), report.rows())
