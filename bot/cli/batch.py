"""JSON lines in, JSON lines out, in the same order: screen, classify, search."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.cli.console import STANDARD_INPUT, print_json, read_lines, say
from bot.settings import Settings
from bot.wire import wire_passage, wire_verdict

File = Annotated[Path, typer.Argument(help='JSON lines {"id","text"} or one text a line; - is standard input.')]


class Side(StrEnum):
    """Which way a text goes."""

    IN = "in"
    OUT = "out"


def register(app: typer.Typer) -> None:
    """Add the commands of this room."""
    app.command()(screen)
    app.command()(classify)
    app.command()(search)


def screen(
    file: File = STANDARD_INPUT,
    direction: Annotated[Side, typer.Option(help="in: what customers write; out: what is said to them.")] = Side.IN,
) -> None:
    """Run the guardrails over texts.   Example: echo "call me on 0117 496 0123" | handrail screen"""
    from bot import assembly

    guards = assembly.open_screen(Settings())
    for row in read_lines(file):
        verdict = guards.screen(row["text"], direction=direction.value, evidence=tuple(row.get("evidence", ()))).verdict
        print_json(wire_verdict(row["id"], verdict))


def classify(
    file: File = STANDARD_INPUT,
    model: Annotated[Path | None, typer.Option(help="A model folder; the serving one when not given.")] = None,
) -> None:
    """Read intents.   Example: echo "where is my parcel" | handrail classify"""
    from bot import assembly

    reader = assembly.open_intent_reader(Settings(), model)
    for row in read_lines(file):
        intent = reader(row["text"])
        out: dict[str, Any] = {"id": row["id"], "intent": intent.label, "confidence": round(intent.confidence, 4)}
        out["in_scope"] = intent.in_scope
        out["alternatives"] = [{"intent": name, "confidence": round(chance, 4)} for name, chance in intent.alternatives]
        print_json(out)


def search(
    file: File = STANDARD_INPUT,
    k: Annotated[int, typer.Option(min=1, max=100, help="How many passages.")] = 5,
) -> None:
    """Find past tickets.   Example: echo "the lamp flickers" | handrail search --k 3"""
    from bot import assembly

    settings = Settings()
    find = assembly.open_search(settings)
    if not assembly.open_store(settings).tickets.count():
        say(
            "There are no past tickets or articles yet, so nothing is found. Bring yours in with: handrail import "
            "tickets FILE   or try the demo's: handrail serve --demo"
        )
    for row in read_lines(file):
        passages = [wire_passage(passage) for passage in find(row["text"], k)]
        print_json({"id": row["id"], "passages": passages})
