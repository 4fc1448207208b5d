"""Personal data: scans every reading of a text by Presidio and a model's tags, settles overlaps. Redacts nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from guardrails.errors import SettingError
from guardrails.guard import Message
from guardrails.language import LATIN_LETTER
from guardrails.model import Unread
from guardrails.placeholders import PATTERN
from guardrails.presidio import Analyzer
from guardrails.splits import Joined, Split
from guardrails.values import plain
from guardrails.verdict import Finding, Span
from guardrails.view import View

if TYPE_CHECKING:
    from guardrails.recognizers.base import Recognizer
    from models.runtime import Reading
    from models.tagging import Tagged

REGIONS = ("GB", "IE", "US", "DE", "FR", "IN", "CN", "ES", "IT", "NL", "PL")
ORDER = r"LL-\d{6}"
TAGGED = ("NAME", "ADDRESS", "DOB")
Tagger = Callable[[str, "Reading"], "list[Tagged]"]
_FLOOR = 0.4
_SURE = 0.75  # of what a model tags
_POSTCODE = re.compile(r"\d{5}")
_INDOORS = re.compile(
    r"\W*(?:no|nr|number|gate|floor|room|level|aisle|bay|platform|terminal|counter|table|desk|page|step|item|section|zone"
    r"|row|seat|build|version)\W*\d{1,4}[a-z]?\W*",
    re.IGNORECASE,
)
LEAN: Mapping[str, float] = {"NAME": 0.5, "ADDRESS": 0.5, "DOB": 0.5, "PLACE": -1.0, "ORG": -0.5}
"""Added to the logits of these kinds: a name missed is worse than a word too many, a town told wrongly hides one."""
_WORD = re.compile(r"\w(?:.*\w)?", re.DOTALL)
_HIDDEN = frozenset({"EMAIL", "PHONE", "CARD", "IBAN", "ID", "IP", "WALLET", "URL", "BANK"})


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the scans of a message's views read: the plain value of each span, and which findings are known."""

    values: dict[Span, str]
    known: set[Finding] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class PiiGuard:
    """Finds personal data. Labels are those of the placeholders: EMAIL, PHONE, CARD, NAME, ADDRESS, ...

    `exempt` are the shop's order numbers and placeholders, which stay; `allow` values that are not personal
    (the shop's own address and number), compared without case and punctuation. `tag` is what a model says of an
    inbound text (None: recognizers alone), of which `kinds` count. Drafts are not tagged: they are made of templates,
    which name the shop's own people and places, and of tickets, which went through this guard when they came in.
    """

    analyzer: Analyzer
    exempt: re.Pattern[str]
    allow: frozenset[str]
    tag: Tagger | None = None
    kinds: frozenset[str] = frozenset(TAGGED)
    regions: tuple[str, ...] = REGIONS
    name: str = "pii"

    @classmethod
    def build(
        cls,
        regions: Sequence[str] = REGIONS,
        order: str | None = ORDER,
        account: str | None = None,
        allow: Iterable[str] = (),
        deny: Iterable[str] = (),
        extra: Sequence[Recognizer] = (),
        tag: Tagger | None = None,
        kinds: Iterable[str] = TAGGED,
    ) -> PiiGuard:
        """Build the guard with all recognizers.

        `regions` are the telephone regions (ISO 3166); `order` and `account` the patterns of the shop's own numbers,
        which stay readable; `deny` words that are always redacted, as LISTED; `extra` recognizers of your own; `tag`
        and `kinds` as in the class. Raises SettingError for an unknown region or kind, or a pattern that does not
        compile.
        """
        from guardrails.recognizers import cards, identity, internet, names, national, phones, places
        from guardrails.recognizers.base import pattern

        counted = frozenset(kinds)
        if unknown := sorted(counted - LEAN.keys()):
            raise SettingError(f"kind {unknown[0]!r} of personal data is unknown; a model tags {', '.join(LEAN)}")
        recognizers = [
            *cards.recognizers(),
            *internet.recognizers(),
            *identity.recognizers(),
            *national.recognizers(),
            *places.recognizers(),
            phones.recognizer(regions),
            names.recognizer(),
            *extra,
        ]
        if words := "|".join(re.escape(word) for word in deny if word):
            recognizers.append(pattern("deny list", "LISTED", rf"(?<!\w)(?:{words})(?!\w)", 1.0))
        exempt = "|".join([*(_whole(own) for own in (order, account) if own), PATTERN.pattern])
        allowed = frozenset(_bare(value) for value in allow)
        analyzer, own = Analyzer.build(recognizers), re.compile(exempt, re.IGNORECASE)
        return cls(analyzer, own, allowed, tag, counted, tuple(regions))

    @property
    def labels(self) -> frozenset[str]:
        """Those of the recognizers and of what is tagged; LISTED stands for the shop's own words."""
        return self.analyzer.labels | self.kinds | {"LISTED"}

    def measure(self, message: Message) -> Sequence[Finding]:
        """Return one finding per stretch of personal data; stretches do not overlap. The message takes their values.

        Raises Unread when the model could not read the text to its end.
        """
        views = message.views
        seen = _Seen(message.values)
        told = views.told[0]
        tagged = self._tagged(message, told)
        found = [hit for view in views.plain for hit in self._scan(view, seen, tagged if view is told else ())]
        found += [hit for view in views.digits for hit in self._scan(view, seen) if hit.label in _HIDDEN]
        begun = list(self._begun(message))
        whole = {(hit.spans[0].start, hit.spans[0].end) for hit in begun}
        found = [hit for hit in found if (hit.spans[0].start, hit.spans[0].end) not in whole]
        # what is known whole is surer than what its end alone looks like
        settled = settle([*found, *begun], message.original, seen.known | set(begun))
        for span in (hit.spans[0] for hit in settled if hit.spans[0] not in message.values):
            start, end = views.base.locate(span)
            message.values[span] = plain(span.label, views.base.text[start:end], self.regions)
        return settled

    def _begun(self, message: Message) -> Iterator[Finding]:
        """Yield the ends, in this message, of values that began in the messages before it."""
        base = message.views.base
        joined = Joined.of(message.before, base.text) if message.before else None
        if joined is None:
            return
        seen = _Seen({})
        for hit in (hit for view in joined.readings() for hit in self._scan(view, seen)):
            *earlier, last = joined.parts(hit.spans[0].start, hit.spans[0].end)
            known = hit.label in _HIDDEN or joined.announced or (hit.label == "ADDRESS" and earlier)
            if known and (earlier or joined.announced) and last[0] == len(message.before):
                span = base.span(last[1], last[2], hit.label)
                message.splits.extend(Split(place, start, end, span) for place, start, end in earlier)
                message.values[span] = seen.values[hit.spans[0]]
                yield replace(hit, spans=(span,), reason=f"{hit.reason}, over {len(joined.stretches)} messages")

    def _tagged(self, message: Message, view: View) -> list[Tagged]:
        if self.tag is None or message.direction == "out" or not message.text.strip():
            return []
        reading = message.read(view)
        if not reading.complete:
            raise Unread
        return [
            tag
            for tag in self.tag(view.text, reading)
            if tag.score >= _SURE and _may_be(tag.kind, view.text[tag.start : tag.end])
        ]

    def _scan(self, view: View, seen: _Seen, tagged: Sequence[Tagged] = ()) -> list[Finding]:
        """What is found in a view; `seen` takes what it reads there.

        The rules for names yield to what a model tags, which knows where a name ends, and that a town bears one.
        """
        text = self.exempt.sub(lambda match: "#" * len(match[0]), view.text)
        tagged = [t for t in tagged if "##" not in text[t.start : t.end]]
        found = []
        counted = [t for t in tagged if t.kind in self.kinds]
        for hit in self.analyzer.analyze(text, _FLOOR, counted):
            named = hit.recognizer == "names" and any(t.start < hit.end and hit.start < t.end for t in tagged)
            if named or _bare(text[hit.start : hit.end]) in self.allow:
                continue
            span = view.span(hit.start, hit.end, hit.label)
            seen.values.setdefault(span, plain(hit.label, view.text[hit.start : hit.end], self.regions))
            finding = Finding(self.name, hit.label, hit.score, (span,), f"recognizer: {hit.recognizer}")
            if hit.known:
                seen.known.add(finding)
            found.append(finding)
        return found


