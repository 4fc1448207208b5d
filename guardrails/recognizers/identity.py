"""Numbers of the state: insurance, health, tax, passports, licences, plates; and dates of birth."""

from __future__ import annotations

from presidio_analyzer import predefined_recognizers as presidio

from guardrails.recognizers.base import Recognizer, adopt, pattern

_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec)[a-z]*"
_DATE = (
    rf"(?:\d{{1,2}}(?:st|nd|rd|th)?[ ./-](?:of )?(?:{_MONTH}|\d{{1,2}})[ ,./-]{{1,2}}(?:19|20)?\d{{2}}"
    rf"|(?:19|20)\d{{2}}[./-]\d{{1,2}}[./-]\d{{1,2}}|{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?,? (?:19|20)\d{{2}})"
)
_BORN = rf"\b(?:born|d\.?o\.?b\.?|date of birth|birth ?date|birthday)\b[^\d\n]{{0,25}}?(?P<value>{_DATE})(?!\d)"
_SSN = r"(?<![\w-])\d{3}-\d{2}-\d{4}(?![\w-])"
_CHINESE_ID = r"(?<!\w)[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?![A-Za-z\d])"
_FRENCH_NIR = r"(?<!\w)[12] ?\d{2} ?(?:0[1-9]|1[0-2]) ?(?:\d{2}|2[AB]) ?\d{3} ?\d{3} ?\d{2}(?!\w)"
_PLATE = (
    r"\b(?:reg(?:istration)?|number ?plate|plate|my car|my van)\b[^\d\n]{0,20}?(?P<value>[A-Z]{2}\d{2} ?[A-Z]{3})\b"
)
_CN_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def is_chinese_id(value: str) -> bool:
    """Say whether `value` is a resident identity number with its check character (GB 11643-1999)."""
    total = sum(int(d) * w for d, w in zip(value[:17], _CN_WEIGHTS, strict=True))
    return "10X98765432"[total % 11] == value[17].upper()


def is_french_nir(value: str) -> bool:
    """Say whether `value` is a French social security number with its two-digit key (97 minus mod 97)."""
    digits = value.replace(" ", "").upper().replace("2A", "19").replace("2B", "18")
    return digits.isdigit() and len(digits) == 15 and int(digits[13:]) == 97 - int(digits[:13]) % 97


def is_issued_ssn(value: str) -> bool:
    """Say whether an SSN's area, group and serial can have been issued."""
    area, group, serial = value.split("-")
    return area not in ("000", "666") and area < "900" and group != "00" and serial != "0000"


def _told(names: str, value: str) -> str:
    """Return a pattern for a number that follows its name: "passport no. 925665416"."""
    return rf"\b(?:{names})\b(?: (?:number|no\.?|num))?(?: is|:)?\s*#?(?P<value>{value})\b"


def recognizers() -> list[Recognizer]:
    """Return the recognizers of this module."""
    by_name = "social security|national insurance|tax(?:payer)? (?:id|reference)|utr|nhs|ssn|nino"
    named = ("social", "national", "tax", "utr", "nhs", "ssn", "nino")
    born = ("born", "birth", "dob", "d.o.b")
    licence = _told(r"driv(?:er'?s?|ing) licen[cs]e", r"[A-Z0-9-]*\d[A-Z0-9-]{5,18}")
    number = _told(by_name, r"[A-Z0-9](?:[ -]?[A-Z0-9])*?\d(?:[ -]?[A-Z0-9]){5,12}")
    return [
        adopt(presidio.UkNinoRecognizer(), "ID", digits=6),
        adopt(presidio.NhsRecognizer(), "ID", digits=10, cap=0.6),
        adopt(presidio.UsSsnRecognizer(), "ID", cues=("ssn", "social", "security"), digits=9),
        adopt(presidio.UsItinRecognizer(), "ID", cues=("itin", "tax"), digits=9, cap=0.3),
        adopt(presidio.UsPassportRecognizer(), "ID", cues=("passport",)),
        adopt(presidio.UkPassportRecognizer(), "ID", cues=("passport",)),
        adopt(presidio.UkDrivingLicenceRecognizer(), "ID", digits=6),
        adopt(presidio.InAadhaarRecognizer(), "ID", digits=12, cap=0.35),
        adopt(presidio.EsNifRecognizer(), "ID", digits=7),
        adopt(presidio.EsNieRecognizer(), "ID", digits=7),
        adopt(presidio.ItFiscalCodeRecognizer(), "ID", digits=7),
        adopt(presidio.PlPeselRecognizer(), "ID", cues=("pesel",), cap=0.6),
        adopt(presidio.DeTaxIdRecognizer(), "ID", cues=("steuer", "tax", "idnr", "tin"), cap=0.6),
        pattern("ssn", "ID", _SSN, 0.8, check=is_issued_ssn, cues=("-",), digits=9),
        pattern("pan", "ID", r"\b[A-Z]{3}[ABCFGHJLPT][A-Z]\d{4}[A-Z]\b", 0.6, digits=4),
        pattern("passport", "ID", _told("passport", r"[A-Z0-9]*\d[A-Z0-9]{5,9}"), 0.8, cues=("passport",)),
        pattern("driving licence", "ID", licence, 0.7, cues=("licen",)),
        pattern("chinese id", "ID", _CHINESE_ID, 1.0, check=is_chinese_id, digits=17),
        pattern("french nir", "ID", _FRENCH_NIR, 1.0, check=is_french_nir, digits=13),
        pattern("state number by name", "ID", number, 0.6, cues=named, digits=5),
        pattern("date of birth", "DOB", _BORN, 0.9, cues=born, digits=3),
        pattern("plate", "PLATE", _PLATE, 0.8, cues=("reg", "plate", "car", "van"), digits=2),
    ]
