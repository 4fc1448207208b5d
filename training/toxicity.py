"""The toxicity head: Detoxify's seven labels, from sets whose licence lets the weights ship.

The head is BERT's own (pooler and linear), so that trunk and branch together are a checkpoint that Detoxify
loads: see detoxify_format.py. No set knows all labels, and each draws the line of toxicity elsewhere: teachers (see
teachers.py) say what is unknown, and half of what is loosely known. Our own lists in `seeds/` teach what words alone
do not tell: each abuse stands beside a harmless sentence of nearly the same words.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from training import toxic_texts
from training.contrasts import Contrast, read_contrasts
from training.groups import Temper, mentions
from training.guard import Corpus, Recipe
from training.support_texts import answers, letters, support_texts, utterances
from training.teachers import LABELS as TAUGHT
from training.teachers import taught, teachers_here
from training.toxic_texts import LABELS, NONE, Row, civil_comments, row

DESCRIPTION = "Toxicity of a message, in Detoxify's labels"
MOST = {  # texts of each source; more add hours and little else
    "davidson": 6000,
    "surge": 1000,
    "convabuse": 2500,
    "toxigen": 5000,
    "implicit_hate": 8000,
    "templates": 1500,
    "prompts": 700,
    "banking77": 1200,
    "clinc150": 1200,
    "multidogo": 1500,
    "twitter_care": 1300,
    "demo": 1500,
    "letters": 500,
    "answers": 1000,
}
LOOSE = ("davidson", "implicit_hate", "toxigen")  # their own line counts as much as the teachers'
SEED_COPIES = 10  # our own list is short and matters most
SWAPPED = 6000  # texts with one word exchanged, on which the teachers alone have an opinion
GROUPS_EACH: dict[Temper, int] = {"neutral": 16, "hostile": 12, "stereotype": 5}


def toxicity_corpus(data: Path, seed: int) -> Corpus:
    """All training texts, at most `MOST` of each source."""
    sets = {name: list(read(data)) for name, read in toxic_texts.SETS.items()}
    harmless = tuple(NONE.values())
    ordinary = {**support_texts(data), "demo": utterances("train"), "letters": letters()}
    ordinary["answers"] = list(answers(data, test=False))
    sets |= {name: [(text, harmless) for text in texts] for name, texts in ordinary.items()}
    parts = [Corpus.of(name, rows, len(LABELS)).sample(MOST[name], seed) for name, rows in sets.items() if rows]
    parts = [_with_teachers(part) for part in parts]
    own = Corpus.of("contrasts", [_row(c) for c in read_contrasts("toxicity", "train")], len(LABELS))
    groups = Corpus.of("groups", list(_groups(seed)), len(LABELS))
    swapped = _swapped([text for part in parts for text in part.texts if part.sources[0] in LOOSE], seed)
    return Corpus.joined([*parts, swapped, groups, *[own] * SEED_COPIES])


def toxicity_test(data: Path, seed: int) -> Corpus:
    """A sample of Civil Comments: toxicity alone is known. For evaluation only."""
    return Corpus.of("civil_comments", list(civil_comments(data)), len(LABELS)).sample(1500, seed)


def _about() -> dict[str, list[str]]:
    return {"teachers": list(teachers_here())}


RECIPE = Recipe("toxicity", LABELS, "first", DESCRIPTION, toxicity_corpus, toxicity_test, _about)


def _row(contrast: Contrast) -> Row:
    """The targets of one of our own sentences; what is profane and meant well is no abuse."""
    if contrast.label == "none":
        return contrast.text, row(**NONE)
    if contrast.label == "profane":
        return contrast.text, row(toxicity=0, severe_toxicity=0, threat=0, insult=0, identity_attack=0)
    return contrast.text, row(toxicity=1, **{contrast.label: 1})


def _groups(seed: int) -> Iterator[Row]:
    for temper, each in GROUPS_EACH.items():
        for mention in mentions(temper, "train", each, seed):
            if temper == "neutral":
                yield mention.text, row(**NONE)
            else:
                yield mention.text, row(toxicity=1 if temper == "hostile" else 0.6, identity_attack=1)


def _swapped(texts: list[str], seed: int) -> Corpus:
    """Texts with one word exchanged, every other for one that the teachers hold for abuse, under their opinion: so the
    head hears of more words than the sets hold in abusive texts."""
    if not texts or not teachers_here():
        return Corpus.of("swapped", [], len(LABELS))
    random = np.random.default_rng(seed)
    words = sorted({word for text in texts for word in text.lower().split() if word.isalpha()})
    opinions = taught(words)[:, 0]
    every = np.array(words)
    abusive = every[opinions >= 0.5] if (opinions >= 0.5).any() else every
    rows = []
    for count, place in enumerate(random.integers(len(texts), size=SWAPPED)):
        parts = texts[place].split()
        parts[random.integers(len(parts))] = str(random.choice(abusive if count % 2 else every))
        rows.append((" ".join(parts), row()))
    return _with_teachers(Corpus.of("swapped", rows, len(LABELS)))


def _with_teachers(corpus: Corpus) -> Corpus:
    """The corpus with the teachers' view of what is unknown, and half of theirs where the set's line is loose."""
    if not teachers_here():
        return corpus
    view = np.full(corpus.targets.shape, np.nan, dtype=np.float32)
    view[:, [LABELS.index(label) for label in TAUGHT]] = taught(corpus.texts)
    unknown = np.isnan(corpus.targets)
    targets = np.where(unknown, view, corpus.targets)
    if corpus.sources[0] in LOOSE:
        blend = (targets + view) / 2
        targets = np.where(np.isnan(blend), targets, blend)
    return Corpus(corpus.texts, targets.astype(np.float32), corpus.sources)
