"""Public sets with named entities, read as marked texts: WNUT 2017, Broad Twitter Corpus, wikigold, SEC filings,
MultiDoGO and CoNLL-2003 as corrected. Labels of others become ours; what we do not tell is left out."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path

from guardrails.verdict import Span
from training.personal.messages import Marked

_NAMED = {
    **{"PER": "NAME", "LOC": "PLACE", "ORG": "ORG"},
    **{"person": "NAME", "location": "PLACE", "corporation": "ORG", "group": "ORG"},
}
_SLOTS = {"name": "NAME", "address": "ADDRESS", "current_zipcode": "ADDRESS", "new_zipcode": "ADDRESS"}
_SLOTS |= dict.fromkeys(("current_city", "departure_city", "arrival_city", "new_city"), "PLACE")
_OWN = {kind: kind for kind in _SLOTS.values()}
_TIGHT = frozenset({".", ",", "!", "?", ";", ":", ")", "'s", "n't", "'m", "'re", "'ll", "%"})
_OPEN = frozenset({"(", "$", "£", "#", "@"})
_TITLE = re.compile(
    r"(?:(?:President|Prince|Princess|Duke|Duchess|King|Queen|Pope|Bishop|Archbishop|Sir|Lord|Lady|Senator|Justice|Judge"
    r"|Captain|Sgt|Rev|Prof|Professor|Dr|Mr|Mrs|Ms|Miss|PM|Chancellor|Governor|Mayor|Coach)\b\.? )+"
)
WNUT = tuple(f"wnut17/{part}" for part in ("wnut17train.conll", "emerging.dev.conll", "emerging.test.annotated"))
TWITTER = tuple(f"btc_wikigold_sec/BTC/CONLL-format/data/{part}.conll" for part in "abefgh")
WIKI = ("btc_wikigold_sec/wikigold/CONLL-format/data/wikigold.conll.txt",)
FILINGS = ("btc_wikigold_sec/SEC-filings/CONLL-format/data/train/FIN5.txt",)
CONLL = ("conllpp/conllpp_test.txt",)


def sentences(folder: Path, names: Sequence[str], *, spaced: bool = False) -> Iterator[Marked]:
    """Yield the sentences of files with a token and its tag a line; files that are not there are left out.

    With `spaced` a space stands between all tokens; else marks are set as they are printed.
    """
    for name in names:
        path = folder / name
        if not path.is_file():
            continue
        lines = [line.split() for line in path.read_text(encoding="utf-8").splitlines()]
        for filled, group in groupby(lines, key=bool):
            rows = [row for row in group if row and row[0] != "-DOCSTART-"]
            if filled and rows:
                yield _marked([(row[0], row[-1]) for row in rows], _NAMED, spaced=spaced)


def tidied(text: Marked) -> Marked:
    """The same with its names as we tell them: a handle is none, a hash and a title stand before one. Sets of tweets
    disagree about these."""
    spans = []
    for span in text.spans:
        start = span.start
        if text.text[max(start - 1, 0) : start + 1].startswith("@") or text.text[start] == "@":
            continue
        start += text.text[start] == "#"
        if span.label == "NAME" and (title := _TITLE.match(text.text, start, span.end)):
            start = title.end()
        if start < span.end:
            spans.append(Span(start, span.end, span.label))
    return Marked(text.text, tuple(spans))


def turns(folder: Path, split: str) -> Iterator[Marked]:
    """Yield customers' turns of MultiDoGO, each text once; a turn that names its slots wrongly is left out."""
    seen: set[str] = set()
    for path in sorted((folder / "multidogo").glob(f"*/{split}.tsv")):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
                words, slots = (row["utterance"] or "").split(), (row["slot-labels"] or "").split()
                key = " ".join(words).lower()
                if key and key not in seen and len(words) == len(slots):
                    seen.add(key)
                    kinds = [_SLOTS.get(slot, "O") for slot in slots]
                    tags = [kind if kind == "O" else f"I-{kind}" for kind in kinds]
                    yield _marked(zip(words, tags, strict=True), _OWN, spaced=True)


def _marked(rows: Iterable[tuple[str, str]], known: Mapping[str, str], *, spaced: bool) -> Marked:
    pieces: list[tuple[str, str]] = []
    before, last = "", ""
    for word, tag in rows:
        kind = known.get(tag[2:], "")
        gap = "" if not pieces or (not spaced and (word in _TIGHT or before in _OPEN)) else " "
        goes_on = bool(kind) and kind == last and not tag.startswith("B-")
        if goes_on:
            pieces[-1] = (pieces[-1][0] + gap + word, kind)
        else:
            pieces += [(gap, "")] if gap else []
            pieces.append((word, kind))
        before, last = word, kind
    return Marked.of(pieces)
