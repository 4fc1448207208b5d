"""What an operator brings in, and the index over it: the demo shop, tickets, articles, intents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.articles import ArticleReport
from bot.articles import import_articles as run_articles
from bot.content import OUT_OF_SCOPE, read_examples, read_intents
from bot.flagging import flag_tickets
from bot.importing import ImportReport
from bot.importing import import_tickets as run_import
from bot.importing import read_tickets as run_read
from bot.paths import DEMO, DEMO_INTENT_MODEL, index_folder
from bot.records import IntentSpec
from bot.settings import Settings
from bot.steps import Steps
from bot.store import Store
from bot.templates import wordings
from bot.utterances import UtteranceReport, import_utterances
from guardrails.screen import Screen
from models.folder import ModelFolder
from models.runtime import Runtime
from retrieval.errors import IndexDamaged
from retrieval.passage import Ticket
from retrieval.retriever import Retriever
from retrieval.sources import open_source

if TYPE_CHECKING:
    from rich.progress import Progress
from bot.assembly.builders import (
    build_retriever,
    build_runtime,
    build_screen,
    embedding_version,
    open_store,
    shop_facts,
)

DEMO_STAFF = ("demo", "handrail-demo")


def load_demo(store: Store, settings: Settings, steps: Steps | None = None) -> None:
    """Fill an empty store with the demo shop: intents, utterances, tickets, its intent model, a log-in."""
    steps = steps or Steps(None)
    steps.begin("Loading the demo shop")
    store.models.promote(
        "intent",
        ModelFolder.load(DEMO_INTENT_MODEL).version,
        DEMO_INTENT_MODEL,
        by="demo",
        reason="comes with the demo",
    )
    store.content.put_examples([*read_examples(DEMO / "utterances"), *read_examples(DEMO / "oos")])
    store.staff.add(*DEMO_STAFF)
    runtime = build_runtime(store, settings)
    screen = build_screen(settings, runtime)
    files = sorted((DEMO / "tickets").glob("*.jsonl"))
    advance = steps.begin("Importing the demo's past tickets", total=len(files))
    for file in files:
        run_import(open_source(file, "jsonl"), store, screen, secret=settings.session_secret)
        advance(1)
    steps.begin("Learning how sure a past ticket is")
    learn_scores(store, settings, runtime)
    put_intents(store, settings, read_intents(DEMO / "intents"), screen)  # late: only then is the store a finished one
    flag_tickets(store, shop_facts(settings), runtime)


def put_intents(store: Store, settings: Settings, specs: Sequence[IntentSpec], screen: Screen) -> None:
    """Replace all intents by these, and screen their answers once."""
    shop = shop_facts(settings)
    verdicts = {}
    for spec in specs:
        for text in (spec.title, *wordings(spec.answer, shop)):
            verdicts[screen.content_key(text)] = screen.approve(text).action.name
    store.content.approve(verdicts, screen.policy.version)
    store.content.put_intents(specs)


def learn_scores(store: Store, settings: Settings, runtime: Runtime, retriever: Retriever | None = None) -> None:
    """Fit the passages' scores to the shop's own utterances, and keep them beside the index."""
    retriever = retriever or build_retriever(store, settings, runtime)
    known = [(e.text, e.label) for e in store.content.examples() if e.split == "train" and e.label != OUT_OF_SCOPE]
    retriever.learn(runtime, known)
    retriever.save(index_folder(settings.home))


def import_tickets(
    settings: Settings, file: Path, format: str, *, mapping: Mapping[str, str], encoding: str,
    agents: Sequence[str], strict: bool, progress: Progress | None = None,
) -> ImportReport:  # fmt: skip
    """Import past tickets, redacted, and bring the index up to date."""
    store = open_store(settings)
    runtime = build_runtime(store, settings)
    source = open_source(file, format, mapping=mapping, encoding=encoding, agents=agents)
    screen = build_screen(settings, runtime)
    report = run_import(source, store, screen, secret=settings.session_secret, strict=strict, progress=progress)
    report.flagged = flag_tickets(store, shop_facts(settings), runtime)
    build_retriever(store, settings, runtime, progress)
    return report


def read_tickets(settings: Settings, file: Path, progress: Progress | None = None) -> tuple[list[Ticket], ImportReport]:
    """The past tickets of a file, redacted, which is not imported, and what became of its rows."""
    store = open_store(settings)
    screen = build_screen(settings, build_runtime(store, settings))
    return run_read(open_source(file), screen, progress=progress)


def import_articles(
    settings: Settings, folder: Path, *, base_url: str, strict: bool, progress: Progress | None = None
) -> ArticleReport:
    """Import a folder of knowledge articles, or what has changed in it, and bring the index up to date."""
    store = open_store(settings)
    runtime = build_runtime(store, settings)
    screen = build_screen(settings, runtime)
    report = run_articles(folder, store, screen, base_url=base_url, strict=strict, progress=progress)
    build_retriever(store, settings, runtime, progress)
    return report


def import_intents(
    settings: Settings, file: Path, utterances: Sequence[Path], progress: Progress | None = None
) -> tuple[int, UtteranceReport]:
    """Import intents and utterances, redacted: how many intents serve now, and what became of the utterances."""
    store = open_store(settings)
    examples = [example for path in utterances for example in read_examples(path)]
    specs = read_intents(file)
    runtime = build_runtime(store, settings)
    screen = build_screen(settings, runtime)
    report = import_utterances(examples, store, screen, progress)
    put_intents(store, settings, specs, screen)
    flag_tickets(store, shop_facts(settings), runtime)
    return len(specs), report


def build_index(settings: Settings, progress: Progress | None = None) -> dict[str, Any]:
    """Build the index anew."""
    store = open_store(settings)
    runtime = build_runtime(store, settings)
    retriever = Retriever.build(store.tickets, runtime, version=embedding_version(store))
    retriever.save(index_folder(settings.home))
    learn_scores(store, settings, runtime, retriever)
    return {"tickets": len(retriever), "version": retriever.version}


def index_status(settings: Settings) -> dict[str, Any]:
    """Whether the index matches the store, and what to do when it does not."""
    store = open_store(settings)
    try:
        retriever = Retriever.open(index_folder(settings.home), store.tickets, version=embedding_version(store))
    except IndexDamaged as error:
        return {"matches": False, "tickets": store.tickets.count(), "problem": str(error)}
    return {"matches": True, "tickets": len(retriever), "version": retriever.version}
