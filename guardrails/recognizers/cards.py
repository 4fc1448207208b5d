"""Numbers of money: payment cards, IBAN, BIC, bank accounts. Checksums where they exist."""

from __future__ import annotations

import re
from collections.abc import Iterator

from stdnum import iban, luhn
from stdnum.us import rtn

from guardrails.recognizers.base import Hit, Recognizer, pattern

_RUN = re.compile(r"(?<![\w])(?<![.,/-]\d)\d(?:[ .\-_/\n\u2013]{0,2}\d){11,}(?![\w])")
_GROUP = re.compile(r"\d+")
_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}[ .\-]?\d{2}(?=(?:[ \-.\n]?[A-Za-z0-9]){11})")
_IBAN_LENGTH = {
    code: int(length)
    for code, length in re.findall(
        r"([A-Z]{2})(\d\d)",
        "AD24AE23AL28AT20AZ28BA20BE16BG22BH22BR29BY28CH21CR22CY28CZ24DE22DK18DO28EE20EG29ES24FI18FO18FR27GB22GE22"
        "GI23GL18GR27GT28HR21HU28IE22IL23IQ23IS26IT27JO30KW30KZ20LB28LC32LI21LT20LU20LV21MC27MD24ME22MK19MR27MT31"
        "MU30NL18NO15PK24PL28PS29PT25QA29RO24RS22SA24SC31SE24SI19SK24SM27TN24TR26UA29VA22VG24XK20",
    )
}
_CARD_WORDS = ("card", "visa", "mastercard", "amex", "maestro", "debit", "credit")
_COUNTRIES = "|".join([*_IBAN_LENGTH, *re.findall(r"..", "ARAUCACLCNCOHKIDINJPKEKRMAMXMYNGNZPEPHSGTHTWUSUYVNZA")])


def is_card(digits: str) -> bool:
    """Say whether `digits` are a number of a known card scheme, of its length, with a valid check digit."""
    two, four, length = int(digits[:2]), int(digits[:4]), len(digits)
    scheme = (
        (digits[0] == "4" and length in (13, 16, 19))
        or ((51 <= two <= 55 or 2221 <= four <= 2720) and length == 16)
        or (two in (34, 37) and length == 15)
        or (two in (36, 38, 39, 30) and length == 14)
        or (3528 <= four <= 3589 and 16 <= length <= 19)
        or ((two in (62, 65) or four == 6011 or 644 <= four // 10 <= 649) and 16 <= length <= 19)
        or ((two == 50 or 56 <= two <= 69) and 13 <= length <= 19)
    )
    return scheme and len(set(digits)) > 1 and luhn.is_valid(digits)


def _cards(text: str) -> Iterator[Hit]:
    """Yield valid card numbers that begin and end with a group of digits; else 16 digits, unsure."""
    for run in _RUN.finditer(text):
        groups = [m.span() for m in _GROUP.finditer(text, run.start(), run.end())]
        found = False
        for first in range(len(groups)):
            digits = ""
            for start, end in groups[first : first + 19]:
                digits += text[start:end]
                if len(digits) > 19:
                    break
                if len(digits) >= 13 and is_card(digits):
                    found = True
                    yield groups[first][0], end, 1.0
        if not found and sum(end - start for start, end in groups) == 16:
            yield run.start(), run.end(), 0.3


def _ibans(text: str) -> Iterator[Hit]:
    for match in _IBAN.finditer(text):
        length = _IBAN_LENGTH.get(match[0][:2].upper(), 0)
        value, at = "", match.start()
        while at < len(text) and len(value) < length and (text[at].isalnum() or text[at] in " -.\n"):
            value += text[at] if text[at].isalnum() else ""
            at += 1
        if value.isascii() and len(value) == length and iban.is_valid(value, check_country=False):
            yield match.start(), at, 1.0


def recognizers() -> list[Recognizer]:
    """Return the recognizers of this module."""
    account = (
        r"\b(?:bank |current |savings )?(?:account|acct|acc|a/c) ?(?:number|no\.?|num|#)?(?: is|:)?"
        r"\s*(?P<value>\d(?:[ -]?\d){5,16})\b"
    )
    code = r"\b(?:cvv2?|cvc2?|cv2|security code)\b\D{0,12}(?P<value>\d{3,4})\b"
    code_of_bank = rf"\b[A-Z]{{4}}(?:{_COUNTRIES})[A-Z0-9]{{2}}(?:[A-Z0-9]{{3}})?\b"
    bic = rf"(?-i:{code_of_bank})"  # "dispatch" is written as one, too
    named = rf"\b(?:bic|swift)(?:(?: ?code| number)(?: is|:)?| is|:)\s*(?P<value>{code_of_bank})"
    after = rf"\b(?i:iban)\b[^\n]{{0,60}}?\d[\s,;:/|-]{{1,4}}(?:and )?(?P<value>{bic})"
    sort_code = r"(?:\bsort ?code\b\D{0,10}|(?<![\w/])s/c[ :.]{0,3}(?:is )?)(?P<value>\d{2}[- ]?\d{2}[- ]?\d{2})\b"
    routing = r"\b(?:routing|aba)\b\D{0,20}(?P<value>\d{9})\b"
    return [
        Recognizer("cards", "CARD", _cards, context=_CARD_WORDS, digits=12),
        Recognizer("iban", "IBAN", _ibans, digits=6),
        pattern("card code", "CARD", code, 0.8, cues=("cv", "security"), digits=3),
        pattern("bic", "BIC", bic, 0.1, context=("bic", "swift"), cues=("bic", "swift")),
        pattern("bic by name", "BIC", named, 0.8, cues=("bic", "swift")),
        pattern("bic after iban", "BIC", after, 0.6, exact=True, cues=("iban",), digits=6),
        pattern("sort code", "BANK", sort_code, 0.8, cues=("sort", "s/c"), digits=6),
        pattern("bank account", "BANK", account, 0.7, cues=("acc", "a/c"), digits=6),
        pattern("routing number", "BANK", routing, 0.8, check=rtn.is_valid, cues=("routing", "aba"), digits=9),
    ]
