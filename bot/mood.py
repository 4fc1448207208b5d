"""How a customer feels and how much it presses, heard from words and cues of one redacted message.

A lexicon in the manner of VADER (Hutto and Gilbert 2014), but of a service desk's own words: VADER takes "free",
"gift", "help" and "please" for joy and "cancel" for grief. It knows no irony, and only English.
"""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from bot.danger import dangers_in
from guardrails.rules import Table

UPSET, UNHAPPY, PLEASED, URGENT = -0.5, -0.25, 0.4, 0.6  # from where on a mood has a name
HARM = 0.9  # urgency where somebody may come to harm
NEAR = 3  # words before a hit that may turn or strengthen it
TURNED, STRENGTHENED, DAMPENED, SHOUTED, BEFORE_BUT = -0.5, 1.4, 0.6, 1.3, 0.5
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_SHOUT = re.compile(r"!{2,}|\?{3,}|\b[A-Z]{3,}\b[^a-z\n]*\b[A-Z]{2,}\b")


@dataclass(frozen=True, slots=True)
class Mood:
    """`sentiment` is -1 (contempt) to 1 (delight), `urgency` 0 to 1; both 0 where nothing was heard. `cues` are the
    entries of the word list that were, in the order of the message."""

    sentiment: float = 0.0
    urgency: float = 0.0
    cues: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The mood in words, none when it is an even one: "upset", "unhappy" or "pleased"; "urgent"."""
        return named(self.sentiment, self.urgency)


def named(sentiment: float | None, urgency: float | None) -> tuple[str, ...]:
    """The words for two stored figures; None is a turn from before they were kept."""
    felt, presses = sentiment or 0.0, urgency or 0.0
    feeling = "upset" if felt <= UPSET else "unhappy" if felt <= UNHAPPY else "pleased" if felt >= PLEASED else ""
    return tuple(name for name in (feeling, "urgent" if presses >= URGENT else "") if name)


def mood_of(text: str) -> Mood:
    """The mood of a redacted message.

    Weights of the words heard are added: half and turned after a negation, more after an intensifier or when shouted,
    less after a dampener or before a "but"; the sum s becomes s / sqrt(s² + 1). Urgencies are joined like chances,
    and a danger to somebody is one.
    """
    lexicon = _lexicon()
    words = [word.casefold().replace("’", "'") for word in _WORD.findall(text)]
    shouted = SHOUTED if _SHOUT.search(text) else 1.0
    last_but = max((at for at, word in enumerate(words) if word == "but"), default=-1)
    dangers = dangers_in(text)
    total, calm, cues = 0.0, 1.0 - HARM * bool(dangers), list(dangers)
    for at, entry in _heard(words, lexicon):
        before = words[max(0, at - NEAR) : at]
        turned = any(word in lexicon.negations for word in before)
        weight, presses = lexicon.sentiment.get(entry, 0.0), lexicon.urgency.get(entry, 0.0)
        weight *= shouted if weight < 0 else 1.0
        weight *= STRENGTHENED if any(word in lexicon.intensifiers for word in before) else 1.0
        weight *= DAMPENED if any(word in lexicon.dampeners for word in before) else 1.0
        total += weight * (TURNED if turned else 1.0) * (BEFORE_BUT if at < last_but else 1.0)
        calm *= 1.0 if turned else 1.0 - presses
        cues += [entry] if weight or presses else []
    return Mood(round(total / math.sqrt(total * total + 1), 3), round(1 - calm, 3), tuple(dict.fromkeys(cues)))


def mourns(text: str) -> bool:
    """Whether a redacted message tells of a death."""
    return any(rule.matches(text.replace("’", "'")) for rule in Table.load("loss", "bot.tables").rules)


@dataclass(frozen=True, slots=True)
class _Lexicon:
    sentiment: Mapping[str, float]
    urgency: Mapping[str, float]
    negations: frozenset[str]
    intensifiers: frozenset[str]
    dampeners: frozenset[str]
    longest: int  # words of the longest entry


@cache
def _lexicon() -> _Lexicon:
    table: dict[str, Any] = yaml.safe_load(files("bot.tables").joinpath("mood.yaml").read_text(encoding="utf-8"))
    sentiment, urgency = (
        {entry: float(weight) for weight, entries in table[part].items() for entry in entries}
        for part in ("sentiment", "urgency")
    )
    negations, intensifiers, dampeners = (frozenset(table[part]) for part in ("negations", "intensifiers", "dampeners"))
    longest = max(len(entry.split()) for entry in (*sentiment, *urgency))
    return _Lexicon(sentiment, urgency, negations, intensifiers, dampeners, longest)


def _heard(words: list[str], lexicon: _Lexicon) -> Iterator[tuple[int, str]]:
    """Where each entry begins that stands among the words: the longest ones, none inside another."""
    at = 0
    while at < len(words):
        for length in range(min(lexicon.longest, len(words) - at), 0, -1):
            entry = " ".join(words[at : at + length])
            if entry in lexicon.sentiment or entry in lexicon.urgency:
                yield at, entry
                at += length - 1
                break
        at += 1
