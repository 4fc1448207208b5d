"""How well personal data is told: patterned values, names and addresses in messages, CoNLL-2003, false alarms.

All on what no training saw: other locales and other sentences of our own, customers' turns of MultiDoGO's test part,
CoNLL-2003's test as corrected. The peer is Presidio as it comes, with its own recognizers and no trained pipeline.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from rich.progress import Progress

from guardrails.presidio import blank_engine
from guardrails.screen import BRANCHES, Screen
from guardrails.screening import Screened
from guardrails.verdict import Action, Span
from models.runtime import Runtime
from training.dataset import read_shop
from training.personal import ner_sets
from training.personal.messages import Marked, messages
from training.personal.numbers import Numbers
from training.personal.personas import HELD_OUT, Personas
from training.personal.recipe import TASK, spans_of
from training.personal.spans import SpanReport, span_report
from training.share import Share

REDACTED = ("NAME", "ADDRESS", "DOB")
EACH_LOCALE = 120  # messages about people of one locale


@dataclass(frozen=True, slots=True)
class PiiReport:
    """`patterned` and `presidio`: shares of values taken out, by kind (of Numbers), lowest first; `spans` by source
    and kind; `locales`: names and addresses in messages of our own about people of one locale each, the lowest F1
    first; `alarms`: ordinary messages of customers in which a name, address or date of birth was found."""

    patterned: Mapping[str, Share]
    presidio: Mapping[str, Share]
    spans: Mapping[str, Sequence[SpanReport]]
    locales: Mapping[str, SpanReport]
    alarms: Mapping[str, Share]

    def to_dict(self) -> dict[str, Any]:
        """A plain dictionary, for JSON."""
        shares = {"patterned": self.patterned, "presidio": self.presidio, "alarms": self.alarms}
        made: dict[str, Any] = {n: {k: share.to_dict() for k, share in part.items()} for n, part in shares.items()}
        made |= {"spans": {name: [r.to_dict() for r in reports] for name, reports in self.spans.items()}}
        return made | {"locales": {name: report.to_dict() for name, report in self.locales.items()}}


def evaluate_pii(
    runtime: Runtime, data: Path, shop: Path, *, each: int = 40, seed: int = 7, progress: Progress | None = None
) -> PiiReport:
    """Measure the guard over `runtime` (without its branch: the recognizers alone) on the sets under `data` (those that
    are not there are left out) and on the utterances of the folder `shop`. The other guards go by their rules."""
    numbers = Numbers(HELD_OUT, seed)
    others = {*BRANCHES} - (runtime.folders.keys() & {TASK})
    screen = Screen.build(runtime=runtime, regions=numbers.regions, by_rules=others)
    find = partial(found_in, screen)
    values = list(numbers.draw_by_kind(each))
    peer = stock_presidio()
    made = list(messages("held_out", 1500, Personas(HELD_OUT, seed)))
    taught = {turn.text.lower() for turn in ner_sets.turns(data, "train")}
    turns = [turn for turn in ner_sets.turns(data, "test") if turn.text.lower() not in taught]
    sources = {"our messages, other locales": made, "MultiDoGO, unseen turns": turns}
    spans = {
        name: _reports(texts, find, ("NAME+ADDRESS", *REDACTED), progress) for name, texts in sources.items() if texts
    }
    news = list(ner_sets.sentences(data, ner_sets.CONLL, spaced=True))
    if news and TASK in runtime.folders:
        spans["CoNLL-2003 test"] = _reports(
            news, lambda text: spans_of(runtime, text), ("NAME+PLACE", "NAME", "PLACE"), progress
        )
    locales = {}
    for locale in HELD_OUT:
        texts = list(messages("held_out", EACH_LOCALE, Personas((locale,), seed)))
        (locales[locale],) = _reports(texts, find, ("NAME+ADDRESS",), progress)
    ordinary = {"demo utterances": read_shop(shop, "test").texts}
    return PiiReport(
        patterned=_by_kind(values, lambda text, span: is_taken_out(screen.screen(text), span)),
        presidio=_by_kind(
            values, lambda text, span: any(s.start <= span.start and span.end <= s.end for s in peer(text))
        ),
        spans=spans,
        locales=dict(sorted(locales.items(), key=lambda item: item[1].f1)),
        alarms={name: Share(sum(bool(find(text)) for text in texts), len(texts)) for name, texts in ordinary.items()},
    )


def stock_presidio(threshold: float = 0.4) -> Callable[[str], list[Span]]:
    """Return Presidio as it comes, with all its recognizers for English and no trained pipeline: a peer."""
    import tldextract
    from presidio_analyzer import AnalyzerEngine, RecognizerRegistry

    tldextract.tldextract.TLD_EXTRACTOR = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)  # keep off the net
    registry = RecognizerRegistry(supported_languages=["en"])
    engine = blank_engine()
    registry.load_predefined_recognizers(languages=["en"], nlp_engine=engine)
    analyzer = AnalyzerEngine(registry=registry, nlp_engine=engine, supported_languages=["en"])

    def find(text: str) -> list[Span]:
        hits = analyzer.analyze(text, language="en", score_threshold=threshold)
        return [Span(hit.start, hit.end, hit.entity_type) for hit in hits]

    return find


def found_in(screen: Screen, text: str) -> list[Span]:
    """The names, addresses and dates of birth that are redacted in a text."""
    return [
        Span(span.start, span.end, f.label)
        for f in screen.screen(text).verdict.findings
        if f.guard == "pii" and f.label in REDACTED and f.action == Action.REDACT
        for span in f.spans
    ]


def is_taken_out(screened: Screened, wanted: Span) -> bool:
    """Whether nothing of a stretch of the original is left but marks."""
    taken = {
        place
        for f in screened.verdict.findings
        if f.guard in ("pii", "secrets") and f.action == Action.REDACT
        for span in f.spans
        for place in range(span.start, span.end)
    }
    return sum(place in taken for place in range(wanted.start, wanted.end)) >= 0.9 * (wanted.end - wanted.start)


def _by_kind(values: Sequence[tuple[str, Marked]], is_found: Callable[[str, Span], bool]) -> dict[str, Share]:
    hits: dict[str, list[bool]] = {}
    for kind, value in values:
        hits.setdefault(kind, []).append(is_found(value.text, value.spans[0]))
    shares = {kind: Share(sum(found), len(found)) for kind, found in hits.items()}
    worst = sorted(shares.items(), key=lambda item: item[1].value or 0.0)
    return {"all": Share(sum(map(sum, hits.values())), len(values)), **dict(worst)}


def _reports(
    texts: Sequence[Marked], find: Callable[[str], Sequence[Span]], kinds: Sequence[str], progress: Progress | None
) -> list[SpanReport]:
    found = [find(text.text) for text in _watched(texts, progress)]
    return [span_report(kind, [text.spans for text in texts], found) for kind in kinds]


def _watched(texts: Sequence[Marked], progress: Progress | None) -> Iterator[Marked]:
    if progress:
        yield from progress.track(texts, description="Messages")
    else:
        yield from texts
