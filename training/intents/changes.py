"""Messages after a question about something else, as who changes the topic says them, made of single ones.

Examples may hold messages that stand with the question before them, a line's end between. Who learns from these alone
takes what follows a question for a word about it.
"""

from __future__ import annotations

import numpy as np

from bot.cues import is_short
from training.dataset import OOS, Examples

LINE = "\n"


def changes(examples: Examples, most: int, seed: int = 0) -> Examples:
    """Short single messages of `examples`, at most `most` of them, each after another single one that is in scope and
    of another label. The same for the same seed."""
    singles = [place for place, text in enumerate(examples.texts) if LINE not in text]
    questions = [place for place in singles if examples.labels[place] != OOS]
    random = np.random.default_rng(seed)
    made: list[tuple[str, str]] = []
    for place in random.permutation(singles):
        text, label = examples.texts[place], examples.labels[place]
        before = questions[random.integers(len(questions))] if questions else place
        if is_short(text) and examples.labels[before] != label:
            made.append((f"{text}{LINE}{examples.texts[before]}", label))
    return Examples(*zip(*made[:most], strict=True)) if made[:most] else Examples((), ())


def with_changes(examples: Examples, seed: int = 0) -> Examples:
    """The examples, and as many changes of topic as there are messages with the question before them."""
    return examples + changes(examples, sum(LINE in text for text in examples.texts), seed)
