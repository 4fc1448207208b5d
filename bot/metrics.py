"""What Prometheus reads: counts and durations, with labels that can never hold a customer's words."""

from functools import cache

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from bot.turn import Turn
from guardrails.policy import FAILED
from guardrails.verdict import Verdict

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)


class Metrics:
    """One registry for one bot, so that two in a process do not mix."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._turns = Counter("handrail_turns_total", "Turns by the kind of reply", ["kind"], registry=self.registry)
        self.under_way = Gauge("handrail_turns_under_way", "Turns begun and not yet kept", registry=self.registry)
        self._steps = Histogram(
            "handrail_step_seconds", "Time of each step", ["step"], buckets=BUCKETS, registry=self.registry
        )
        self._findings = Counter(
            "handrail_findings_total",
            "Findings that reached their threshold, by the action of their rule",
            ["direction", "guard", "action"],
            registry=self.registry,
        )
        self._guards = Histogram(
            "handrail_guard_seconds",
            "Time of each guard",
            ["direction", "guard"],
            buckets=BUCKETS,
            registry=self.registry,
        )
        self._failures = Counter(
            "handrail_guard_failures_total",
            "Guards that broke, ran out of time or had no model",
            ["direction", "guard"],
            registry=self.registry,
        )
        self._screened = Counter(
            "handrail_screened_total", "Texts screened, by what was done", ["direction", "action"],
            registry=self.registry,
        )  # fmt: skip
        self._feedback = Counter("handrail_feedback_total", "Customers' thumbs", ["helpful"], registry=self.registry)
        self._errors = Counter(
            "handrail_errors_total", "Requests that failed, by the error's name", ["error"], registry=self.registry
        )
        self._model = Gauge(
            "handrail_model_info", "1 for the version that serves", ["task", "version"], registry=self.registry
        )

        # Found once each: a turn asks for two dozen of them.
        self._step, self._screenings = cache(self._steps.labels), cache(self._screened.labels)
        self._guard, self._finding = cache(self._guards.labels), cache(self._findings.labels)

    def observe(self, turn: Turn) -> None:
        """Count a finished turn."""
        if turn.reply is not None:
            self._turns.labels(turn.reply.kind).inc()
        for step, milliseconds in turn.timings.items():
            self._step(step).observe(milliseconds / 1e3)
        for direction, verdict in (("in", turn.inbound), ("out", turn.outbound)):
            if verdict is not None:
                self.screened(direction, verdict)

    def screened(self, direction: str, verdict: Verdict) -> None:
        """Count a verdict: a guard's findings over its timings is the rate at which it acts."""
        self._screenings(direction, verdict.action.name.lower()).inc()
        for guard, milliseconds in verdict.timings.items():
            self._guard(direction, guard).observe(milliseconds / 1e3)
        for finding in verdict.findings:
            if finding.label == FAILED:
                self._failures.labels(direction, finding.guard).inc()
            if finding.met and finding.action is not None:
                self._finding(direction, finding.guard, finding.action.name.lower()).inc()

    def rated(self, helpful: bool) -> None:
        """Count a thumb."""
        self._feedback.labels("yes" if helpful else "no").inc()

    def failed(self, error: Exception) -> None:
        """Count a request that failed; only the error's class is kept."""
        self._errors.labels(type(error).__name__).inc()

    def serve(self, versions: dict[str, str]) -> None:
        """Say which versions serve."""
        self._model.clear()
        for task, version in versions.items():
            self._model.labels(task, version).set(1)

    def page(self) -> bytes:
        """The text that Prometheus scrapes."""
        return generate_latest(self.registry)
