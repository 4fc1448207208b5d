"""What a message was understood as."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Intent:
    """The best reading of a message, after calibration.

    `confidence` is 0..1; `alternatives` are the next best readings with theirs, best first; `in_scope` is
    False when the message is taken to ask for nothing that the bot knows (`oos_score`, 0..1, higher is
    further out). `words` are the parts of the text that spoke for the label: (start, end, weight) with
    weights that sum to at most 1, strongest first.
    """

    label: str
    confidence: float
    alternatives: tuple[tuple[str, float], ...] = ()
    in_scope: bool = True
    oos_score: float = 0.0
    words: tuple[tuple[int, int, float], ...] = ()

    @property
    def measured(self) -> bool:
        """Whether a model gave the confidence. What a customer names in so many words is certain, and no reading."""
        return self.confidence < 1 or bool(self.alternatives)

    @property
    def strength(self) -> float:
        """How likely the message asks for this at all, 0..1: the confidence among the labels, and that it is of any."""
        return self.confidence * (1 - self.oos_score)

    @property
    def lead(self) -> float:
        """How far the best reading is ahead of the second, 0..1."""
        return self.confidence - (self.alternatives[0][1] if self.alternatives else 0.0)
