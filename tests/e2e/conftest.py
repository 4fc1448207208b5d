import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.server import Server


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Server]:
    """Makes servers that are not started yet, each on a copy of one home with the demo shop in it."""
    first = Server(tmp_path_factory.mktemp("first")).start()
    first.stop()

    def another() -> Server:
        folder = Path(tmp_path_factory.mktemp("server"))
        shutil.copytree(first.home, folder / "home")
        return Server(folder)

    return another


@pytest.fixture(scope="session")
def server(installed: Callable[[], Server]) -> Iterator[Server]:
    """One running server for all tests that leave it as they found it."""
    running = installed().start()
    yield running
    running.stop()


@pytest.fixture
def own_server(installed: Callable[[], Server]) -> Iterator[Server]:
    """A server that a test may start, stop, kill or damage."""
    own = installed()
    yield own
    own.stop()
