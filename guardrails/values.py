"""One value in one form, however it was written. Knows no view and no placeholder."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections.abc import Sequence

_NUMBERED = frozenset({"CARD", "IBAN", "BIC", "BANK", "ID", "PLATE", "MAC"})
_EXACT = frozenset({"EMAIL", "URL", "WALLET", "SECRET"})
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_PART = re.compile(rf"\d+|{'|'.join(_MONTHS)}")
_THIS_CENTURY = 30  # a year of two digits below it is of this century


def plain(label: str, written: str, regions: Sequence[str] = ()) -> str:
    """Return the value of a kind as a program or a person can use it.

    Telephone numbers in E.164 (of `regions`, ISO 3166, where no country code says which), e-mail in lower case, numbers
    as bare capitals and digits; anything else as written, with single spaces.
    """
    if label == "PHONE":
        from guardrails.recognizers.phones import e164

        return e164(_ascii(written), regions)
    if label == "EMAIL":
        return re.sub(r"\s|^\W+|\W+$", "", written).casefold()
    if label in _NUMBERED:
        return re.sub(r"[\W_]", "", _ascii(written)).upper()
    if label == "IP":
        return _address(written)
    return " ".join(written.split())


def folded(label: str, value: str) -> str:
    """Return what two spellings of a plain value have in common, to compare by.

    Case, spaces and punctuation do not count, but in e-mail, links, wallets and secrets; a date is its day.
    """
    if label in _EXACT:
        return value.casefold() if label == "EMAIL" else value
    if label == "DOB" and (day := _day(value)):
        return day
    return re.sub(r"[\W_]", "", value.casefold()) or value


def _ascii(text: str) -> str:
    return "".join(str(unicodedata.digit(c)) if c.isdigit() and not c.isascii() else c for c in text)


def _address(written: str) -> str:
    try:
        return str(ipaddress.ip_address(written.strip()))
    except ValueError:
        return written.strip()


def _day(written: str) -> str:
    """Return a date as year-month-day, the day before the month where it may be either; '' for what is no date."""
    parts = _PART.findall(_ascii(written).lower())
    if len(parts) == 1 and len(parts[0]) == 8:
        parts = [parts[0][:2], parts[0][2:4], parts[0][4:]]
    if len(parts) != 3:
        return ""
    names = [part for part in parts if part in _MONTHS]
    numbers = [int(part) for part in parts if part not in _MONTHS]
    if len(parts[0]) == 4 and not names:
        year, month, day = numbers
    elif len(names) == 1:
        month, (day, year) = _MONTHS.index(names[0]) + 1, numbers
    elif names:
        return ""
    else:
        day, month, year = numbers
        day, month = (month, day) if month > 12 else (day, month)
    if year < 100:
        year += 2000 if year < _THIS_CENTURY else 1900
    return f"{year}-{month}-{day}"
