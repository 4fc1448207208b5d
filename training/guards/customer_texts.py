"""Short messages of customers in a hurry, put together of an opening, a task and a closing, and posts as they stand.

What they ask for is ordinary; how they ask ("i have to", "tell me how to", "you were no help") sounds like orders.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import yaml

WITH_TASK, WITH_CLOSING = 0.8, 0.4  # of the messages; those without a task tell a problem
MARKS = (", ", ". ", " ")


def posts() -> list[str]:
    """What customers post to the firms that they buy from."""
    return _parts()["posts"]


def requests_of_customers(count: int, seed: int) -> Iterator[str]:
    """So many messages of one or two sentences."""
    parts, random = _parts(), np.random.default_rng(seed)

    def one(name: str) -> str:
        return str(random.choice(parts[name]))

    for _ in range(count):
        said = f"{one('openings')} {one('tasks')}" if random.random() < WITH_TASK else one("problems")
        mark, closing = (str(random.choice(MARKS)), one("closings")) if random.random() < WITH_CLOSING else ("", "")
        yield f"{said}{mark}{closing}".format(number=random.integers(10**5, 10**7))


def _parts() -> dict[str, list[str]]:
    text = (Path(__file__).parent / "seeds" / "customers.yaml").read_text(encoding="utf-8")
    parts: dict[str, list[str]] = yaml.safe_load(text)
    return parts
