"""Text as it looks to a reader: invisible characters dropped, look-alikes folded, offsets kept.

Only what serves to hide is changed. Emoji and their joiners, the joiners of Persian and Indic scripts,
fractions, superscripts, accents and whole words of other scripts stay as they are. Knows nothing of what
is looked for; `views` decodes further.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from guardrails.lookalikes import LATIN
from guardrails.view import Edit, View

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]+")
_INVISIBLE = re.compile(
    r"[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    r"\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff]+"
)
_SURROGATE = re.compile(r"[\ud800-\udfff]+")
_SPACE = re.compile(r"[\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]")
_STYLED = re.compile(
    r"[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\uff20\uff0e\uff3f\uff0d\uff0b\uff0f\u2460-\u24ff\u2100-\u214f"
    r"\ufb00-\ufb06\U0001d400-\U0001d7ff\U0001f130-\U0001f189\U0001fbf0-\U0001fbf9]"
)
_MARKED = re.compile(r"([\x20-\x7e]|[^\W\d_]|\d)([\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+)")
_LOOKALIKE = re.compile(f"[{''.join(LATIN)}]")
_WORD = re.compile(r"[^\W\d_]+(?:[\d_][^\W\d_]*)*|\d[\w]*")
_ALIEN = re.compile(r"[\u0370-\u03ff\u0400-\u052f\u0531-\u058f]")
_RIGHT_TO_LEFT = re.compile(r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_JOINED = re.compile(r"[\u0600-\u0dff]")
_EMOJI = re.compile(r"[\u00a9\u00ae\u203c-\u3299#*0-9\U0001f000-\U0001faff]")
_PICTURE = re.compile(r"[\u00a9\u00ae\u203c-\u3299\ufe0f\U0001f000-\U0001faff]")
_BOXED = re.compile("[\U0001f150-\U0001f169\U0001f170-\U0001f189]{2,}")  # words; one letter alone is an emoji
_KEPT_STYLES = frozenset("™℠№ℓ℮℗℃℉Ω")


def normalise(text: str) -> View:
    """Return `text` as a reader sees it, with offsets into `text`. Idempotent on its own result; never raises."""
    view = View(text)
    if text.isascii():
        return view.edit(_drop(_CONTROL, text)) if _CONTROL.search(text) else view
    for pattern, edits in _STEPS:
        if pattern.search(view.text):
            view = view.edit(edits(view.text))
    return view


def hidden(text: str) -> View | None:
    """Return the ASCII spelt by tag characters in `text`, None if none is: a reader cannot see it, a model can."""
    at = [] if text.isascii() else [i for i, c in enumerate(text) if 0xE0020 <= ord(c) <= 0xE007E]
    if not at:
        return None
    return View("".join(chr(ord(text[i]) - 0xE0000) for i in at), at, [i + 1 for i in at])


def _drop(pattern: re.Pattern[str], text: str, new: str = "") -> Iterator[Edit]:
    for match in pattern.finditer(text):
        yield match.start(), match.end(), new


def _controls(text: str) -> Iterator[Edit]:
    return _drop(_CONTROL, text)


def _surrogates(text: str) -> Iterator[Edit]:
    return _drop(_SURROGATE, text, "\ufffd")


def _spaces(text: str) -> Iterator[Edit]:
    for match in _SPACE.finditer(text):
        yield match.start(), match.end(), "\n" if match[0] in "\u2028\u2029" else " "


def _invisibles(text: str) -> Iterator[Edit]:
    right_to_left = _RIGHT_TO_LEFT.search(text) is not None
    for match in _INVISIBLE.finditer(text):
        before = text[match.start() - 1] if match.start() else ""
        after = text[match.end()] if match.end() < len(text) else ""
        kept = "".join(c for c in match[0] if _belongs(c, before, after, right_to_left))
        if len(match[0]) > 2 and not _is_flag(before, match[0]):
            kept = kept[:2]
        if kept != match[0]:
            yield match.start(), match.end(), kept


def _belongs(char: str, before: str, after: str, right_to_left: bool) -> bool:
    """Say whether an invisible character has work to do between its neighbours."""
    code = ord(char)
    if code == 0x200D:
        return bool(_PICTURE.match(before) and _PICTURE.match(after)) or bool(_JOINED.match(before))
    if code == 0x200C:
        return bool(_JOINED.match(before) and _JOINED.match(after))
    if 0xFE00 <= code <= 0xFE0F:
        return bool(_EMOJI.match(before))
    if code in (0x200E, 0x200F, 0x061C) or 0x2066 <= code <= 0x2069 or code in (0x202A, 0x202B, 0x202C):
        return right_to_left
    return before == "\U0001f3f4" and 0xE0061 <= code <= 0xE007F


def _is_flag(before: str, run: str) -> bool:
    return before == "\U0001f3f4" and len(run) <= 7


def _styled(text: str) -> Iterator[Edit]:
    for match in _STYLED.finditer(text):
        plain = unicodedata.normalize("NFKC", match[0])
        if match[0] not in _KEPT_STYLES and plain != match[0] and plain.isascii():
            yield match.start(), match.end(), plain.strip("()") or plain


def _boxed(text: str) -> Iterator[Edit]:
    for at, char in enumerate(text):
        if "\U0001f150" <= char <= "\U0001f169" or "\U0001f170" <= char <= "\U0001f189":
            yield at, at + 1, chr(ord("A") + (ord(char) - 0x1F150) % 32)


def _marked(text: str) -> Iterator[Edit]:
    for match in _MARKED.finditer(text):
        composed = unicodedata.normalize("NFC", match[1] + match[2][:1])
        if len(composed) > 1 and not match[1].isascii() and len(match[2]) <= 2:
            continue
        yield match.start(), match.end(), composed if len(composed) == 1 else match[1]


def _lookalikes(text: str) -> Iterator[Edit]:
    """Fold words that mix scripts, and whole look-alike words where the rest of the message is Latin."""
    foreign = any(c not in LATIN for c in _ALIEN.findall(text))
    for match in _WORD.finditer(text):
        word = match[0]
        if word.isascii() or not _LOOKALIKE.search(word):
            continue
        mixed = any(c.isascii() and c.isalpha() for c in word)
        whole = not foreign and len(word) > 1 and all(c in LATIN or c.isascii() for c in word)
        if (mixed or whole) and (whole or not _is_other_script(word)):
            yield match.start(), match.end(), "".join(LATIN.get(c, c) for c in word)


def _is_other_script(word: str) -> bool:
    """Say whether a word is mostly of another script, with letters that no Latin one resembles."""
    alien = [c for c in word if _ALIEN.match(c)]
    return sum(c not in LATIN for c in alien) * 2 > len(alien)


_STEPS = (
    (_SURROGATE, _surrogates),
    (_CONTROL, _controls),
    (_INVISIBLE, _invisibles),
    (_SPACE, _spaces),
    (_STYLED, _styled),
    (_BOXED, _boxed),
    (_MARKED, _marked),
    (_LOOKALIKE, _lookalikes),
)
