"""Street addresses and postcodes, by their shape."""

from __future__ import annotations

import re
from collections.abc import Iterator

from guardrails.recognizers.base import Hit, Recognizer, pattern

_SURE = r"street|road|rd|lane|avenue|ave|crescent|terrace|grove|mews|boulevard|blvd|stra(?:ss|ß)e|str\."
_CASED = (
    "Street|St|Road|Rd|Lane|Ln|Avenue|Ave|Drive|Dr|Close|Court|Ct|Crescent|Place|Square|Sq|Terrace|Way|Gardens|Gdns"
    "|Grove|Hill|Mews|Row|Walk|Park|Parade|Quay|Boulevard|Blvd|Green|Rise|View|Vale|Wharf|Alley|Highway|Parkway|Pkwy"
)
_FLAT = r"(?:(?:flat|apartment|apt|unit|suite|room)\.? ?\w{1,5},? )?"
POSTCODE = r"[A-Z]{1,2}\d[A-Z\d]? ?\d[ABD-HJLNP-UW-Z]{2}"
_STATE = (
    "A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]|T[NX]|UT|V[AT]|W[AIVY]"
)
_TOWN = r"(?:[A-Z][a-z'.-]+(?: [A-Z][a-z'.-]+){0,2})\b"
_TAIL = rf"(?:,? ?\n?{_TOWN}){{0,3}}(?:,? ?\n?(?:{POSTCODE}|(?:[A-Z]{{2}} )?\d{{5}}(?:-\d{{4}})?(?![ -]?\d)))?"
_PROPER = re.compile(
    rf"(?<![\w£$€.-])(?i:{_FLAT})\d{{1,5}}[A-Za-z]?,? (?:[A-Z][\w'’.-]* ){{1,4}}(?:{_CASED})\b\.?(?:{_TAIL})"
)
_LOWER = re.compile(
    rf"(?<![\w£$€.-]){_FLAT}\d{{1,4}}[a-z]? (?P<words>(?:[a-z][a-z'’-]+ ){{1,3}})(?:{_SURE})\b(?:,? (?:{POSTCODE}))?",
    re.IGNORECASE,
)
_FRENCH = (
    r"\d{1,4}(?: ?(?:bis|ter))?,? (?:rue|avenue|boulevard|place|chemin|impasse|allée|quai) "
    r"(?:d(?:e|u|es|e la)|de l'|d')? ?[\w'’-]+(?: [A-Z][\w'’-]+){0,2}"
)
_GERMAN = r"[A-ZÄÖÜ][\wäöüß-]{2,}(?:straße|strasse|str\.|weg|platz|allee|gasse) \d{1,4}[a-z]?"
_SOUTHERN = r"(?:Calle|Avenida|Via|Viale|Piazza|Ulica|ul\.) (?:[\w'’.-]+ ){0,3}[\w'’.-]+,? \d{1,4}"
_CONTINENTAL = re.compile(rf"(?<!\w)(?:{_FRENCH}|{_GERMAN}|{_SOUTHERN})(?:,? \d{{4,5}} [A-Z][\w-]+)?")
_FUNCTION = re.compile(
    r"\b(?:an?|the|in|on|of|by|at|to|for|from|with|and|or|my|your|our|his|her|their|this|that|is|was|are|be|it|as|up|off|out"
    r"|weeks|days|hours|minutes|months|years|times|items|miles|people|more|per|so)\b",
    re.IGNORECASE,
)


def _streets(text: str) -> Iterator[Hit]:
    for match in _PROPER.finditer(text):
        yield match.start(), match.end(), 0.8
    for match in _LOWER.finditer(text):
        if not _FUNCTION.search(match["words"]):
            yield match.start(), match.end(), 0.6
    for match in _CONTINENTAL.finditer(text):
        yield match.start(), match.end(), 0.6


def recognizers() -> list[Recognizer]:
    """Return the recognizers of this module."""
    eircode = r"[AC-FHKNPRTV-Y]\d[\dW] ?[0-9AC-FHKNPRTV-Y]{4}"
    told = r"\b(?:post ?code|eircode|zip(?: ?code)?|postal code)\b(?: is|:)?\s*"
    lower = r"[a-z]{1,2}\d[a-z\d]? \d[abd-hjlnp-uw-z]{2}"
    by_name = rf"{told}(?P<value>{POSTCODE}|{eircode}|\d{{5}}(?:-\d{{4}})?)\b"
    state = rf"[A-Z][a-z]+,? (?P<value>(?:{_STATE}) \d{{5}}(?:-\d{{4}})?)\b"
    irish = ("eircode", "address", "dublin", "cork")
    return [
        Recognizer("streets", "ADDRESS", _streets, context=("address", "live", "deliver", "send"), digits=1),
        pattern("post office box", "ADDRESS", r"\bP\.? ?O\.? ?Box:? \d{1,6}\b", 0.8, cues=("box",), digits=1),
        pattern("postcode", "ADDRESS", rf"(?<![\w-]){POSTCODE}(?![\w-])", 0.5, exact=True, digits=2),
        pattern("postcode by name", "ADDRESS", by_name, 0.8, cues=("post", "zip", "eircode"), digits=2),
        pattern("spaced postcode", "ADDRESS", rf"(?<![\w-]){lower}(?![\w-])", 0.45, digits=2),
        pattern("eircode", "ADDRESS", rf"(?<![\w-]){eircode}(?![\w-])", 0.1, exact=True, context=irish, digits=2),
        pattern("us zip", "ADDRESS", state, 0.7, exact=True, digits=5),
    ]
