"""Telephone numbers of the regions in the settings, by Google's phonenumbers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import phonenumbers

from guardrails.errors import SettingError
from guardrails.recognizers.base import Hit, Recognizer

CONTEXT = ("phone", "tel", "telephone", "mobile", "cell", "call", "ring", "text", "whatsapp", "mob", "reach", "fax")

_CANDIDATE = re.compile(r"(?<![\w£$€.,])(?<![\w]-)\+?\(?\d(?:[ \-.()/\u2013]{0,2}\d){6,14}(?![\w%]|[.,]\d)")
_NOT_PHONE = re.compile(
    r"(?:order|invoice|ref|reference|tracking|parcel|sku|model|serial|item|product|account|ticket|case|voucher|code"
    r"|id|card|barcode|ean)(?: number| no\.?| num| code| id)?\s*(?:is|was|:|#|=|-)?\s*#?$",
    re.IGNORECASE,
)
_DATE = re.compile(r"(?:\d{1,2}[-./]\d{1,2}[-./](?:19|20)?\d{2}|(?:19|20)\d{2}[-./]\d{1,2}[-./]\d{1,2})(?!\d)")
_DRAMA = re.compile(r"0(?:7700900|1632960)\d{3}")
"""Numbers that Ofcom gives to nobody, for examples: valid in no plan but by chance in another country's."""
_FEWEST = 7  # digits
_GROUPED = re.compile(r"\(?0\d|\(?\d{3}\)?[ \-.]\d{3}[ \-.]\d{4}$")


def recognizer(regions: Sequence[str]) -> Recognizer:
    """Return the recognizer for numbers of `regions` (ISO 3166 codes), national or with a country code.

    Raises SettingError for a region that phonenumbers does not know.
    """
    if unknown := sorted(set(regions) - phonenumbers.SUPPORTED_REGIONS):
        raise SettingError(f"phone region {unknown[0]!r} is unknown; use ISO 3166 codes such as GB, US or DE")

    def find(text: str) -> Iterator[Hit]:
        for match in _CANDIDATE.finditer(text):
            if _DATE.match(match[0].strip("(")) or _NOT_PHONE.search(text, max(0, match.start() - 40), match.start()):
                continue
            if score := _score(match[0], regions):
                yield match.start(), match.end(), score

    return Recognizer("phones", "PHONE", find, context=CONTEXT, digits=7)


def e164(number: str, regions: Sequence[str]) -> str:
    """Return a telephone number in one form, such as +447700900982.

    Without a country code it is taken for one of the first of `regions` where it is valid; where it is valid in none,
    of the first whose way of dialling it has. What no region knows comes back as its digits.
    """
    digits = re.sub(r"\D", "", number)
    if len(digits) < _FEWEST:
        return digits
    if number.lstrip(" (").startswith(("+", "00")):
        parsed = _parse("+" + digits.removeprefix("00"), None)
        return _form(parsed) if parsed else digits
    if "GB" in regions and _DRAMA.fullmatch(digits):
        return f"+44{digits[1:]}"
    known = [(region, parsed) for region in regions if (parsed := _parse(digits, region))]
    for region, parsed in known:
        if phonenumbers.is_valid_number_for_region(parsed, region):
            return _form(parsed)
    for region, parsed in known:
        trunk = phonenumbers.ndd_prefix_for_region(region, True) == "0"
        if trunk == digits.startswith("0") and phonenumbers.is_possible_number(parsed):
            return _form(parsed)
    return digits


def _form(parsed: phonenumbers.PhoneNumber) -> str:
    return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))


def _score(number: str, regions: Sequence[str]) -> float:
    """Return how sure it is that `number` is a telephone number; 0 when it cannot be."""
    digits = re.sub(r"\D", "", number)
    if len(set(digits)) < 2:
        return 0.0
    if number.startswith(("+", "00")):
        parsed = _parse("+" + digits.removeprefix("00"), None)
        return 0.9 if parsed and phonenumbers.is_possible_number(parsed) else 0.0
    shaped = _GROUPED.match(number) is not None
    best = 0.0
    for region in regions:
        parsed = _parse(digits, region)
        if parsed is None:
            continue
        if phonenumbers.is_valid_number_for_region(parsed, region):
            return 0.75 if shaped or (region == "CN" and len(digits) == 11) else 0.3
        if shaped and len(digits) >= 10 and phonenumbers.is_possible_number(parsed):
            best = 0.5
    return best or (0.1 if len(digits) >= 9 else 0.0)


def _parse(number: str, region: str | None) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException:
        return None
