"""How well grounding tells drafts that their evidence bears out from those that it does not, on public sets."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from guardrails.grounding import GroundingGuard
from guardrails.guard import Message
from guardrails.normalise import normalise
from guardrails.policy import Policy
from guardrails.verdict import Action
from guardrails.view import View
from guardrails.views import Views
from training.dataset import DataError
from training.metrics import auroc, interval, share_interval


@dataclass(frozen=True, slots=True)
class Draft:
    """An answer with what it should rest on, and whether people said that it does."""

    text: str
    evidence: tuple[str, ...]
    grounded: bool


@dataclass(frozen=True, slots=True)
class GroundingReport:
    """One set's figures: the area under the curve of the score (its 95 % interval), and what the policy holds back of
    the grounded and of the others, with their intervals."""

    name: str
    grounded: int
    ungrounded: int
    auroc: float
    auroc_interval: tuple[float, float]
    held_ungrounded: float
    held_ungrounded_interval: tuple[float, float]
    held_grounded: float
    held_grounded_interval: tuple[float, float]

    def row(self) -> tuple[object, ...]:
        """The figures as the row of a table."""
        return (
            self.name, self.grounded, self.ungrounded, _shown(self.auroc, self.auroc_interval, ".3f"),
            _shown(self.held_ungrounded, self.held_ungrounded_interval, ".1%"),
            _shown(self.held_grounded, self.held_grounded_interval, ".1%"),
        )  # fmt: skip

    def to_dict(self) -> dict[str, Any]:
        """A plain dictionary, for JSON."""
        return asdict(self)


def evaluate_grounding(data: Path, policy: Policy | None = None, *, seed: int = 0) -> list[GroundingReport]:
    """Measure on BEGIN (its test part; replies called generic are left out) and HaluEval's questions under `data`.

    Raises DataError when neither is there.
    """
    readers = {"begin": _begin, "halueval_partial": _halueval}
    found = {name: list(read(data / name)) for name, read in readers.items() if (data / name).is_dir()}
    if not found:
        raise DataError(f"{data} holds none of {', '.join(readers)}; name the folder of the data sets")
    return [_measure(name, drafts, policy or Policy.load(), seed) for name, drafts in found.items()]


def _measure(name: str, drafts: Sequence[Draft], policy: Policy, seed: int) -> GroundingReport:
    guard = GroundingGuard()
    found = [guard.measure(_message(draft)) for draft in drafts]
    score = np.array([max((finding.score for finding in findings), default=0.0) for findings in found])
    held = np.array([policy.decide(findings, "out").action > Action.ALLOW for findings in found])
    wrong = np.array([not draft.grounded for draft in drafts])
    area: Callable[[np.ndarray], float] = lambda drawn: auroc(wrong[drawn], score[drawn])  # noqa: E731
    return GroundingReport(
        name, int((~wrong).sum()), int(wrong.sum()), auroc(wrong, score), interval(area, len(drafts), seed=seed),
        float(held[wrong].mean()), share_interval(int(held[wrong].sum()), int(wrong.sum())),
        float(held[~wrong].mean()), share_interval(int(held[~wrong].sum()), int((~wrong).sum())),
    )  # fmt: skip


def _message(draft: Draft) -> Message:
    base = normalise(draft.text)
    return Message(draft.text, Views(base), base, "out", draft.evidence, _unread)


def _unread(_: View) -> Any:
    raise DataError("grounding asks no model")


def _begin(folder: Path) -> Iterator[Draft]:
    for path in sorted(folder.glob("*/begin_test_*.tsv")):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file, delimiter="\t"):
                if row["begin_label"] in ("Fully attributable", "Not fully attributable"):
                    evidence = (row["knowledge"], row["message"])
                    yield Draft(row["response"], evidence, row["begin_label"] == "Fully attributable")


def _halueval(folder: Path) -> Iterator[Draft]:
    for line in (folder / "generation/qa/qa_one-turn_data.json").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        evidence = (row["knowledge"], row["question"])
        yield Draft(row["right_answer"], evidence, True)
        yield Draft(row["hallucinated_answer"], evidence, False)


def _shown(value: float, bounds: tuple[float, float], form: str) -> str:
    return f"{value:{form}} ({bounds[0]:{form}} to {bounds[1]:{form}})"
