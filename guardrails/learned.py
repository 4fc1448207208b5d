"""Guards that have learnt: what a branch of the model says, and a few rules for what leaves no doubt."""

from __future__ import annotations

from dataclasses import dataclass

from guardrails.guard import Message
from guardrails.model import ModelHead
from guardrails.rules import Table
from guardrails.verdict import Finding

LABELS = {
    "toxicity": frozenset(  # those of every published Detoxify checkpoint
        ["toxicity", "severe_toxicity", "obscene", "identity_attack", "insult", "threat", "sexual_explicit"]
    ),
    "bias": frozenset({"bias"}),
    "injection": frozenset({"injection"}),
}
"""What a branch may say, by guard."""


@dataclass(frozen=True, slots=True)
class LearnedGuard:
    """Toxicity (labels as Detoxify names them), bias, injection. `head` None: only the rules measure.

    Rules see every reading of a text (decoded, in leetspeak, backwards) and the safe text, where a name is a
    placeholder; the model the safe text and a few of its readings.
    """

    name: str
    table: Table
    head: ModelHead | None = None

    @classmethod
    def build(cls, name: str, head: ModelHead | None = None) -> LearnedGuard:
        """Return the guard of `tables/<name>.yaml` and a branch."""
        return cls(name, Table.load(name), head)

    @property
    def labels(self) -> frozenset[str]:
        """Those of the rules and of any branch, also of one that is not installed."""
        return self.table.labels | LABELS[self.name]

    def measure(self, message: Message) -> list[Finding]:
        """Return a finding for each label that a rule gives, and for each that the model does."""
        redacted = (message.safe,) if message.safe.text != message.text else ()
        ruled = self.table.find(self.name, (*message.views.letters, *redacted))
        return ruled + (self.head.findings(self.name, message) if self.head else [])
