"""Where benchmarks run: the demo shop in a home of its own, so that nothing is left in the operator's."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.errors import ContentError
from bot.paths import DEMO
from bot.settings import Settings

SEED = 0


@contextmanager
def throwaway_home(settings: Settings) -> Iterator[Settings]:
    """The same settings with an empty home and its own database, on the same disk; only the cache of assembled
    graphs is shared. The home is removed at the end."""
    settings.cache.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="bench-", dir=settings.home) as folder:
        home = Path(folder)
        (home / "cache").symlink_to(settings.cache.resolve(), target_is_directory=True)
        yield settings.model_copy(update={"home": home.resolve(), "database_url": ""})


def demo_messages(folder: Path = DEMO / "utterances", seed: int = SEED) -> list[str]:
    """The demo's test utterances, which no model was trained on, in an order that `seed` fixes."""
    messages = []
    for file in sorted(folder.glob("*.csv")):
        with file.open(encoding="utf-8-sig", newline="") as rows:
            messages += [row["text"] for row in csv.DictReader(rows) if row["split"] == "test"]
    random.Random(seed).shuffle(messages)
    return messages


def messages_of(file: Path, seed: int = SEED) -> list[str]:
    """The different texts of a file, one a line, in an order that `seed` fixes. Raises ContentError for fewer than two,
    since some are asked and others are searched."""
    try:
        texts = list(dict.fromkeys(filter(None, map(str.strip, file.read_text("utf-8-sig").splitlines()))))
    except (OSError, UnicodeError) as error:
        raise ContentError(f"{file} cannot be read as UTF-8 text: {type(error).__name__}. Check the path.") from error
    if len(texts) < 2:
        raise ContentError(f"{file} holds {len(texts)} texts; at least two are needed, one a line")
    random.Random(seed).shuffle(texts)
    return texts
