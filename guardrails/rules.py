"""Guards made of rules: a pattern, what it means, how sure it is. Knows how to match; holds no rule."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from guardrails.guard import Message
from guardrails.verdict import Finding, Span
from guardrails.view import View


@dataclass(frozen=True, slots=True)
class Rule:
    """`pattern` matched in a text means `label` with `score` (0..1), unless `unless` matches nearby.

    A group named `value` narrows the span. "Nearby" is the clause around the match: 40 characters before and after. `reason` is for staff.
    """

    label: str
    score: float
    reason: str
    pattern: re.Pattern[str]
    unless: re.Pattern[str] | None = None

    @classmethod
    def of(cls, label: str, score: float, reason: str, pattern: str, unless: str = "") -> Rule:
        """Compile a rule; spaces in its patterns stand for any white space."""
        return cls(label, score, reason, _compile(pattern), _compile(unless) if unless else None)

    def spans(self, view: View) -> list[Span]:
        """Return where the rule holds in `view`, as spans of the original."""
        group: int | str = "value" if "value" in self.pattern.groupindex else 0
        return [
            view.span(*match.span(group), self.label)
            for match in self.pattern.finditer(view.text)
            if not self._excused(view.text, match)
        ]

    def _excused(self, text: str, match: re.Match[str]) -> bool:
        if self.unless is None:
            return False
        return self.unless.search(text, max(0, match.start() - 40), match.end() + 40) is not None


@dataclass(frozen=True, slots=True)
class RuleGuard:
    """Applies rules to every reading of a text. `gate` is a cheap pattern without which no rule can match."""

    name: str
    rules: tuple[Rule, ...]
    gate: re.Pattern[str] | None = None

    def measure(self, message: Message) -> Sequence[Finding]:
        """Return at most one finding per label: the surest rule, with the spans of all."""
        return find(self.name, self.rules, message.views.letters, self.gate)


def find(
    guard: str, rules: Sequence[Rule], views: Iterable[View], gate: re.Pattern[str] | None = None
) -> list[Finding]:
    """Return one finding per label that any rule of `rules` gives on any of `views`."""
    best: dict[str, Rule] = {}
    spans: dict[str, dict[Span, None]] = {}
    for view in views:
        if gate is not None and not gate.search(view.text):
            continue
        for rule in rules:
            if found := rule.spans(view):
                spans.setdefault(rule.label, {}).update(dict.fromkeys(found))
                if rule.label not in best or rule.score > best[rule.label].score:
                    best[rule.label] = rule
    return [
        Finding(guard, label, rule.score, tuple(spans[label]), rule.reason) for label, rule in best.items()
    ]


def _compile(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern.replace(" ?", r"\s*").replace(" ", r"\s+"), re.IGNORECASE)
