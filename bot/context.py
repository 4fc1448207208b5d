"""A message in the light of the topic before it: how it reads by itself and together with the question before, weighed.

The log chances of both readings are added with what speaks for the topic (that talk stays with it, that the message
points back, that it says little of its own, that the topic's answer has something to say to it) and for what the shop
says follows from it. This is a conditional logit (McFadden, 1974); its weights were fitted to the demo's development
stories, with utterances of other topics between, and rounded. It knows no words.
"""

import math
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from models.intent import Intent

ALONE, TOGETHER = 1.3, 0.8  # what the log of a reading's chance weighs
TOPIC, POINTS_BACK, OWN_WORD, NEAR = 1.0, 1.6, -0.6, 7.2  # for the topic: always; by what is true of the message
FOLLOWS, NOTHING = 1.1, -2.9  # for an intent that follows from the topic, and for nothing that the bot knows
ANY, LEAST = 0.02, 0.001  # chance of any intent for a message that is of none, and least chance of all
MOST_WORDS = 5
CLEAR = TOGETHER * math.log((1 + LEAST) / LEAST)  # lead that a reading together cannot make up


@dataclass(frozen=True, slots=True)
class Context:
    """What a message stands in: the topic and what follows from it; whether the message points back, how many words it
    has that say something of themselves, and how near the topic's answer comes to it (-1 to 1)."""

    topic: str
    follow_ups: Collection[str] = ()
    points_back: bool = False
    own_words: int = 0
    near: float = 0.0

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

    def _scores(self, alone: Intent, together: Intent | None) -> dict[str, float]:
        """The weighed logs by label, "" for nothing that the bot knows."""
        labels = {label for intent in (alone, together) if intent for label, _ in _chances(intent)}
        labels |= {"", self.topic, *self.follow_ups}
        mine, both = _logs(alone, labels), _logs(together, labels) if together else dict.fromkeys(labels, 0.0)
        scores = {label: ALONE * mine[label] + TOGETHER * both[label] for label in labels}
        own = OWN_WORD * min(self.own_words, MOST_WORDS)
        scores[self.topic] += TOPIC + POINTS_BACK * self.points_back + own + NEAR * self.near
        for label in self.follow_ups:
            scores[label] += FOLLOWS
        scores[""] += NOTHING
        return scores


def _logs(intent: Intent, labels: Iterable[str]) -> dict[str, float]:
    known = dict(_chances(intent))
    chances = {label: (1 - intent.oos_score) * known.get(label, 0.0) + ANY * intent.oos_score for label in labels}
    return {label: math.log(chance + LEAST) for label, chance in (chances | {"": intent.oos_score}).items()}


def _chances(intent: Intent) -> tuple[tuple[str, float], ...]:
    return ((intent.label, intent.confidence), *intent.alternatives)
