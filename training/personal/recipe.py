"""The branch that tags personal data: names, addresses, dates of birth, places and organisations, word by word.

It learns from customers' turns of MultiDoGO, from tweets and encyclopaedia sentences of public sets, and from
messages of our own that are filled with Faker's people. What serves is measured as it serves, in int8.
"""

from __future__ import annotations

import copy
import re
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.console import Console

from guardrails.pii import LEAN
from guardrails.recognizers.names import is_given, is_stop
from guardrails.verdict import Span
from models.folder import ModelFolder
from models.runtime import Runtime
from models.tagging import tagged
from models.tokens import WordPieces
from models.trunk import Trunk
from training.dataset import DataError, Examples
from training.errors import TrainingError
from training.extra import require
from training.personal import ner_sets
from training.personal.messages import KINDS, Marked, messages, stories
from training.personal.personas import HELD_OUT, TRAIN
from training.personal.press import Press
from training.personal.recast import recast
from training.personal.spans import SpanReport, span_report
from training.personal.world import World
from training.support_texts import support_texts, utterances
from training.trunk_states import LONGEST, trunk_states

if TYPE_CHECKING:
    from training.fit import Fitted

TASK = "pii"
LABELS = ("O", *(f"{place}-{kind}" for kind in KINDS for place in "BI"))
DESCRIPTION = "Names, addresses, dates of birth, places and organisations, word by word"
OWN = {"train": 11_000, "news": 11_000, "headlines": 2_500, "scores": 5_500}
STORIES = 5_500
CHOOSING = 600  # of our own sentences that teach nothing
MOST = {"tweets": 6_000, "multidogo": 10_000, "banking77": 500, "demo": 4_000}  # of all but the first: nothing personal
_WORD = re.compile(r"[^\W\d_]+")
_STREETS = frozenset({"Street", "Road", "Lane", "Close", "Avenue", "Drive", "Court", "Flat"})
RATE, GENTLE = 4e-4, 1e-4  # AdamW's for the layers: from the base encoder, and from a branch that tags already
LEAST_F1 = 0.5  # of the dev texts' names and addresses; where it is lost between training and serving, int8 went wrong


@dataclass(frozen=True, slots=True)
class PiiResult:
    """What came of training: figures of the dev texts, as served, by kind."""

    out: Path
    version: str
    examples: int
    epoch: int
    seconds: float
    dev: tuple[SpanReport, ...]


