"""Text files of any common encoding, opened only when all of them can be read."""

import codecs
from pathlib import Path
from typing import TextIO

from retrieval.errors import SourceError

CHUNK = 1 << 20
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def open_text(path: Path, encoding: str = "") -> TextIO:
    """Opens `path` for reading, line ends as they are.

    The encoding is found by its byte order mark or by the zero bytes of UTF-16, else UTF-8 is taken, unless one is
    named. The whole file is decoded once beforehand, so that a wrong encoding is known before the first row
    is stored. Raises SourceError, which names the file, the byte and the way out.
    """
    try:
        encoding = encoding or _encoding_of(path)
        _check(path, codecs.lookup(encoding).name)
        return path.open(encoding=encoding, newline="")
    except LookupError as error:
        raise SourceError(f"There is no encoding {encoding!r}. Common ones: utf-8, utf-16, cp1252.") from error
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror}. Check the path.") from error


def _encoding_of(path: Path) -> str:
    with path.open("rb") as file:
        start = file.read(4096)
    for mark, encoding in MARKS:
        if start.startswith(mark):
            return encoding
    even, odd = start[0::2].count(0), start[1::2].count(0)
    if len(start) >= 4 and max(even, odd) > len(start) / 5 and min(even, odd) <= len(start) / 50:
        return "utf-16-be" if even > odd else "utf-16-le"
    return "utf-8"


def _check(path: Path, encoding: str) -> None:
    decoder = codecs.getincrementaldecoder(encoding)()
    done = 0
    with path.open("rb") as file:
        while True:
            chunk = file.read(CHUNK)
            waiting = len(decoder.getstate()[0])
            try:
                decoder.decode(chunk, final=not chunk)
            except UnicodeError as error:
                at = done - waiting + getattr(error, "start", 0)
                raise SourceError(
                    f"{path} is not {encoding}: byte {at:,} cannot be decoded. "
                    "Name its encoding with --encoding (often cp1252), or save it as UTF-8."
                ) from None
            if not chunk:
                return
            done += len(chunk)
