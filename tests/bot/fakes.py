"""A bot without models: a screen that knows e-mail addresses and a few words, an understanding that is told."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import numpy as np

from bot.clearance import Clearance
from bot.compose import Composer
from bot.engine import Bot, Serving
from bot.records import IntentSpec
from bot.slots import Slots
from bot.store import Store
from guardrails.placeholders import Placeholders
from guardrails.screen import Screened
from guardrails.verdict import Action, Finding, Verdict
from models.graph import BASE
from models.intent import Intent
from models.runtime import Reading
from retrieval.passage import Passage
from tests.bot.examples import INTENTS

SHOP = {"name": "Larch & Loom", "days": 5, "hours": "every day"}
EMAIL = re.compile(r"(?<![\w.])[\w.]{1,64}@[\w.]+\w")
NOTHING = Reading((), (), {BASE: np.zeros(4, dtype=np.float32)}, {})
ACTS = {  # a word in the message -> what the screen does about it
    "attack": (Action.REFUSE, "I cannot do that."),
    "despair": (Action.ESCALATE, "A colleague is with you in a moment."),
    "gibberish": (Action.ASK, "Could you say that in other words?"),
    "furious": (Action.ALLOW, "I am sorry about the trouble."),
}


@dataclass
class FakeScreen:
    """Redacts e-mail addresses, drops what is not text, acts on the words of ACTS; drafts must not say "forbidden"
    or "promised".

    `meanwhile` is called in the middle of each screening; `fails` is raised instead.
    """

    asked: list[tuple[str, str]] = field(default_factory=list)
    meanwhile: Callable[[], object] = lambda: None
    fails: Exception | None = None

    def content_key(self, text: str) -> str:
        return sha256(text.encode("utf-8", "replace")).hexdigest()

    def approve(self, text: str) -> Verdict:
        return self.screen(text, "out").verdict

    def screen(
        self,
        text: str,
        direction: str = "in",
        evidence: object = (),
        memory: Placeholders | None = None,
        before: tuple[str, ...] = (),
    ) -> Screened:
        self.asked.append((direction, text))
        if self.fails:
            raise self.fails
        self.meanwhile()
        if direction == "out":
            message = "A colleague has to decide that." if "promised" in text else None
            held = "forbidden" in text or "promised" in text
            return Screened(_verdict(Action.REFUSE if held else Action.ALLOW, text, "toxicity", message))
        names = Placeholders.fresh() if memory is None else memory
        safe = "".join(c for c in text if c.isprintable() or c in "\n\t")
        safe = EMAIL.sub(lambda hit: names.name("EMAIL", hit[0]), safe)
        action, message = next((act for word, act in ACTS.items() if word in safe), (Action.ALLOW, None))
        if safe != text and action is Action.ALLOW:
            action = Action.REDACT
        amended = ()
        if before and before[-1].endswith("4111") and safe.startswith("2222"):
            amended, safe = (*before[:-1], before[-1].replace("4111", "[CARD_1]")), safe.replace("2222", "[CARD_1]")
        reading = None if action > Action.REDACT else NOTHING
        return Screened(_verdict(action, safe, "pii", message), reading, before=amended)


def _verdict(action: Action, text: str, guard: str, message: str | None = None) -> Verdict:
    found = Finding(guard, "word", 0.9, reason="a word that is looked for", threshold=0.5, action=action)
    return Verdict(action, text, (found,) if action else (), message, {guard: 0.1})


@dataclass
class FakeRetriever:
    """Finds the same passages for every message."""

    passages: tuple[Passage, ...] = ()
    asked: list[str] = field(default_factory=list)

    def search(self, embedding: np.ndarray, text: str, k: int = 5) -> list[Passage]:
        self.asked.append(text)
        return list(self.passages[:k])


class Understanding:
    """Understands every message as the same intent, and counts."""

    def __init__(self, intent: Intent | None = None) -> None:
        self.intent = intent or Intent("order_status", 0.9, (("refund", 0.05),))
        self.asked = 0

    def __call__(self, reading: Reading) -> Intent:
        self.asked += 1
        return self.intent


def composer(intents: Mapping[str, IntentSpec] | None = None, **changes: Any) -> Composer:
    figures = {"confident": 0.55, "margin": 0.15, "hopeless": 0.25, "passage": 0.6}
    return Composer(intents or {spec.name: spec for spec in INTENTS}, **{"shop": SHOP, **figures, **changes})


def serving(
    screen: FakeScreen | None = None,
    understand: Callable[[Reading], Intent] | None = None,
    retriever: FakeRetriever | None = None,
    version: str = "v1",
    **changes: Any,
) -> Serving:
    """Everything that serves, made of fakes."""
    screen = screen or FakeScreen()
    parts: dict[str, Any] = {
        "screen": screen,
        "clearance": Clearance(screen),  # type: ignore[arg-type]
        "read": lambda text: NOTHING,
        "read_many": lambda texts: [NOTHING for _ in texts],
        "understand": understand or Understanding(),
        "retriever": retriever or FakeRetriever(),
        "composer": composer(),
        "slots": Slots(r"LL-\d{6}", ("Wren sofa",)),
        "versions": {"intent": version},
    }
    return Serving(**{**parts, **changes})


def bot(store: Store, **changes: Any) -> Bot:
    return Bot(store, serving(**changes), secret="for tests")
