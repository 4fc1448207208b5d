"""Text that says nothing in any language: keys struck at random, one piece repeated, signs alone.

Looks at Latin letters only, pair by pair, as in Jurafsky and Martin's letter models, but with a list of pairs that
hardly ever stand in a word instead of probabilities: a name or a typing error has one of them, a struck keyboard many.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

import yaml

from guardrails.guard import Message
from guardrails.verdict import Finding, Span
from guardrails.view import View

_NOISE = re.compile(r"https?://\S+|\S+@\S+|[\[(][A-Z]{2,8}_\d{1,4}[\])]|\S*\d\S*")
_WORD = re.compile(r"[a-z]+")
_STRETCHED = re.compile(r"([a-z])\1{2,}")
_ROW = re.compile(r"qwert|werty|asdf|sdfg|dfgh|ghjk|hjkl|zxcv|xcvb|lkjh|fdsa|vcxz|poiuy")
_CONSONANTS = re.compile(r"[^aeiouy]{6,}")
_VOWEL = re.compile(r"[aeiouy]")
_REPEATED = re.compile(r"(\S{2,12}?)\1{5,}")
_LAUGHTER = re.compile(r"^(?:[ahx]+|[oh]+|[eh]+|(?:lo)+l*|(?:no)+|(?:ja)+|(?:la)+|[.!?\-_=*~#]+)$")
_FEWEST_LETTERS = 6
_SHORT = 6
_FEWEST_SIGNS, _FEWEST_KINDS = 8, 5
_NAME = re.compile(r"\s*[A-Z][a-z]+\W*")


@dataclass(frozen=True, slots=True)
class GibberishGuard:
    """Scores the share of a text's letters that stand in unreadable words (label `struck`), in a piece repeated six
    times or more (`repeated`), or 1 for a text of signs alone (`signs`).

    A word is unreadable from five letters on: two rare pairs (three up to six letters) that are one in eight letters,
    six consonants in a row, four neighbours of a keyboard, or no vowel and a rare pair. Not judged are texts of under
    six letters and a single word with a capital, which may be a name; emoji are no signs.
    """

    rare: re.Pattern[str]
    name: str = "gibberish"
    labels: frozenset[str] = frozenset({"repeated", "struck", "signs"})

    @classmethod
    def build(cls) -> GibberishGuard:
        """Load the pairs of letters that hardly ever stand in a word."""
        text = files("guardrails.tables").joinpath("gibberish.yaml").read_text(encoding="utf-8")
        return cls(re.compile(f"(?={'|'.join(yaml.safe_load(text)['pairs'].split())})"))

    def measure(self, message: Message) -> list[Finding]:
        """Return at most one finding."""
        view = message.safe
        text = _NOISE.sub(lambda noise: " " * len(noise[0]), view.text).casefold()
        size = len(" ".join(text.split()))
        letters = sum(map(str.isalpha, text))
        if letters == 0:
            return self._signs(view)
        if letters < _FEWEST_LETTERS or _NAME.fullmatch(view.text):
            return []
        repeated = max((m for m in _REPEATED.finditer(text)), key=lambda m: len(m[0]), default=None)
        if repeated and not _LAUGHTER.match(repeated[1]) and len(repeated[0]) > size / 2:
            places = _places(view, text, [repeated.span()], "repeated")
            return [Finding(self.name, "repeated", len(repeated[0]) / size, places, "one piece over and over")]
        if not (self.rare.search(text) or _ROW.search(text) or _CONSONANTS.search(text)):
            return []
        struck = [match.span() for match in _WORD.finditer(text) if self._is_unreadable(match[0])]
        share = sum(end - start for start, end in struck) / letters
        places = _places(view, text, struck, "struck")
        return [Finding(self.name, "struck", share, places, "no readable words")] if struck else []

    def _is_unreadable(self, word: str) -> bool:
        word = _STRETCHED.sub(r"\1", word)
        if len(word) < 5:
            return False
        rare = len(self.rare.findall(word))
        bare = not _VOWEL.search(word)
        many = rare >= (2 if len(word) > _SHORT else 3) and rare * 8 >= len(word)
        return many or (bare and rare > 0) or bool(_CONSONANTS.search(word) or _ROW.search(word))

    def _signs(self, view: View) -> list[Finding]:
        signs = [
            char for char in view.text if unicodedata.category(char) in ("Sm", "Sc", "Sk", "Po", "Pd", "Ps", "Pe", "Pc")
        ]
        several = (
            len(set(signs)) >= _FEWEST_KINDS and len(signs) >= _FEWEST_SIGNS and not any(map(str.isdigit, view.text))
        )
        return [Finding(self.name, "signs", 1.0, view.whole("signs"), "signs alone")] if several else []


def _places(view: View, folded: str, stretches: Sequence[tuple[int, int]], label: str) -> tuple[Span, ...]:
    """Return where stretches of the folded text stand; the whole text where folding has moved its letters."""
    if len(folded) != len(view.text):
        return view.whole(label)
    return tuple(view.span(start, end, label) for start, end in stretches)
