"""Sentences of public sets once more, about other people and places.

What stands around a name teaches the more, the more names have stood there (mention replacement: Dai and Adel, 2020).
Pronouns give way to names, too, so that sentences about nobody in particular teach where a person may stand.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from training.personal.messages import Marked, styled
from training.personal.world import World

_SOMEBODY = re.compile(r"(?<![\w'’])(?:he|she|him)(?![\w'’])", re.IGNORECASE)
_MARKS = re.compile(r"[^\w\s/-]+")


def recast(texts: Iterable[Marked], personas: World) -> Iterator[Marked]:
    """Yield each text with its spans drawn anew and half of its pronouns named, as people write; a text that is about
    nobody and nothing is left out."""
    for text in texts:
        pieces = list(_redrawn(text, personas))
        if any(kind for _, kind in pieces):
            yield Marked.of(styled(pieces, personas.random))


def _redrawn(text: Marked, personas: World) -> Iterator[tuple[str, str]]:
    done = 0
    for span in text.spans:
        yield from _named(text.text[done : span.start], personas)
        value = text.text[span.start : span.end]
        yield _cased(_other(value, span.label, personas), text.text if value.isdigit() else value), span.label
        done = span.end
    yield from _named(text.text[done:], personas)


def _named(words: str, personas: World) -> Iterator[tuple[str, str]]:
    """Words that are not personal, with names for half of the people that they only point at."""
    done = 0
    for match in _SOMEBODY.finditer(words):
        if personas.random.random() < 0.5:
            yield words[done : match.start()], ""
            name = personas.draw(personas.random.choice(("FIRST", "FIRST", "LAST", "FULL")))
            yield _cased(name, words), "NAME"
            done = match.end()
    yield words[done:], ""


def _other(value: str, kind: str, personas: World) -> str:
    """Another value of the same kind and, roughly, length."""
    if kind == "NAME":
        return personas.draw("FULL" if " " in value else personas.random.choice(("FIRST", "LAST")))
    if kind != "ADDRESS":
        return personas.draw(kind)
    drawn = personas.draw("POSTCODE" if value.isdigit() else "ADDRESS")
    return drawn if _MARKS.search(value) else " ".join(_MARKS.sub(" ", drawn).split())


def _cased(drawn: str, like: str) -> str:
    """`drawn` in lower case, or in capitals, where all that stood there was."""
    if like.islower():
        return drawn.lower()
    return drawn.upper() if like.isupper() and len(like) > 4 else drawn
