"""Slips of the hand put right before a text is read: "wheree ismy parcle" is read as "where is my parcel".

A word is only touched when neither the encoder's vocabulary nor the training texts know it, and only one that the
training texts have takes its place: a word drawn out is shortened, one slip away from a known word it becomes that one
(Damerau, 1964; the most frequent), two words run together are parted. Names written with a capital inside a sentence
are left alone. Places in what is read lead back to the text as it was written.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from models.folder import ModelFolder
from models.runtime import Reading

WORD = re.compile(r"(?<![\w\[/@.])[^\W\d_]+(?![\w\]/@]|\.\w)")
LETTERS = "abcdefghijklmnopqrstuvwxyz"
SHORTEST = 4  # letters of a word that is looked at
RUN_TOGETHER = 3  # letters of each word, at least, that are parted; shorter ones stand in SHORT
SHORT = frozenset(re.findall(r"\w+", "a i is it my to of in on at by me we do so no up be he or if as am an go us"))
SEEN = 2  # times in the training texts, of a word that may take another's place
SHARED = 2  # labels whose texts have a word that the encoder does not know, where it is told


@dataclass(frozen=True, slots=True, repr=False)
class Respelt:
    """A text as it is read: for each of its characters, the half-open range of the original that it came from."""

    text: str
    places: tuple[tuple[int, int], ...]

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """The range of the original that a range of this text came from."""
        return (self.places[start][0], self.places[end - 1][1]) if end > start else (start, end)


class Speller:
    """Puts slips right. `words` are those that may take another's place, most frequent first; `known` those that are
    never touched. Without words it changes nothing."""

    def __init__(self, words: Sequence[str], known: Collection[str]) -> None:
        self._rank = {word: place for place, word in enumerate(words)}
        self._known = frozenset(known) | self._rank.keys()

    @classmethod
    def of(cls, folder: ModelFolder, known: Collection[str]) -> Speller:
        """The words that a model's training texts had, beside those that its encoder knows."""
        return cls(folder.words(), known)

    def __call__(self, text: str) -> Respelt:
        """The text as it is to be read."""
        pieces: list[str] = []
        places: list[tuple[int, int]] = []
        done = 0
        for match in WORD.finditer(text) if self._rank else ():
            start, end = match.span()
            better = self._better(match.group(), first=start == 0)
            if better is None:
                continue
            pieces += [text[done:start], better]
            places += [(place, place + 1) for place in range(done, start)] + [(start, end)] * len(better)
            done = end
        places += [(place, place + 1) for place in range(done, len(text))]
        return Respelt("".join([*pieces, text[done:]]), tuple(places))

    def misspelt(self, text: str) -> bool:
        """Whether something would be put right."""
        return self(text).text != text

    def reading(self, read: Callable[[str], Reading], text: str) -> Reading:
        """What `read` makes of the text put right, with places in the text as written."""
        respelt = self(text)
        if respelt.text == text:
            return read(text)
        made = read(respelt.text)
        return replace(made, offsets=tuple(respelt.origin(*offset) for offset in made.offsets))

    def _better(self, written: str, *, first: bool) -> str | None:
        word = written.lower()
        if len(word) < SHORTEST or word in self._known or (written.istitle() and not first):
            return None
        for letters in (r"\1\1", r"\1"):
            short = re.sub(r"(.)\1{2,}", letters, word)
            if short != word and short in self._known:
                return short
        word = re.sub(r"(.)\1{2,}", r"\1", word)
        near = [other for other in _one_slip(word) if other in self._rank and len(other) >= RUN_TOGETHER]
        if near:
            return min(near, key=self._rank.__getitem__)
        parted = [(word[:cut], word[cut:]) for cut in range(1, len(word))]
        known = [pair for pair in parted if all(self._stands_alone(part) for part in pair)]
        return " ".join(min(known, key=lambda pair: max(self._rank[part] for part in pair))) if known else None

    def _stands_alone(self, word: str) -> bool:
        return word in self._rank and (len(word) >= RUN_TOGETHER or word in SHORT)


def frequent_words(
    examples: Iterable[tuple[str, str]], known: Collection[str], is_name: Callable[[str], bool] = lambda word: False
) -> list[str]:
    """The words of labelled training texts (text, label) that stand there `SEEN` times and more, most frequent first.

    One that the encoder does not know (`known`) may be the name of a person: it is told only where it stands under
    `SHARED` labels or more, not counting where it has a capital inside a text, and where it is no name by `is_name`.
    """
    counts: Counter[str] = Counter()
    labels: defaultdict[str, set[str]] = defaultdict(set)
    for text, label in examples:
        for match in WORD.finditer(text):
            word = match.group().lower()
            if word in known or not match.group().istitle() or match.start() == 0:
                counts[word] += 1
                labels[word].add(label)
    told = [
        word for word, count in counts.items()
        if count >= SEEN and (word in known or (len(labels[word]) >= SHARED and not is_name(word)))
    ]  # fmt: skip
    return sorted(told, key=lambda word: (-counts[word], word))


def _one_slip(word: str) -> set[str]:
    cuts = [(word[:place], word[place:]) for place in range(len(word) + 1)]
    dropped = {left + right[1:] for left, right in cuts if right}
    swapped = {left + right[1] + right[0] + right[2:] for left, right in cuts if len(right) > 1}
    changed = {left + letter + right[1:] for left, right in cuts if right for letter in LETTERS}
    added = {left + letter + right for left, right in cuts for letter in LETTERS}
    return dropped | swapped | changed | added
