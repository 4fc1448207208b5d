"""Numbers that states give to people and firms, checked by python-stdnum (each by its country's own rule).

A number whose shape says what it is counts by itself; one that is bare digits, of which one in ten passes
any check digit, counts only beside a word that names it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module

from guardrails.recognizers.base import Recognizer, pattern

_TELLING, _LIKELY, _BARE = 1.0, 0.6, 0.38


@dataclass(frozen=True, slots=True)
class Number:
    """`rule` is the module of stdnum that checks it; `context` words lift a `_BARE` score over the threshold."""

    rule: str
    shape: str
    score: float
    context: tuple[str, ...] = ()


def _bare(rule: str, digits: str, *context: str) -> Number:
    """Return a number of so many digits, in groups or not: "2-3-3-3" is 86 095 742 719."""
    groups = r"[ .-]?".join(rf"\d{{{size}}}" for size in digits.split("-"))
    return Number(rule, groups, _BARE, context)


_TAX = ("tax", "tin", "fiscal", "vat", "taxpayer")
_VAT = "AT|BE|BG|CY|CZ|DE|DK|EE|EL|ES|FI|FR|HR|HU|IE|IT|LT|LU|LV|MT|NL|PL|PT|RO|SE|SI|SK"
NUMBERS: Sequence[Number] = (
    Number("gb.vat", r"(?:GB|XI)[ -]?\d{3}[ -]?\d{3,4}[ -]?\d{2,3}(?:[ -]?\d{3})?", _LIKELY),
    _bare("gb.vat", "3-3-3", "vat"),
    _bare("gb.vat", "3-4-2", "vat"),
    Number("ch.uid", r"CHE[ -]?\d{3}\.?\d{3}\.?\d{3}", _LIKELY),
    Number("no.mva", r"(?:NO ?)?\d{3} ?\d{3} ?\d{3} ?MVA", _LIKELY),
    Number("eu.vat", rf"(?:{_VAT})[ -]?(?-i:[A-Z0-9])(?:[ .]?(?-i:[A-Z0-9])){{6,12}}", _LIKELY),
    _bare("de.idnr", "2-3-3-3", *_TAX, "steuer", "steuernummer", "steueridentifikationsnummer", "idnr", "steuerid"),
    Number("de.stnr", r"\d{2,3}[/ ]\d{3,4}[/ ]\d{4,5}", _BARE, (*_TAX, "steuer", "steuernummer", "stnr", "finanzamt")),
    _bare("fr.nif", "2-2-3-3-3", *_TAX, "spi", "fiscale", "impôts"),
    Number("fr.nir", r"[12] ?\d{2} ?(?:0[1-9]|1[0-2]) ?(?:\d{2}|2[AB]) ?\d{3} ?\d{3} ?\d{2}", _TELLING),
    Number("it.codicefiscale", r"[A-Z]{6}\d{2}[A-EHLMPR-T]\d{2}[A-Z]\d{3}[A-Z]", _TELLING),
    _bare("it.iva", "11", *_TAX, "iva", "partita"),
    Number("es.dni", r"\d{8}-?[A-HJ-NP-TV-Z]", _TELLING),
    Number("es.nie", r"[XYZ]-?\d{7}-?[A-HJ-NP-TV-Z]", _TELLING),
    Number("es.cif", r"[A-HJNP-SUVW]-?\d{7}[0-9A-J]", _BARE, (*_TAX, "cif", "nif")),
    _bare("nl.bsn", "9", "bsn", "burgerservicenummer", "sofinummer"),
    _bare("pl.pesel", "11", "pesel"),
    _bare("pl.nip", "3-3-2-2", *_TAX, "nip"),
    _bare("be.nn", "2-2-2-3-2", "national", "rijksregisternummer", "niss", "insz", "rijksregister"),
    _bare("pt.nif", "3-3-3", *_TAX, "nif", "contribuinte"),
    _bare("at.vnr", "4-6", "svnr", "insurance", "sozialversicherungsnummer", "versicherungsnummer"),
    Number("se.personnummer", r"(?:19|20)?\d{6}[-+]\d{4}", _LIKELY),
    _bare("dk.cpr", "6-4", "cpr"),
    Number("fi.hetu", r"\d{6}[-+A]\d{3}[0-9A-Y]", _TELLING),
    _bare("ro.cnp", "13", "cnp"),
    Number("cz.rc", r"\d{6}/\d{3,4}", _LIKELY),
    Number("ie.pps", r"\d{7}[A-W]{1,2}", _LIKELY),
    _bare("gr.vat", "9", *_TAX, "afm", "αφμ"),
    Number("ch.ssn", r"756\.?\d{4}\.?\d{4}\.?\d{2}", _TELLING),
    _bare("gb.nhs", "3-3-4", "nhs", "health"),
    _bare("gb.utr", "5-5", *_TAX, "utr", "taxpayer"),
    _bare("us.itin", "3-2-4", *_TAX, "itin"),
    _bare("us.ein", "2-7", *_TAX, "ein", "employer"),
    _bare("ca.sin", "3-3-3", "sin", "insurance"),
    _bare("in_.aadhaar", "4-4-4", "aadhaar", "aadhar", "uidai", "uid"),
    Number("in_.pan", r"[A-Z]{3}[ABCFGHJLPT][A-Z]\d{4}[A-Z]", _LIKELY),
    Number("in_.gstin", r"\d{2}[A-Z]{5}\d{4}[A-Z][A-Z\d]Z[A-Z\d]", _TELLING),
    Number("in_.epic", r"[A-Z]{3}\d{7}", _BARE, ("voter", "epic", "election")),
    Number("cn.ric", r"[1-9]\d{5}(?:19|20)\d{9}[\dX]", _TELLING),
    _bare("au.tfn", "3-3-3", *_TAX, "tfn"),
    Number("br.cpf", r"\d{3}\.\d{3}\.\d{3}-\d{2}", _TELLING),
)


def recognizers() -> list[Recognizer]:
    """Return one recognizer for each number."""
    return [
        pattern(
            f"{number.rule} (stdnum)",
            "ID",
            rf"(?<![\w-]){number.shape}(?![A-Za-z\d-])",
            number.score,
            check=import_module(f"stdnum.{number.rule}").is_valid,
            context=number.context,
            digits=4,
        )
        for number in NUMBERS
    ]
