"""Text to word pieces and back to places in the text; long texts in overlapping windows.

Offsets are code points of the text as given. What an encoder cannot take (lone surrogates) is replaced
one for one, so that offsets stay right. Knows nothing of graphs.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from models.errors import ModelError

SHAPES = 6
CASES = 2 * SHAPES  # what `cases` tells apart: each shape within a line, and where one begins
SURROGATES = re.compile("[\ud800-\udfff]")
LONGEST = 20_000  # characters that are read of one text
MOST_WINDOWS = 16


def cases(text: str, offsets: Sequence[tuple[int, int]], words: Sequence[int]) -> np.ndarray:
    """How each piece's word is written, which an uncased vocabulary does not know: (1, pieces + 2), int64.

    0 no letters (and the two special tokens), 1 lower case, 2 a capital first, 3 capitals only, 4 mixed,
    5 with a digit; the same and `SHAPES` more of a word that begins a line, but for the first of the text.
    """
    shapes = np.zeros((1, len(offsets) + 2), dtype=np.int64)
    for _, group in groupby(range(len(offsets)), key=lambda piece: words[piece]):
        pieces = list(group)
        start, end = offsets[pieces[0]][0], offsets[pieces[-1]][1]
        shapes[0, pieces[0] + 1 : pieces[-1] + 2] = _case(text[start:end]) + SHAPES * _begins(text, start)
    return shapes


def _begins(text: str, start: int) -> bool:
    return text[max(start - 4, 0) : start].rstrip(" \t\r").endswith("\n")


def _case(word: str) -> int:
    if any(char.isdigit() for char in word):
        return 5
    if word.islower():
        return 1
    if word[:1].isupper() and (len(word) == 1 or word[1:].islower()):
        return 2
    return 3 if word.isupper() else 4 * any(char.isalpha() for char in word)


@dataclass(frozen=True, slots=True, repr=False)
class Tokens:
    """A text's word pieces without special tokens: offsets, the word that each belongs to, and windows.

    `windows` are half-open ranges of pieces that overlap and together cover them; one empty range for an
    empty text. `complete` is False when the text was too long to be read to its end.
    """

    ids: tuple[int, ...]
    offsets: tuple[tuple[int, int], ...]
    words: tuple[int, ...]
    windows: tuple[tuple[int, int], ...]
    complete: bool


def content(text: str, tokens: Tokens, window: tuple[int, int]) -> tuple[tuple[int, ...], bool, str]:
    """All that the reading of a window of pieces depends on: its ids, and how its words are written."""
    shown = slice(*window)
    offsets = tokens.offsets[shown] or ((0, 0),)
    start, end = offsets[0][0], offsets[-1][1]
    return tokens.ids[shown], _begins(text, start), text[start:end]


class WordPieces:
    """A tokenizer read from its file, with windows of at most `window` pieces; safe to share by threads."""

    def __init__(self, path: Path, window: int = 254, overlap: int = 64) -> None:
        if not 0 <= overlap < window:
            raise ValueError(f"overlap {overlap} must lie in 0..{window - 1}")
        try:
            self._tokenizer = Tokenizer.from_file(str(path))
        except Exception as error:  # the library raises bare Exception
            raise ModelError(f"The tokenizer {path} cannot be read. Install the base model again.") from error
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self._tokenizer.encode_special_tokens = True  # "[SEP]" in a message is text, not a separator
        self._window, self._overlap = window, overlap
        self.first, self.last = self._frame()

    def __call__(self, text: str) -> Tokens:
        """Cut a text into pieces. Any string is taken; one over `LONGEST` characters is cut there."""
        clean = SURROGATES.sub("\ufffd", text[:LONGEST])
        encoding = self._tokenizer.encode(clean, add_special_tokens=False)
        ids, offsets = tuple(encoding.ids), tuple(encoding.offsets)
        words = tuple(-1 if word is None else word for word in encoding.word_ids)
        step = self._window - self._overlap
        starts = [0, *range(step, max(len(ids) - self._overlap, 1), step)]
        windows = tuple((start, min(start + self._window, len(ids))) for start in starts[:MOST_WINDOWS])
        return Tokens(ids, offsets, words, windows, len(text) <= LONGEST and len(starts) <= MOST_WINDOWS)

    def vocabulary(self) -> frozenset[str]:
        """The words that are known whole."""
        return frozenset(word for word in self._tokenizer.get_vocab(with_added_tokens=False) if word.isalpha())

    def framed(self, tokens: Tokens, window: tuple[int, int]) -> np.ndarray:
        """The ids of one window between the special tokens, shape (1, pieces + 2), int64."""
        start, end = window
        return np.array([[self.first, *tokens.ids[start:end], self.last]], dtype=np.int64)

    def _frame(self) -> tuple[int, int]:
        framed = self._tokenizer.encode("", add_special_tokens=True).ids
        if len(framed) != 2:
            raise ModelError("The tokenizer does not frame a text with two special tokens, as a BERT's does.")
        return framed[0], framed[1]
