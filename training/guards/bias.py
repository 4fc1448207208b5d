"""The bias head: stereotype and discrimination in what the shop says, against sentences that merely name a group.

It reads drafts, tickets and answers, so most of its harmless side is that: answers of a shop and of public offices,
accessibility, sizes, food rules, discounts by age. Every group stands in sentences of every temper (see groups.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from training.guards.contrasts import read_contrasts
from training.guards.groups import Temper, mentions
from training.guards.recipe import Corpus, Recipe
from training.guards.toxic_texts import templates, toxigen
from training.support_texts import answers, sentences, support_texts

LABELS = ("bias",)
DESCRIPTION = "Whether a text judges people by their group, or treats them worse for it"
BIASED, FAIR = (1.0,), (0.0,)
MOST = {
    "toxigen": 5000,
    "templates": 1000,
    "banking77": 500,
    "clinc150": 500,
    "multidogo": 500,
    "twitter_care": 500,
}
SEED_COPIES = 6
GROUPS_EACH: dict[Temper, int] = {"neutral": 30, "hostile": 15, "stereotype": 30, "discrimination": 30}
HARM = 0.62  # of 0..1: from here on people called a statement of ToxiGen harmful, below .4 harmless


def bias_corpus(data: Path, seed: int) -> Corpus:
    """All training texts, at most `MOST` of each source."""
    parts = [
        _graded("toxigen", toxigen(data)),
        _of("templates", [text for text, (toxic, *_) in templates(data) if not toxic], FAIR),
    ]
    parts += [_of(name, texts, FAIR) for name, texts in support_texts(data).items()]
    parts += [_of("answers", [*answers(data, test=False), *sentences(data, test=False)], FAIR)]
    for temper, each in GROUPS_EACH.items():
        texts = [mention.text for mention in mentions(temper, "train", each, seed)]
        parts.append(_of(temper, texts, FAIR if temper == "neutral" else BIASED))
    pairs = [(c.text, FAIR if c.label == "none" else BIASED) for c in read_contrasts("bias", "train")]
    own = Corpus.of("contrasts", pairs, len(LABELS))
    drawn = [part.sample(MOST.get(part.sources[0], len(part)), seed) for part in parts if len(part)]
    return Corpus.joined([*drawn, *[own] * SEED_COPIES])


def bias_test(data: Path, seed: int) -> Corpus:
    """Statements about groups that were kept apart (ToxiGen), and answers that were, whole and by the sentence."""
    fair = {"answers": answers(data, test=True), "sentences": sentences(data, test=True)}
    return Corpus.joined(
        [_graded("toxigen", toxigen(data, test=True)), *(_of(name, list(texts), FAIR) for name, texts in fair.items())]
    )


RECIPE = Recipe("bias", LABELS, "mean", DESCRIPTION, bias_corpus, bias_test)


def _graded(source: str, rows: Iterator[tuple[str, tuple[float, ...]]]) -> Corpus:
    """Statements that people call clearly harmful, or clearly not; those between are left out."""
    graded = [(text, BIASED if harm >= HARM else FAIR) for text, (harm, *_) in rows if harm >= HARM or harm < 0.4]
    return Corpus.of(source, graded, len(LABELS))


def _of(source: str, texts: list[str], target: tuple[float]) -> Corpus:
    return Corpus.of(source, [(text, target) for text in texts], len(LABELS))
