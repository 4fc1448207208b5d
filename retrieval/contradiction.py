"""Whether an answer contradicts the one that holds now: another amount, another number of days, yes for no.

Two sentences are compared only where they speak of the same (their embeddings, numbers masked, lie within ALIKE), so
that the days of a refund are not held against those of a return. Misses what is said in other kinds of words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from retrieval.encoder import Encoder

ALIKE = 0.64
_SENTENCE = re.compile(r"[^\n.!?]+(?:\.\d[^\n.!?]*)*")
_NUMBER = r"\d[\d,]*(?:\.\d+)?"
_WORDS = {"one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "ten": "10"}
_SPELT = re.compile(
    rf"\b({'|'.join(_WORDS)})\b(?=[ -](?:(?:working|business) )?(?:day|week|month|year|hour))", re.IGNORECASE
)
_QUANTITY = re.compile(
    rf"(?P<currency>[£$€])\s?(?P<amount>{_NUMBER})"
    rf"|(?P<least>{_NUMBER})(?:\s?(?:to|-|–)\s?(?P<most>{_NUMBER}))?\s?(?:(?:working|business)\s)?"
    r"(?P<unit>day|week|month|year|hour|%|percent|per cent)",
    re.IGNORECASE,
)
_DAYS = {"day": 1.0, "week": 7.0, "month": 30.0, "year": 365.0}
_YES = re.compile(r"^\W*(?:yes|of course|certainly|sure|absolutely)\b", re.IGNORECASE)
_NO = re.compile(
    r"^\W*(?:no|sorry,? no|unfortunately(?:,? (?:not|we (?:can|do)(?:no|n['’])t))|i['’]?m afraid (?:not|we))\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Contradiction:
    """`what` differs ("number of days", "amount", ...) between a sentence of the answer and one of the current."""

    what: str
    said: str
    current: str

    def __str__(self) -> str:
        return f"another {self.what}: “{self.said}”, but now “{self.current}”"


@dataclass(frozen=True, slots=True)
class _Quantity:
    what: str
    least: float
    most: float


def contradictions(answer: str, current: str, encoder: Encoder) -> list[Contradiction]:
    """What `answer` says otherwise than `current`, the answer that holds now."""
    said = {sentence: list(_quantities(sentence)) for sentence in _sentences(answer)}
    holds = {sentence: list(_quantities(sentence)) for sentence in _sentences(current)}
    pairs = [(one, other) for one in said for other in holds if _differ(said[one], holds[other])]
    polarity = [(next(iter(said)), next(iter(holds)))] if said and holds and _turned(answer, current) else []
    if not pairs and not polarity:
        return []
    texts = list(dict.fromkeys(text for pair in (*pairs, *polarity) for text in pair))
    vectors = dict(zip(texts, encoder.encode([_masked(text) for text in texts]), strict=True))
    alike = {pair for pair in (*pairs, *polarity) if float(vectors[pair[0]] @ vectors[pair[1]]) >= ALIKE}
    settled = {one for one in said for other in holds if _agree(said[one], holds[other])}
    found = [
        Contradiction(_differ(said[one], holds[other]), one, other)
        for one, other in pairs
        if (one, other) in alike and one not in settled
    ]
    return found + [Contradiction("reply (yes or no)", *pair) for pair in polarity if pair in alike]


def _sentences(text: str) -> list[str]:
    return [" ".join(found.split()) for found in _SENTENCE.findall(text) if found.strip()]


def _quantities(sentence: str) -> Iterator[_Quantity]:
    plain = _SPELT.sub(lambda match: _WORDS[match[1].lower()], sentence)
    for match in _QUANTITY.finditer(plain):
        if match["amount"]:
            value = _value(match["amount"])
            yield _Quantity("amount", value, value)
            continue
        unit, least = match["unit"].lower(), _value(match["least"])
        most = _value(match["most"]) if match["most"] else least
        scale = _DAYS.get(unit, 1.0)
        what = "number of days" if unit in _DAYS else "number of hours" if unit == "hour" else "percentage"
        yield _Quantity(what, least * scale, most * scale)


def _value(number: str) -> float:
    return float(number.replace(",", ""))


def _differ(mine: list[_Quantity], theirs: list[_Quantity]) -> str:
    """The kind of quantity that both have and for which none of one meets any of the other; "" where there is none."""
    for kind in dict.fromkeys(one.what for one in mine):
        ours, others = ([q for q in side if q.what == kind] for side in (mine, theirs))
        if others and not any(_meet(one, other) for one in ours for other in others):
            return kind
    return ""


def _agree(mine: list[_Quantity], theirs: list[_Quantity]) -> bool:
    return any(one.what == other.what and _meet(one, other) for one in mine for other in theirs)


def _meet(one: _Quantity, other: _Quantity) -> bool:
    return one.least <= other.most and other.least <= one.most


def _turned(answer: str, current: str) -> bool:
    return bool((_YES.match(answer) and _NO.match(current)) or (_NO.match(answer) and _YES.match(current)))


def _masked(sentence: str) -> str:
    plain = re.sub(_NUMBER, "some", sentence)
    return re.sub(r"^\W*(?:yes|no|sorry|unfortunately)\b\W*", "", plain, flags=re.IGNORECASE)
