"""What a guard's head is tried on: texts that no training saw, by task.

Four kinds of trial. `told apart`: good and bad texts mixed, to be ranked. `left alone`: harmless texts, none of which
may be flagged. `by group`: texts of one side by the people that they name, or by their kind or source, to be treated
alike. `contrasts`: our own sentences, each with a twin of nearly the same words.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from guardrails.guard import Direction
from training.guards import toxic_texts
from training.guards.contrasts import Contrast, read_contrasts
from training.guards.groups import Temper, mentions
from training.guards.injection import attacks_by_kind, coding_requests, cyberseceval, jailbreaks, jailbreaks_by_source
from training.support_texts import answers, support_texts

MOST = 1000  # texts of one set
EACH = 20  # groups that a sentence is filled with
TERM = 40  # templates of each identity


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
class Grouped:
    """Pairs of a text and the group that it is of. All are `bad` and must be caught, or none may be flagged."""

    pairs: tuple[tuple[str, str], ...]
    bad: bool


@dataclass(frozen=True, slots=True, repr=False)
class Trials:
    """All trials of one task. `direction` is the side on which its guard is asked; `label` of a contrast is "none",
    "harmless" or "odd" where it must be left alone."""

    direction: Direction
    apart: Mapping[str, Mixture]
    alone: Mapping[str, tuple[str, ...]]
    groups: Mapping[str, Grouped]
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
    templates = list(toxic_texts.templates(data, test=True))
    harmless, hateful = ([text for text, (toxic, *_) in templates if (toxic > 0) == bad] for bad in (False, True))
    groups = {
        "harmless identity templates": _grouped(((text, _term(text)) for text in harmless), False, seed),
        "hateful identity templates": _grouped(((text, _term(text)) for text in hateful), True, seed),
        **_about_groups("named in passing", ("neutral",), False),
        **_about_groups("attacked", ("hostile",), True),
    }
    return Trials(
        "in",
        _drawn({name: _mixed(rows) for name, rows in sets.items()}, seed),
        _named("neutral"),
        groups,
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
    groups = {
        **_about_groups("named in passing", ("neutral",), False),
        **_about_groups("judged, treated worse, slandered", tempers, True),
        "BBQ, contexts, by what they are about": _grouped(_bbq_by_topic(data), False, seed, MOST),
        "WinoGender, by pronoun": _grouped(_winogender_by_pronoun(data), False, seed, MOST),
    }
    return Trials("out", _drawn(sets, seed), sampled | _named("neutral"), groups, tuple(read_contrasts("bias", "test")))


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
    groups = {
        "CyberSecEval 2, by kind": _grouped(attacks_by_kind(data), True, seed, MOST),
        "jailbreaks, by source": _grouped(jailbreaks_by_source(data, test=True), True, seed, MOST),
    }
    contrasts = tuple(read_contrasts("injection", "test"))
    return Trials("in", apart, {"requests for code": tuple(coding)}, groups, contrasts)


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


def _grouped(pairs: Iterable[tuple[str, str]], bad: bool, seed: int, each: int = TERM) -> Grouped:
    """At most `each` texts of every group, drawn by `seed`; each text once."""
    by_group: dict[str, list[str]] = {}
    for text, group in dict(pairs).items():
        by_group.setdefault(group, []).append(text)
    drawn = {group: _sampled(texts, seed, each) for group, texts in sorted(by_group.items())}
    return Grouped(tuple((text, group) for group, texts in drawn.items() for text in texts), bad)


def _about_groups(name: str, tempers: tuple[Temper, ...], bad: bool) -> dict[str, Grouped]:
    """Every sentence of our own for the test, with every group."""
    found = (mention for temper in tempers for mention in mentions(temper, "test", MOST, 0))
    return {f"groups {name}": Grouped(tuple((mention.text, mention.group) for mention in found), bad)}


def _term(phrase: str) -> str:
    """The identity that a template of the form "Ann is a kind teacher" ends with."""
    return " ".join(phrase.split()[4:]) or phrase.rsplit(maxsplit=1)[-1]


def _bbq(data: Path) -> Iterator[str]:
    yield from (text for text, _ in _bbq_by_topic(data))


def _bbq_by_topic(data: Path) -> Iterator[tuple[str, str]]:
    for path in sorted((data / "bbq_partial").glob("*.jsonl")):
        topic = path.stem.replace("_", " ").lower()
        yield from ((json.loads(line)["context"], topic) for line in path.read_text(encoding="utf-8").splitlines())


def _winobias(data: Path) -> Iterator[str]:
    for path in sorted((data / "winobias/data").glob("*.test")):
        for line in path.read_text(encoding="utf-8").splitlines():
            yield line.partition(" ")[2].replace("[", "").replace("]", "")


def _winogender(data: Path) -> Iterator[str]:
    yield from (text for text, _ in _winogender_by_pronoun(data))


def _winogender_by_pronoun(data: Path) -> Iterator[tuple[str, str]]:
    path = data / "winogender/all_sentences.tsv"
    for line in path.read_text(encoding="utf-8").splitlines()[1:] if path.is_file() else []:
        name, _, text = line.partition("\t")
        yield text, name.split(".")[-2]
