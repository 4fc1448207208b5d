"""Stored scores under another policy: what would be decided otherwise. Measures nothing, reads no text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from guardrails.guard import Direction
from guardrails.policy import Policy
from guardrails.verdict import Action, Finding


@dataclass(frozen=True, slots=True)
class Stored:
    """A verdict that was kept: the findings it rested on, and the strictest action that any of them met."""

    id: str
    direction: Direction
    findings: tuple[Finding, ...]
    action: Action

    @classmethod
    def from_dict(cls, id: str, direction: Direction, verdict: Mapping[str, Any]) -> Stored:
        """Read a verdict as an explanation or `handrail screen` writes it.

        Raises ValueError when it lacks a finding's guard, label or score, or names an unknown action.
        """
        try:
            findings = tuple(
                Finding(str(f["guard"]), str(f["label"]), float(f["score"]), action=_action(f.get("action")))
                for f in verdict.get("findings", ())
            )
            met = [f.action for f in findings if f.action is not None]
            return cls(id, direction, findings, max(met) if met else _action(verdict.get("action")) or Action.ALLOW)
        except (KeyError, TypeError) as error:
            raise ValueError(f"the stored verdict {id} is not one: {type(error).__name__} {error}") from None


@dataclass(frozen=True, slots=True)
class Change:
    """One text that the other policy decides otherwise, and the rule that it would rest on ("" for none)."""

    id: str
    direction: Direction
    before: Action
    after: Action
    rule: str


@dataclass(frozen=True, slots=True)
class Replay:
    """What another policy makes of stored verdicts. `unknown` counts findings of guards that it has no row for."""

    policy: str
    decided: int
    changes: tuple[Change, ...]
    unknown: Mapping[str, int]

    @property
    def moves(self) -> Counter[tuple[str, str, str]]:
        """How many texts move, by direction, action before and action after."""
        return Counter((c.direction, c.before.name.lower(), c.after.name.lower()) for c in self.changes)

    def to_dict(self) -> dict[str, Any]:
        """A plain dictionary, for JSON."""
        return {
            "policy": self.policy,
            "decided": self.decided,
            "unknown": dict(self.unknown),
            "moves": [
                {"direction": direction, "before": before, "after": after, "count": count}
                for (direction, before, after), count in self.moves.most_common()
            ],
            "changes": [
                {"id": c.id, "direction": c.direction, "before": c.before.name.lower(), "after": c.after.name.lower(),
                 "rule": c.rule} for c in self.changes
            ],
        }  # fmt: skip


def replay(stored: Iterable[Stored], policy: Policy) -> Replay:
    """Decide stored verdicts again under `policy`."""
    unknown: Counter[str] = Counter()
    count = 0
    changes = []
    for verdict in stored:
        count += 1
        known = list(_known(verdict, policy, unknown))
        decision = policy.decide(known, verdict.direction)
        if decision.action != verdict.action:
            rule = next((f.rule for f in decision.findings if f.action == decision.action), "")
            changes.append(Change(verdict.id, verdict.direction, verdict.action, decision.action, rule))
    return Replay(policy.version, count, tuple(changes), unknown)


def _known(verdict: Stored, policy: Policy, unknown: Counter[str]) -> Iterator[Finding]:
    rows = policy.rows(verdict.direction)
    for finding in verdict.findings:
        if finding.guard in rows:
            yield finding
        else:
            unknown[finding.guard] += 1


def _action(name: Any) -> Action | None:
    if name is None:
        return None
    if str(name).upper() not in Action.__members__:
        raise ValueError("its action is none that there is")
    return Action[str(name).upper()]
