"""What a branch is trained on: the trunk's states of each text, computed once by the int8 graph that serves.

A branch that leaves the base encoder after layer n sees, in training, the very states it will see when it
serves. A branch as deep as the encoder itself is trained from token ids.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.graph import trunk_graph
from models.runtime import open_session
from models.tokens import WordPieces, cases
from models.trunk import Trunk

LONGEST = 96  # word pieces of a training text; what follows is cut
STEP = 8  # tokens; batches of few lengths, since kernels in bfloat16 are made anew for each


@dataclass(frozen=True, slots=True, repr=False)
class States:
    """Texts as a network takes them: `rows` (all tokens, hidden) float16, or (all tokens,) ids, with the
    half-open ranges of each text in `bounds` (texts + 1,). `cases` (all tokens,) is how each is written."""

    rows: np.ndarray
    bounds: np.ndarray
    cases: np.ndarray

    def __len__(self) -> int:
        return len(self.bounds) - 1

    @property
    def lengths(self) -> np.ndarray:
        """Tokens of each text, special ones included, shape (texts,)."""
        return np.diff(self.bounds)

    def take(self, indexes: np.ndarray) -> States:
        """The texts at these places, in this order; one may come again."""
        places = np.concatenate([np.arange(self.bounds[i], self.bounds[i + 1]) for i in indexes])
        return States(self.rows[places], np.cumsum([0, *self.lengths[indexes]]), self.cases[places])

    def padded(self, indexes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(inputs (texts, longest[, hidden]), lengths (texts,)) of these texts, padded with zeros."""
        dtype = np.float32 if self.rows.ndim == 2 else np.int64
        return self.spread(self.rows, indexes, dtype), self.lengths[indexes]

    def spread(self, column: np.ndarray, indexes: np.ndarray, dtype: type = np.int64, fill: int = 0) -> np.ndarray:
        """What `column` (all tokens, ...) says of these texts, padded with `fill`: (texts, tokens, ...), where the
        longest is padded up to a whole number of `STEP` tokens."""
        lengths = self.lengths[indexes]
        tokens = -(-int(lengths.max()) // STEP) * STEP
        spread = np.full((len(indexes), tokens, *column.shape[1:]), fill, dtype=dtype)
        for row, index in enumerate(indexes):
            spread[row, : lengths[row]] = column[self.bounds[index] : self.bounds[index + 1]]
        return spread


def trunk_states(
    trunk: Trunk,
    texts: Sequence[str],
    depth: int,
    *,
    threads: int = 2,
    longest: int = LONGEST,
    cache: Path | None = None,
    advance: Callable[[int], None] | None = None,
) -> States:
    """The states at which a branch of `depth` layers begins; of each text the first `longest` pieces. With `cache`,
    kept on disk by their content's hash.

    The cache holds what the trunk made of the texts: keep it where the texts themselves may lie.
    """
    kept = cache / f"{_key(trunk, texts, depth, longest)}.npz" if cache else None
    if kept and kept.is_file():
        with np.load(kept) as stored:
            return States(stored["rows"], stored["bounds"], stored["cases"])
    pieces = WordPieces(trunk.tokenizer, window=longest, overlap=0)
    framed, written = [], []
    for text in texts:
        tokens = pieces(text)
        framed.append(pieces.framed(tokens, tokens.windows[0]))
        shown = slice(*tokens.windows[0])
        written.append(cases(text, tokens.offsets[shown], tokens.words[shown])[0])
    shapes = np.concatenate(written)
    bounds = np.cumsum([0, *(ids.shape[1] for ids in framed)])
    if depth == trunk.layers:
        return States(np.concatenate(framed, axis=1)[0], bounds, shapes)
    level = trunk.layers - depth
    session = open_session(trunk_graph(trunk, [level]), threads=1)
    rows = np.empty((int(bounds[-1]), trunk.hidden), dtype=np.float16)

    def fill(index: int) -> None:
        rows[bounds[index] : bounds[index + 1]] = session.run([f"state.{level}"], {"ids": framed[index]})[0][0]
        if advance:
            advance(1)

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(fill, range(len(framed))))
    if kept:
        kept.parent.mkdir(parents=True, exist_ok=True)
        np.savez(kept, rows=rows, bounds=bounds, cases=shapes)
    return States(rows, bounds, shapes)


def _key(trunk: Trunk, texts: Sequence[str], depth: int, longest: int) -> str:
    digest = hashlib.sha256(f"{trunk.sha256} {depth} {longest}".encode())
    for text in texts:
        digest.update(text.encode("utf-8", "surrogatepass") + b"\0")
    return digest.hexdigest()[:16]
