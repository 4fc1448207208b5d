"""Messages with personal data and where it stands: templates filled with personas, in the styles that people write."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random

import yaml

from guardrails.verdict import Span
from training.personal.personas import Personas
from training.personal.press import PRINTED
from training.personal.world import ORDINARY

KINDS = ("NAME", "ADDRESS", "DOB", "PLACE", "ORG")
_PLACE = re.compile(r"\{(\w+)\}")
_KIND = dict.fromkeys(("FULL", "FIRST", "LAST", "INITIAL"), "NAME") | dict.fromkeys(("STREET", "POSTCODE"), "ADDRESS")
_KIND |= dict.fromkeys(("CLUB", "CLUBTOWN", "COUNTY", "TEAM"), "ORG") | dict.fromkeys(ORDINARY, "")
_KIND |= dict.fromkeys(("COUNTRY", "NATION", "REGION", "CITY"), "PLACE") | PRINTED
_JOINTS = (". ", ". ", " ", " ", "\n", "\n\n", ", ", "! ", " - ", "; ", " and ", "... ", " / ", "? ")
_WORD = re.compile(r"[a-zA-Z]{4,}")


@dataclass(frozen=True, slots=True)
class Marked:
    """A text and the spans of personal data in it, in order, none overlapping; `kind` is their label."""

    text: str
    spans: tuple[Span, ...]

    @classmethod
    def of(cls, pieces: Sequence[tuple[str, str]]) -> Marked:
        """Join pieces of text, each with its kind ("" where it is not personal)."""
        text, spans = "", []
        for piece, kind in pieces:
            if kind:
                spans.append(Span(len(text), len(text) + len(piece), kind))
            text += piece
        return cls(text, tuple(spans))


def messages(part: str, count: int, personas: Personas) -> Iterator[Marked]:
    """Yield `count` messages of a part of the templates: train, dev, held_out, news, headlines or scores."""
    templates, random = seeds()[part], personas.random
    for _ in range(count):
        pieces = list(_filled(random.choice(templates), personas))
        if part in ("train", "dev", "held_out"):
            pieces = styled(pieces, random)
        elif part == "headlines" or random.random() < 0.15:
            pieces = [(text.upper(), kind) for text, kind in pieces]
        yield Marked.of(pieces)


def stories(count: int, personas: Personas, carriers: Sequence[str]) -> Iterator[Marked]:
    """Yield `count` messages of several sentences: templates that teach, and now and then one of `carriers`, which are
    messages that name nobody."""
    templates, random = seeds()["train"], personas.random
    for _ in range(count):
        pieces: list[tuple[str, str]] = []
        for _ in range(random.choice((2, 2, 2, 3, 3, 4))):
            if pieces:
                pieces.append((random.choice(_JOINTS), ""))
            if carriers and random.random() < 0.35:
                pieces.append((random.choice(carriers), ""))
            else:
                pieces += _filled(random.choice(templates), personas)
        yield Marked.of(styled(pieces, random))


@cache
def seeds() -> Mapping[str, Sequence[str]]:
    """Return the templates by part, and under `fill` what stands for words that are not personal."""
    text = (Path(__file__).parent / "seeds" / "pii.yaml").read_text(encoding="utf-8")
    parts: Mapping[str, Sequence[str]] = yaml.safe_load(text)
    return parts


def _filled(template: str, personas: Personas) -> Iterator[tuple[str, str]]:
    fill: Mapping[str, Sequence[str]] = seeds()["fill"]  # type: ignore[assignment]
    for place, text in enumerate(_PLACE.split(template)):
        if place % 2 == 0:
            if text:
                yield text, ""
        elif text in fill:
            yield personas.random.choice(fill[text]), ""
        elif text == "NAME":
            yield personas.draw(personas.random.choice(("FULL", "FULL", "FIRST"))), "NAME"
        else:
            value = personas.draw(text.upper())
            yield value.lower() if text.islower() else value, _KIND.get(text.upper(), text.upper())


def styled(pieces: Sequence[tuple[str, str]], random: Random) -> list[tuple[str, str]]:
    """Write a message as people do: as it is, in lower case, in capitals, without marks, with slips."""
    chance = random.random()
    change: Callable[[str], str] = str
    if chance < 0.33:
        change = str.lower
    elif chance < 0.36:
        change = str.upper
    written = [(change(text), kind) for text, kind in pieces]
    if random.random() < 0.12:
        written = [(re.sub(r"[.,!?](?=\s|$)", "", text) if not kind else text, kind) for text, kind in written]
    if random.random() < 0.15:
        written = [(_slip(text, random) if not kind or random.random() < 0.2 else text, kind) for text, kind in written]
    return [(text, kind) for text, kind in written if text]


def _slip(text: str, random: Random) -> str:
    """Swap or drop a letter of one word."""
    words = list(_WORD.finditer(text))
    if not words:
        return text
    word = random.choice(words)
    at = random.randrange(word.start() + 1, word.end() - 1)
    swapped = text[at + 1] + text[at] if random.random() < 0.5 else text[at]
    return text[:at] + swapped + text[at + 2 :]
