"""A message in the light of the topic before it: how it reads by itself and together with the question before, weighed.

The log chances of both readings are added with what speaks for the topic (that talk stays with it, that the message
points back, that it says little of its own, that the topic's answer has something to say to it) and for what the shop
says follows from it. This is a conditional logit (McFadden, 1974); `handrail tune context` fits its weights. It knows
no words.
"""

import math
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from operator import mul
from typing import NamedTuple

from models.intent import Intent


class Signs(NamedTuple):
    """What speaks for one of the things that a message may mean, and what each of that weighs: the log chance of both
    readings; of the topic that it is the topic, and what is true of the message; whether it follows from the topic;
    whether it is nothing that the bot knows."""

    alone: float = 0.0
    together: float = 0.0
    topic: float = 0.0
    points_back: float = 0.0
    own_words: float = 0.0
    near: float = 0.0
    follows: float = 0.0
    nothing: float = 0.0


WEIGHTS = Signs(
    alone=0.8, together=0.4, topic=1.1, points_back=1.3, own_words=-0.4, near=7.0, follows=0.75, nothing=-2.95
)
ANY, LEAST = 0.02, 0.001  # chance of any intent for a message that is of none, and least chance of all
MOST_WORDS = 5
PLAIN = 0.95  # confidence times the chance that it is in scope, of a message that may stand apart from its topic
AS_NEAR = 0.05  # answers that come so nearly alike to a message come as near
CLEAR = WEIGHTS.together * math.log((1 + LEAST) / LEAST)  # lead that a reading together cannot make up


@dataclass(frozen=True, slots=True)
class Context:
    """What a message stands in: the topic and what follows from it; whether the message points back, how many words it
    has that say something of themselves, and how near the answer of a label comes to it (-1 to 1)."""

    topic: str
    follow_ups: Collection[str] = ()
    points_back: bool = False
    own_words: int = 0
    near: Callable[[str], float] = lambda label: 0.0

    def stands_apart(self, alone: Intent) -> bool:
        """Whether a message points to nothing before it and says so plainly what it wants of something else, to which
        that answer comes as near as the topic's, that the topic counts for nothing: "where is my order?"."""
        return (
            not self.points_back
            and alone.strength >= PLAIN
            and alone.label not in self.follow_ups
            and self.near(alone.label) > self.near(self.topic) - AS_NEAR
        )

    def settles(self, alone: Intent) -> bool:
        """Whether the reading together could not change what is read."""
        first, second = sorted(self._scores(alone, None).values(), reverse=True)[:2]
        return first - second >= CLEAR

    def weigh(self, alone: Intent, together: Intent | None) -> Intent:
        """The reading of a message by these two, its chances among all that either names; None, where the second is
        settled without it, counts for nothing."""
        scores = self._scores(alone, together)
        highest = max(scores.values())
        weights = {label: math.exp(score - highest) for label, score in scores.items()}
        total = sum(weights.values())
        chances = sorted(((label, w / total) for label, w in weights.items() if label), key=lambda c: -c[1])
        (best, chance), nothing = chances[0], weights[""] / total
        words = together.words if together and alone.label != best else alone.words
        return Intent(best, chance, tuple(chances[1:5]), nothing < 0.5, nothing, words)

    def signs(self, alone: Intent, together: Intent | None) -> dict[str, Signs]:
        """What speaks for each label that either reading, the topic or what follows from it names, and for "", nothing
        that the bot knows."""
        labels = {label for intent in (alone, together) if intent for label, _ in _chances(intent)}
        labels |= {"", self.topic, *self.follow_ups}
        mine, both = _logs(alone, labels), _logs(together, labels) if together else dict.fromkeys(labels, 0.0)
        signs = {
            label: Signs(mine[label], both[label], follows=label in self.follow_ups, nothing=not label)
            for label in labels
        }
        signs[self.topic] = signs[self.topic]._replace(
            topic=1,
            points_back=self.points_back,
            own_words=min(self.own_words, MOST_WORDS),
            near=self.near(self.topic),
        )
        return signs

    def _scores(self, alone: Intent, together: Intent | None) -> dict[str, float]:
        signs = self.signs(alone, together)
        return {label: sum(map(mul, WEIGHTS, of)) for label, of in signs.items()}


def _logs(intent: Intent, labels: Iterable[str]) -> dict[str, float]:
    known = dict(_chances(intent))
    chances = {label: (1 - intent.oos_score) * known.get(label, 0.0) + ANY * intent.oos_score for label in labels}
    return {label: math.log(chance + LEAST) for label, chance in (chances | {"": intent.oos_score}).items()}


def _chances(intent: Intent) -> tuple[tuple[str, float], ...]:
    return ((intent.label, intent.confidence), *intent.alternatives)
