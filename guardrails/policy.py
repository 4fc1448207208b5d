"""The one table that decides. Turns findings into an action; measures nothing and keeps nothing.

The table is a YAML file that support staff can read; `policy.yaml` beside this module is the default.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from operator import itemgetter
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from guardrails.guard import Direction, Guard
from guardrails.verdict import Action, Finding
from models.errors import HandrailError

FAILED = "failed"
"""The label of the finding that stands for a guard which could not measure."""

_WAYS: Mapping[Direction, str] = {"in": "inbound", "out": "outbound"}

DEFAULT = Path(__file__).with_name("policy.yaml")


class PolicyError(HandrailError):
    """The policy file cannot be used; the message names the file and the line."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Rule(_Strict):
    """From `threshold` (0..1) on, take `action` and tell the customer `message` (None: nothing)."""

    threshold: float = Field(ge=0, le=1, strict=True)
    action: Action
    message: str | None = None
    why: str = ""

    @field_validator("action", mode="before")
    @classmethod
    def _named(cls, value: object) -> object:
        names = [action.name.lower() for action in Action]
        if isinstance(value, Action):
            return value
        if not isinstance(value, str) or value not in names:
            raise ValueError(f"an action is one of {', '.join(names)}")
        return Action[value.upper()]

    @model_validator(mode="after")
    def _has_words(self) -> Rule:
        if self.action in (Action.REWRITE, Action.ASK) and not self.message:
            raise ValueError(f"the action {self.action.name.lower()} needs a message")
        return self


class Row(Rule):
    """A guard's rule, and those of its labels that are decided otherwise."""

    why: str = Field(min_length=1)
    budget_ms: float = Field(default=2000.0, gt=0, strict=True, allow_inf_nan=False)
    labels: Mapping[str, Rule] = {}


class _Direction(_Strict):
    failed: Rule
    guards: Mapping[str, Row]


class _File(_Strict):
    inbound: _Direction
    outbound: _Direction


@dataclass(frozen=True, slots=True)
class Decision:
    """What the policy makes of a text's findings, each with the threshold and action that met it."""

    action: Action
    findings: tuple[Finding, ...]
    message: str | None


