"""Planted values: that a trace would be found, and that the real line leaves none."""

import json
import subprocess
import sys

import pytest

from benchmarks.planted import found_in, values
from bot.paths import DEMO_INTENT_MODEL

VALUES = ["4929 1234 5678 9015", "quokka91@example.org", "AB12 CDE"]


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ("…4929123456789015…", {VALUES[0]}),
        ("x" * 13 + "4929 1234 5678 9015", {VALUES[0]}),
        ("quokka91@example.org and AB12 CDE", {VALUES[1], VALUES[2]}),
        ("zephyr91@example.org, 1234 5678 9015", set()),
        ("", set()),
    ],
)
def test_a_value_that_was_written_is_found_however_it_was_written(content, found):
    assert found_in(content.encode(), VALUES) == found


def test_values_are_of_many_kinds_and_the_same_for_one_seed():
    drawn = values(300, 0)
    assert drawn == values(300, 0)
    assert len({message.text for message in drawn}) > 290
    assert len({span.label for message in drawn for span in message.spans}) >= 12


@pytest.mark.e2e
@pytest.mark.skipif(not DEMO_INTENT_MODEL.exists(), reason="the demo's intent model is not there")
def test_the_command_plants_values_and_finds_none(tmp_path):
    command = [sys.executable, "-c", "from bot.cli import main; main()", "bench", "planted", "--n", "120", "--json"]
    surroundings = {"HANDRAIL_HOME": str(tmp_path / "home"), "PATH": "/usr/bin", "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, env=surroundings, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-500:]
    report = json.loads(done.stdout)
    assert report["planted"] >= 118
    assert report["found"] == {}
    assert report["megabytes"] > 0.1
