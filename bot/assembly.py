"""The only place, beside the command line, where things are put together. Reads settings; builds; hands out."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.articles import ArticleReport
from bot.articles import import_articles as run_articles
from bot.clearance import Clearance
from bot.compose import Composer
from bot.content import OUT_OF_SCOPE, read_examples, read_intents, read_shop
from bot.desk import Desk
from bot.engine import Bot, Serving
from bot.errors import HandrailError, NotFound
from bot.flagging import flag_tickets
from bot.gate import Gate
from bot.importing import ImportReport
from bot.importing import import_tickets as run_import
from bot.importing import read_tickets as run_read
from bot.lean import without_stub_writing
from bot.paths import DEMO, DEMO_INTENT_MODEL, SHIPPED, index_folder
from bot.reader import build_near, build_reader, text_reader
from bot.records import IntentSpec
from bot.settings import Settings
from bot.slots import Slots
from bot.steps import Steps
from bot.store import Store
from bot.templates import wordings
from bot.vault import Vault
from guardrails.pii import REGIONS, TAGGED
from guardrails.policy import Policy
from guardrails.screen import Screen
from models.folder import ModelFolder
from models.intent import Intent
from models.runtime import RETRIEVER, Runtime
from models.spelling import Speller
from models.trunk import Trunk
from retrieval.encoder import PLACING
from retrieval.errors import IndexDamaged
from retrieval.passage import Passage, Ticket
from retrieval.retriever import Retriever
from retrieval.sources import open_source

if TYPE_CHECKING:
    from fastapi import FastAPI
    from rich.progress import Progress

log = logging.getLogger("handrail.assembly")
DEMO_STAFF = ("demo", "handrail-demo")


@dataclass
class Installation:
    """A bot with everything around it. `follow` makes it serve what has changed in the store since."""

    settings: Settings
    store: Store
    bot: Bot
    desk: Desk
    revision: int
    policy_stamp: tuple[int, int] | None = None

    @classmethod
    def open(cls, settings: Settings, *, demo: bool = False, progress: Progress | None = None) -> Installation:
        """Put an installation together. With `demo`, an empty store is filled with the demo shop first.

        Raises HandrailError with what is missing and the way out.
        """
        store = open_store(settings)
        steps = Steps(progress)
        if demo and not store.content.intents():
            load_demo(store, settings, steps)
        steps.begin("Loading models and index")
        revision, stamp = store.audit.revision(), policy_stamp(settings)
        vault = open_vault(settings, store)
        serving = build_serving(store, settings, progress=progress)
        bot = Bot(store, serving, secret=settings.session_secret, vault=vault)
        steps.end()
        installation = cls(settings, store, bot, Desk(store, bot.serving.screen), revision, stamp)
        installation.desk.on_tickets = installation.follow
        bot.metrics.serve(dict(bot.serving.versions))
        return installation

    def follow(self) -> bool:
        """Serve what has changed: a promoted model, other intents, more tickets, the policy file. True when it did.

        A policy file that cannot be used raises PolicyError once, and the earlier policy serves on.
        """
        revision, stamp = self.store.audit.revision(), policy_stamp(self.settings)
        if (revision, stamp) == (self.revision, self.policy_stamp):
            return False
        self.policy_stamp = stamp
        if revision != self.revision:
            serving = build_serving(self.store, self.settings)
        else:
            serving = governed(self.bot.serving, self.store, load_policy(self.settings))
        self.bot.adopt(serving)
        self.desk.screen = serving.screen
        self.revision = revision
        self.bot.metrics.serve(dict(serving.versions))
        return True

    def watch(self, stop: threading.Event) -> None:
        """Follow the store until `stop` is set. A change that cannot be served is logged; the old one serves on."""
        while not stop.wait(self.settings.reload_seconds):
            try:
                if self.follow():
                    log.info("now serving %s", dict(self.bot.serving.versions))
            except HandrailError as error:
                log.error("a change cannot be served, the earlier one serves on: %s", error)


def open_store(settings: Settings) -> Store:
    """The store, its schema up to date."""
    settings.home.mkdir(parents=True, exist_ok=True)
    return Store.open(settings.database)


def open_vault(settings: Settings, store: Store) -> Vault | None:
    """The vault of the values behind placeholders; None without a key."""
    return Vault.open(store, settings.vault_key, settings.vault_hours, settings.vault_kinds)


def shop_facts(settings: Settings) -> dict[str, Any]:
    """The shop's facts: the operator's file, or the demo's."""
    return read_shop(settings.shop or DEMO / "shop.yaml")


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
        run_import(open_source(file, "jsonl"), store, screen)
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


