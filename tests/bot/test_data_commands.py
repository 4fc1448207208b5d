"""Bringing data in by the command line: what an import leaves out, what is told of what is not there."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

LID = "The manual of the Quibbet toaster is under its lid."


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a shop of its own, whose help pages have moved."""
    folder = tmp_path_factory.mktemp("home")
    (folder / "shop.yaml").write_text("name: Quibbet\nhours: always\ndead_links: [old.shop.example/help]\n")
    return folder


def handrail(home: Path, *words: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    """A command of the line, on the shop of `home`."""
    variables = {**os.environ, "HANDRAIL_HOME": str(home / "data"), "HANDRAIL_SHOP": str(home / "shop.yaml")}
    return subprocess.run(
        [sys.executable, "-m", "bot.cli", *words], env=variables, input=typed, capture_output=True, text=True,
        check=False, timeout=120,
    )  # fmt: skip


def test_a_search_of_nothing_says_how_to_bring_tickets_in(home: Path) -> None:
    done = handrail(home, "search", typed="where is the manual\nand the lid\n")
    assert [json.loads(line)["passages"] for line in done.stdout.splitlines()] == [[], []]
    assert done.stderr.count("handrail import tickets FILE") == 1
    assert done.returncode == 0


def test_an_import_leaves_out_what_points_to_dead_links_and_promises(home: Path) -> None:
    answers = {
        "where is the manual": f"See http://old.shop.example/help/7 for the guide. {LID}",
        "the toaster hums": "A colleague will contact you within 24 hours. Put a drop of oil on its left hinge.",
        "the toaster smokes": "We'll send you a replacement by Friday. Hold the reset button for ten seconds.",
        "the lid sticks": "The guide at https://old.shop.example/helpers says: push it to the left first.",
    }
    file = home / "past.jsonl"
    file.write_text("\n".join(json.dumps({"customer": asked, "agent": said}) for asked, said in answers.items()))
    report = json.loads(handrail(home, "import", "tickets", str(file), "--json").stdout)
    assert (report["kept"], report["shortened"]) == (4, 1)
    found = handrail(home, "search", "--k", "1", typed="\n".join(answers))
    assert "import" not in found.stderr
    assert [json.loads(line)["passages"][0]["answer"] for line in found.stdout.splitlines()] == [
        LID,
        "Put a drop of oil on its left hinge.",
        "Hold the reset button for ten seconds.",
        answers["the lid sticks"],
    ]


def test_a_ticket_that_is_not_there_is_named_when_it_shall_be_removed(home: Path) -> None:
    passage = json.loads(handrail(home, "search", "--k", "1", typed="the lid sticks").stdout)["passages"][0]
    done = handrail(home, "tickets", "remove", passage["ticket"], "nowhere", "nowhere")
    assert "1 of 2 tickets removed" in done.stderr
    assert "No such ticket: 1 that cannot be one." in done.stderr
    assert done.returncode == 1
    again = handrail(home, "tickets", "remove", passage["ticket"])
    assert f"No such ticket: {passage['ticket']}." in again.stderr
    assert again.returncode == 1


def test_a_list_of_the_shops_facts_that_is_none_is_told(home: Path, tmp_path: Path) -> None:
    (tmp_path / "shop.yaml").write_text("name: Quibbet\ndead_links: old.shop.example\n")
    done = handrail(tmp_path, "search", typed="x")
    assert "dead_links must be a list, such as dead_links: [old.shop.example]" in done.stderr
    assert (done.returncode, done.stdout) == (1, "")
