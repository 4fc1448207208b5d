"""What a guard's head is tried on: texts that no training saw, by task.

Four kinds of trial. `told apart`: good and bad texts mixed, to be ranked. `left alone`: harmless texts, none of which
may be flagged. `by group`: harmless texts that name a group of people, flagged equally often or not at all.
`contrasts`: our own sentences, each with a twin of nearly the same words.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from guardrails.guard import Direction
from training.guards import toxic_texts
from training.guards.contrasts import Contrast, read_contrasts
from training.guards.groups import Temper, mentions
from training.guards.injection import coding_requests, cyberseceval, jailbreaks
from training.support_texts import answers, support_texts

MOST = 1000  # texts of one set
EACH = 20  # groups that a sentence is filled with


@dataclass(frozen=True, slots=True, repr=False)
class Mixture:
    """Texts, and which of them are bad, shape (texts,)."""

    texts: tuple[str, ...]
    bad: np.ndarray

    def drawn(self, most: int, seed: int) -> Mixture:
        """At most so many, drawn by `seed`."""
        places = np.random.default_rng(seed).permutation(len(self.texts))[:most]
        return Mixture(tuple(self.texts[place] for place in places), self.bad[places])


@dataclass(frozen=True, slots=True, repr=False)
class Trials:
    """All trials of one task. `direction` is the side on which its guard is asked; `groups` are pairs of a harmless
    text and the group that it names; `label` of a contrast is "none", "harmless" or "odd" where it must be left
    alone."""

    direction: Direction
    apart: Mapping[str, Mixture]
    alone: Mapping[str, tuple[str, ...]]
    groups: tuple[tuple[str, str], ...]
    contrasts: tuple[Contrast, ...]


def ordinary_messages(data: Path, seed: int) -> dict[str, tuple[str, ...]]:
    """Messages of customers by set, none of which may be refused or handed over."""
    return {name: _sampled(texts, seed) for name, texts in support_texts(data, test=True).items()}


def toxicity_trials(data: Path, seed: int) -> Trials:
    """Civil Comments and TweetEval hate, of which nothing is trained on; parts of others that are kept apart."""
    sets = {
        "Civil Comments": toxic_texts.civil_comments(data),
        "Davidson": toxic_texts.davidson(data, test=True),
        "ConvAbuse": toxic_texts.convabuse(data, test=True),
        "TweetEval hate": toxic_texts.tweet_hate(data),
        "ToxiGen": toxic_texts.toxigen(data, test=True),
    }
    templates = [text for text, (toxic, *_) in toxic_texts.templates(data, test=True) if not toxic]
    drawn = np.random.default_rng(seed).permutation(len(templates))[:MOST]
    return Trials(
        "in",
        _drawn({name: _mixed(rows) for name, rows in sets.items()}, seed),
        _named("neutral"),
        tuple((templates[place], _term(templates[place])) for place in drawn),
        tuple(read_contrasts("toxicity", "test")),
    )


def bias_trials(data: Path, seed: int) -> Trials:
    """ToxiGen's part that is kept apart, our own sentences about groups, and neutral text of every kind."""
    tempers: tuple[Temper, ...] = ("stereotype", "discrimination", "hostile")
    neutral = [mention.text for mention in mentions("neutral", "test", EACH, seed)]
    biased = [mention.text for temper in tempers for mention in mentions(temper, "test", EACH, seed)]
    sets = {
        "ToxiGen": _mixed(toxic_texts.toxigen(data, test=True)),
        "sentences about groups": _both(biased, neutral),
    }
    alone = {
        "answers of shops and offices": tuple(answers(data, test=True)),
        "BBQ, contexts": tuple(dict.fromkeys(_bbq(data))),
        "WinoBias": tuple(_winobias(data)),
        "WinoGender": tuple(_winogender(data)),
    }
    sampled = {name: _sampled(texts, seed) for name, texts in alone.items() if texts}
    return Trials("out", _drawn(sets, seed), sampled | _named("neutral"), (), tuple(read_contrasts("bias", "test")))


def injection_trials(data: Path, seed: int) -> Trials:
    """CyberSecEval 2, of which nothing is trained on, and jailbreaks that are kept apart; of the attacks all."""
    ordinary = [text for texts in support_texts(data, test=True).values() for text in _sampled(texts, seed, 600)]
    coding = list(coding_requests(data))
    attacks, broken = (list(dict.fromkeys(texts)) for texts in (cyberseceval(data), jailbreaks(data, test=True)))
    sets = {
        "CyberSecEval 2, ordinary messages": _both(attacks, ordinary),
        "CyberSecEval 2, requests for code": _both(attacks, coding),
        "jailbreaks, ordinary messages": _both(broken, ordinary),
    }
    apart = {name: mixture for name, mixture in sets.items() if 0 < mixture.bad.sum() < len(mixture.bad)}
    contrasts = tuple(read_contrasts("injection", "test"))
    return Trials("in", apart, {"requests for code": tuple(coding)}, (), contrasts)


TRIALS: Mapping[str, Callable[[Path, int], Trials]] = {
    "toxicity": toxicity_trials,
    "bias": bias_trials,
    "injection": injection_trials,
}


def _mixed(rows: Iterator[toxic_texts.Row]) -> Mixture:
    known = {text.strip(): toxic >= 0.5 for text, (toxic, *_) in rows if text.strip()}
    return Mixture(tuple(known), np.array(list(known.values()), dtype=bool))


def _both(bad: list[str], good: list[str]) -> Mixture:
    return Mixture((*bad, *good), np.arange(len(bad) + len(good)) < len(bad))


def _drawn(sets: Mapping[str, Mixture], seed: int) -> dict[str, Mixture]:
    return {
        name: mixture.drawn(MOST, seed) for name, mixture in sets.items() if 0 < mixture.bad.sum() < len(mixture.bad)
    }


def _sampled(texts: list[str] | tuple[str, ...], seed: int, most: int = MOST) -> tuple[str, ...]:
    places = np.random.default_rng(seed).permutation(len(texts))[:most]
    return tuple(texts[place] for place in places)


def _named(temper: Temper) -> dict[str, tuple[str, ...]]:
    return {"groups named in passing": tuple(mention.text for mention in mentions(temper, "test", EACH, 0))}


def _term(phrase: str) -> str:
    """The identity that a template of the form "Ann is a kind teacher" ends with."""
    return " ".join(phrase.split()[4:]) or phrase.rsplit(maxsplit=1)[-1]


def _bbq(data: Path) -> Iterator[str]:
    for path in sorted((data / "bbq_partial").glob("*.jsonl")):
        yield from (json.loads(line)["context"] for line in path.read_text(encoding="utf-8").splitlines())


def _winobias(data: Path) -> Iterator[str]:
    for path in sorted((data / "winobias/data").glob("*.test")):
        for line in path.read_text(encoding="utf-8").splitlines():
            yield line.partition(" ")[2].replace("[", "").replace("]", "")


def _winogender(data: Path) -> Iterator[str]:
    path = data / "winogender/all_sentences.tsv"
    if path.is_file():
        yield from (line.partition("\t")[2] for line in path.read_text(encoding="utf-8").splitlines()[1:])
