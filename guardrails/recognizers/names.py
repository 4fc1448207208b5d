"""Names of people: after a cue, and a known given name with a family name. A trained recognizer comes beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from guardrails.recognizers.base import Hit, Recognizer

_NAME = r"[A-ZÀ-ÞĀ-ŽА-Я][\w'’-]*[a-zà-žа-я]"
_NAMES = rf"{_NAME}(?: (?:(?:van|von|de|da|di|del|der|bin|al|la|le|O'|Mc)\s?){{0,2}}(?:{_NAME}|[A-Z]\.?)){{0,3}}"
_ANY = r"[^\W\d_][\w'’-]*(?: [^\W\d_][\w'’-]*){0,3}"

_SURE_CUE = re.compile(
    rf"\b(?:my (?:full |first |last |sur|family )?name(?:'s| is|:)|name ?[:=]|(?:the )?name on (?:the |my )?(?:order|account|card|booking|parcel)(?: is|:)"
    rf"|in the name of|under the name(?: of)?|account holder(?: is|:)?|addressed to|je m'appelle|ich hei(?:ß|ss)e|me llamo|mi chiamo)\s*(?P<value>{_ANY})",
    re.I,
)
_TITLE = re.compile(rf"\b(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Herr|Frau|Mme|mr|mrs|ms)\.? (?P<value>{_NAMES})")
_CUE = re.compile(
    rf"\b(?i:i am|i'm|i’m|im|this is|it is|it's|speak(?:ing)? (?:to|with)|spoke (?:to|with)|talk(?:ed|ing)? (?:to|with)|dear|hi|hello|hey|called|named"
    rf"|from|for|to|with|by|agent|colleague|driver|wife|husband|son|daughter|mother|father|mum|dad|partner|sister|brother|friend|signed|love|thanks|thank you)[,:]? (?P<value>{_NAMES})"
)
_LOWER_CUE = re.compile(r"\b(?:i am|i'm|im|this is|speak to|spoke to|regards,?|thanks,|cheers,) (?P<value>[a-z][a-z'’-]+ [a-z][a-z'’-]+)\b")
_SIGNED = re.compile(
    rf"(?i:\b(?:regards|best|cheers|thanks|thank you|many thanks|sincerely|yours|yours truly|yours faithfully|love))[,.!]?[ \t]*(?:\n+|, ?)[ \t]*[-–—]?[ \t]*(?P<value>{_NAMES})[ \t.]*$"
)
_PAIR = re.compile(rf"(?<![\w@.])(?P<value>(?P<given>{_NAME}) (?P<family>(?:(?:van|von|de|da|di|del|der|bin|al|la|le) ){{0,2}}{_NAME}(?:-{_NAME})?))(?![\w@])")

_CUES = ("name", "account holder", "addressed to", "appelle", "heiß", "heiss", "llamo", "chiamo")
_SHAPE = (
    rf"{_NAME} [A-ZÀ-ÞĀ-ŽА-Я]|\b(?:[Mm]rs?|[Mm]s|Miss|Mx|Dr|Prof|Herr|Frau|Mme)\.? [A-ZÀ-Þ]|[a-z'’,:] {_NAME}|[,.!]?\n\W*{_NAME}\W*$"
    r"|\b(?:i am|i'm|im|this is|spo?e?a?ke? to|regards,?|thanks,|cheers,) [a-z]+ [a-z]"
)

_STOP = frozenset(
    """a an the and or but so if i im i'm we you he she it they me my your our is am are was were be been do does did have has had
    not no yes on in at to of for from with by as about because since please thanks thank hello hi hey ok okay can could would
    will want need order orders number email phone address account card password refund return delivery still very really just
    also here there waiting looking trying having going getting writing calling contacting asking wondering interested sorry
    happy unhappy angry upset disappointed frustrated sure afraid pleased based located wrong right correct spelled spelt
    misspelled missing different what where when why how who which that this one customer manager supervisor someone anyone
    somebody agent person human monday tuesday wednesday thursday friday saturday sunday january february march april june july
    august september october november december christmas easter leeds london bristol edinburgh dublin cork england scotland wales
    ireland britain uk us eu sofa chair table lamp rug bed desk shelf mirror larch loom again team sir madam all everyone both
    and/or my-name now today tomorrow yesterday soon urgent help support service sales warehouse new old good great bad""".split()
)


@cache
def _list(kind: str) -> frozenset[str]:
    """Return the lower-cased names of `kind` (given, family), from Faker's locales (MIT)."""
    rows = files("guardrails.recognizers").joinpath(f"{kind}_names.csv").read_text(encoding="utf-8").split("\n")
    return frozenset(row.lower() for row in rows[1:] if row)


def _is_known(word: str) -> bool:
    return word.lower() in _list("given") or word.lower() in _list("family")


def _names(text: str) -> Iterator[Hit]:
    """Yield names, sure cues first. Words that no name can be end a name."""
    for match in _SURE_CUE.finditer(text):
        yield from _until_stop(match, 0.85, 3)
    for match in _TITLE.finditer(text):
        yield from _until_stop(match, 0.8, 4)
    for match in _SIGNED.finditer(text):
        yield from _until_stop(match, 0.7, 4)
    for match in _CUE.finditer(text):
        first = match["value"].split()[0]
        if first.lower() in _list("given"):
            yield from _until_stop(match, 0.6, 4)
    for match in _LOWER_CUE.finditer(text):
        given, family = match["value"].split()
        if given in _list("given") and family in _list("family"):
            yield from _until_stop(match, 0.6, 2)
    if text.isupper():
        return
    for match in _PAIR.finditer(text):
        given, family = match["given"].lower(), match["family"].split()[-1].lower()
        if given in _list("given") and family not in _STOP and (family in _list("family") or family in _list("given")):
            yield match.start(), match.end(), 0.55


def _until_stop(match: re.Match[str], score: float, most: int) -> Iterator[Hit]:
    """Yield the words of the match's value up to the first stop word, at most `most`."""
    start = match.start("value")
    end = start
    for word in list(re.finditer(r"\S+", match["value"]))[:most]:
        bare = word[0].strip(".,'’").lower()
        if bare in _STOP or (word.start() and word[0].islower() and match["value"][0].isupper() and len(bare) > 3):
            break
        end = start + word.start() + len(word[0].rstrip(".,'’-"))
    if end > start:
        yield start, end, score


def recognizer() -> Recognizer:
    """Return the recognizer of names."""
    return Recognizer("names", "NAME", _names, cues=_CUES, shape=_SHAPE)
