"""The clauses of a message: where something new begins in it. Knows English.

Borders are the ends of sentences, and conjunctions that begin something new.
"""

import re
from dataclasses import dataclass

MOST = 5  # clauses that are read by themselves; a message of more is a story, and is read as one
SHORTEST = 3  # words
_STARTS = (
    r"(?:what|when|where|who|how)(?:['’]?s)?|which|why|whether|can|could|do|does|did|has|have|is|are|will|would|should"
    r"|may|please"
    r"|i (?:also |just )?(?:need|want|wish)|i would|i'd|i'm looking|tell me|let me|send me|also"
)
_TELLS = r"my|the|i|we|you|your|there|one|it"  # how a clause begins that tells something
_BORDER = re.compile(
    r"(?<=[.!?;])\s+|\n+"
    rf"|,?\s+(?:and|but|plus)\s+(?=(?:then\s+|also\s+)?(?:{_STARTS}|{_TELLS})\b)"
    rf"|,\s+(?=(?:{_STARTS})\b|(?:{_TELLS})\b.*\b(?:and|plus|also)\b)"  # a list has a last item
    r"|(?:,\s+(?:and\s+)?|\s+and\s+)(?=also\b|another thing\b|one more thing\b|by the way\b)",
    re.IGNORECASE,
)
_ADDS = re.compile(
    r"(?:(?:i(?:['’]d| would)? )?also|plus|another thing|one more thing|by the way|btw|separately|secondly)\b",
    re.IGNORECASE,
)
_LEADS = re.compile(
    r"^(?:(?:ok(?:ay)?|right|so|and|but|well|hm+|ah|oh|yes|yeah|no|fine|thanks)\b[\s,.!]*)+", re.IGNORECASE
)
_COURTEOUS = re.compile(
    r"(?:(?:hello|hi|hiya|hey|good (?:morning|afternoon|evening|day)|there|again|all|many thanks|thanks?(?: you)?|thx"
    r"|ta|cheers|great|lovely|perfect|brilliant|super|ok(?:ay)?|so much|very much|a lot|for (?:that|this)"
    r"|for (?:the|your|all your) (?:help|answer|reply))\b[\s,.!:;-]*)+",
    re.IGNORECASE,
)
_ASKS = re.compile(rf"(?:{_STARTS})\b|.*\?\s*$|.*\b(?:please|pls|plz)\b", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Clause:
    """A stretch of a message. `asks` is whether it is a question or a wish, `adds` whether it says itself that it is
    another matter ("also ..."), `joined` whether a conjunction or a comma joins it to the one before."""

    text: str
    asks: bool
    adds: bool
    joined: bool = False


def clauses(text: str) -> tuple[Clause, ...]:
    """The clauses of three words or more, in their order; none when there are fewer than two, or too many."""
    borders = list(_BORDER.finditer(text))
    begins = [("", 0), *((border[0], border.end()) for border in borders)]
    ends = [*(border.start() for border in borders), len(text)]
    stretches = [(text[at:end].strip(" ,;\n\t"), border) for (border, at), end in zip(begins, ends, strict=True)]
    stretches = _led(stretches)
    found = tuple(_clause(stretch, border) for stretch, border in stretches if len(stretch.split()) >= SHORTEST)
    return found if 2 <= len(found) <= MOST else ()


def asks(text: str) -> bool:
    """Whether a clause is a question or a wish."""
    return _ASKS.match(text.strip()) is not None


def asks_on(text: str) -> bool:
    """Whether a message asks something, whatever word it begins with ("ok, and how long?")."""
    return asks(_LEADS.sub("", text.strip()))


def beside_courtesy(text: str) -> str:
    """What a message asks after a greeting or thanks, with spaces for these; "" where it asks nothing beside."""
    lead = _COURTEOUS.match(text)
    rest = text[lead.end() :] if lead else ""
    return " " * (len(text) - len(rest)) + rest if len(rest.split()) >= SHORTEST and asks_on(rest) else ""


def _led(stretches: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Stretches, each with what stands before it; one that says no more than "also" begins the next."""
    led: list[tuple[str, str]] = []
    for one in stretches:
        adds = led.pop() if led and _ADDS.fullmatch(led[-1][0]) else None
        led.append((f"{adds[0]}, {one[0]}", adds[1]) if adds else one)
    return led


def _clause(text: str, border: str) -> Clause:
    adds = _ADDS.match(text)
    rest = text[adds.end() :].lstrip(" ,:") if adds else text
    joined = border.strip(" ,").casefold() in ("and", "but", "plus") or border.startswith(",")
    return Clause(rest or text, asks(text) or asks(rest), adds is not None, joined)
