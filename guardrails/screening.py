"""One text's way through the guards: measured in order and in time, redacted, decided. Builds no guard."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import TYPE_CHECKING

from guardrails.edits import edited
from guardrails.guard import Direction, Guard, Message
from guardrails.leftover import in_words
from guardrails.normalise import hidden, normalise
from guardrails.placeholders import Placeholders, escape
from guardrails.policy import FAILED, Policy
from guardrails.splits import Split
from guardrails.verdict import Action, Finding, Span, Verdict
from guardrails.view import View
from guardrails.views import Views

if TYPE_CHECKING:
    from models.runtime import Reading

REDACTING = frozenset({"pii", "secrets", "placeholder"})
"""The guards that run before the safe text is made; what the policy redacts of theirs is replaced."""


@dataclass(frozen=True, slots=True)
class Screened:
    """A verdict, and the models' reading of its text where one was made (None: no guard asked, or refused).

    `safe` is the verdict's text with its way back to the original (empty where the text is withheld). `before` are the
    earlier messages, without what turned out to be the beginning of a value; empty where nothing did.
    """

    verdict: Verdict
    reading: Reading | None = field(repr=False, default=None)
    safe: View = field(repr=False, default=View(""))
    before: tuple[str, ...] = field(repr=False, default=())


class Screening:
    """One text's way through the guards, in a thread of its own so that one that hangs can be left behind."""

    def __init__(
        self,
        text: str,
        direction: Direction,
        evidence: tuple[str, ...],
        *,
        guards: Sequence[Guard],
        policy: Policy,
        read: Callable[[str], Reading],
        memory: Placeholders,
        limit: int,
        before: tuple[str, ...] = (),
        reading: Reading | None = None,
        again: bool = False,
    ) -> None:
        """`reading` is that of `text`, where it has been read already; `again`: its placeholders are ours and stay."""
        self._typed = direction == "in" and not again  # a placeholder in what a person typed is none
        self._original, self._direction, self._evidence = text, direction, evidence
        self._policy, self._read_text = policy, read
        self._memory, self._limit, self._before = memory, limit, before
        self._splits: list[Split] = []
        self._values: dict[Span, str] = {}
        self._base = View("")
        self._rows = policy.rows(direction)
        self._readings = {} if reading is None else {text: reading}
        self._findings: list[Finding] = []
        self._timings: dict[str, float] = {}
        self._first = [g for g in guards if g.name == "length" or g.name in REDACTING]
        self._rest = [g for g in guards if g not in self._first]
        self._waiting = [guard.name for guard in (*self._first, *self._rest)]
        self._started = perf_counter()
        self._safe = View("")
        self._unread = False
        self._done = threading.Event()

    def run(self) -> Screened:
        """Run to the end, or to the end of the first budget that is overrun, and decide."""
        threading.Thread(target=self._work, daemon=True).start()
        while not self._done.wait(self._patience()):
            if self._waiting and perf_counter() - self._started > self._budget(self._waiting[0]):
                break
        findings, left = list(self._findings), list(self._waiting)
        failed = [self._failure(name, "ran out of time") for name in left[:1]]
        failed += [self._failure(name, "did not run") for name in left[1:]]
        decision = self._policy.decide([*findings, *failed], self._direction)
        unsafe = {f.guard for f in (*findings, *failed) if f.label == FAILED} & REDACTING
        withheld = unsafe or self._unread or len(self._original) > self._limit
        safe = View("") if withheld else edited(self._safe, _late(decision.findings), self._replacement)
        verdict = Verdict(decision.action, safe.text, decision.findings, decision.message, dict(self._timings))
        as_read = safe is self._safe and not left
        return Screened(
            verdict, self._readings.get(safe.text) if as_read else None, safe, () if withheld else self._amended()
        )

    def _work(self) -> None:
        try:
            self._measure_all()
        finally:
            self._done.set()

    def _measure_all(self) -> None:
        original = self._original[: self._limit]
        base = normalise(original)
        shaped = escape(base.text) if self._typed else base.text
        views = Views(View(shaped, base.starts, base.ends), hidden(original))
        self._safe = self._base = views.base
        message = Message(
            self._original,
            views,
            views.base,
            self._direction,
            self._evidence,
            self._read,
            self._before,
            memory=self._memory,
        )
        for guard in self._first:
            self._measure(guard, message)
            if guard.name == "length" and shaped.strip() and not self._decided("length").passes:
                self._unread = True  # nobody looks at what is refused for its length
                self._waiting.clear()
                return
        self._splits, self._values = message.splits, message.values
        self._safe = self._redact(views.base)
        whole = len(self._original) <= self._limit and bool(self._safe.text.strip())
        message = Message(
            self._original, views, self._safe, self._direction, self._evidence,
            self._read, memory=self._memory,
        )  # fmt: skip
        for guard in self._rest:
            if whole:
                self._measure(guard, message)
            else:
                self._waiting.remove(guard.name)

    def _decided(self, guard: str) -> Action:
        """Return what the policy makes of what one guard has found so far."""
        return self._policy.decide([f for f in self._findings if f.guard == guard], self._direction).action

    def _measure(self, guard: Guard, message: Message) -> None:
        self._started = perf_counter()
        try:
            found = [_checked(finding) for finding in guard.measure(message)]
        except Exception as error:  # whatever a guard may raise: it has not vouched for the text
            found = [self._failure(guard.name, type(error).__name__)]
        taken = perf_counter() - self._started
        if taken > self._budget(guard.name):
            found.append(self._failure(guard.name, "ran out of time"))
        self._timings[guard.name] = taken * 1000
        self._findings += found
        self._waiting.remove(guard.name)

    def _read(self, view: View) -> Reading:
        """Return the models' reading of a view: one of each text, however many guards ask."""
        text = view.text
        if text not in self._readings:
            started = perf_counter()
            self._readings[text] = self._read_text(text)
            self._timings["model"] = self._timings.get("model", 0.0) + (perf_counter() - started) * 1000
        return self._readings[text]

    def _redact(self, base: View) -> View:
        """Replace what the policy redacts of the first guards' findings, before any model reads the text."""
        hits = [f for f in self._findings if f.guard in REDACTING]
        return edited(base, self._policy.decide(hits, self._direction).findings, self._replacement)

    def _replacement(self, finding: Finding, value: str) -> str:
        """Return what stands in the text for `value`.

        Redacted it is a placeholder on the way in and words on the way out; masked, asterisks for letters and
        digits; rewritten, the sentence of the rule on the way out and nothing on the way in, where that sentence
        is said before the answer instead.
        """
        if finding.action is Action.MASK:
            return "".join("*" if char.isalnum() else char for char in value)
        if finding.action is Action.REWRITE:
            _, rule = self._policy.rule(finding, self._direction)
            return "" if self._direction == "in" else rule.message or ""
        label = "SECRET" if finding.guard == "secrets" else finding.label if finding.guard in REDACTING else "TEXT"
        if self._direction == "out":
            return in_words(label)
        plain = next((self._values[span] for span in finding.spans if span in self._values), value)
        return self._memory.name(label, plain, value)

    def _amended(self) -> tuple[str, ...]:
        """Return the earlier messages with the placeholder of a value's end for its beginnings."""
        views = [View(text) for text in self._before] if self._splits else []
        for place, view in enumerate(views):
            edits = []
            for split in self._splits:
                start, end = self._base.locate(split.last)
                if split.message == place:
                    written = self._base.text[start:end]
                    name = self._memory.name(split.last.label, self._values.get(split.last, written), written)
                    edits.append((split.start, split.end, name))
            views[place] = view.edit(sorted(edits)[:1])
        return tuple(view.text for view in views)

    def _failure(self, guard: str, reason: str) -> Finding:
        return Finding(guard, FAILED, 1.0, (), f"{guard} failed: {reason}")

    def _budget(self, guard: str) -> float:
        return self._rows[guard].budget_ms / 1000

    def _patience(self) -> float:
        return max(0.005, min(row.budget_ms for row in self._rows.values()) / 1000)


def _late(findings: Sequence[Finding]) -> list[Finding]:
    """Return what was found after the safe text was made."""
    return [f for f in findings if f.guard not in REDACTING]


def _checked(finding: Finding) -> Finding:
    if not 0.0 <= finding.score <= 1.0:
        raise ValueError("a score lies in 0..1")
    return finding
