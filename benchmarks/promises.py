"""How many grants the promises guard refuses, and how many harmless twins: of rules alone, no model is read.

`sight` is the half that its patterns were written with, `apart` the half that was kept from them.
Run: python -m benchmarks.promises
"""

from __future__ import annotations

import sys
from pathlib import Path

import yaml

from guardrails.normalise import normalise
from guardrails.rules import Table
from guardrails.views import Views


def promises() -> dict[str, dict[str, list[str]]]:
    """Return the sentences by half (`sight`, `apart`) and kind (`grants`, `harmless`)."""
    text = Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8")
    halves: dict[str, dict[str, list[str]]] = yaml.safe_load(text)
    return halves


def is_refused(text: str) -> bool:
    """Say whether a rule holds in `text`. All rules of the table lie above the threshold of the shipped policy."""
    return bool(Table.load("promises").find("promises", Views(normalise(text)).letters))


def main() -> None:
    """Print what is refused of each half and kind."""
    for half, kinds in promises().items():
        for kind, texts in kinds.items():
            sys.stdout.write(f"{half:6} {kind:9} refused {sum(map(is_refused, texts))} of {len(texts)}\n")


if __name__ == "__main__":
    main()
