"""What serves, built from the settings and the store: models, guards, index, and all of them together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from hashlib import sha256
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.clearance import Clearance
from bot.compose import Composer
from bot.content import read_shop
from bot.engine import Serving
from bot.errors import NotFound
from bot.paths import DEMO, DEMO_INTENT_MODEL, SHIPPED, index_folder, model_folder
from bot.reader import build_near, build_reader
from bot.records import IntentSpec
from bot.settings import Settings
from bot.slots import Slots
from bot.store import Store
from bot.tact import sentences_of
from bot.templates import wordings
from bot.vault import Vault
from guardrails.pii import REGIONS, TAGGED
from guardrails.policy import Policy
from guardrails.screen import BRANCHES, Screen
from models.errors import ModelError
from models.folder import ModelFolder, sha256_of
from models.runtime import RETRIEVER, Runtime
from models.spelling import Speller
from models.trunk import Trunk
from retrieval.encoder import PLACING
from retrieval.retriever import Retriever

if TYPE_CHECKING:
    from rich.progress import Progress


def open_store(settings: Settings) -> Store:
    """The store, its schema up to date."""
    settings.make_home()
    return Store.open(settings.database)


def open_vault(settings: Settings, store: Store) -> Vault | None:
    """The vault of the values behind placeholders; None without a key."""
    return Vault.open(store, settings.vault_key, settings.vault_hours, settings.vault_kinds)


def shop_facts(settings: Settings) -> dict[str, Any]:
    """The shop's facts: the operator's file, or the demo's."""
    return read_shop(settings.shop or DEMO / "shop.yaml")


def dead_links(settings: Settings) -> tuple[str, ...]:
    """The beginnings of addresses that no longer lead anywhere, by the shop's facts."""
    return tuple(map(str, shop_facts(settings).get("dead_links", ())))


def build_runtime(store: Store, settings: Settings, instead: Mapping[str, Path] | None = None) -> Runtime:
    """The shipped heads and the promoted ones on one trunk; `instead` names other folders for some tasks.

    Raises ModelError, which names the folder, where the model of a guard is missing or damaged: none goes by its rules
    alone unasked.
    """
    folders = {task: SHIPPED / task for task in BRANCHES}
    folders |= {task: _promoted(task, Path(promotion.path)) for task, promotion in store.models.serving().items()}
    if settings.toxicity:
        folders["toxicity"] = detoxify_folder(settings.toxicity, settings)
    folders |= instead or {}
    return Runtime.from_folders(folders, settings.cache, settings.threads)


def _promoted(task: str, folder: Path) -> Path:
    """The folder of a promoted model. Raises ModelError where it is damaged, which says how another comes to serve."""
    try:
        return ModelFolder.load(folder).path
    except ModelError as error:
        last = f"; or the demo's, as a last resort: handrail models promote {DEMO_INTENT_MODEL}"
        raise ModelError(
            f"{error} The model before it serves again with: handrail models rollback {task}   another one with: "
            f"handrail models promote FOLDER{last if task == 'intent' else ''}"
        ) from error


def detoxify_folder(checkpoint: Path, settings: Settings) -> Path:
    """The model folder of a Detoxify checkpoint, by its hash: made once, which takes the [train] extra and a minute.

    Raises ModelError for a checkpoint that is missing, holds code, or scores otherwise once it is exported.
    """
    if not checkpoint.is_file():
        raise ModelError(f"HANDRAIL_TOXICITY names {checkpoint}, which is no file: give a Detoxify checkpoint (.ckpt).")
    out = model_folder(settings.home, "toxicity", sha256_of(checkpoint)[:12])
    if not out.exists():
        from training.guards.detoxify_import import import_detoxify

        # In a process of its own, since one that serves keeps torch out.
        with ProcessPoolExecutor(1, get_context("spawn")) as pool:
            pool.submit(import_detoxify, checkpoint, out, config=settings.toxicity_config).result()
    return out


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
    allowed = [str(shop[key]) for key in ("email", "phone", "website", "emergency", "gas_emergency") if key in shop]
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
    intents = store.content.intents()
    said = _sentences(intents.values(), shop)
    digest = sha256("\n".join([embedding_version(store), *said]).encode()).hexdigest()[:16]
    composer = Composer(
        intents, shop, settings.confident, settings.margin, settings.hopeless, settings.passage,
        near=build_near(runtime, said, settings.cache / f"sentences-{digest}.npy"),
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


def _sentences(specs: Iterable[IntentSpec], shop: Mapping[str, Any]) -> list[str]:
    """The sentences of all answers, each once, with the names of the slots in place of their values."""
    texts = [text for spec in specs for text in sorted(wordings(spec.answer, shop))]
    return list(dict.fromkeys(sentence for text in texts for sentence in sentences_of(text)))
