"""A command that needs the [train] extra says so where it is not installed, before it does anything else."""

import json
import os
import pickle
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from bot.cli import app
from models.errors import MissingExtra

PACKAGES = ("torch", "sklearn", "cleanlab", "optuna", "faker", "transformers", "detoxify", "peft", "matplotlib")

# A command that cannot do without the extra, and the package that it asks for first.
COMMANDS = {
    "train intent --train said.csv --out model": "torch",
    "train toxicity --data . --out model": "torch",
    "train bias --data . --out model": "torch",
    "train injection --data . --out model": "torch",
    "train pii --data . --out model": "torch",
    "train retriever --out model": "torch",
    "tune intent --train said.csv --out settings.json": "optuna",
    "tune context stories.yaml": "torch",
    "retrain": "torch",
    "evaluate labels --data said.csv": "cleanlab",
    "evaluate pii --data .": "faker",
    "evaluate retrieval --faq faq.csv --data asked.csv --parts 2 --tune 0": "torch",
}
SAID = "text,label\nwhere is it,delivery\nwhere is my parcel,delivery\nmy money back,refund\ni want a refund,refund\n"

WITHOUT = """
import io, json, sys
from contextlib import redirect_stderr, redirect_stdout
packages, commands = json.loads(sys.argv[1])
sys.modules.update(dict.fromkeys(packages))
from bot.cli import main
told = {}
for command in commands:
    sys.argv, said, ended = ["handrail", *command.split()], io.StringIO(), 0
    with redirect_stdout(io.StringIO()), redirect_stderr(said):
        try:
            main()
        except SystemExit as end:
            ended = end.code
        except Exception as error:
            ended = repr(error)
    told[command] = (ended, said.getvalue())
print(json.dumps(told))
"""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[object, str]]:
    """How each command ended and what it said on standard error, in a process without the extra."""
    folder = tmp_path_factory.mktemp("without")
    (folder / "said.csv").write_text(SAID)
    (folder / "faq.csv").write_text("question,answer\nhow,so\nwhere,there\n")
    (folder / "asked.csv").write_text("text,question\nhow now,how\nwhere now,where\n")
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT, json.dumps([PACKAGES, list(COMMANDS)])], cwd=folder, capture_output=True,
        env={**os.environ, "HANDRAIL_HOME": str(folder / "home"), "PYTHONPATH": str(Path(__file__).parents[2])},
        text=True, check=True,
    )  # fmt: skip
    found: dict[str, tuple[object, str]] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize(("command", "package"), COMMANDS.items(), ids=COMMANDS)
def test_what_is_missing_is_named_with_how_to_get_it(
    told: dict[str, tuple[object, str]], command: str, package: str
) -> None:
    ended, said = told[command]
    assert ended == 1
    assert f"handrail: This needs '{package}' of the [train] extra, which is not installed." in said
    assert "make train-setup" in said


def test_every_command_that_trains_or_tunes_is_tried() -> None:
    groups = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    named = {f"{group} {name}" for group in ("train", "tune") for name in groups[group].commands}
    assert named <= {" ".join(command.split()[:2]) for command in COMMANDS}


def test_what_is_missing_is_told_whole_by_another_process() -> None:
    error = pickle.loads(pickle.dumps(MissingExtra("train", "torch")))
    assert str(error) == str(MissingExtra("train", "torch"))
