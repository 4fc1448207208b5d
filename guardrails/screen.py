"""The screen: one text in, one verdict out. Runs the guards in order, in their time, and fails closed.

normalise -> length -> what is redacted (personal data, secrets) -> one model pass over the safe text, when a
guard asks for it -> the other guards -> policy. Keeps nothing between texts.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from guardrails.grounding import GroundingGuard
from guardrails.guard import Direction, Guard, Message
from guardrails.injection import InjectionGuard
from guardrails.language import LanguageGuard
from guardrails.leftover import PlaceholderGuard, in_words
from guardrails.length import CHARACTERS, LengthGuard
from guardrails.markup import MarkupGuard
from guardrails.model import ModelHead
from guardrails.normalise import normalise
from guardrails.pii import ORDER, PiiGuard, settle
from guardrails.placeholders import Placeholders, escape
from guardrails.policy import FAILED, Policy
from guardrails.recognizers.phones import REGIONS
from guardrails.rules import RuleGuard
from guardrails.secrets import SecretsGuard
from guardrails.toxicity import ToxicityGuard
from guardrails.verdict import Action, Finding, Verdict
from guardrails.view import View
from guardrails.views import Views

if TYPE_CHECKING:
    from models.runtime import Reading, Runtime

REDACTING = frozenset({"pii", "secrets", "placeholder"})
"""The guards that run before the safe text is made; what the policy redacts of theirs is replaced."""


class Unavailable(Exception):
    """There is no model to read a text with."""


@dataclass(frozen=True, slots=True)
class Screened:
    """A verdict, and the models' reading of its text where one was made (None: no guard asked, or refused)."""

    verdict: Verdict
    reading: Reading | None = field(repr=False, default=None)


class Screen:
    """Guards of both directions under one policy. Safe to share between threads."""

    def __init__(
        self, guards: Mapping[Direction, Sequence[Guard]], policy: Policy, read: Callable[[str], Reading], limit: int
    ) -> None:
        policy.check([g.name for g in guards["in"]], [g.name for g in guards["out"]])
        self.policy = policy
        self._guards = guards
        self._read = read
        self._limit = limit

    @classmethod
    def build(
        cls,
        policy: Policy | None = None,
        runtime: Runtime | None = None,
        *,
        languages: Iterable[str] = ("en",),
        regions: Sequence[str] = REGIONS,
        order: str | None = ORDER,
        allow: Iterable[str] = (),
        deny: Iterable[str] = (),
        hosts: Iterable[str] = (),
        limit: int = CHARACTERS,
    ) -> Screen:
        """Build all guards. Toxicity and injection use their branches of `runtime` where it has them.

        `allow` are values that are not personal (the shop's own e-mail, phone), `deny` words that always
        are, `hosts` the sites that links in answers may lead to, `order` the pattern of order numbers.
        Raises PolicyError when a guard has no row in the policy or a row no guard.
        """
        pii = PiiGuard.build(regions, order, allow, deny)
        toxicity = ToxicityGuard(_head(runtime, "toxicity"))
        shared: list[Guard] = [pii, SecretsGuard()]
        guards: dict[Direction, Sequence[Guard]] = {
            "in": [
                LengthGuard(limit), *shared, InjectionGuard(_head(runtime, "injection")), RuleGuard.build("selfharm"),
                RuleGuard.build("threat"),
                toxicity, LanguageGuard.build(languages), MarkupGuard(),
            ],
            "out": [
                LengthGuard(limit), *shared, PlaceholderGuard(), RuleGuard.build("leak"), MarkupGuard.outbound(hosts), toxicity,
                GroundingGuard(),
            ],
        }  # fmt: skip
        return cls(guards, policy or Policy.load(), runtime.read if runtime else _no_model, limit)

    @classmethod
    def default(cls, cache: Path | None = None) -> Screen:
        """Build with the default policy and the heads that ship with Handrail, where they are installed.

        `cache` is where their graph is kept (default: .handrail/cache under the working folder).
        """
        import models

        shipped = Path(models.__file__).with_name("shipped")
        folders = {p.parent.name: p.parent for p in shipped.glob("*/manifest.json")}
        heads = {task: path for task, path in folders.items() if task in ("toxicity", "injection")}
        if not heads:
            return cls.build()
        from models.runtime import Runtime

        return cls.build(runtime=Runtime.from_folders(heads, cache or Path(".handrail/cache")))

    def screen(
        self,
        text: str,
        direction: Direction = "in",
        evidence: Sequence[str] = (),
        memory: Placeholders | None = None,
    ) -> Screened:
        """Screen one text. Never raises for what the text holds, and no exception carries it.

        `evidence` is what a draft rests on (empty: not held against anything); `memory` the conversation's
        placeholders, which learn the values found.
        """
        run = _Run(self, text, direction, tuple(evidence), Placeholders.fresh() if memory is None else memory)
        return run.finish()

    def approve(self, text: str) -> Verdict:
        """Screen content once, when it is written or imported, as the text of an answer.

        The content is its own evidence. Keep the verdict with `content_key(text)`, and screen again when
        that changes.
        """
        return self.screen(text, "out").verdict

    def content_key(self, text: str) -> str:
        """Return the key under which a verdict on `text` holds: it changes with the text and the policy."""
        return sha256(f"{self.policy.version}\0{text}".encode("utf-8", "replace")).hexdigest()