def train_pii(
    data_dir: Path,
    out: Path,
    seed: int = 0,
    *,
    epochs: int = 2,
    depth: int = 4,
    threads: int = 1,
    share: float = 1.0,
    start: Path | None = None,
    way: float = 1.0,
    logdir: Path | None = None,
    quiet: bool = False,
    trunk: Trunk | None = None,
) -> PiiResult:
    """Train the branch on the sets under `data_dir` and our own messages (`share` scales how many are drawn). `start`
    is a model folder whose layers and head to go on with, gently; `depth` is then its own, and `way`, 0..1, how far the
    weights go from there to what was learnt (WiSE-FT, Wortsman et al., 2022).

    A twentieth of the texts and messages of the part `dev`, of locales that measure, choose the epoch. Raises
    MissingExtra, DataError without any text, TrainingError when the graph that would serve has lost what was trained.
    """
    require("torch")
    if start is None and way < 1:
        raise TrainingError(f"A part of the way ({way:g}) needs a model to start from: give --start FOLDER.")
    trunk, origin = trunk or Trunk.from_package(), None if start is None else ModelFolder.load(start)
    depth = origin.depth if origin else depth
    texts = pii_corpus(data_dir, seed, share)
    order = np.random.default_rng(seed).permutation(len(texts))
    dev, train = ([texts[i] for i in part] for part in np.split(order, [len(texts) // 20]))
    dev += messages("dev", int(CHOOSING * share), World(HELD_OUT, seed, share=0.0))
    if not train:
        raise DataError("There are too few texts to train 'pii' on: is the data folder right?")
    fitted, options = _fitted(trunk, train, dev, epochs, depth, origin, way, seed, threads, logdir, quiet)
    manifest: dict[str, Any] = {
        "kind": "branch",
        "task": TASK,
        "labels": list(LABELS),
        "base": trunk.name,
        "base_sha256": trunk.sha256,
        "depth": depth,
        "head": {"pooling": "none", "activation": "softmax"},
        "seed": seed,
        "settings": options,
        "parent": origin.version if origin else None,
        "command": f"handrail train pii --depth {depth} --epochs {epochs} --share {share} --seed {seed}"
        + (f" --start {start.name} --way {way}" if start else ""),
        "description": DESCRIPTION,
        "data": {"fingerprint": fingerprint(texts), "examples": len(texts)},
    }
    tensors = fitted.network.tensors()
    with tempfile.TemporaryDirectory(prefix="handrail-") as scratch:
        draft = ModelFolder.write(Path(scratch) / "draft", manifest, tensors)
        runtime = Runtime.from_folders({TASK: draft.path}, Path(scratch), threads, trunk=trunk)
        found = [spans_of(runtime, text.text) for text in dev]
    reports = tuple(span_report(kind, [text.spans for text in dev], found) for kind in ("NAME+ADDRESS", *KINDS))
    if reports[0].f1 < LEAST_F1 <= fitted.score:
        raise TrainingError(
            f"As served, names and addresses are told with an F1 of {reports[0].f1:.2f} only; nothing was written."
        )
    manifest["metrics"] = {"dev": [report.to_dict() for report in reports]}
    folder = ModelFolder.write(out, manifest, tensors)
    return PiiResult(out, folder.version, len(texts), fitted.epoch, round(fitted.seconds, 1), reports)


def pii_corpus(data: Path, seed: int, share: float = 1.0) -> list[Marked]:
    """All training texts; sets that are not under `data` are left out. `share` scales how many are drawn."""
    random, personas = np.random.default_rng(seed), Press(TRAIN, seed)
    texts = [text for part, count in OWN.items() for text in messages(part, int(count * share), personas)]
    said = [text for text in utterances("train") if not _names_somebody(text)]
    texts += stories(int(STORIES * share), personas, said)
    wiki = [text for spaced in (False, True) for text in ner_sets.sentences(data, ner_sets.WIKI, spaced=spaced)]
    wnut, tweets = (
        [ner_sets.tidied(text) for text in ner_sets.sentences(data, files)]
        for files in (ner_sets.WNUT, ner_sets.TWITTER)
    )
    turns = list(ner_sets.turns(data, "train"))
    texts += wiki + wnut + [turn for turn in turns if turn.spans]
    for group, often in ((wiki, 1.0), (wiki, 1.0), (wiki, 1.0), (wnut, 1.0), (tweets, 0.9), (turns, 0.5)):
        texts += recast((text for text in group if personas.random.random() < often * share), personas)
    sampled = {
        "tweets": tweets,
        "multidogo": [turn for turn in turns if not turn.spans],
        "demo": [Marked(text, ()) for text in said],
        "banking77": [Marked(text, ()) for text in support_texts(data).get("banking77", [])],
    }
    for name, group in sampled.items():
        texts += [group[i] for i in random.permutation(len(group))[: int(MOST[name] * share)]]
    return texts


def _names_somebody(text: str) -> bool:
    """Whether a message of the demo may hold a name, or a street, of which nothing is marked."""
    words = [word for word in _WORD.findall(text) if word[0].isupper() and not is_stop(word)]
    return any(is_given(word) or word in _STREETS for word in words)


def spans_of(runtime: Runtime, text: str) -> list[Span]:
    """What the branch finds in one text, as it serves."""
    return [Span(t.start, t.end, t.kind) for t in tagged(text, runtime.read(text), TASK, LABELS, LEAN)]


def fingerprint(texts: Sequence[Marked]) -> str:
    """12 hexadecimal digits that change with any text or span."""
    return Examples(tuple(text.text for text in texts), tuple(str(text.spans) for text in texts)).fingerprint


def targets_of(texts: Sequence[Marked], pieces: WordPieces, untagged: int) -> np.ndarray:
    """The label of every token, special ones included: that of a word stands on its first piece."""
    column: list[int] = []
    for text in texts:
        tokens = pieces(text.text)
        start, end = tokens.windows[0]
        row = [untagged] * (end - start)
        inside: Span | None = None
        for place in range(start, end):
            if place and tokens.words[place] == tokens.words[place - 1]:
                continue
            first = tokens.offsets[place][0]
            holder = next((span for span in text.spans if span.start <= first < span.end), None)
            row[place] = LABELS.index(f"{'I' if holder is inside else 'B'}-{holder.label}" if holder else "O")
            inside = holder
        column += [untagged, *row, untagged]
    return np.array(column, dtype=np.int64)


def _fitted(
    trunk: Trunk,
    train: Sequence[Marked],
    dev: Sequence[Marked],
    epochs: int,
    depth: int,
    origin: ModelFolder | None,
    way: float,
    seed: int,
    threads: int,
    logdir: Path | None,
    quiet: bool,
) -> tuple[Fitted, dict[str, Any]]:
    from training.fit import Settings, fit
    from training.losses import UNTAGGED, Tags
    from training.network import Branch, between

    rate = RATE if origin is None else GENTLE
    settings = Settings(epochs=epochs, seed=seed, threads=threads, smoothing=0.0, batch=64, rate=rate)
    require("torch").manual_seed(seed)
    pieces = WordPieces(trunk.tokenizer, window=LONGEST, overlap=0)
    with Console(stderr=True, quiet=quiet).status("the trunk reads the texts once"):
        states, dev_states = (
            trunk_states(trunk, [text.text for text in part], depth, threads=threads) for part in (train, dev)
        )
    truth = targets_of(dev, pieces, UNTAGGED)

    def score(logits: np.ndarray) -> float:
        told, known = logits.argmax(axis=1), truth != UNTAGGED
        right = ((told == truth) & (truth > 0)).sum()
        return float(2 * right / max((told[known] > 0).sum() + (truth > 0).sum(), 1))

    network = Branch(trunk, depth, len(LABELS), "none", settings.dropout)
    if origin is not None:
        network.load_tensors(origin.tensors())
    begun = copy.deepcopy(network)
    tags = Tags(states, targets_of(train, pieces, UNTAGGED))
    fitted = fit(network, tags, score, dev_states, settings, logdir=logdir, quiet=quiet)
    if way < 1:
        fitted.network = between(begun, fitted.network, way)
    return fitted, asdict(settings) | ({"way": way} if way < 1 else {})
