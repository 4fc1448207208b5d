"""What a draft says and its evidence does not: figures and dates by their value, claims by their words.

"£3.95" stands in evidence that says "3.95 pounds", "five days" in one that says "5 working days", "a fortnight" in one
that says "14 days"; "three hours" does not stand in one that says "3 days". Knows nothing of whether the words around
them agree.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from guardrails.claims import missing_names, missing_promises, novelty, strangers
from guardrails.guard import Message
from guardrails.normalise import normalise
from guardrails.verdict import Finding
from guardrails.view import View

_UNITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
          "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen")  # fmt: skip
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety", "hundred")
_WORDS = {word: str(n) for n, word in enumerate(_UNITS)} | {word: str(20 + 10 * n) for n, word in enumerate(_TENS)}
_UNIT = (
    r"(?:working |business |calendar )?"
    r"(?:minutes?|hours?|days?|weeks?|months?|years?|nights?|points?|per ?cent|pounds?|euros?|dollars?|pence"
    r"|cm|mm|kg|miles?)"
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = rf"(?:{'|'.join(_MONTHS)})[a-z]*"
_DAY, _YEAR = r"(\d{1,2})(?:st|nd|rd|th)?", r"(?:\d{4}|\d{2})"
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_URL = re.compile(r"(?:https?://|www\.)[^\s<>()\[\]\"']+")
_DATE = re.compile(
    rf"\b{_DAY}(?: of)? ({_MONTH})\b|\b({_MONTH}) {_DAY}\b|\b(\d{{1,2}})[/.](\d{{1,2}})[/.]{_YEAR}\b", re.IGNORECASE
)
_AMOUNT = r"\d[\d,]*(?:\.\d+)?"
_MONEY = re.compile(
    rf"(?:[£$€]|\b(?:GBP|EUR|USD) ?)\s?{_AMOUNT}|\b{_AMOUNT} ?(?:pounds?|euros?|dollars?|GBP|EUR|USD)\b|\b\d+ ?p\b",
    re.IGNORECASE,
)
_PERCENT = re.compile(r"\b\d+(?:\.\d+)? ?(?:%|per ?cent\b)", re.I)
_TIME = re.compile(r"\b\d{1,2}(?:[:.]\d{2})? ?(?:am|pm)\b|\b\d{1,2}:\d{2}\b", re.I)
_NUMBER = re.compile(r"(?<![\w.])[A-Z]{0,3}-?\d[\d,]*(?:\.\d+)?(?![\w])|(?<=\d)(?:st|nd|rd|th)\b")
_SPELT = re.compile(rf"\b({'|'.join(_WORDS)})(?: to (?:{'|'.join(_WORDS)}))?(?= {_UNIT}\b)", re.I)
_COUNT = rf"(?:\d+|{'|'.join(_WORDS)}|an?)"
_SPAN = re.compile(
    rf"\b({_COUNT})(?: ?(?:to|or|and|-|\u2013) ?({_COUNT}))?[ -](?:working |business |calendar )?"
    r"(minute|hour|day|night|week|fortnight|month|year)s?\b",
    re.IGNORECASE,
)
_DAYS = {"day": 1, "night": 1, "week": 7, "fortnight": 14}
_LIST = re.compile(r"(?m)^[ \t]*\d{1,2}[.)] ")
_KINDS = (
    ("email", _EMAIL, 0.95),
    ("url", _URL, 0.95),
    ("date", _DATE, 0.85),
    ("price", _MONEY, 0.9),
    ("percentage", _PERCENT, 0.9),
    ("time", _TIME, 0.8),
    ("span", _SPAN, 0.8),
    ("number", _NUMBER, 0.8),
    ("number", _SPELT, 0.8),
)


class GroundingGuard:
    """Holds a draft against its evidence. Without evidence it says nothing: there is nothing to compare."""

    name = "grounding"
    labels = frozenset({*(kind for kind, _, _ in _KINDS if kind != "span"), "name", "promise", "unsupported"})

    def measure(self, message: Message) -> list[Finding]:
        """Return one finding per kind of fact or claim that the evidence lacks (`unsupported`: how much it lacks)."""
        if not message.evidence:
            return []
        evidence = normalise("\n".join(message.evidence)).text
        known = {value for _, _, value, _, _ in _facts(evidence)}
        known |= {number for value in known for number in _bare(value)}
        known |= {number for match in _SPAN.finditer(evidence) for number in _counts(match)}
        missing: dict[str, tuple[float, list[tuple[int, int]]]] = {}
        for start, end, value, kind, score in _facts(message.text):
            if value not in known and not (_bare(value) and set(_bare(value)) <= known):
                missing.setdefault(kind, (score, []))[1].append((start, end))
        for kind, score, claims in (("name", 0.6, missing_names), ("promise", 0.8, missing_promises)):
            if places := claims(message.text, evidence):
                missing[kind] = (score, places)
        view: View = message.views.base
        found = [
            Finding(self.name, kind, score, tuple(view.span(*at, kind) for at in places), f"{kind} not in the evidence")
            for kind, (score, places) in missing.items()
        ]
        if share := novelty(message.text, evidence):
            words = tuple(view.span(*at, "unsupported") for at in strangers(message.text, evidence))
            found.append(Finding(self.name, "unsupported", share, words, "words not in the evidence"))
        return found


def _facts(text: str) -> Iterator[tuple[int, int, str, str, float]]:
    """Yield (start, end, value in one spelling, kind, score), each stretch once."""
    taken = [match.span() for match in _LIST.finditer(text)]
    for kind, pattern, score in _KINDS:
        for match in pattern.finditer(text):
            start, end = match.span()
            if match[0] and not any(a < end and start < b for a, b in taken):
                taken.append((start, end))
                if kind == "span":
                    yield from ((start, end, value, "number", score) for value in _spans(match))
                else:
                    yield start, end, _value(kind, match), kind, score


def _value(kind: str, match: re.Match[str]) -> str:
    if kind in ("email", "url"):
        return re.sub(r"^https?://(?:www\.)?|^www\.|[.,;:!?/]+$", "", match[0].casefold())
    if kind == "date":
        day, month, month_first, day_second, number, other = match.groups()
        if number:
            return f"date {int(number)}-{int(other)}"
        name = (month or month_first)[:3].lower()
        return f"date {int(day or day_second)}-{_MONTHS.index(name) + 1}"
    if kind == "time":
        hour, _, minute = re.sub(r"[^\d:.]", "", match[0]).replace(".", ":").partition(":")
        late = "pm" in match[0].lower() and int(hour) < 12
        return f"time {int(hour) + 12 * late}:{minute or '00'}"
    number = match[1].lower() if match.re is _SPELT else match[0]
    plain = _WORDS.get(number, re.sub(r"[^\d.A-Z-]", "", number.replace(",", "")))
    digits = plain.strip(".-ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    if digits.count(".") == 1:
        digits = digits.rstrip("0").rstrip(".")
    prefix = {"price": "price ", "percentage": "percent "}.get(kind, "")
    return prefix + (plain if re.match(r"[A-Z]", plain) and kind == "number" else digits)


def _spans(match: re.Match[str]) -> list[str]:
    """Return the lengths of time of a stretch such as "3 to 5 days", in days where that is exact."""
    unit = match[3].lower()
    return [f"{int(count) * _DAYS.get(unit, 1)} {'day' if unit in _DAYS else unit}" for count in _counts(match)]


def _counts(match: re.Match[str]) -> list[str]:
    counts = [count.lower() for count in match.group(1, 2) if count]
    return ["1" if count in ("a", "an") else _WORDS.get(count, count) for count in counts]


def _bare(value: str) -> list[str]:
    """Return the number in a price or percentage, which may stand in the evidence without its unit."""
    return [value.removeprefix("price ")] if value.startswith("price ") else []
