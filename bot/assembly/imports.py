"""What an operator brings in, and the index over it: the demo shop, tickets, articles, intents."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import replace as replace_fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.articles import ArticleReport
from bot.articles import import_articles as run_articles
from bot.assembly.builders import (
    build_retriever,
    build_runtime,
    build_screen,
    dead_links,
    embedding_version,
    open_store,
    shop_facts,
)
from bot.content import OUT_OF_SCOPE, read_examples, read_intents
from bot.errors import ContentError
from bot.flagging import flag_tickets
from bot.importing import ImportReport
from bot.importing import import_tickets as run_import
from bot.importing import read_tickets as run_read
from bot.paths import DEMO, DEMO_INTENT_MODEL, index_folder
from bot.reader import Rehearsal, checked_new, rehearse
from bot.records import Example, IntentSpec
from bot.settings import Settings
from bot.steps import Steps
from bot.store import Store
from bot.templates import wordings
from bot.utterances import UtteranceReport, read_utterances
from guardrails.screen import Screen
from models.folder import ModelFolder
from models.runtime import Runtime
from retrieval.calibration import FEWEST_PAIRS
from retrieval.errors import IndexDamaged
from retrieval.passage import Ticket
from retrieval.retriever import Retriever
from retrieval.sources import open_source
from training.dataset import Examples, misleading

if TYPE_CHECKING:
    from rich.progress import Progress

LEARN_SHARE = 0.1  # of all tickets, new at an import, for which the scores are fitted again: it reads all of them
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
        run_import(
            open_source(file, "jsonl"), store, screen, secret=settings.session_secret, dead_links=dead_links(settings)
        )
        advance(1)
    steps.begin("Learning how sure a past ticket is")
    learn_scores(store, settings, runtime)
    put_intents(store, settings, read_intents(DEMO / "intents"), screen)  # late: only then is the store a finished one
    flag_tickets(store, shop_facts(settings), runtime)


def put_intents(
    store: Store,
    settings: Settings,
    specs: Sequence[IntentSpec],
    screen: Screen,
    examples: Sequence[Example] = (),
) -> None:
    """Replace all intents by these, screen their answers once, and add their utterances, which hold no personal data.

    Raises ContentError for an answer that cannot be filled in; the store is then as it was.
    """
    shop = shop_facts(settings)
    verdicts = {}
    for spec in specs:
        for text in (spec.title, *wordings(spec.answer, shop)):
            verdicts[screen.content_key(text)] = screen.approve(text).action.name
    store.content.approve(verdicts, screen.policy.version)
    store.content.put_intents(specs, examples=examples)


def learn_scores(
    store: Store, settings: Settings, runtime: Runtime, retriever: Retriever | None = None, *, words: bool = True
) -> str:
    """Fit the passages' scores to the shop's own utterances and keep them beside the index, which a running server
    follows; with `words`, measure among all tickets whether shared words help. In words what came of it; "" where there
    are no tickets."""
    retriever = retriever or build_retriever(store, settings, runtime)
    if not len(retriever):
        return ""
    known = [(e.text, e.label) for e in store.content.examples() if e.split == "train" and e.label != OUT_OF_SCOPE]
    learnt = retriever.learn(runtime, known, words=words)
    retriever.save(index_folder(settings.home))
    store.audit.note("operator", "index.learn", f"{learnt.pairs} pairs")
    if learnt.pairs:
        return f"how sure a past ticket is was fitted to {learnt.pairs:,} pairs of an utterance and a ticket it finds"
    few = f"utterances find fewer than {FEWEST_PAIRS} tickets that name an intent, or none that names theirs"
    return f"how sure a past ticket is stays as it comes: {few}"


def fit_scores(settings: Settings) -> str:
    """Fit the passages' scores to the utterances that the store has now. In words what came of it."""
    store = open_store(settings)
    return learn_scores(store, settings, build_runtime(store, settings), words=False) if store.tickets.count() else ""


def import_tickets(
    settings: Settings, file: Path, format: str, *, mapping: Mapping[str, str], encoding: str,
    agents: Sequence[str], strict: bool, progress: Progress | None = None,
) -> ImportReport:  # fmt: skip
    """Import past tickets, redacted, and bring the index up to date."""
    store = open_store(settings)
    runtime = build_runtime(store, settings)
    source = open_source(file, format, mapping=mapping, encoding=encoding, agents=agents)
    screen = build_screen(settings, runtime)
    report = run_import(
        source, store, screen, secret=settings.session_secret, strict=strict, dead_links=dead_links(settings),
        progress=progress,
    )  # fmt: skip
    report.flagged = flag_tickets(store, shop_facts(settings), runtime)
    retriever = build_retriever(store, settings, runtime, progress)
    if report.kept >= LEARN_SHARE * len(retriever):
        report.scores = learn_scores(store, settings, runtime, retriever)
    return report


