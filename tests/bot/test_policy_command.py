"""`handrail policy`: a file is checked, shown and tried on stored scores."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from bot.cli import policy as commands
from guardrails.policy import DEFAULT, PolicyError

app = typer.Typer()
commands.register(app)
TEXT = DEFAULT.read_text(encoding="utf-8")
SCREENED = {"id": "m1", "action": "refuse", "findings": [
    {"guard": "injection", "label": "override", "score": 0.9, "action": "refuse", "start": 0, "end": 3},
]}  # fmt: skip


@pytest.fixture
def policy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "mine.yaml"
    file.write_text(TEXT.replace("injection:\n      threshold: 0.8", "injection:\n      threshold: 0.95"))
    return file


def test_a_good_file_is_good(policy: Path) -> None:
    assert CliRunner().invoke(app, ["policy", "check", str(policy)]).exit_code == 0


def test_a_mistake_is_told_with_its_line(policy: Path) -> None:
    policy.write_text(TEXT.replace("    pii:\n", "    piii:\n", 1))
    answer = CliRunner().invoke(app, ["policy", "check", str(policy)])
    assert isinstance(answer.exception, PolicyError)
    assert "line " in str(answer.exception)


def test_it_shows_every_rule_with_its_reason(policy: Path) -> None:
    shown = CliRunner().invoke(app, ["policy", "show", str(policy), "--json"])
    rules = {rule["rule"]: rule for rule in json.loads(shown.stdout)}
    assert rules["inbound.injection"]["threshold"] == 0.95
    assert rules["inbound.pii.CARD"]["action"] == "redact"
    assert all(rule["why"] for name, rule in rules.items() if name.count(".") < 2)


def test_scores_that_screen_printed_are_decided_again(policy: Path, tmp_path: Path) -> None:
    scores = tmp_path / "scores.jsonl"
    scores.write_text(json.dumps({"text": "[NAME_1]", **SCREENED}))
    answer = CliRunner().invoke(app, ["policy", "replay", str(policy), "--scores", str(scores), "--json"])
    report = json.loads(answer.stdout)
    assert report["changes"] == [
        {"id": "m1", "direction": "in", "before": "refuse", "after": "allow", "rule": "inbound.injection"}
    ]
