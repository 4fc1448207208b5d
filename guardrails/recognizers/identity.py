"""Documents that are told by name or shape: insurance, passports, licences, plates; and dates of birth."""

from __future__ import annotations

from presidio_analyzer import predefined_recognizers as presidio

from guardrails.recognizers.base import Recognizer, adopt, pattern

_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec)[a-z]*"
_ONES = "one|two|three|four|five|six|seven|eight|nine"
_FIRST = (
    r"(?:twenty|thirty)[ -](?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth)|first|second|third|fourth"
    r"|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|(?:thir|four|fif|six|seven|eigh|nine)teenth|twentieth|thirtieth"
)
_YEAR = (
    r"(?:(?:nineteen|twenty)(?: hundred(?: and)?)?|two thousand(?: and)?)[ -]"
    rf"(?:(?:twen|thir|for|fif|six|seven|eigh|nine)ty(?:[ -](?:{_ONES}))?|(?:oh|o)[ -](?:{_ONES})|{_ONES}|ten|eleven"
    r"|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen)\b|(?:19|20)\d{2}"
)
_DAY = rf"{_FIRST}|\d{{1,2}}(?:st|nd|rd|th)?"
_DATE_IN_WORDS = rf"(?:(?:the )?(?:{_DAY})(?: of)? {_MONTH}|{_MONTH} (?:the )?(?:{_DAY})),? (?:{_YEAR})"
_DATE = (
    rf"(?:{_DATE_IN_WORDS}|\d{{1,2}}(?:st|nd|rd|th)?[ ./-](?:of )?(?:{_MONTH}|\d{{1,2}})[ ,./-]{{1,2}}(?:19|20)?\d{{2}}"
    rf"|(?:19|20)\d{{2}}[./-]\d{{1,2}}[./-]\d{{1,2}}|{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?,? (?:19|20)\d{{2}}"
    r"|(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])(?:19|20)\d{2})"
)
_BORN = (
    r"\b(?:born|d\.?o\.?b\.?|date of birth|birth ?date|birthday|geboren|date de naissance|fecha de nacimiento)\b"
    rf"[^\d\n]{{0,25}}?(?P<value>{_DATE})(?!\d)"
)
_DVLA = r"[A-Z9]{5} \d{6} [A-Z9]{2}\d[A-Z]{2}"
"""A British driving licence in its groups."""
_SSN = r"(?<![\w-])\d{3}-\d{2}-\d{4}(?![\w-])"
_PLATES = (
    r"[A-Z]{2}\d{2} ?[A-Z]{3}|[A-Z]\d{1,3} ?[A-Z]{3}|[A-Z]{2}-?\d{3}-?[A-Z]{2}|\d{4} ?[BCDFGHJ-NP-TV-Z]{3}"
    r"|(?-i:[A-ZÄÖÜ]{1,3}[- ][A-Z]{1,2} ?\d{1,4})|[A-Z\d]{2}-[A-Z\d]{2,3}-[A-Z\d]{1,2}|\d{1,3}-[A-Z]{1,2}-\d{1,6}"
)
_PLATE = (
    r"\b(?:reg(?:istration)?|(?:number|licen[cs]e) ?plate|plate|my (?:car|van)|kennzeichen|immatriculation|targa"
    rf"|matr[ií]cula)\b[^\d\n]{{0,20}}?(?<![\w-])(?P<value>{_PLATES})(?![\w-])"
)
_US_PLATE = r"\blicen[cs]e plate\b(?: number)?(?: is|:)? (?P<value>(?=[A-Z]*\d)[A-Z\d]{2,4}[- ]?[A-Z\d]{2,4})\b"


def is_issued_ssn(value: str) -> bool:
    """Say whether an SSN's area, group and serial can have been issued."""
    area, group, serial = value.split("-")
    return area not in ("000", "666") and area < "900" and group != "00" and serial != "0000"


def _told(names: str, value: str) -> str:
    """Return a pattern for a number that follows its name: "passport no. 925665416"."""
    return rf"(?<!\w)(?:{names})\b(?: (?:number|no\.?|num|nr\.?|id))?(?: is|:)?\s*#?(?P<value>{value})\b"


def recognizers() -> list[Recognizer]:
    """Return the recognizers of this module."""
    by_name = "social security|national insurance|tax(?:payer)? (?:id|reference)|utr|nhs|ssn|nino"
    named = ("social", "national", "tax", "utr", "nhs", "ssn", "nino")
    born = ("born", "birth", "dob", "d.o.b", "geboren", "naissance", "nacimiento")
    passports = ("passport", "passeport", "reisepass", "pasaporte", "passaporto", "paszport", "护照")
    licences = r"driv(?:er'?s?|ing) licen[cs]e|my licen[cs]e|führerschein|permis de conduire|carnet de conducir|patente"
    number = _told(by_name, r"[A-Z0-9](?:[ -]?[A-Z0-9])*?\d(?:[ -]?[A-Z0-9]){5,12}")
    plates = ("reg", "plate", "car", "van", "kennzeichen", "immatric", "matr", "targa")
    social = r"\bmy social(?: number| security)?(?: is|:)? (?P<value>\d{3}[- ]?\d{2}[- ]?\d{4})(?!\d)"
    return [
        adopt(presidio.UkNinoRecognizer(), "ID", digits=6),
        adopt(presidio.UsSsnRecognizer(), "ID", cues=("ssn", "social", "security"), digits=9),
        adopt(presidio.UsPassportRecognizer(), "ID", cues=("passport",)),
        adopt(presidio.UkPassportRecognizer(), "ID", cues=("passport",)),
        adopt(presidio.UkDrivingLicenceRecognizer(), "ID", digits=6),
        pattern("ssn", "ID", _SSN, 0.8, check=is_issued_ssn, cues=("-",), digits=9),
        pattern("social by name", "ID", social, 0.8, cues=("my social",), digits=9),
        pattern("passport", "ID", _told("|".join(passports), r"[A-Z0-9]*\d[A-Z0-9]{5,9}"), 0.8, cues=passports),
        pattern(
            "driving licence",
            "ID",
            _told(licences, rf"{_DVLA}|[A-Z0-9-]*\d[A-Z0-9-]{{5,18}}"),
            0.7,
            cues=("licen", "führer", "permis", "carnet", "patente"),
        ),
        pattern("state number by name", "ID", number, 0.6, cues=named, digits=5),
        pattern("date of birth", "DOB", _BORN, 0.9, cues=born),
        pattern("plate", "PLATE", _PLATE, 0.8, cues=plates, digits=1),
        pattern("us plate", "PLATE", _US_PLATE, 0.8, cues=("license plate", "licence plate"), digits=1),
    ]
