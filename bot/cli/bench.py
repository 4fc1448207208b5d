"""Measure speed on this machine, with the demo shop in a home of its own."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.console import print_json, print_table, progress
from bot.cli.options import AsJson
from bot.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the commands of this room."""
    bench = typer.Typer(help="How fast it is here. Nothing is left behind.", no_args_is_help=True)
    bench.command("turn")(turn)
    bench.command("retrieval")(retrieval)
    bench.command("http")(http)
    bench.command("screen")(screen)
    bench.command("fuzz")(fuzz)
    bench.command("planted")(planted)
    app.add_typer(bench, name="bench")


def turn(
    n: Annotated[int, typer.Option(min=1, help="Turns that count.")] = 250,
    warm: Annotated[int, typer.Option(min=0, help="Turns before them that do not.")] = 50,
    as_json: AsJson = False,
) -> None:
    """Time whole turns in process.   Example: handrail bench turn --n 100"""
    from benchmarks.home import demo_messages, throwaway_home
    from benchmarks.turn import measure
    from bot.assembly import Installation

    with throwaway_home(Settings()) as settings:
        with progress() as bars:
            installation = Installation.open(settings, demo=True, progress=bars)
        report = measure(installation.bot, demo_messages(), n, warm, threads=settings.threads)
        installation.store.close()
    if as_json:
        print_json(report.to_dict())
    else:
        print_table("One turn, demo shop", ("what", "found"), report.rows())


def retrieval(
    n: Annotated[list[int], typer.Option(min=1, help="Tickets in the index; may be repeated.")] = [],  # noqa: B006
    queries: Annotated[int, typer.Option(min=1, help="Queries at each size, at most.")] = 200,
    texts: Annotated[Path | None, typer.Option(help="Real texts, one a line; the demo's when not given.")] = None,
    simulated: Annotated[int, typer.Option(min=0, help="Simulate an index of so many instead (0: do not).")] = 0,
    as_json: AsJson = False,
) -> None:
    """Time the index at several sizes.   Example: handrail bench retrieval --n 1000 --n 1000000"""
    import numpy as np

    from benchmarks.home import demo_messages, messages_of
    from benchmarks.retrieval import SIZES, measure
    from benchmarks.simulated import simulate
    from models.runtime import Runtime

    settings = Settings()
    runtime = Runtime.from_folders({}, settings.cache, settings.threads)
    real = messages_of(texts) if texts else demo_messages()
    asked = min(queries, len(real) // 2)
    with progress() as bars:
        starts = bars.track(range(0, len(real), 256), description="Encoding real texts")
        vectors = np.concatenate([runtime.encode(real[start : start + 256]) for start in starts])

        def step(what: str, total: int) -> Callable[[int], None]:
            return partial(bars.advance, bars.add_task(what, total=total))

        if simulated:
            found = simulate(vectors[asked:], vectors[:asked], simulated, step=step).to_dict()
        else:
            report = measure(vectors[asked:], vectors[:asked], sorted(n) or SIZES, step=step)
            found = report.to_dict()
    if as_json:
        print_json(found)
        return
    if simulated:
        print_table("One search, simulated", ("what", "figure"), [(name, str(value)) for name, value in found.items()])
        return
    columns = ("tickets", "kind", "p50 ms", "p95 ms", "p99 ms", f"recall at {report.k}", "build s", "open s")
    print_table("One search, index alone", (*columns, "bytes each", "add ms", "remove ms"), report.rows())


def http(
    n: Annotated[int, typer.Option(min=1, help="Messages in all.")] = 400,
    chats: Annotated[int, typer.Option(min=1, help="Chats at once.")] = 50,
    pause: Annotated[float, typer.Option(min=0, help="Seconds between a reply and that chat's next message.")] = 2.0,
    as_json: AsJson = False,
) -> None:
    """Hold many chats at once with a server, paused and not.   Example: handrail bench http --n 400"""
    from benchmarks.home import demo_messages, throwaway_home
    from benchmarks.http import measure

    with throwaway_home(Settings()) as settings:
        report = measure(settings, demo_messages(), chats=chats, n=n, pause=pause)
    if as_json:
        print_json(report.to_dict())
    else:
        print_table("Chats over HTTP, demo shop", ("what", "found"), report.rows())


def screen(
    n: Annotated[int, typer.Option(min=1, help="Screenings each way.")] = 500,
    tokens: Annotated[int, typer.Option(min=2, max=200, help="Word pieces of each message.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Time the guardrails by themselves.   Example: handrail bench screen --n 500"""
    from benchmarks.home import demo_messages, throwaway_home
    from benchmarks.screen import measure, of_length
    from bot.assembly import open_screen
    from models.tokens import WordPieces
    from models.trunk import Trunk

    texts = of_length(demo_messages(), WordPieces(Trunk.from_package().tokenizer), tokens)
    with throwaway_home(Settings()) as settings:
        report = measure(open_screen(settings), texts, n, tokens)
    if as_json:
        print_json(report.to_dict())
    else:
        print_table("Guardrails", ("what", "found"), report.rows())


def fuzz(
    n: Annotated[int, typer.Option(min=1, help="Strings.")] = 10_000,
    seed: Annotated[int, typer.Option(help="The same strings for the same seed.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Screen strings that nobody would write.   Example: handrail bench fuzz --n 1000"""
    from benchmarks.home import demo_messages, throwaway_home
    from benchmarks.screen import fuzz as run
    from bot.assembly import open_screen

    with throwaway_home(Settings()) as settings, progress() as bars:
        task = bars.add_task("Strings", total=n)
        screen = open_screen(settings)
        report = run(screen, demo_messages(), n, seed=seed, progress=lambda done: bars.advance(task, done))
    if as_json:
        print_json(report.to_dict())
    else:
        print_table("Fuzzed strings", ("what", "found"), report.rows())


def planted(
    n: Annotated[int, typer.Option(min=1, help="Values.")] = 10_000,
    seed: Annotated[int, typer.Option(help="The same values for the same seed.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Type personal values and look for them in all that was written.   Example: handrail bench planted --n 500"""
    from benchmarks.home import throwaway_home
    from benchmarks.planted import run, values
    from bot.assembly import Installation

    messages = values(n, seed)
    with throwaway_home(Settings()) as settings, progress() as bars:
        installation = Installation.open(settings, demo=True, progress=bars)
        task = bars.add_task("Values", total=len(messages))
        report = run(installation.bot, settings.home, messages, progress=lambda done: bars.advance(task, done))
        installation.store.close()
    if as_json:
        print_json(report.to_dict())
    else:
        print_table("Planted values", ("what", "found"), report.rows())