def build_runtime(store: Store, settings: Settings, instead: Mapping[str, Path] | None = None) -> Runtime:
    """One graph of the shipped heads and the promoted ones; `instead` names other folders for some tasks."""
    folders = {folder.name: folder for folder in sorted(SHIPPED.glob("*")) if folder.is_dir()}
    folders |= {task: Path(promotion.path) for task, promotion in store.models.serving().items()}
    folders |= instead or {}
    return Runtime.from_folders(folders, settings.cache, settings.threads)


def load_policy(settings: Settings) -> Policy:
    """The operator's guardrail policy, or the one that ships."""
    return Policy.load(settings.policy) if settings.policy else Policy.load()


def policy_stamp(settings: Settings) -> tuple[int, int] | None:
    """Changes when the operator's policy file does: its time (ns) and size. None without such a file."""
    if settings.policy is None or not settings.policy.exists():
        return None
    found = settings.policy.stat()
    return found.st_mtime_ns, found.st_size


def governed(serving: Serving, store: Store, policy: Policy) -> Serving:
    """The same models, content and guards under another policy."""
    screen = serving.screen.under(policy)
    return replace(
        serving,
        screen=screen,
        clearance=Clearance(screen, store.content.approvals(policy.version)),
        versions={**serving.versions, "policy": policy.version},
    )


def build_screen(settings: Settings, runtime: Runtime) -> Screen:
    """The guards, which let the shop's own address and numbers pass."""
    shop = shop_facts(settings)
    allowed = [str(shop[key]) for key in ("email", "phone", "website") if key in shop]
    allowed += [str(value) for value in shop.get("never_redact", ())]
    return Screen.build(
        load_policy(settings),
        runtime,
        allow=allowed,
        deny=tuple(shop.get("always_redact", ())),
        kinds=tuple(shop.get("personal_kinds", TAGGED)),
        regions=tuple(shop.get("phone_regions", REGIONS)),
        order=shop.get("order_pattern"),
        account=shop.get("account_pattern"),
        hosts=(*shop.get("link_hosts", ()), *([str(shop["website"])] if "website" in shop else [])),
        banned=tuple(shop.get("banned_topics", ())),
        competitors=tuple(shop.get("competitors", ())),
        limit=settings.max_chars,
        tokens=settings.max_tokens,
    )


def build_retriever(store: Store, settings: Settings, runtime: Runtime, progress: Progress | None = None) -> Retriever:
    """The index of past tickets, brought up to date with the store."""
    advance = None
    if progress is not None:
        task = progress.add_task("Indexing past tickets", total=store.tickets.count(), visible=False)

        def advance(done: int) -> None:
            progress.update(task, advance=done, visible=True)

    return Retriever.ready(
        index_folder(settings.home), store.tickets, runtime, version=embedding_version(store), progress=advance
    )


def learn_scores(store: Store, settings: Settings, runtime: Runtime, retriever: Retriever | None = None) -> None:
    """Fit the passages' scores to the shop's own utterances, and keep them beside the index."""
    retriever = retriever or build_retriever(store, settings, runtime)
    known = [(e.text, e.label) for e in store.content.examples() if e.split == "train" and e.label != OUT_OF_SCOPE]
    retriever.learn(runtime, known)
    retriever.save(index_folder(settings.home))


def embedding_version(store: Store) -> str:
    """Names what makes the vectors of the index: the base encoder, or the retriever that was fine-tuned. Another one
    has the index built anew; a newly promoted head of another task does not."""
    tuned = store.models.serving().get(RETRIEVER)
    return f"{Trunk.from_package().sha256[:12]}-int8-{PLACING}" + (f"-{tuned.version}" if tuned else "")