def read_tickets(settings: Settings, file: Path, progress: Progress | None = None) -> tuple[list[Ticket], ImportReport]:
    """The past tickets of a file, redacted, which is not imported, and what became of its rows."""
    store = open_store(settings)
    screen = build_screen(settings, build_runtime(store, settings))
    return run_read(open_source(file), screen, dead_links=dead_links(settings), progress=progress)


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


@dataclass(frozen=True, slots=True)
class IntentReport:
    """What an import made of the intents: the names of `new`, `changed` and `removed` ones; `same` stayed as they
    were."""

    new: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    same: int

    @classmethod
    def of(cls, before: Mapping[str, IntentSpec], after: Mapping[str, IntentSpec]) -> IntentReport:
        """What differs between the intents that serve and those that shall."""
        both = [name for name in after if name in before]
        changed = tuple(name for name in both if before[name] != after[name])
        new, removed = (
            tuple(name for name in one if name not in two) for one, two in ((after, before), (before, after))
        )
        return cls(new, changed, removed, len(both) - len(changed))

    def summary(self) -> str:
        """For a person: one line."""
        parts = {"new": self.new, "changed": self.changed, "removed": self.removed}
        told = [f"{len(names)} {what} ({_few(names)})" for what, names in parts.items() if names]
        total = len(self.new) + len(self.changed) + self.same
        return f"{total} intents serve now: " + ", ".join([*told, f"{self.same} as they were"])


def _few(names: Sequence[str], most: int = 5) -> str:
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


def import_intents(
    settings: Settings,
    file: Path,
    utterances: Sequence[Path],
    *,
    replace: bool = False,
    progress: Progress | None = None,
) -> tuple[IntentReport, UtteranceReport]:
    """Import intents and utterances, redacted: what became of the intents, and of the utterances.

    The files say what can be asked, all of it. Raises ContentError where an intent that serves is not in them, unless
    `replace` removes it, or where an answer cannot be filled in; the store is then as it was.
    """
    store = open_store(settings)
    examples = [example for path in utterances for example in read_examples(path)]
    specs = read_intents(file)
    changes = IntentReport.of(store.content.intents(), {spec.name: spec for spec in specs})
    if changes.removed and not replace:
        raise ContentError(
            f"{file} leaves out {len(changes.removed)} of the intents that serve ({_few(changes.removed)}); nothing "
            "was imported: add them to the file, or remove them with --replace"
        )
    runtime = build_runtime(store, settings)
    screen = build_screen(settings, runtime)
    kept, report = read_utterances(examples, store, screen, progress)
    put_intents(store, settings, specs, screen, kept)
    flag_tickets(store, shop_facts(settings), runtime)
    if not utterances:
        return changes, report
    scores = learn_scores(store, settings, runtime, words=False)
    notes = _notes(examples, specs, store)
    return changes, replace_fields(report, notes=(*notes, scores) if scores else notes)


def _notes(examples: Sequence[Example], specs: Sequence[IntentSpec], store: Store) -> tuple[str, ...]:
    """What misleads among the utterances of a file, in plain words."""
    notes = misleading(Examples(tuple(e.text for e in examples), tuple(e.label for e in examples)))
    names = {spec.name for spec in specs}
    if strange := Counter(e.label for e in examples if e.label not in names | {OUT_OF_SCOPE}):
        told = _few([f"{label} ({count})" for label, count in strange.most_common()])
        notes.append(f"{strange.total()} utterances bear a label that is no intent, so it has no answer: {told}")
    taught = {e.label for e in store.content.examples() if e.split == "train"}
    if bare := [name for name in names if name not in taught]:
        notes.append(f"{len(bare)} intents have no utterance to learn from: {_few(sorted(bare))}")
    return tuple(notes)


def add_intent(
    settings: Settings, name: str, spec: IntentSpec | None, texts: Sequence[str]
) -> tuple[Rehearsal, UtteranceReport]:
    """Make an intent live by its examples, redacted, without a training: what they lead to, each left out in turn, and
    what became of them.

    `spec` is its answer; None where the intent is there already. Raises ContentError where that cannot be; the store is
    then as it was.
    """
    store = open_store(settings)
    intents, runtime = store.content.intents(), build_runtime(store, settings)
    screen = build_screen(settings, runtime)
    kept, report = read_utterances([Example(text, name, "train") for text in texts], store, screen)
    spec = checked_new(name, spec or intents.get(name), {example.text for example in kept}, runtime)
    put_intents(store, settings, tuple((intents | {name: spec}).values()), screen, kept)
    return rehearse(name, runtime, settings, store), report


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
