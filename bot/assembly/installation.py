"""A bot with everything around it, and the single things that a command opens."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bot.assembly.builders import (
    build_retriever,
    build_runtime,
    build_screen,
    build_serving,
    governed,
    load_policy,
    open_store,
    open_vault,
    policy_stamp,
)
from bot.assembly.imports import load_demo
from bot.desk import Desk
from bot.engine import Bot
from bot.errors import HandrailError, NotFound
from bot.gate import Gate
from bot.lean import without_stub_writing
from bot.paths import SHIPPED
from bot.reader import text_reader
from bot.settings import Settings
from bot.steps import Steps
from bot.store import Store
from guardrails.screen import Screen
from models.folder import ModelFolder
from models.intent import Intent
from models.runtime import Runtime
from retrieval.passage import Passage

if TYPE_CHECKING:
    from fastapi import FastAPI
    from rich.progress import Progress

log = logging.getLogger("handrail.assembly")


@dataclass
class Installation:
    """A bot with everything around it. `follow` makes it serve what has changed in the store since."""

    settings: Settings
    store: Store
    bot: Bot
    desk: Desk
    revision: int
    policy_stamp: tuple[int, int] | None = None
    told: str = ""  # of a change that cannot be served, so that it is logged once

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
        installation.desk.on_tickets = installation.keep_up
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

    def keep_up(self) -> None:
        """Follow the store. A change that cannot be served is logged once and tried again each time; what served before
        serves on."""
        try:
            self.store.settle()
            if self.follow():
                log.info("now serving %s", dict(self.bot.serving.versions))
            self.told = ""
        except HandrailError as error:
            if str(error) != self.told:
                log.error("a change cannot be served, the earlier one serves on: %s", error)
            self.told = str(error)

    def watch(self, stop: threading.Event) -> None:
        """Keep up with the store until `stop` is set."""
        while not stop.wait(self.settings.reload_seconds):
            self.keep_up()


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
    raise NotFound.of("model", name, "; `handrail models list` shows all")