def _may_be(kind: str, text: str) -> bool:
    """Say whether a tagged stretch is written as its kind may be: times, numbers of houses, gates or rooms alone and
    words of other scripts are neither name nor address."""
    latin, letters = len(LATIN_LETTER.findall(text)), sum(map(str.isalpha, text))
    if not letters:
        return kind == "DOB" or (kind == "ADDRESS" and _POSTCODE.search(text) is not None)
    return latin > 1 and 2 * latin >= letters and not (kind == "ADDRESS" and _INDOORS.fullmatch(text))


def _whole(own: str) -> str:
    """Return a pattern of the shop's for whole words alone."""
    try:
        re.compile(own)
    except re.error as error:
        raise SettingError(f"the shop's pattern {own!r} is no regular expression: {error}") from None
    return rf"(?<!\w)(?:{own})(?!\w)"


def settle(findings: Iterable[Finding], text: str, known: Container[Finding] = frozenset()) -> list[Finding]:
    """Return findings whose spans, of `text`, do not overlap and leave no word of any that was found, in reading order.

    Of two that overlap, what a check digit or a word beside it vouches for (`known`) goes before what a model tags or
    looks alike; then the longer; of equal length the surer; of equal score the leftmost. What sticks out of the winner
    stays a finding of its own kind, or becomes part of the winner where both are of one.
    """
    kept: list[Finding] = []
    for finding in sorted(findings, key=lambda f: _rank(f, f in known)):
        for start, end in _free(finding.spans[0], kept):
            whole = (start, end) == _ends(finding)
            word = _WORD.search(text, start, end)
            if not whole and word is None:
                continue
            stretch = word.span() if word and not whole else (start, end)
            beside = None if whole else _beside(finding, start, end, kept)
            if beside is not None:
                kept.remove(beside)
                stretch = min(stretch[0], _ends(beside)[0]), max(stretch[1], _ends(beside)[1])
            kept.append(replace(beside or finding, spans=(Span(*stretch, finding.label),)))
    return sorted(kept, key=lambda f: f.spans[0].start)


def _beside(finding: Finding, start: int, end: int, kept: Iterable[Finding]) -> Finding | None:
    """Return the kept finding of the same kind that `[start, end)` of `finding` sticks out of, if one is."""
    alike = (other for other in kept if other.label == finding.label)
    return next((other for other in alike if _ends(other)[1] == start or _ends(other)[0] == end), None)


def _free(span: Span, kept: Iterable[Finding]) -> list[tuple[int, int]]:
    """Return the stretches of a span that no kept finding covers."""
    taken = sorted(_ends(other) for other in kept if _overlap(span, other.spans[0]))
    edges = [span.start, *(edge for stretch in taken for edge in stretch), span.end]
    return [(start, end) for start, end in zip(edges[::2], edges[1::2], strict=True) if start < end]


def _ends(finding: Finding) -> tuple[int, int]:
    return finding.spans[0].start, finding.spans[0].end


def _rank(finding: Finding, known: bool) -> tuple[bool, int, float, int]:
    start, end = _ends(finding)
    return not known, start - end, -finding.score, start


def _overlap(a: Span, b: Span) -> bool:
    return a.start < b.end and b.start < a.end


def _bare(value: str) -> str:
    return re.sub(r"[\W_]", "", value.casefold())
