"""What a draft claims in words: names, promises, and how much of it the evidence says at all.

Compares stems of words, so it cannot tell that a claim is turned round ("is not"); it tells what comes from nowhere.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

import yaml

Stretch = tuple[int, int]
"""Half-open, in the draft."""

_WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)?")
_NAME = re.compile(
    r"(?<![\w@/.#-])[A-Z][\w'\u2019&-]*[a-z][\w'\u2019&-]*(?:\s+(?:(?:of|de|van|the|and|&)\s+)?[A-Z][\w'\u2019&-]*)*"
)
_OPENING = re.compile(r"(?:^|[.!?:\u2026]\s+|\n\s*(?:[-*\u2022]\s*|\d+[.)]\s*)?|[\"\u201c(\[]\s*)$")
_PROMISING = re.compile(
    r"\b(?:we|i|you|they|it|this|that|everything|all \w+|your \w+|the \w+)(?:'ll| will| shall| can| may| are| is|'re|'s"
    r"| get| receive| have| offer| promise| guarantee)\b[^.!?\n]{0,80}",
    re.IGNORECASE,
)
_PROMISED = re.compile(
    r"\b(refund|reimburs|compensat|free|replac|exchang|discount|voucher|credit|guarant|warrant|cancel|waiv|upgrad|gift"
    r"|bonus|insur|cashback|money back|price match)\w*",
    re.IGNORECASE,
)
_FEWEST_WORDS = 5


def missing_names(draft: str, evidence: str) -> list[Stretch]:
    """Return the names of the draft that the evidence lacks; a single word that opens a sentence is not judged."""
    known, nobody = {word.casefold() for word in _WORD.findall(evidence)}, _words("names") | _words("common")
    found = []
    for match in _NAME.finditer(draft):
        words = [word.casefold() for word in _WORD.findall(match[0])]
        opens = _OPENING.search(draft, max(0, match.start() - 12), match.start()) is not None
        words = words[1:] if opens else words
        if any(_bare(word) not in known and word not in known | nobody for word in words):
            found.append(match.span())
    return found


def missing_promises(draft: str, evidence: str) -> list[Stretch]:
    """Return what the draft holds out to the customer (a refund, something free) and the evidence never names."""
    known = {match[1].casefold() for match in _PROMISED.finditer(evidence)}
    return [
        (sentence.start() + match.start(), sentence.start() + match.end())
        for sentence in _PROMISING.finditer(draft)
        for match in _PROMISED.finditer(sentence[0])
        if match[1].casefold() not in known
    ]


def strangers(draft: str, evidence: str) -> list[Stretch]:
    """Return the draft's content words whose stems the evidence lacks."""
    known = {_stem(word.casefold()) for word in _WORD.findall(evidence)}
    return [match.span() for match in _content(draft) if _stem(match[0].casefold()) not in known]


def novelty(draft: str, evidence: str) -> float:
    """Return the share of `strangers` in the draft's content words, 0..1; 0 for under five words."""
    words = len(_content(draft))
    return len(strangers(draft, evidence)) / words if words >= _FEWEST_WORDS else 0.0


def _content(draft: str) -> list[re.Match[str]]:
    common = _words("common")
    words = ((match, match[0].casefold()) for match in _WORD.finditer(draft))
    return [match for match, word in words if len(word) > 2 and _bare(word) not in common]


def _bare(word: str) -> str:
    return re.sub(r"['\u2019]\w*$", "", word)


def _stem(word: str) -> str:
    return re.sub(r"(?<=\w{3})(?:es|s|ed|ing)$", "", _bare(word))[:5]


@cache
def _words(kind: str) -> frozenset[str]:
    text = files("guardrails.tables").joinpath("claims.yaml").read_text(encoding="utf-8")
    return frozenset(yaml.safe_load(text)[kind].split())
