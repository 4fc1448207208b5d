"""What base64, hex, URL, HTML and backslash encodings hold, and strings put together.

Decoded text maps back to the original. What decodes to nothing that a person could have written is left as it stands.
"""

from __future__ import annotations

import base64
import binascii
import html
import re
from collections.abc import Callable, Iterator
from urllib.parse import unquote

from guardrails.view import Edit, View

_MOST_TRIES = 8  # lines under base64 that may be words
_BASE64 = re.compile(r"(?<![\w+/=-])[A-Za-z0-9+/_-]{12,}={0,2}(?![\w+/=-])")
_LINES = re.compile(r"(?<![\w+/=-])[A-Za-z0-9+/_-]{12,}(?:\r?\n[A-Za-z0-9+/_-]{2,}(?![\w+/-])){1,40}={0,2}(?![\w+/=-])")
_HEX = re.compile(r"(?<![\w])(?:0x|\\x)?(?:[0-9A-Fa-f]{2}(?:\\x|[:,]? ?(?:0x)?)){8,}(?![\w])")
_PERCENT = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_ENTITY = re.compile(r"&(?:#\d{1,7};?|#[xX][0-9A-Fa-f]{1,6};?|[A-Za-z]{2,10};)")  # browsers want no semicolon
_ESCAPE = re.compile(r"\\u[0-9a-fA-F]{4}|\\x[0-9a-fA-F]{2}|\\[0-3][0-7]{2}")
_CONCATENATED = re.compile(r"""["']\s{0,3}\+\s{0,3}["']""")
_ENCODED = re.compile(
    r"%[0-9A-Fa-f]{2}|&#?\w{2,10}|\\(?:[ux][0-9a-fA-F]{2}|[0-3][0-7]{2})|[A-Za-z0-9+/_-]{12}|[0-9A-Fa-f]{2}[ :,]"
    r"""|["']\s{0,3}\+\s{0,3}["']"""
)


def decode(view: View) -> Iterator[View]:
    """Yield a view for each kind of encoding that the text holds, with what it holds in its place."""
    if not _ENCODED.search(view.text):
        return
    text = view.text
    tokens = ((_BASE64, _base64), (_HEX, _hex))
    for edits in (
        _escapes(text),
        _concatenated(text),
        _in_lines(text),
        *(_tokens(pattern, text, read) for pattern, read in tokens),
    ):
        made = list(edits)
        if made:
            yield view.edit(made)


def _escapes(text: str) -> Iterator[Edit]:
    if "%" in text and len(_PERCENT.findall(text)):
        for match in _PERCENT.finditer(text):
            if (plain := unquote(match[0], errors="replace")) and "\ufffd" not in plain:
                yield match.start(), match.end(), plain
    elif "&" in text:
        for match in _ENTITY.finditer(text):
            if (plain := html.unescape(match[0])) != match[0]:
                yield match.start(), match.end(), plain
    elif "\\" in text:
        for match in _ESCAPE.finditer(text):
            code = int(match[0][1:], 8) if match[0][1].isdigit() else int(match[0][2:], 16)
            if not 0xD800 <= code <= 0xDFFF:
                yield match.start(), match.end(), chr(code)


def _concatenated(text: str) -> Iterator[Edit]:
    """Yield the joints of strings put together: 'bob' + '@' + 'example.org'."""
    for match in _CONCATENATED.finditer(text):
        yield match.start(), match.end(), ""


def _tokens(pattern: re.Pattern[str], text: str, read: Callable[[str], str]) -> Iterator[Edit]:
    for match in pattern.finditer(text):
        if plain := read(match[0]):
            yield match.start(), match.end(), plain


def _in_lines(text: str) -> Iterator[Edit]:
    """Yield what base64 over lines holds: of the lines that look like it, those that it is made of."""
    at = 0
    while match := _LINES.search(text, at):
        ends = [match.start() + line.end() for line in re.finditer(r"[^\r\n]+", match[0])]
        made = ((end, _base64(text[match.start() : end])) for end in ends[: -_MOST_TRIES - 1 : -1] if end > ends[0])
        end, plain = next(((end, plain) for end, plain in made if plain), (ends[0], ""))
        if plain:
            yield match.start(), end, plain
        at = end


def _base64(token: str) -> str:
    token = "".join(token.split())
    if token.isdigit() or (token.isalpha() and (token.islower() or token.isupper() or token.istitle())):
        return ""
    bare = token.rstrip("=").translate(str.maketrans("-_", "+/"))
    try:
        raw = base64.b64decode(bare + "=" * (-len(bare) % 4))
    except (binascii.Error, ValueError):
        return ""
    return _readable(raw)


def _hex(token: str) -> str:
    digits = re.sub(r"0x|\\x|[ :,]", "", token)
    try:
        return _readable(bytes.fromhex(digits))
    except ValueError:
        return ""


def _readable(raw: bytes) -> str:
    """Return decoded bytes when they are text that a person could have written, else ''."""
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return ""
    odd = sum(not (c.isprintable() or c in "\n\t\r") for c in text)
    return text if len(text) >= 6 and odd == 0 else ""
