"""Plant personal values through every door, then look for them in everything that was written or said.

What prints an operator's own file or a sealed value back on purpose is left out, with the reason, in LEFT_OUT.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

import pytest
from typer.main import get_command

from bot.cli import app
from bot.vault import fresh_key
from tests.e2e import doors
from tests.e2e.canaries import CANARIES, found_in, kinds_in
from tests.e2e.server import Server
from ui.chat import Chat
from ui.console import Console

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(1200)]

LEFT_OUT = {
    "serve": "is the server that runs all the while",
    "vault read": "prints a sealed value: tried apart from the others",
    "staff add": "takes a name and a password",
    "index build": "writes what the import of tickets writes",
    "train": "reads files as they stand; what retrain hands it is redacted",
    "tune": "is many trainings",
    "evaluate": "measures files as they stand, and keeps nothing",
    "bench": "makes its own messages; bench planted is this search over many more values",
}
PLACES = (
    "what HTTP answered", "what the chat page was told", "what the console was told", "what commands printed",
    "the database while the server runs", "all files after the stop",
)  # fmt: skip


@dataclass
class Planted:
    """Where traces were found: place -> file or door -> kinds of values. `restored` is what the vault gave back."""

    found: dict[str, Mapping[str, list[str]]] = field(default_factory=dict)
    searched: dict[str, int] = field(default_factory=dict)
    printed: str = ""
    restored: str = ""

    def said(self, place: str, texts: list[str]) -> None:
        """Search what was said at a door."""
        data = "\n".join(texts).encode()
        self.searched[place] = len(data)
        self.found[place] = {place: kinds} if (kinds := kinds_in(data)) else {}

    def written(self, place: str, folder: Path, pattern: str = "*") -> None:
        """Search files, and add what is found to what was found there before."""
        files = list(folder.rglob(pattern))
        self.searched[place] = sum(path.stat().st_size for path in files if path.is_file())
        self.found[place] = {**self.found.get(place, {}), **found_in(files)}


@pytest.fixture(scope="module")
def planted(installed: Callable[[], Server], tmp_path_factory: pytest.TempPathFactory) -> Planted:
    """One pass through every door of one server; what the operator hands in lies outside of its folder."""
    done, inputs, server = Planted(), tmp_path_factory.mktemp("inputs"), installed()
    doors.hand_in(inputs)
    server.environment |= {
        "HANDRAIL_VAULT_KEY": fresh_key(), "HANDRAIL_RELOAD_SECONDS": "3600", "HOME": str(server.folder / "user"),
    }  # fmt: skip
    server.start()
    try:
        chat, turns, answers = doors.over_http(server)
        done.said("what HTTP answered", answers)
        done.written("the database while the server runs", server.home, "handrail.db*")
        done.said("what the chat page was told", doors.over_the_chat_page(server))
        done.said("what the console was told", doors.over_the_console(server, chat.id, turns))
        done.written("the database while the server runs", server.home, "handrail.db*")
        done.printed = server.commands(doors.commands(inputs, chat.id))
        done.said("what commands printed", [done.printed])
        done.written("the database while the server runs", server.home, "handrail.db*")
        assert (server.home / "handrail.db-wal").stat().st_size
        done.restored = server.command("vault", "read", chat.id, "dear [EMAIL_1], [NAME_1]", "--who", "kim").stdout
    finally:
        server.stop()
    done.written("all files after the stop", server.folder)
    return done


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory) -> Planted:
    """A shop of its own, taught by utterances with the values in them, and trained where training is installed."""
    done, inputs, shop = Planted(), tmp_path_factory.mktemp("lessons"), Server(tmp_path_factory.mktemp("learner"))
    doors.hand_in(inputs)
    (shop.folder / "tmp").mkdir()
    shop.environment |= {"HOME": str(shop.folder / "user")}
    learnt = [shop.command(*line) for line in doors.lessons(inputs, trained=find_spec("torch") is not None)]
    kept = "mystery is kept"  # an intent of eleven canaries, which is told to be none that can be read
    assert [one.stderr for one in learnt if one.returncode and kept not in one.stderr] == []
    assert "personal data was taken out of 22" in learnt[0].stderr
    done.said("what commands printed", [one.stdout + one.stderr for one in learnt])
    done.written("all files", shop.folder)
    return done


@pytest.mark.parametrize("place", PLACES)
def test_no_planted_value_is_found_in_database_wal_logs_temporary_files_or_output(planted: Planted, place: str) -> None:
    assert planted.found[place] == {}
    assert planted.searched[place] > 1000


@pytest.mark.parametrize("place", ["what commands printed", "all files"])
def test_utterances_leave_none_in_a_training_either(taught: Planted, place: str) -> None:
    assert taught.found[place] == {}
    assert taught.searched[place] > 100


def test_no_command_ends_in_a_traceback(planted: Planted) -> None:
    assert "Traceback" not in planted.printed


def test_the_vault_alone_gives_the_values_back(planted: Planted) -> None:
    assert planted.restored.strip() == f"dear {CANARIES['e-mail']}, {CANARIES['name']}"


def test_every_command_and_every_act_of_the_pages_is_tried_or_left_out_with_a_reason() -> None:
    lines = [*(words for words, _ in doors.commands(Path("x"), "y")), *doors.lessons(Path("x"), trained=True)]
    tried = {" ".join(words) for words in lines}
    missed = [
        name
        for name in _commands(get_command(app))
        if not any(words == name or words.startswith(f"{name} ") for words in tried)
        and name not in LEFT_OUT
        and name.split()[0] not in LEFT_OUT
    ]
    assert missed == []
    assert set(doors.CHAT_ACTS) == Chat.acts.fget(Chat.__new__(Chat)).keys()  # type: ignore[attr-defined]
    assert set(doors.CONSOLE_ACTS) == Console.acts.fget(Console.__new__(Console)).keys()  # type: ignore[attr-defined]


@pytest.mark.parametrize("written", ["…4929123456789015…", "#4929-1234-5678-9015", "\x004929 1234 5678 9015\x00"])
def test_the_search_would_find_a_value_that_was_written(tmp_path: Path, written: str) -> None:
    (tmp_path / "a").write_text(written)
    assert found_in(tmp_path.iterdir()) == {"a": ["card"]}


def _commands(group: object, before: str = "") -> Iterator[str]:
    for name, command in group.commands.items():  # type: ignore[attr-defined]
        if hasattr(command, "commands"):
            yield from _commands(command, f"{before}{name} ")
        else:
            yield before + name
