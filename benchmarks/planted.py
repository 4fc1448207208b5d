"""Whether personal values that customers type are found afterwards in anything that was written: `n` of them, of some
forty kinds, each valid by its own rule and nobody's (`training.personal.numbers`).
"""

from __future__ import annotations

import logging
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from benchmarks.turn import MESSAGES_A_CHAT
from bot.engine import Bot
from training.personal.messages import Marked
from training.personal.numbers import Numbers

LOCALES = ("en_GB", "en_US", "de_DE", "fr_FR", "es_ES")
KEY = 8  # bytes at a value's end by which it is looked for
SEPARATORS = str.maketrans("", "", " -./:")


@dataclass(frozen=True, slots=True)
class PlantedReport:
    """`found` counts the values of each kind of which a trace lay in a file or in a reply; `megabytes` were searched,
    of 10^6 bytes."""

    planted: int
    kinds: Mapping[str, int]
    found: Mapping[str, int]
    megabytes: float

    def to_dict(self) -> dict[str, Any]:
        """A plain dictionary, for JSON."""
        return asdict(self)

    def rows(self) -> list[tuple[str, str]]:
        """The figures as the rows of a table."""
        return [
            ("values planted", str(self.planted)),
            ("found afterwards", str(sum(self.found.values()))),
            *((f"  {kind}, found of planted", f"{self.found.get(kind, 0)} of {n}") for kind, n in self.kinds.items()),
            ("searched, MB", f"{self.megabytes:.1f}"),
        ]


def values(n: int, seed: int) -> list[Marked]:
    """`n` messages with one value each, of all kinds, in an order that `seed` fixes. Raises MissingExtra without
    Faker."""
    numbers = Numbers(LOCALES, seed)
    kinds = len(list(Numbers(LOCALES, seed).draw(1)))
    drawn = list(numbers.draw(-(-n // kinds)))
    Random(seed).shuffle(drawn)
    return drawn[:n]


def run(
    bot: Bot, home: Path, messages: Sequence[Marked], *, progress: Callable[[int], object] = lambda done: None
) -> PlantedReport:
    """Say every message to `bot`, logging all that it logs into its `home`, and search the home and the replies."""
    handler = logging.FileHandler(home / "planted.log", encoding="utf-8")
    root, level = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    replies, chat = [], ""
    try:
        for number, message in enumerate(messages):
            if number % MESSAGES_A_CHAT == 0:
                chat = bot.start(f"planted-{number}", channel="benchmark").id
            reply = bot.respond(chat, message.text).reply
            replies.append(reply.text if reply else "")
            progress(1)
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
        handler.close()
    files = [path for path in home.rglob("*") if path.is_file() and "cache" not in path.relative_to(home).parts]
    contents = [*(path.read_bytes() for path in files), "\n".join(replies).encode()]
    planted = {message.text[span.start : span.end]: span.label for message in messages for span in message.spans}
    hits = set[str]().union(*(found_in(content, planted) for content in contents))
    return PlantedReport(
        planted=len(planted), kinds=dict(sorted(Counter(planted.values()).items())),
        found=dict(Counter(planted[value] for value in hits)), megabytes=sum(map(len, contents)) / 1e6,
    )  # fmt: skip


def found_in(content: bytes, values: Iterable[str]) -> set[str]:
    """The values of which `content` holds a trace: as typed, or without its separators. Those of fewer than `KEY`
    bytes are not looked for."""
    forms: dict[bytes, list[tuple[bytes, str]]] = {}
    for value in values:
        for form in {value.encode(), value.translate(SEPARATORS).encode()}:
            if len(form) >= KEY:
                forms.setdefault(form[-KEY:], []).append((form, value))
    keys = np.sort(np.array([int.from_bytes(key, sys.byteorder) for key in forms], dtype=np.uint64))
    found = set()
    for shift in range(min(KEY, len(content))):
        words = np.frombuffer(content, dtype=np.uint64, offset=shift, count=(len(content) - shift) // KEY)
        for place in np.flatnonzero(np.isin(words, keys)):
            end = shift + (int(place) + 1) * KEY
            key = content[end - KEY : end]
            found |= {value for form, value in forms[key] if content[end - len(form) : end] == form}
    return found
