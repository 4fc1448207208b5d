"""Several questions in one message: which of its clauses are to be answered each.

Most sentences around a question only tell how it came about, so a clause counts by itself only where it asks or wishes
something, says "also", or is read beyond doubt; and two parts never answer what one answer covers.
"""

from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet

from bot.clauses import Clause
from bot.records import IntentSpec
from bot.turn import Part
from models.intent import Intent

CONFIDENT, MARGIN = 0.8, 0.3  # of a clause's reading
BEYOND_DOUBT = 0.95  # of one that does not ask, and of clauses joined in a list, of which the whole need not sound
ADDED = 0.65  # of each where one says itself that it is another matter
HEARD = 0.03  # least chance of each in the reading of the whole message


def parts(
    whole: Intent,
    readings: Sequence[tuple[Clause, Intent]],
    intents: Mapping[str, IntentSpec],
    courtesies: Sequence[str],
    apart: bool = False,
) -> tuple[Part, ...]:
    """The parts to answer, in the order of the message; none where one answer does.

    `whole` is the reading of the whole message, which must be among them, and `courtesies` the intents that are no
    question of their own, such as a greeting. `apart` is whether the clauses are known to be of different things.
    """
    apart = apart or any(clause.adds for clause, _ in readings)
    heard = {whole.label, *(label for label, chance in whole.alternatives if chance >= HEARD)}
    found: dict[str, tuple[Clause, Intent]] = {}
    for clause, intent in readings:
        spec = intents.get(intent.label)
        if spec and not spec.handoff and intent.label not in courtesies and _counts(clause, intent, apart, heard):
            found.setdefault(intent.label, (clause, intent))
    if len(found) < 2 or whole.label not in found:
        return ()
    listed = len(found) == len(readings) and _listed([clause for clause, _ in readings])
    certain = listed and all(intent.confidence >= BEYOND_DOUBT for _, intent in readings)
    asked = all(clause.asks for clause, _ in found.values())
    if not apart and not asked and not _differ(found, intents, None if certain else heard):
        return ()
    return tuple(Part(clause.text, intent) for clause, intent in found.values())


def worth_reading(whole: Intent, found: Sequence[Clause], apart: bool = False) -> bool:
    """Whether the clauses may be several parts, so that it pays to read them: most of what is told is one matter."""
    heard = any(chance >= HEARD for _, chance in whole.alternatives)
    several = (
        sum(clause.asks for clause in found) > 1 or any(clause.adds for clause in found) or _listed(found) or apart
    )
    return several or (len(found) > 1 and heard)


def _listed(found: Sequence[Clause]) -> bool:
    """Whether a message is a list: clauses each of which is joined to the one before."""
    return len(found) > 1 and all(clause.joined for clause in found[1:])


def _counts(clause: Clause, intent: Intent, apart: bool, heard: Collection[str]) -> bool:
    needed = ADDED if apart else CONFIDENT if clause.asks else BEYOND_DOUBT
    known = intent.in_scope or (apart and intent.label in heard)  # the whole message is of the shop's matters
    return known and intent.confidence >= needed and intent.lead >= MARGIN


def _differ(
    found: Mapping[str, tuple[Clause, Intent]], intents: Mapping[str, IntentSpec], heard: AbstractSet[str] | None
) -> bool:
    """Whether none of the intents follows from another, and all are `heard` in the whole message; None: they need not
    be."""
    follows = any(name in intents[other].follow_ups for name in found for other in found)
    return (heard is None or heard >= found.keys()) and not follows
