"""A folder whose files change together, or not at all.

Data files carry their checksum in their name; `meta.json` names them and is replaced last, in one step. A
reader therefore sees the old folder or the new one, also when the writer was killed half-way, and a file
that it has mapped into memory stays whole after a newer one has taken its place. Knows nothing of tickets.
"""

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from retrieval.errors import IndexDamaged

META = "meta.json"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a folder holds: the `meta` given when it was written, and the checked path and sha256 of each file."""

    meta: dict[str, Any]
    files: dict[str, Path]
    sums: dict[str, str]

    @classmethod
    def read(cls, folder: Path) -> "Snapshot":
        """Opens `folder` and verifies every checksum. Raises IndexDamaged, which says what is wrong."""
        try:
            written = json.loads((folder / META).read_text("utf-8"))
            meta, sums = dict(written["meta"]), dict(written["files"])
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise IndexDamaged(_cannot(folder, f"{META} is missing or unreadable")) from error
        files = {name: folder / _stored_as(name, checksum) for name, checksum in sums.items()}
        for name, path in files.items():
            try:
                checksum = _checksum(path)
            except OSError as error:
                raise IndexDamaged(_cannot(folder, f"{path.name} is missing or unreadable")) from error
            if checksum != sums[name]:
                raise IndexDamaged(_cannot(folder, f"{path.name} has a wrong checksum"))
        return cls(meta, files, sums)

    @classmethod
    def write(
        cls,
        folder: Path,
        meta: Mapping[str, Any],
        writers: Mapping[str, Callable[[Path], None]],
        known: Mapping[str, str] | None = None,
    ) -> "Snapshot":
        """Lets each writer fill one file, then makes all of them the content of `folder` in one step.

        `meta` must be JSON-able. `known` are sha256 of files that need not be written again where the folder still
        has them. Raises OSError (a full disk, say); the folder is then as it was.
        """
        folder.mkdir(parents=True, exist_ok=True)
        draft = uuid4().hex
        sums: dict[str, str] = {}
        try:
            for name, write in writers.items():
                already = (known or {}).get(name)
                if already and (folder / _stored_as(name, already)).is_file():
                    sums[name] = already
                    continue
                draft_path = folder / f".{draft}.{name}"
                write(draft_path)
                sums[name] = _checksum(draft_path)
                os.replace(draft_path, folder / _stored_as(name, sums[name]))
            draft_meta = folder / f".{draft}.{META}"
            draft_meta.write_text(json.dumps({"meta": dict(meta), "files": sums}, indent=1), "utf-8")
            os.replace(draft_meta, folder / META)
        finally:
            for unfinished in folder.glob(f".{draft}.*"):
                unfinished.unlink(missing_ok=True)
        files = {name: folder / _stored_as(name, checksum) for name, checksum in sums.items()}
        for earlier in set(folder.glob(_stored_as("*.*", "?" * 12))) - set(files.values()):
            earlier.unlink(missing_ok=True)
        return cls(dict(meta), files, sums)


def _stored_as(name: str, checksum: str) -> str:
    stem, dot, suffix = name.rpartition(".")
    return f"{stem}-{checksum[:12]}{dot}{suffix}"


def _checksum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _cannot(folder: Path, why: str) -> str:
    return f"The index in {folder} cannot be used: {why}. Build it again with: handrail index build"
