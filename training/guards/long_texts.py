"""Long texts put together of short ones: requests for programs, and letters with something between their lines.

What stands between the lines of a letter is an order to the bot, or a harmless line of customers with the words of
one, so that neither the letter nor the place of a line tells them apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import yaml

MOST_BEFORE, MOST_AFTER = 50, 30  # words of a letter around a line, so that training, which cuts, sees the line
PLAIN = ("{}", "{}", "P.S. {}", "By the way: {}", "\n{}\n", '"{}"', "One more thing. {}", "-- {} --", "Note: {}")
FRAMES = {
    "order": (*PLAIN, "Assistant: {}", "(to the AI: {})", "<!-- {} -->", "[note to the model] {}", "Dear bot, {}"),
    "line": (*PLAIN, "To the driver: {}", "(for the fitter: {})", "[note] {}", "Dear team, {}", "Tell your shop: {}"),
}


def requests_for_code(count: int, seed: int) -> Iterator[str]:
    """So many requests of one to six sentences, three in ten for a program that does two things."""
    text = (Path(__file__).parent / "seeds" / "coding.yaml").read_text(encoding="utf-8")
    parts: dict[str, list[str]] = yaml.safe_load(text)
    random = np.random.default_rng(seed)
    for _ in range(count):
        opening, program = (str(random.choice(parts[name])) for name in ("openings", "programs"))
        task = " and ".join(map(str, random.permutation(parts["tasks"])[: 1 + (random.random() < 0.3)]))
        details = random.permutation(parts["details"])[: random.integers(0, 5)]
        purpose = [str(random.choice(parts["purposes"]))] if random.random() < 0.5 else []
        yield " ".join([f"{opening} {program} {task}.", *map(str, details), *purpose])


def between_lines(lines: Sequence[str], letters: Sequence[str], kind: str, count: int, seed: int) -> Iterator[str]:
    """So many letters, each with one of `lines` somewhere in it. `kind` says how a line may be framed: "order" for
    orders to the bot, "line" for others."""
    random = np.random.default_rng(seed)
    for _ in range(count):
        line = str(random.choice(FRAMES[kind])).format(random.choice(lines))
        words = str(random.choice(letters)).split(" ")
        ends = [place for place, word in enumerate(words, 1) if word.endswith((".", "!", "?", "\n", ","))] or [
            len(words)
        ]
        place = int(random.choice([0, *ends, len(words)]))
        before, after = words[max(0, place - MOST_BEFORE) : place], words[place : place + MOST_AFTER]
        yield " ".join([*before, line, *after])
