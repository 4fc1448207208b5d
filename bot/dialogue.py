"""Where a conversation stands, as a value: what was talked about, what was offered, what has been said, how it goes."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from hashlib import blake2s
from typing import Any

TOPICS_KEPT = 6
TEXTS_KEPT = 12
FADES, HURTS, HEALS, GRATES = 0.6, 0.6, 0.3, 0.2  # of frustration: by turn, by sentiment both ways, by not being helped


class Move(StrEnum):
    """What a message does in its conversation."""

    ASKS = "asks"  # a question of its own
    CHOOSES = "chooses"  # among what was offered: a button, "the second one", "yes please"
    CONTINUES = "continues"  # the question before, for something else: "and for the other one?"
    CORRECTS = "corrects"  # what was understood: "no, the blue one"
    FILLS = "fills"  # in a detail, and says nothing else
    REPHRASES = "rephrases"  # asks for the last answer in other words
    CALLS = "calls"  # for attention, by a greeting in the middle of the talk: "hello??"
    DOUBTS = "doubts"  # says that the last answer did not help: "I did that already"
    RETURNS = "returns"  # to an earlier topic
    AGREES = "agrees"  # to nothing in particular: "yes" after an answer
    REFUSES = "refuses"  # what is not to be done, and asks for nothing else: "don't cancel it"
    DENIES = "denies"  # that it is about what was understood: "not a gift card", "that's not what I asked"
    DECLINES = "declines"  # what was offered, or more help


@dataclass(frozen=True, slots=True)
class Dialogue:
    """The state between two turns.

    `topics` are the intents answered, each once, the latest last; `question` the message that the latest answer was
    given to, redacted; `pending` the one that was asked back upon and is not answered yet; `offered` the texts of the
    choices in the last reply; `wanted` the detail that it asked for; `told` marks of the last answers. `questions`
    counts the questions back in a row. `frustration` is 0 (none) to 1.
    """

    topics: tuple[str, ...] = ()
    question: str = ""
    pending: str = ""
    offered: tuple[str, ...] = ()
    wanted: str = ""
    told: tuple[str, ...] = ()
    questions: int = 0
    frustration: float = 0.0

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Dialogue":
        """Read what `to_dict` gave; what is missing is as at the beginning."""
        values: dict[str, Any] = {
            name: tuple(data[name]) if isinstance(data[name], list) else data[name]
            for name in {field.name for field in fields(cls)} & data.keys()
        }
        return cls(**values)

    def to_dict(self) -> dict[str, Any]:
        """For the store."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}

    @property
    def before(self) -> str:
        """The message that a short one is read together with: the one that waits for an answer, or the last that got
        one; "" for none."""
        return self.pending or self.question

    def has_told(self, text: str) -> bool:
        """Whether an answer was given in these very words."""
        return mark(text) in self.told

    def about(self, topics: tuple[str, ...]) -> tuple[str, ...]:
        """The topics once these have been answered."""
        return (*(topic for topic in self.topics if topic not in topics), *topics)[-TOPICS_KEPT:]

    def felt(self, sentiment: float) -> float:
        """The frustration with a message of this sentiment (-1 to 1)."""
        hurt = HURTS * max(0.0, -sentiment) - HEALS * max(0.0, sentiment)
        return round(min(1.0, max(0.0, FADES * self.frustration + hurt)), 3)


def mark(text: str) -> str:
    """Eight hexadecimal digits that stand for a text, whatever its case and spaces."""
    return blake2s(" ".join(text.casefold().split()).encode("utf-8", "replace"), digest_size=4).hexdigest()
