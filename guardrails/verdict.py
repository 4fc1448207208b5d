"""The words that all guardrails speak: spans, findings, actions, verdicts. Imports nothing of ours.

Findings say what was measured; a verdict says what the policy made of it. Neither carries the raw message.
"""

from dataclasses import dataclass, field
from enum import IntEnum


class Action(IntEnum):
    """What to do with a text, from mild to strict; the strictest finding decides.

    Up to REWRITE a text goes on, changed or not; from ASK on it does not.
    """

    ALLOW = 0
    REDACT = 1
    MASK = 2
    REWRITE = 3
    ASK = 4
    ESCALATE = 5
    REFUSE = 6

    @property
    def passes(self) -> bool:
        """Whether the text goes on: the bot reads the message, the customer reads the draft."""
        return self <= Action.REWRITE

    @property
    def changes(self) -> bool:
        """Whether the words found are replaced."""
        return Action.REDACT <= self <= Action.REWRITE


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open stretch `[start, end)` of the ORIGINAL text, in code points, and what it holds."""

    start: int
    end: int
    label: str

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.end:
            raise ValueError(f"Span({self.start}, {self.end}) must satisfy 0 <= start <= end")


@dataclass(frozen=True, slots=True)
class Finding:
    """One measurement by one guard.

    `score` lies in 0..1, higher is riskier; `threshold`, `action` and `rule` (such as "inbound.pii.CARD") are
    filled in by the policy (None and "" until it has decided); `reason` is for staff and never quotes the text.
    """

    guard: str
    label: str
    score: float
    spans: tuple[Span, ...] = ()
    reason: str = ""
    threshold: float | None = None
    action: Action | None = None
    rule: str = ""

    @property
    def met(self) -> bool:
        """Whether it reached the threshold of its rule, whose action may be to allow; False until that is decided."""
        return self.threshold is not None and self.score >= self.threshold


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the policy decided. `text` is safe to pass on, store and show; `findings` stand in the policy's order, the
    one that decided first; `message` is what the customer is told (None: nothing to tell)."""

    action: Action
    text: str
    findings: tuple[Finding, ...] = ()
    message: str | None = None
    timings: dict[str, float] = field(default_factory=dict)  # guard -> milliseconds

    @property
    def deciding(self) -> Finding | None:
        """The finding that the action rests on, or None when nothing was found."""
        return next((f for f in self.findings if f.action is not None and f.action == self.action), None)
