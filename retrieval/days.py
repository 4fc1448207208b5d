"""The calendar days that a sentence names, however they are written. Knows neither "tomorrow" nor a year alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_MONTH = "|".join(f"{month[:3]}(?:{month[3:]})?" if month != "may" else "may" for month in _MONTHS)
_DAY = re.compile(
    rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)? (?:of )?(?P<month>{_MONTH})\b(?:,? (?P<year>20\d\d))?"
    rf"|\b(?P<month2>{_MONTH}) (?P<day2>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,? (?P<year2>20\d\d))?"
    r"|\b(?P<year3>20\d\d)-(?P<month3>\d\d)-(?P<day3>\d\d)\b"
    rf"|\b(?P<month4>{_MONTH})(?: of|,)? (?P<year4>20\d\d)\b",
    re.IGNORECASE,
)
_IN_NUMBERS = re.compile(  # "31.12.2023", "05/31/24": which of both is the month is told by the numbers, if at all
    r"(?<![\d./-])(?P<one>\d{1,2})(?P<by>[./-])(?P<other>\d{1,2})(?P=by)(?P<year>20\d\d|(?<=/)\d\d)(?![\d/-]|\.\d)"
)
_SINCE = re.compile(r"\b(?:since|as of)(?: the)? $", re.IGNORECASE)  # what began then still holds


def days(sentence: str, written: date | None) -> Iterator[date]:
    """The days that a sentence names, but for those that something holds since.

    A month is its last day; "5/6/2024" the later of both that it may be; a day without a year the first after it was
    `written`, give or take half a year (None: not known, such days are left out).
    """
    for match in _DAY.finditer(sentence):
        if not _since(sentence, match):
            found = {name.rstrip("234"): value for name, value in match.groupdict().items() if value}
            yield from _day(found, written)
    for match in _IN_NUMBERS.finditer(sentence):
        if not _since(sentence, match):
            one, other, year = (int(match[name]) for name in ("one", "other", "year"))
            both = [*_made(year % 100 + 2000, other, one), *_made(year % 100 + 2000, one, other)]
            yield from sorted(both)[-1:]


def names_a_day(text: str) -> bool:
    """Whether a text names a day or a month of a year."""
    return bool(_DAY.search(text) or _IN_NUMBERS.search(text))


def _since(sentence: str, match: re.Match[str]) -> bool:
    return _SINCE.search(sentence, max(0, match.start() - 12), match.start()) is not None


def _day(found: dict[str, str], written: date | None) -> Iterator[date]:
    name = found["month"].lower()
    month = int(name) if name.isdigit() else 1 + [known[:3] for known in _MONTHS].index(name[:3])
    if "day" not in found:
        year = int(found["year"])
        yield date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
    elif "year" in found:
        yield from _made(int(found["year"]), month, int(found["day"]))
    elif written is not None:
        for day in _made(written.year, month, int(found["day"])):
            early = day < written - timedelta(days=180)
            yield from _made(day.year + early, month, day.day)


def _made(year: int, month: int, day: int) -> Iterator[date]:
    try:
        yield date(year, month, day)
    except ValueError:  # 31 June
        return