@dataclass(frozen=True, slots=True)
class Policy:
    """Thresholds, actions and sentences by direction and guard.

    `version` is the first 12 hex digits of the file's hash; `lines` where each rule stands, by "inbound" or
    "outbound" and "failed", a guard's name or "guard.label".
    """

    table: _File
    version: str
    lines: Mapping[tuple[str, str], int]
    name: str = "policy"

    @classmethod
    def load(cls, path: Path = DEFAULT) -> Policy:
        """Read and check a policy file. Raises PolicyError with the line of the first mistake."""
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "not UTF-8"
            raise PolicyError(f"Policy {path}: cannot be read ({reason}). Give a readable YAML file.") from None
        return cls.parse(text, str(path))

    @classmethod
    def parse(cls, text: str, name: str = "policy") -> Policy:
        """Check a policy given as YAML; `name` stands in the errors."""
        tree = _tree(text, name)
        try:
            table = _File.model_validate(yaml.safe_load(text))
        except ValidationError as error:
            first = error.errors(include_url=False, include_context=False)[0]
            where = ".".join(str(part) for part in first["loc"])
            line = _line(tree, first["loc"])
            raise PolicyError(f"{name}, line {line}: {where}: {_advice(first['type'], first['msg'])}.") from None
        sides = (("inbound", table.inbound), ("outbound", table.outbound))
        lines = {(side, "failed"): _line(tree, (side, "failed")) for side, _ in sides}
        for side, rows in sides:
            for guard, row in rows.guards.items():
                lines[side, guard] = _line(tree, (side, "guards", guard))
                for label in row.labels:
                    lines[side, f"{guard}.{label}"] = _line(tree, (side, "guards", guard, "labels", label))
        return cls(table, sha256(text.encode()).hexdigest()[:12], lines, name)

    def rows(self, direction: Direction) -> Mapping[str, Row]:
        """Return the rows of one direction by guard."""
        return self._side(direction).guards

    def rules(self) -> Iterator[tuple[str, int, Rule]]:
        """Yield each rule in the file's order: its name, its line, itself."""
        for way, side in (("inbound", self.table.inbound), ("outbound", self.table.outbound)):
            yield f"{way}.failed", self.lines[way, "failed"], side.failed
            for guard, row in side.guards.items():
                yield f"{way}.{guard}", self.lines[way, guard], row
                for label, rule in row.labels.items():
                    yield f"{way}.{guard}.{label}", self.lines[way, f"{guard}.{label}"], rule

    def rule(self, finding: Finding, direction: Direction) -> tuple[str, Rule]:
        """Return the rule that decides on `finding`, with its name: its label's, else its guard's.

        A guard that failed gets the stricter of its own rule and the direction's `failed`. Raises PolicyError
        for a guard that has no row.
        """
        side, way = self._side(direction), _WAYS[direction]
        row = side.guards.get(finding.guard)
        if row is None:
            raise PolicyError(f"{self.name}: no row for {finding.guard} under {way}.guards. Add one.")
        if finding.label == FAILED:
            own = row.action > side.failed.action
            return (f"{way}.{finding.guard}", row) if own else (f"{way}.failed", side.failed)
        if finding.label in row.labels:
            return f"{way}.{finding.guard}.{finding.label}", row.labels[finding.label]
        return f"{way}.{finding.guard}", row

    def decide(self, findings: Iterable[Finding], direction: Direction) -> Decision:
        """Decide on findings, measured now or stored before. Pure: the same findings, the same decision.

        The strictest action of any finding that reaches its threshold wins; the message is that of the strictest rule
        that has one. Of equally strict ones that of the guard whose row stands first in the file, and a guard that
        failed comes last. The findings are returned in that order, so the first is the one that decided.
        """
        places = {guard: place for place, guard in enumerate(self._side(direction).guards)}
        ranked: list[tuple[tuple[float, ...], Finding, str | None]] = []
        for finding in findings:
            name, rule = self.rule(finding, direction)
            met = finding.score >= rule.threshold
            action = rule.action if met else Action.ALLOW
            found = replace(finding, threshold=rule.threshold, action=action, rule=name)
            rank = (-action, not met, finding.label == FAILED, places[finding.guard], -finding.score)
            ranked.append((rank, found, rule.message if met else None))
        ranked.sort(key=itemgetter(0))
        action = next((found.action for _, found, _ in ranked if found.action), Action.ALLOW)
        told = next(((found.action, message) for _, found, message in ranked if message), None)
        message = told[1] if told and (told[0] == action or action.passes) else None
        return Decision(action, tuple(found for _, found, _ in ranked), message)

    def check(self, inbound: Iterable[Guard], outbound: Iterable[Guard]) -> None:
        """Raise PolicyError unless every guard has a row in its direction, every row a guard, and every label of a row
        is one that its guard gives."""
        for direction, guards in (("inbound", inbound), ("outbound", outbound)):
            known = {guard.name: guard.labels for guard in guards}
            rows = self._side("in" if direction == "inbound" else "out").guards
            for guard, row in rows.items():
                self._known(direction, guard, "guard", guard, known)
                for label in row.labels:
                    self._known(direction, f"{guard}.{label}", "label", label, known[guard])
            if missing := sorted(set(known) - set(rows)):
                raise PolicyError(f"{self.name}: no row for {', '.join(missing)} under {direction}.guards. Add one.")

    def _known(self, direction: str, rule: str, kind: str, name: str, known: Collection[str] | None) -> None:
        if known is not None and name not in known:
            where = f"{self.name}, line {self.lines[direction, rule]}: {direction}.guards.{rule}"
            raise PolicyError(f"{where}: no such {kind}; there are {', '.join(sorted(known))}.")

    def _side(self, direction: Direction) -> _Direction:
        return self.table.inbound if direction == "in" else self.table.outbound


def _tree(text: str, name: str) -> yaml.Node:
    """Return the file's nodes, which know their lines. No key stands twice in one place."""
    try:
        tree = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        raise PolicyError(f"{name}, line {mark.line + 1 if mark else '?'}: {error.problem}.") from None
    except yaml.YAMLError:
        raise PolicyError(f"{name}: holds a character that YAML does not allow. Save it as plain UTF-8.") from None
    if tree is None:
        raise PolicyError(f"{name}: the file is empty. Start from the default, guardrails/policy.yaml.")
    _refuse_doubles(tree, name, depth=0)
    return tree


def _advice(kind: str, message: str) -> str:
    if kind == "extra_forbidden":
        return "unknown key. Known are threshold, action, message, why, budget_ms, labels"
    return message.removeprefix("Value error, ").rstrip(".")


def _line(node: yaml.Node, where: Sequence[int | str]) -> int:
    """Return the line, from 1, of the deepest node of `where` that is in the file."""
    line = node.start_mark.line + 1
    for part in where:
        if not isinstance(node, yaml.MappingNode):
            break
        pair = next(((key, value) for key, value in node.value if key.value == str(part)), None)
        if pair is None:
            break
        line, node = pair[0].start_mark.line + 1, pair[1]
    return int(line)


def _refuse_doubles(node: yaml.Node, name: str, depth: int) -> None:
    if not isinstance(node, yaml.MappingNode) or depth > 8:
        return
    seen: set[str] = set()
    for key, value in node.value:
        if key.value in seen:
            raise PolicyError(f"{name}, line {key.start_mark.line + 1}: {key.value} stands here twice. Keep one.")
        seen.add(key.value)
        _refuse_doubles(value, name, depth + 1)
