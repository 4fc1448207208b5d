"""Several questions in one message: its clauses, and which of them are to be answered each. Knows English.

Borders are the ends of sentences, and conjunctions that begin something new. Most sentences around a question only
tell how it came about, so a clause counts by itself only where it asks or wishes something, says "also", or is read
beyond doubt; and two parts never answer what one answer covers.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.records import IntentSpec
from bot.turn import Part
from models.intent import Intent

MOST = 4  # clauses that are read by themselves; a message of more is a story, and is read as one
SHORTEST = 3  # words
CONFIDENT, MARGIN, BEYOND_DOUBT = 0.8, 0.3, 0.95  # of a clause's reading; the last for one that does not ask
ADDED = 0.65  # of each where one says itself that it is another matter
CERTAIN = 0.97  # of two clauses that "and" joins, of which the whole message need not sound
HEARD = 0.03  # least chance of each in the reading of the whole message
_STARTS = (
    r"(?:what|when|where|who|how)(?:['’]?s)?|which|why|can|could|do|does|did|is|are|will|would|should|may|please"
    r"|i need|i want|i would|i'd|i wish|i'm looking|tell me|let me|send me|also"
)
_TELLS = r"my|the|i|we|you|your|there|one|it"  # how a clause begins that tells something
_BORDER = re.compile(
    r"(?<=[.!?;])\s+|\n+"
    rf"|,?\s+(?:and|but|plus)\s+(?=(?:then\s+|also\s+)?(?:{_STARTS}|{_TELLS})\b)"
    rf"|,\s+(?=(?:{_STARTS})\b)"
    r"|(?:,\s+(?:and\s+)?|\s+and\s+)(?=also\b|another thing\b|one more thing\b|by the way\b)",
    re.IGNORECASE,
)
_ADDS = re.compile(r"(?:also|plus|another thing|one more thing|by the way|btw|separately|secondly)\b", re.IGNORECASE)
_ASKS = re.compile(rf"(?:{_STARTS})\b|.*\?\s*$", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Clause:
    """A stretch of a message. `asks` is whether it is a question or a wish, `adds` whether it says itself that it is
    another matter ("also ..."), `joined` whether a conjunction joins it to the one before."""

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
    found = tuple(_clause(stretch, border) for stretch, border in stretches if len(stretch.split()) >= SHORTEST)
    return found if 2 <= len(found) <= MOST else ()


def parts(
    whole: Intent,
    readings: Sequence[tuple[Clause, Intent]],
    intents: Mapping[str, IntentSpec],
    courtesies: Sequence[str],
) -> tuple[Part, ...]:
    """The parts to answer, in the order of the message; none where one answer does.

    `whole` is the reading of the whole message, which must be among them, and `courtesies` the intents that are no
    question of their own, such as a greeting.
    """
    apart = any(clause.adds for clause, _ in readings)
    found: dict[str, tuple[Clause, Intent]] = {}
    for clause, intent in readings:
        spec = intents.get(intent.label)
        if spec and not spec.handoff and intent.label not in courtesies and _counts(clause, intent, apart):
            found.setdefault(intent.label, (clause, intent))
    if len(found) < 2 or whole.label not in found:
        return ()
    if not apart and not all(clause.asks for clause, _ in found.values()) and not _differ(whole, found, intents):
        return ()
    return tuple(Part(clause.text, intent) for clause, intent in found.values())


def worth_reading(whole: Intent, found: Sequence[Clause]) -> bool:
    """Whether the clauses may be several parts, so that it pays to read them: most of what is told is one matter."""
    heard = any(chance >= HEARD for _, chance in whole.alternatives)
    several = sum(clause.asks for clause in found) > 1 or any(clause.adds for clause in found) or _pair(found)
    return several or (len(found) > 1 and heard)


def _clause(text: str, border: str) -> Clause:
    adds = _ADDS.match(text)
    rest = text[adds.end() :].lstrip(" ,:") if adds else text
    joined = border.strip(" ,").casefold() in ("and", "but", "plus")
    return Clause(rest or text, bool(_ASKS.match(rest)), adds is not None, joined)


def _pair(found: Sequence[Clause]) -> bool:
    """Whether a message is two clauses that a conjunction joins."""
    return len(found) == 2 and found[1].joined


def _counts(clause: Clause, intent: Intent, apart: bool) -> bool:
    needed = ADDED if apart else CONFIDENT if clause.asks else BEYOND_DOUBT
    return intent.in_scope and intent.confidence >= needed and intent.lead >= MARGIN


def _differ(whole: Intent, found: Mapping[str, tuple[Clause, Intent]], intents: Mapping[str, IntentSpec]) -> bool:
    """Whether none of the intents follows from another, and the whole message sounds of all of them or they are two
    that are joined, both read beyond any doubt."""
    heard = {whole.label, *(label for label, chance in whole.alternatives if chance >= HEARD)}
    certain = _pair([clause for clause, _ in found.values()]) and all(
        i.confidence >= CERTAIN for _, i in found.values()
    )
    follows = any(name in intents[other].follow_ups for name in found for other in found)
    return (certain or heard.issuperset(found)) and not follows
