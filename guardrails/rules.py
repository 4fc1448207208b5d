"""Guards made of rules: a pattern, what it means, how sure it is. Holds no rule: `tables/*.yaml` do.

A table has `rules`, each with label, score, reason, pattern and perhaps `unless`; `words`, stretches of
pattern that stand for <<name>>. Line breaks in a pattern mean nothing, a space means any white space, case is
ignored. `catches` and `spares` are examples of the whole table, which the tests run.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import yaml

from guardrails.guard import Message
from guardrails.verdict import Finding, Span
from guardrails.view import View

_NEAR = 40
_WORD = re.compile(r"<<(\w+)>>")


@dataclass(frozen=True, slots=True)
class Rule:
    """`pattern` in a text means `label` with `score` (0..1), unless `unless` matches nearby.

    A group named `value` narrows the span. Nearby is 40 characters before and after. `reason` is for staff.
    """

    label: str
    score: float
    reason: str
    pattern: re.Pattern[str]
    unless: re.Pattern[str] | None = None

    def spans(self, view: View) -> list[Span]:
        """Return where the rule holds in `view`, as spans of the original."""
        group: int | str = "value" if "value" in self.pattern.groupindex else 0
        return [view.span(*match.span(group), self.label) for match in self.matches(view.text)]

    def matches(self, text: str) -> list[re.Match[str]]:
        """Return where the rule holds in a plain text."""
        return [match for match in self.pattern.finditer(text) if not self._is_excused(text, match)]

    def _is_excused(self, text: str, match: re.Match[str]) -> bool:
        if self.unless is None:
            return False
        return self.unless.search(text, max(0, match.start() - _NEAR), match.end() + _NEAR) is not None


@dataclass(frozen=True, slots=True)
class Table:
    """The rules of one guard, with texts that they catch and harmless twins that they spare."""

    rules: tuple[Rule, ...]
    catches: tuple[str, ...]
    spares: tuple[str, ...]

    @classmethod
    def load(cls, name: str, package: str = "guardrails.tables") -> Table:
        """Return the table `<name>.yaml` of a package."""
        return _load(name, package)

    @property
    def labels(self) -> frozenset[str]:
        """The labels that its rules give."""
        return frozenset(rule.label for rule in self.rules)

    def find(self, guard: str, views: Iterable[View]) -> list[Finding]:
        """Return one finding per label that any rule gives on any view: the surest, with the spans of all."""
        best: dict[str, Rule] = {}
        spans: dict[str, dict[Span, None]] = {}
        for view in views:
            for rule in self.rules:
                if found := rule.spans(view):
                    spans.setdefault(rule.label, {}).update(dict.fromkeys(found))
                    if rule.label not in best or rule.score > best[rule.label].score:
                        best[rule.label] = rule
        return [Finding(guard, label, rule.score, tuple(spans[label]), rule.reason) for label, rule in best.items()]


@dataclass(frozen=True, slots=True)
class RuleGuard:
    """A guard that is its table, applied to every reading of a text."""

    name: str
    table: Table

    @classmethod
    def build(cls, name: str) -> RuleGuard:
        """Return the guard of `tables/<name>.yaml`."""
        return cls(name, Table.load(name))

    @property
    def labels(self) -> frozenset[str]:
        """Those of its table."""
        return self.table.labels

    def measure(self, message: Message) -> Sequence[Finding]:
        """Return at most one finding per label."""
        return self.table.find(self.name, message.views.letters)


@cache
def _load(name: str, package: str) -> Table:
    text = files(package).joinpath(f"{name}.yaml").read_text(encoding="utf-8")
    table = yaml.safe_load(text)
    words: Mapping[str, str] = table.get("words", {})
    rules = tuple(
        Rule(
            entry["label"],
            float(entry["score"]),
            entry["reason"],
            _compile(entry["pattern"], words),
            _compile(entry["unless"], words) if "unless" in entry else None,
        )
        for entry in table["rules"]
    )
    return Table(rules, tuple(table["catches"]), tuple(table["spares"]))


def _compile(pattern: str, words: Mapping[str, str]) -> re.Pattern[str]:
    while _WORD.search(pattern):
        pattern = _WORD.sub(lambda match: words[match[1]], pattern)
    plain = "".join(pattern.split("\n"))
    return re.compile(plain.replace(" ?", r"\s*").replace(" ", r"\s+"), re.IGNORECASE)