def build_serving(store: Store, settings: Settings, progress: Progress | None = None) -> Serving:
    """Everything that serves, from what the store says now. Raises NotFound when no intent model is promoted."""
    runtime = build_runtime(store, settings)
    if "intent" not in runtime.folders:
        raise NotFound(
            "no intent model serves yet. Try the demo with: handrail serve --demo   or train one on your utterances: "
            "handrail import intents FILE --utterances FILE, then handrail retrain"
        )
    speller = Speller.of(runtime.folders["intent"], runtime.vocabulary())
    screen = build_screen(settings, runtime)
    retriever = build_retriever(store, settings, runtime, progress)
    shop = shop_facts(settings)
    composer = Composer(
        store.content.intents(), shop, settings.confident, settings.margin, settings.hopeless, settings.passage,
        near=build_near(runtime),
    )  # fmt: skip
    versions = {task: folder.version for task, folder in sorted(runtime.folders.items())}
    versions |= {"policy": screen.policy.version, "index": retriever.version}
    return Serving(
        screen=screen,
        read=lambda text: speller.reading(runtime.read, text),
        read_many=lambda texts: [*map(runtime.read, texts)],
        clearance=Clearance(screen, store.content.approvals(screen.policy.version)),
        understand=build_reader(runtime, settings, store),
        retriever=retriever,
        composer=composer,
        slots=Slots(shop.get("order_pattern", ""), tuple(shop.get("products", ()))),
        versions=versions,
        misspelt=speller.misspelt,
    )


def build_app(installation: Installation) -> FastAPI:
    """The service with its pages."""
    from bot.service import build

    with without_stub_writing():
        from ui.pages import mount

    settings = installation.settings
    gate = Gate(settings.api_keys.split(","), conversation=settings.rate_conversation, address=settings.rate_address)
    app = build(installation.bot, installation.desk, gate)
    return mount(app, installation.bot, installation.desk, settings)


def serve(installation: Installation, ready: Callable[[str], None]) -> None:
    """Serve until stopped. `ready` is told the address once messages can be answered."""
    from bot.server import listen

    settings = installation.settings
    app = build_app(installation)
    listen(app, settings.host, settings.port, settings.log_level, ready=ready, beside=installation.watch)
    installation.store.close()


def open_screen(settings: Settings) -> Screen:
    """The guards by themselves, with the shipped heads."""
    return build_screen(settings, build_runtime(open_store(settings), settings))


def open_intent_reader(settings: Settings, model: Path | None) -> Callable[[str], Intent]:
    """Reads the intent of a text, by a model folder or by the serving model."""
    folder = model or find_model(settings, "intent").path
    runtime = Runtime.from_folders({"intent": folder}, settings.cache, settings.threads)
    return text_reader(runtime, settings, None if model else open_store(settings))


def open_search(settings: Settings) -> Callable[[str, int], list[Passage]]:
    """Finds past tickets for a text, which is redacted first."""
    store = open_store(settings)
    runtime = build_runtime(store, settings)
    screen, retriever = build_screen(settings, runtime), build_retriever(store, settings, runtime)

    def search(text: str, k: int) -> list[Passage]:
        safe = screen.screen(text).verdict.text
        return retriever.search(runtime.read(safe).query, safe, k)

    return search


def import_tickets(
    settings: Settings, file: Path, format: str, *, mapping: Mapping[str, str], encoding: str,
    agents: Sequence[str], strict: bool, progress: Progress | None = None,
) -> ImportReport:  # fmt: skip
    """Import past tickets, redacted, and bring the index up to date."""
    store = open_store(settings)
    runtime = build_runtime(store, settings)
    source = open_source(file, format, mapping=mapping, encoding=encoding, agents=agents)
    report = run_import(source, store, build_screen(settings, runtime), strict=strict, progress=progress)
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


def import_intents(settings: Settings, file: Path, utterances: Sequence[Path]) -> tuple[int, int]:
    """Import intents and utterances: how many intents serve now, and how many utterances are new."""
    store = open_store(settings)
    examples = [example for path in utterances for example in read_examples(path)]
    specs = read_intents(file)
    runtime = build_runtime(store, settings)
    put_intents(store, settings, specs, build_screen(settings, runtime))
    flag_tickets(store, shop_facts(settings), runtime)
    return len(specs), store.content.put_examples(examples)


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


def find_model(settings: Settings, name: str) -> ModelFolder:
    """A model by folder, by version, or the serving one by task. Raises NotFound."""
    if (Path(name) / "manifest.json").exists():
        return ModelFolder.load(Path(name))
    store = open_store(settings)
    for promotion in reversed(store.models.history()):
        if name in (promotion.version, promotion.task):
            return ModelFolder.load(Path(promotion.path))
    if (SHIPPED / name).is_dir():
        return ModelFolder.load(SHIPPED / name)
    raise NotFound(f"there is no model {name!r}; `handrail models list` shows all")