class _Run:
    """One text's way through the guards, in a thread of its own so that one that hangs can be left behind."""

    def __init__(
        self, screen: Screen, text: str, direction: Direction, evidence: tuple[str, ...], memory: Placeholders
    ) -> None:
        self.policy, self.direction, self.memory = screen.policy, direction, memory
        self.guards = screen._guards[direction]
        self.rows = self.policy.rows(direction)
        self.original = text
        self.evidence = evidence
        self.limit = screen._limit
        self.read_text = screen._read
        self.reading: Reading | None = None
        self.findings: list[Finding] = []
        self.timings: dict[str, float] = {}
        self.waiting = [guard.name for guard in self.guards]
        self.started = perf_counter()
        self.safe = View("")
        self.done = threading.Event()

    def finish(self) -> Screened:
        """Run to the end, or to the end of the first budget that is overrun, and decide."""
        threading.Thread(target=self._work, daemon=True).start()
        while not self.done.wait(self._patience()):
            if self.waiting and perf_counter() - self.started > self._budget(self.waiting[0]):
                break
        findings, left = list(self.findings), list(self.waiting)
        failed = [self._failure(name, "ran out of time") for name in left[:1]]
        failed += [self._failure(name, "did not run") for name in left[1:]]
        decision = self.policy.decide([*findings, *failed], self.direction)
        unsafe = {f.guard for f in (*findings, *failed) if f.label == FAILED} & REDACTING
        text = "" if unsafe or len(self.original) > self.limit else self.safe.text
        verdict = Verdict(decision.action, text, decision.findings, decision.message, dict(self.timings))
        return Screened(verdict, self.reading if text and not left else None)

    def _work(self) -> None:
        try:
            self._measure_all()
        finally:
            self.done.set()

    def _measure_all(self) -> None:
        original = self.original[: self.limit]
        base = normalise(original)
        shaped = escape(base.text) if self.direction == "in" else base.text
        views = Views(View(shaped, base.starts, base.ends))
        self.safe = views.base
        first = [g for g in self.guards if g.name == "length" or g.name in REDACTING]
        message = Message(self.original, views, views.base, self.direction, self.evidence, partial(self._read, ""))
        for guard in first:
            self._measure(guard, message)
        self.safe = self._redact(views.base)
        whole = len(self.original) <= self.limit and bool(self.safe.text.strip())
        message = Message(
            self.original, views, self.safe, self.direction, self.evidence, partial(self._read, self.safe.text)
        )
        for guard in self.guards:
            if guard in first:
                continue
            if whole:
                self._measure(guard, message)
            else:
                self.waiting.remove(guard.name)

    def _measure(self, guard: Guard, message: Message) -> None:
        self.started = perf_counter()
        try:
            found = [_checked(finding) for finding in guard.measure(message)]
        except Exception as error:  # whatever a guard may raise: it has not vouched for the text
            found = [self._failure(guard.name, type(error).__name__)]
        taken = perf_counter() - self.started
        if taken > self._budget(guard.name):
            found.append(self._failure(guard.name, "ran out of time"))
        self.timings[guard.name] = taken * 1000
        self.findings += found
        self.waiting.remove(guard.name)

    def _read(self, text: str) -> Reading:
        if self.reading is None:
            started = perf_counter()
            self.reading = self.read_text(text)
            self.timings["model"] = (perf_counter() - started) * 1000
        return self.reading

    def _redact(self, base: View) -> View:
        """Replace what the policy redacts, by placeholders on the way in and by words on the way out."""
        hits = [f for f in self.findings if f.guard in REDACTING and f.label != FAILED]
        decided = self.policy.decide(hits, self.direction).findings
        singles = [
            Finding(f.guard, f.label, f.score, (span,)) for f in decided if f.action == Action.REDACT for span in f.spans
        ]
        edits = []
        for finding in settle(singles):
            start, end = base.locate(finding.spans[0])
            if start < end:
                edits.append((start, end, self._replacement(finding, base.text[start:end])))
        return base.edit(edits)

    def _replacement(self, finding: Finding, value: str) -> str:
        label = "SECRET" if finding.guard == "secrets" else finding.label
        return self.memory.name(label, value) if self.direction == "in" else in_words(label)

    def _failure(self, guard: str, reason: str) -> Finding:
        return Finding(guard, FAILED, 1.0, (), f"{guard} failed: {reason}")

    def _budget(self, guard: str) -> float:
        return self.rows[guard].budget_ms / 1000

    def _patience(self) -> float:
        return max(0.005, min(row.budget_ms for row in self.rows.values()) / 1000)


def _checked(finding: Finding) -> Finding:
    if not 0.0 <= finding.score <= 1.0:
        raise ValueError("a score lies in 0..1")
    return finding


def _head(runtime: Runtime | None, task: str) -> ModelHead | None:
    if runtime is None or task not in runtime.folders:
        return None
    from models.scoring import probabilities

    folder = runtime.folders[task]
    return ModelHead(task, tuple(folder.labels), partial(_scored, probabilities, folder))


def _scored(
    probabilities: Callable[..., dict[str, float]], folder: object, reading: Reading
) -> dict[str, float]:
    return probabilities(reading, folder)


def _no_model(_: str) -> Reading:
    raise Unavailable
