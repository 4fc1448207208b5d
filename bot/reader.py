"""How intents are read: by the promoted model, with the operator's threshold, and, until the next training, by their
examples alone where the model was not taught them."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path

import numpy as np

from bot.compose import Composer
from bot.errors import ContentError
from bot.records import IntentSpec
from bot.settings import Settings
from bot.store import Store
from bot.tact import Near
from models.folder import ModelFolder
from models.imprint import LEAST, MOST, Imprints
from models.intent import Intent
from models.runtime import Reading, Runtime
from models.scoring import IntentScorer, threshold_at
from models.spelling import Speller

SENTENCES = 2048  # whose vectors are kept


def build_reader(runtime: Runtime, settings: Settings, store: Store | None = None) -> IntentScorer:
    """Reads intents off the runtime's readings. With the store, also those that the model was not taught."""
    folder = runtime.folders["intent"]
    fresh = untaught(store, folder.labels) if store else {}
    readings = {name: runtime.read_many(texts) for name, texts in fresh.items()}
    imprints = Imprints.learn(folder, readings) if readings else None
    return IntentScorer(folder, threshold_at(folder, settings.false_rejects), imprints)


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What the readings of texts lead to, before any past ticket: how many are `answered`, `asked_back` on, answered as
    `another` intent, or `turned_away`."""

    answered: int
    asked_back: int
    another: int
    turned_away: int

    @classmethod
    def of(
        cls, read: Sequence[Intent], asked: Sequence[str], settings: Settings, intents: Mapping[str, IntentSpec]
    ) -> "Rehearsal":
        """Of readings, and of what each text asked; `intents` are those that have an answer."""
        figures = settings.confident, settings.margin, settings.hopeless, settings.passage
        composer = Composer(intents, {}, *figures)

        def outcome(intent: Intent, name: str) -> str:
            if composer.sure(intent):
                return "answered" if intent.label == name else "another"
            return "asked_back" if intent.in_scope and intent.confidence >= composer.hopeless else "turned_away"

        found = Counter(map(outcome, read, asked))
        return cls(**{field.name: found[field.name] for field in fields(cls)})

    @property
    def holds(self) -> bool:
        """Whether most are answered."""
        return self.answered > self.asked_back + self.another + self.turned_away


def rehearse(name: str, runtime: Runtime, settings: Settings, store: Store) -> Rehearsal:
    """Try an intent that is read by its examples in the store, which are enough, by leaving each out in turn."""
    folder, threshold = runtime.folders["intent"], threshold_at(runtime.folders["intent"], settings.false_rejects)
    readings = {label: runtime.read_many(texts) for label, texts in untaught(store, folder.labels).items()}
    found = left_out(name, readings, folder, threshold) if name in readings else []
    return Rehearsal.of(found, [name] * len(found), settings, store.content.intents())


def left_out(
    name: str, readings: Mapping[str, Sequence[Reading]], folder: ModelFolder, threshold: float | None = None
) -> list[Intent]:
    """How each example of a new label is read by a model with these new labels' examples and without that one."""
    mine, found = readings[name], []
    for place, reading in enumerate(mine):
        rest = [*mine[:place], *mine[place + 1 :]]
        imprints = Imprints.learn(folder, {**readings, name: rest}, least=LEAST - 1)
        found.append(IntentScorer(folder, threshold, imprints)(reading))
    return found


def text_reader(runtime: Runtime, settings: Settings, store: Store | None = None) -> Callable[[str], Intent]:
    """Reads intents off texts, slips of the hand put right."""
    scorer = build_reader(runtime, settings, store)
    speller = Speller.of(runtime.folders["intent"], runtime.vocabulary())
    return lambda text: scorer(speller.reading(runtime.read, text))


def build_near(runtime: Runtime, sentences: Sequence[str] = (), kept: Path | None = None) -> Near:
    """How near sentences of answers are to a text, by the encoder. Sentences come again and again, and are encoded
    once: these, whose vectors stand in the file `kept` from one start to the next, and others when they first come."""
    known = dict(zip(sentences, _vectors(runtime, sentences, kept), strict=True))

    @lru_cache(maxsize=SENTENCES)
    def encoded(sentence: str) -> np.ndarray:
        return known[sentence] if sentence in known else np.asarray(runtime.encode([sentence])[0])

    def near(text: str | Reading, sentences: Sequence[str]) -> list[float]:
        mine = encoded(text) if isinstance(text, str) else text.query
        return [float(encoded(sentence) @ mine) for sentence in sentences]

    return near


def _vectors(runtime: Runtime, sentences: Sequence[str], kept: Path | None) -> np.ndarray:
    """The vectors (sentences, hidden), from the file if it has them, which is named by all that they are made of."""
    if kept is None:
        return runtime.encode(sentences)
    with suppress(OSError, ValueError, EOFError):  # none yet, or a damaged one
        vectors: np.ndarray = np.load(kept)
        if len(vectors) == len(sentences):
            return vectors
    vectors = runtime.encode(sentences)
    kept.parent.mkdir(parents=True, exist_ok=True)
    for earlier in kept.parent.glob(f"{kept.stem.partition('-')[0]}-*{kept.suffix}"):
        earlier.unlink(missing_ok=True)
    np.save(kept, vectors)
    return vectors


def untaught(store: Store, taught: Collection[str]) -> dict[str, list[str]]:
    """Training examples of each intent that has an answer and enough of them, but is not among the labels taught."""
    found: dict[str, list[str]] = defaultdict(list)
    waiting = store.content.intents().keys() - set(taught)
    for example in store.content.examples():
        if example.label in waiting and example.split == "train":
            found[example.label].append(example.text)
    return {label: texts[:MOST] for label, texts in found.items() if len(texts) >= LEAST}


def checked_new(name: str, spec: IntentSpec | None, texts: Collection[str], runtime: Runtime) -> IntentSpec:
    """The intent, None without an answer. Raises ContentError where it cannot be made live by these examples."""
    if spec is None:
        raise ContentError(f"there is no intent {name!r} yet: give its --answer, too")
    if len(texts) < LEAST:
        raise ContentError(f"{name!r} needs {LEAST} examples at least; there are {len(texts)}")
    if "intent" in runtime.folders and name in runtime.folders["intent"].labels:
        raise ContentError(f"the serving model was taught {name!r} already: add examples with handrail import intents")
    return spec
