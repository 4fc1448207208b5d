"""Whether an answer contradicts the one that holds now: another amount, another number of days, yes for no.

Two sentences are compared only where they speak of the same (their embeddings, numbers masked, lie within ALIKE), so
that the days of a refund are not held against those of a return. Where a sentence has several quantities, each is held
against that part of the other which is most like its own. Misses what is said in other kinds of words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass

from retrieval.encoder import Encoder
from retrieval.polarity import affirmed, headed, turned
from retrieval.quantities import NUMBER, Quantity, quantities

ALIKE = 0.64
ALIKE_HEADED = 0.45  # for a sentence that begins with yes or no, which leaves the question's words out
THE_SAME = 0.88  # of parts of sentences, where numbers of the answer also stand elsewhere in the current one
_SENTENCE = re.compile(r"[^\n.!?]+(?:\.\d[^\n.!?]*|[ap]\.m\b[^\n.!?]*)*")


@dataclass(frozen=True, slots=True)
class Contradiction:
    """`what` differs ("number of days", "amount", ...) between a sentence of the answer and one of the current."""

    what: str
    said: str
    current: str

    def __str__(self) -> str:
        return f"another {self.what}: “{self.said}”, but now “{self.current}”"


def contradictions(answer: str, current: str, encoder: Encoder) -> list[Contradiction]:
    """What `answer` says otherwise than `current`, the answer that holds now."""
    said = {sentence: quantities(sentence) for sentence in _sentences(answer)}
    holds = {sentence: quantities(sentence) for sentence in _sentences(current)}
    denials = _denials(said, holds, encoder)
    if not any(_differ(mine, theirs) for mine in said.values() for theirs in holds.values()):
        return denials
    texts = dict.fromkeys((*said, *holds))
    texts |= dict.fromkeys(found.part for side in (said, holds) for many in side.values() for found in many)
    vectors = dict(zip(texts, encoder.encode([*map(_masked, texts)]), strict=True))

    def alike(one: str, other: str) -> float:
        return float(vectors[one] @ vectors[other])

    found = [
        Contradiction(quantity.what, one, other)
        for one, mine in said.items()
        for quantity in mine
        if (other := _contradicted(one, quantity, mine, holds, alike))
    ]
    return [*dict.fromkeys(found), *denials]


def _contradicted(
    sentence: str,
    quantity: Quantity,
    beside: list[Quantity],
    holds: dict[str, list[Quantity]],
    alike: Callable[[str, str], float],
) -> str:
    """The sentence that holds and says another quantity, "" where there is none.

    Where what holds has the same quantity too, or another one `beside` it, the parts must be all but the same: a sum
    that an agent worked out, or a price of something else, contradicts nothing.
    """
    same_kind = [
        (alike(quantity.part, theirs.part), other, theirs)
        for other, many in holds.items()
        for theirs in many
        if theirs.what == quantity.what
    ]
    speaking = [one for one in same_kind if alike(sentence, one[1]) >= ALIKE]
    if not speaking:
        return ""
    most, other, _ = max(speaking, key=lambda one: one[0])
    if any(likeness >= most and theirs.meets(quantity) for likeness, _, theirs in same_kind):
        return ""
    partly = any(mine.meets(theirs) for mine in beside for _, _, theirs in same_kind)
    return other if most >= THE_SAME or not partly else ""


def _denials(said: Collection[str], holds: Collection[str], encoder: Encoder) -> list[Contradiction]:
    pairs = [(one, other) for one in said for other in holds if turned(one, other)]
    if not pairs:
        return []
    texts = list(dict.fromkeys(text for pair in pairs for text in pair))
    vectors = dict(zip(texts, encoder.encode([affirmed(_masked(text)) for text in texts]), strict=True))
    return [
        Contradiction("reply (yes or no)", one, other)
        for one, other in pairs
        if float(vectors[one] @ vectors[other]) >= (ALIKE_HEADED if headed(one) or headed(other) else ALIKE)
    ]


def _differ(mine: list[Quantity], theirs: list[Quantity]) -> bool:
    return any(one.what == other.what and not one.meets(other) for one in mine for other in theirs)


def _sentences(text: str) -> list[str]:
    return [" ".join(found.split()) for found in _SENTENCE.findall(text) if found.strip()]


def _masked(sentence: str) -> str:
    plain = re.sub(NUMBER, "some", sentence)
    return re.sub(r"^\W*(?:yes|no|sorry|unfortunately)\b\W*", "", plain, flags=re.IGNORECASE)
