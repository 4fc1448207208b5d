"""A guard that has lost its model lets nothing pass, whichever guard, way and loss; rules alone must be asked for."""

import re
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest

from guardrails.errors import SettingError
from guardrails.guard import Direction
from guardrails.policy import DEFAULT, FAILED, Policy
from guardrails.screen import BRANCHES, PII, Screen
from guardrails.verdict import Action, Verdict
from models import runtime as models_runtime
from models.errors import ModelError
from models.runtime import Runtime
from models.trunk import Trunk
from tests.models import tiny

ASKS: list[tuple[Direction, str]] = [
    ("in", "pii"), ("in", "toxicity"), ("in", "injection"), ("out", "toxicity"), ("out", "bias"),
]  # fmt: skip
"""Each guard that asks a branch, on its ways: drafts are not tagged."""

TEXT = "where is my order"
CANARY = "Zx9Canary7"
HEADS: Mapping[str, Mapping[str, object]] = {
    "pii": {"labels": ["O", "B-NAME", "I-NAME"], "head": {"pooling": "none", "activation": "softmax"}},
    "toxicity": {"labels": ["toxicity"], "head": {"pooling": "mean", "activation": "sigmoid"}},
    "bias": {"labels": ["bias"], "head": {"pooling": "mean", "activation": "sigmoid"}},
    "injection": {"labels": ["injection"], "head": {"pooling": "mean", "activation": "sigmoid"}},
}
Run = Callable[[Mapping[str, np.ndarray]], dict[str, np.ndarray]]


def raises(known: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    raise RuntimeError(f"cannot read {CANARY}")


def hangs(known: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    time.sleep(3)
    return {}


@pytest.fixture(scope="module")
def trunk(tmp_path_factory: pytest.TempPathFactory) -> Trunk:
    return tiny.trunk(tmp_path_factory.mktemp("trunk"))


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory, trunk: Trunk) -> dict[str, Path]:
    """A tiny branch for each guard that asks one."""
    home = tmp_path_factory.mktemp("branches")
    return {task: tiny.branch(home / task, trunk, task=task, **of).path for task, of in HEADS.items()}


@pytest.fixture
def load(folders: dict[str, Path], trunk: Trunk, tmp_path: Path) -> Callable[..., Runtime]:
    """Loads the branches, but for those named."""

    def load(*without: str) -> Runtime:
        kept = {task: path for task, path in folders.items() if task not in without}
        return Runtime.from_folders(kept, tmp_path, trunk=trunk)

    return load


def hasty(name: str) -> Policy:
    """The policy that ships, with 150 ms for one guard."""
    rows = DEFAULT.read_text(encoding="utf-8")
    return Policy.parse(re.sub(f"(?m)^    {name}:\n", f"    {name}:\n      budget_ms: 150\n", rows))


def failed(verdict: Verdict) -> dict[str, str]:
    """Why each guard failed that did."""
    return {finding.guard: finding.reason for finding in verdict.findings if finding.label == FAILED}


def test_with_all_branches_no_guard_fails(load: Callable[..., Runtime]) -> None:
    screen = Screen.build(runtime=load())
    assert {guard.name for way in ("in", "out") for guard in screen._guards[way]} >= {*BRANCHES}  # type: ignore[index]
    assert [failed(screen.screen(TEXT, way).verdict) for way in ("in", "out")] == [{}, {}]  # type: ignore[arg-type]


@pytest.mark.parametrize(("direction", "name"), ASKS)
def test_a_runtime_that_lacks_a_branch_has_its_guard_fail_closed(
    load: Callable[..., Runtime], direction: Direction, name: str
) -> None:
    verdict = Screen.build(runtime=load(name)).screen(TEXT, direction).verdict
    assert failed(verdict) == {name: f"{name} failed: Unavailable"}
    assert_held(verdict, name)


@pytest.mark.parametrize(("direction", "name"), ASKS)
@pytest.mark.parametrize("text", [TEXT, f"mail {CANARY}@example.com"])
def test_a_branch_that_raises_has_its_guard_fail_closed(
    load: Callable[..., Runtime], direction: Direction, name: str, text: str
) -> None:
    runtime = load()
    runtime._graphs = {**runtime._graphs, name: raises}  # type: ignore[dict-item]
    verdict = Screen.build(runtime=runtime).screen(text, direction).verdict
    assert failed(verdict) == {name: f"{name} failed: RuntimeError"}
    assert CANARY not in repr(verdict.findings)
    assert_held(verdict, name)


@pytest.mark.parametrize(("direction", "name"), ASKS)
def test_a_branch_that_hangs_has_its_guard_fail_closed_in_its_time(
    load: Callable[..., Runtime], direction: Direction, name: str
) -> None:
    runtime = load()
    screen = Screen.build(hasty(name), runtime)
    screen.screen(TEXT, direction)
    runtime._graphs = {**runtime._graphs, name: hangs}  # type: ignore[dict-item]
    started = time.perf_counter()
    verdict = screen.screen(TEXT, direction).verdict
    assert time.perf_counter() - started < 2.5
    assert failed(verdict)[name] == f"{name} failed: ran out of time"
    assert_held(verdict, name)


@pytest.mark.parametrize("direction", ["in", "out"])
@pytest.mark.parametrize("how", [raises, hangs], ids=["raises", "hangs"])
def test_a_model_that_is_gone_whole_fails_every_guard_that_asks_it(
    load: Callable[..., Runtime], direction: Direction, how: Run
) -> None:
    runtime = load()
    asking = [name for way, name in ASKS if way == direction]
    screen = Screen.build(hasty(asking[0]), runtime)
    screen.screen(TEXT, direction)
    runtime._graphs = dict.fromkeys(runtime._graphs, how)  # type: ignore[arg-type]
    verdict = screen.screen(TEXT, direction).verdict
    assert {*failed(verdict)} >= {*asking}
    assert_held(verdict, asking[0])


@pytest.mark.parametrize("name", BRANCHES)
def test_rules_alone_measure_where_that_is_asked_for(load: Callable[..., Runtime], name: str) -> None:
    screen = Screen.build(runtime=load(name), by_rules=[name])
    assert [failed(screen.screen(TEXT, way).verdict) for way in ("in", "out")] == [{}, {}]  # type: ignore[arg-type]


def test_without_a_runtime_all_guards_go_by_rules() -> None:
    verdict = Screen.build().screen(TEXT).verdict
    assert (verdict.action, verdict.findings) == (Action.ALLOW, ())


def test_a_guard_that_does_not_learn_cannot_be_told_to_go_by_rules(load: Callable[..., Runtime]) -> None:
    with pytest.raises(SettingError, match="'grounding' is no guard that learns; those are toxicity, bias, injection"):
        Screen.build(runtime=load(), by_rules=["grounding"])


@pytest.mark.parametrize("name", BRANCHES)
def test_the_screen_that_ships_is_not_built_without_one_of_its_heads(
    folders: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    import models

    monkeypatch.setattr(models, "__file__", str(tmp_path / "__init__.py"))
    (tmp_path / "shipped").mkdir()
    for task in {*BRANCHES} - {name}:
        (tmp_path / "shipped" / task).symlink_to(Path(models_runtime.__file__).parent / "shipped" / task)
    with pytest.raises(ModelError, match=rf"shipped/{name} is not a model folder.*Restore the folder"):
        Screen.default(tmp_path / "cache")


def assert_held(verdict: Verdict, name: str) -> None:
    """Nothing passes; what could not be redacted is withheld."""
    assert not verdict.action.passes
    if name == PII:
        assert verdict.text == ""
