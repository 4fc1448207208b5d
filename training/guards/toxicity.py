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

from training.guards import toxic_texts
from training.guards.contrasts import Contrast, read_contrasts
from training.guards.groups import Temper, mentions
from training.guards.recipe import Corpus, Recipe
from training.guards.toxic_teachers import LABELS as TAUGHT
from training.guards.toxic_teachers import taught, teachers_here
from training.guards.toxic_texts import LABELS, NONE, Row, civil_comments, row
from training.support_texts import answers, sentences, support_texts

DESCRIPTION = "Toxicity of a message, in Detoxify's labels"
MOST = {  # texts of each source; more add hours and little else
    "davidson": 9000,
    "surge": 1000,
    "convabuse": 2500,
    "toxigen": 5000,
    "implicit_hate": 9000,
    "hatemoji": 2500,
    "templates": 2500,
    "prompts": 700,
    "banking77": 1200,
    "clinc150": 1200,
    "multidogo": 1500,
    "twitter_care": 1300,
    "answers": 2700,
}
LOOSE = ("davidson", "implicit_hate", "hatemoji", "toxigen")  # their own line counts as much as the teachers'
SEED_COPIES = 4  # our own list is short and matters most
GROUPS_EACH: dict[Temper, int] = {"neutral": 16, "hostile": 12, "stereotype": 5}


def toxicity_corpus(data: Path, seed: int) -> Corpus:
    """All training texts, at most `MOST` of each source."""
    sets = {name: list(read(data)) for name, read in toxic_texts.SETS.items()}
    harmless = tuple(NONE.values())
    ordinary = support_texts(data) | {"answers": [*answers(data, test=False), *sentences(data, test=False)]}
    sets |= {name: [(text, harmless) for text in texts] for name, texts in ordinary.items()}
    parts = [Corpus.of(name, rows, len(LABELS)).sample(MOST[name], seed) for name, rows in sets.items() if rows]
    parts = [_with_teachers(part) for part in parts]
    own = Corpus.of("contrasts", [_row(c) for c in read_contrasts("toxicity", "train")], len(LABELS))
    groups = Corpus.of("groups", list(_groups(seed)), len(LABELS))
    return Corpus.joined([*parts, groups, *[own] * SEED_COPIES])


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
