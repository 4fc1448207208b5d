"""What guards look at, and what a guard is. Knows no guard, no policy and no model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

from guardrails.placeholders import Placeholders
from guardrails.splits import Split
from guardrails.verdict import Finding, Span
from guardrails.view import View
from guardrails.views import Views

if TYPE_CHECKING:
    from models.runtime import Reading

Direction = Literal["in", "out"]


@dataclass(frozen=True, slots=True, repr=False)
class Message:
    """One text on its way through the guards.

    `original` is the text as it came; `views` its normalised form and the other readings of it; `safe` the
    normalised text with what the policy redacts already replaced; `evidence` what a draft must rest on
    (empty: nothing to hold it against); `read` the models' pass over a view, made when first called for its text;
    `before` what the customer wrote last, redacted, oldest first; `splits` takes what is found to have begun there,
    `values` the plain value of each span of personal data; `memory` the conversation's placeholders (None: of no
    conversation).
    """

    original: str
    views: Views
    safe: View
    direction: Direction
    evidence: tuple[str, ...]
    read: Callable[[View], Reading]
    before: tuple[str, ...] = ()
    splits: list[Split] = field(default_factory=list)
    values: dict[Span, str] = field(default_factory=dict)
    memory: Placeholders | None = None

    @property
    def text(self) -> str:
        """The normalised text, not yet redacted."""
        return self.views.base.text


class Guard(Protocol):
    """Measures one risk. `name` is the row of the policy that decides on what it finds."""

    @property
    def name(self) -> str:
        """The guard's name, for what it guards."""
        ...

    @property
    def labels(self) -> frozenset[str] | None:
        """All labels that its findings may have, so that a policy can be held to them; None: not known beforehand."""
        ...

    def measure(self, message: Message) -> Sequence[Finding]:
        """Return what was found: scores in 0..1, spans of the original; nothing found is no finding.

        May raise: the screen counts that as score 1.0.
        """
        ...
