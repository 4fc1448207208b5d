"""Figures over seeds."""

from dataclasses import replace

import pytest

from benchmarks.intents import summary
from training.intents.evaluate import IntentReport

REPORT = IntentReport(
    model="m", examples=10, out_of_scope=0, accuracy=0.8, accuracy_interval=(0.7, 0.9), macro_f1=0.8, ece=0.02,
    ece_before=0.1, ms_p50=2.0, risk_coverage=((1.0, 0.2),), false_rejects=0.05,
)  # fmt: skip


def test_figures_over_seeds_are_means_with_their_interval_and_leave_out_what_no_run_has() -> None:
    figures = summary([REPORT, replace(REPORT, accuracy=0.9)])
    assert figures["accuracy"] == {"mean": 0.85, "low": pytest.approx(0.2147), "high": pytest.approx(1.4853)}
    assert figures["ece"] == {"mean": 0.02, "low": 0.02, "high": 0.02}
    assert "oos_auroc" not in figures
