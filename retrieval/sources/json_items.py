"""The objects of a JSON file one after another, whatever holds them: lines, an array, or an array in an object.

Memory holds one object and one chunk. Knows nothing of what the objects mean.
"""

import json
import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any, TextIO

from retrieval.errors import SourceError
from retrieval.sources.raw import BadRow
from retrieval.sources.text import open_text

CHUNK = 1 << 18
_SPACE = re.compile(r"[\s,]*")
_DECODER = json.JSONDecoder()

Item = tuple[int, dict[str, Any]]
"""The line where an object begins, from 1, and the object."""


def json_items(path: Path, encoding: str = "", within: str = "") -> Iterator[Item | BadRow]:
    """Each object of `path`; `within` names the array to read where the file is one object, as in
    {"tickets": [...]}. Lines that are no objects come as BadRow. Raises SourceError when an array breaks off.
    """
    with open_text(path, encoding) as file:
        head = file.read(CHUNK)
        opening = re.match(rf'\s*(\{{\s*"{re.escape(within)}"\s*:\s*)?\[', head) if within else re.match(r"\s*\[", head)
        if opening:
            yield from _array(path, head, opening.end(), file)
        else:
            file.seek(0)
            yield from _lines(path, file)


def _lines(path: Path, file: TextIO) -> Iterator[Item | BadRow]:
    for number, line in enumerate(file, start=1):
        if not line.strip():
            continue
        try:
            item = json.loads(line)
        except (ValueError, RecursionError):
            yield BadRow(path.name, number, "not JSON")
            continue
        yield (number, item) if isinstance(item, dict) else BadRow(path.name, number, "not a JSON object")


def _array(path: Path, head: str, start: int, file: TextIO) -> Iterator[Item | BadRow]:
    line, buffer, at = 1 + head.count("\n", 0, start), head, start
    for more in chain(iter(lambda: file.read(CHUNK), ""), ("",)):
        while True:
            begin = _SPACE.match(buffer, at).end()  # type: ignore[union-attr]  # it matches nothing, too
            if buffer[begin : begin + 1] == "]":
                return
            try:
                item, end = _DECODER.raw_decode(buffer, begin)
            except (ValueError, RecursionError):
                break  # cut off by the end of the chunk, or broken: more text will tell
            if end == len(buffer) and more:
                break  # a number may go on
            line += buffer.count("\n", at, begin)
            yield (line, item) if isinstance(item, dict) else BadRow(path.name, line, "not a JSON object")
            line += buffer.count("\n", begin, end)
            at = end
        buffer, at = buffer[at:] + more, 0
    raise SourceError(f"{path} is broken JSON from line {line} on. Export it again, or cut it there.")
