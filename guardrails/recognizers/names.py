"""Names of people: after a cue, and a known given name with a family name. A trained recognizer comes beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from guardrails.recognizers.base import Hit, Recognizer

_NAME = r"[A-ZÀ-ÞĀ-ŽА-Я][\w'’-]*[a-zà-žа-я]"
_PARTICLE = r"(?:van|von|de|da|di|del|der|bin|al|la|le)"
_NAMES = rf"{_NAME}(?: (?:(?:{_PARTICLE}|O'|Mc)\s?){{0,2}}(?:{_NAME}|[A-Z]\.?)){{0,3}}"
_ANY = r"[^\W\d_][\w'’-]*(?: [^\W\d_][\w'’-]*){0,3}"
_HONORIFIC = r"(?:[Mm]rs?|[Mm]s|Miss|Mx|Dr|Prof|Herr|Frau|Mme)"


def _any(*words: str) -> str:
    return "(?:" + "|".join(words) + ")"


_TOLD = _any(
    r"my (?:full |first |last |sur|family )?name(?:'s| is|:)",
    r"name ?[:=]",
    r"(?:the )?name on (?:the |my )?(?:order|account|card|booking|parcel)(?: is|:)",
    "in the name of",
    "under the name(?: of)?",
    "account holder(?: is|:)?",
    "addressed to",
    *("je m'appelle", "ich hei(?:ß|ss)e", "me llamo", "mi chiamo"),
)
_BEFORE = _any(
    *("i am", "i'm", "i’m", "im", "this is", "it is", "it's", "called", "named", "signed"),
    *(r"speak(?:ing)? (?:to|with)", "spoke (?:to|with)", "talk(?:ed|ing)? (?:to|with)"),
    *("dear", "hi", "hello", "hey", "love", "thanks", "thank you", "from", "for", "to", "with", "by"),
    *("agent", "colleague", "driver", "wife", "husband", "son", "daughter", "mother", "father", "mum", "dad"),
    *("partner", "sister", "brother", "friend"),
)
_FAREWELL = _any(
    *("regards", "best", "cheers", "thanks", "thank you", "many thanks", "sincerely", "love"),
    *("yours", "yours truly", "yours faithfully"),
)
_CHATTED = _any("i am", "i'm", "im", "this is", "speak to", "spoke to", "regards,?", "thanks,", "cheers,")

_SURE_CUE = re.compile(rf"\b{_TOLD}\s*(?P<value>{_ANY})", re.IGNORECASE)
_TITLE = re.compile(rf"\b{_HONORIFIC}\.? (?P<value>{_NAMES})")
_CUE = re.compile(rf"\b(?i:{_BEFORE})[,:]? (?P<value>{_NAMES})")
_LOWER_CUE = re.compile(rf"\b{_CHATTED} (?P<value>[a-z][a-z'’-]+ [a-z][a-z'’-]+)\b")
_SIGNED = re.compile(rf"\b(?i:{_FAREWELL})[,.!]?[ \t]*(?:\n+|, ?)[ \t]*[-–—]?[ \t]*(?P<value>{_NAMES})[ \t.]*$")
_PAIR = re.compile(
    rf"(?<![\w@.])(?P<value>(?P<given>{_NAME}) (?P<family>(?:{_PARTICLE} ){{0,2}}{_NAME}(?:-{_NAME})?))(?![\w@])"
)

_CUES = ("name", "account holder", "addressed to", "appelle", "heiß", "heiss", "llamo", "chiamo")
_SHAPE = "|".join(
    (
        rf"{_NAME} [A-ZÀ-ÞĀ-ŽА-Я]",
        rf"\b{_HONORIFIC}\.? [A-ZÀ-Þ]",
        rf"[a-z'’,:] {_NAME}",
        rf"\n\W*{_NAME}\W*$",
        rf"\b{_CHATTED} [a-z]+ [a-z]",
    )
)


@cache
def _list(name: str) -> frozenset[str]:
    """Return the words of `<name>.csv` in lower case. Given and family names are from Faker's locales (MIT)."""
    rows = files("guardrails.recognizers").joinpath(f"{name}.csv").read_text(encoding="utf-8").split("\n")
    return frozenset(row.lower() for row in rows[1:] if row)


def is_given(word: str) -> bool:
    """Whether people are given this name."""
    return word.lower() in _list("given_names")


def is_family(word: str) -> bool:
    """Whether families bear this name."""
    return word.lower() in _list("family_names")


def is_name(word: str) -> bool:
    """Whether people bear this name, given or of the family."""
    return is_given(word) or is_family(word)


def is_stop(word: str) -> bool:
    """Whether no name holds this word: greetings, days, and the like."""
    return word.lower() in _list("not_names")


def is_number_kind(word: str) -> bool:
    """Whether the word names a kind of number or of document: IBAN, Steuernummer."""
    return word.lower() in _list("number_kinds")


def _names(text: str) -> Iterator[Hit]:
    """Yield names: after cues that leave no doubt, after others where the given name is known, and in pairs."""
    for cue, score in ((_SURE_CUE, 0.85), (_TITLE, 0.8), (_SIGNED, 0.7)):
        for match in cue.finditer(text):
            yield from _until_stop(match, score)
    for match in _CUE.finditer(text):
        if is_given(match["value"].split()[0]):
            yield from _until_stop(match, 0.6)
    for match in _LOWER_CUE.finditer(text):
        given, family = match["value"].split()
        if is_given(given) and is_family(family):
            yield from _until_stop(match, 0.6)
    if not text.isupper():
        yield from _pairs(text)


def _pairs(text: str) -> Iterator[Hit]:
    for match in _PAIR.finditer(text):
        family = match["family"].split()[-1]
        if is_given(match["given"]) and not is_stop(family) and (is_family(family) or is_given(family)):
            yield match.start(), match.end(), 0.55


def _until_stop(match: re.Match[str], score: float) -> Iterator[Hit]:
    """Yield the words of the match's value up to the first that no name holds; at most four."""
    start = match.start("value")
    end = start
    for word in list(re.finditer(r"\S+", match["value"]))[:4]:
        bare = word[0].strip(".,'’").lower()
        if is_stop(bare) or (word.start() and word[0].islower() and match["value"][0].isupper() and len(bare) > 3):
            break
        end = start + word.start() + len(word[0].rstrip(".,'’-"))
    if end > start:
        yield start, end, score


def recognizer() -> Recognizer:
    """Return the recognizer of names."""
    return Recognizer("names", "NAME", _names, cues=_CUES, shape=_SHAPE)
