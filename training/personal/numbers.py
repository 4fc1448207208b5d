"""Patterned personal data that is valid by its own rule and belongs to nobody: cards, accounts, state numbers, phones.

A number with a check digit is drawn until it passes. Each comes with the words that a customer puts around it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module
from random import Random
from typing import Any

import phonenumbers
from stdnum import iban, luhn
from stdnum.us import rtn

from guardrails.verdict import Span
from training.extra import require
from training.personal.messages import Marked

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_CARDS = (
    "4###############",
    "51##############",
    "2221############",
    "2720############",
    "37#############",
    "6011############",
)
_STATE = {  # a rule of stdnum, how its number is written, and what customers call it
    "de.idnr": ("## ### ### ###", "my Steuernummer is {}"),
    "fr.nif": ("0############", "numéro fiscal {}"),
    "fr.nir": ("1 85 03 75 ### ### ##", "sécu {}"),
    "it.codicefiscale": ("RSSMRA##E##H501?", "codice fiscale: {}"),
    "it.iva": ("###########", "partita IVA {}"),
    "es.dni": ("########?", "DNI {}"),
    "es.nie": ("X#######?", "my NIE is {}"),
    "nl.bsn": ("#########", "bsn {}"),
    "pl.pesel": ("85060######", "PESEL {}"),
    "pl.nip": ("###-###-##-##", "nip: {}"),
    "be.nn": ("85.07.##-###.##", "rijksregisternummer {}"),
    "pt.nif": ("2########", "my NIF is {}"),
    "se.personnummer": ("8503##-####", "personnummer {}"),
    "ie.pps": ("#######?", "PPS number {}"),
    "gb.nhs": ("### ### ####", "my NHS number is {}"),
    "gb.utr": ("##########", "utr {} for the invoice"),
    "ch.ssn": ("756.####.####.##", "AHV {}"),
    "in_.aadhaar": ("#### #### ####", "aadhaar {}"),
    "in_.pan": ("ABCP?####?", "PAN is {}"),
    "cn.ric": ("11010519850#0####X", "id {}"),
    "br.cpf": ("###.###.###-##", "CPF {}"),
    "ca.sin": ("### ### ###", "sin {}"),
}


class Numbers:
    """Draws patterned values by label. Repeatable by its seed."""

    def __init__(self, locales: Sequence[str], seed: int) -> None:
        factory = require("faker").Faker
        self.random = Random(seed)
        self.regions = sorted({locale.partition("_")[2] for locale in locales} & set(phonenumbers.SUPPORTED_REGIONS))
        self._fakers = [factory(locale) for locale in locales]
        for place, faker in enumerate(self._fakers):
            faker.seed_instance(seed * 1000 + place)

    def draw(self, each: int) -> Iterator[Marked]:
        """Yield `each` messages for every label, with one value each; of ID as many for every state's number."""
        yield from (message for _, message in self.draw_by_kind(each))

    def draw_by_kind(self, each: int) -> Iterator[tuple[str, Marked]]:
        """Yield the same, each with its kind: its label, and of a state's number its rule as `stdnum` calls it."""
        makers: Mapping[str, Sequence[Callable[[], tuple[str, str]]]] = {
            "EMAIL": [lambda: ("you reach me under {}", str(self._faker().email()))],
            "PHONE": [self._phone],
            "CARD": [lambda: ("I paid by card, {}", self._card())],
            "IBAN": [lambda: ("please refund {}", self._iban())],
            "BIC": [lambda: ("swift {}", str(self._fakers[0].swift(length=8)))],
            "BANK": [lambda: ("routing number {}", self._valid(rtn.is_valid, "#########"))],
            "IP": [lambda: ("logged in from {}", str(self._faker().ipv4())), lambda: ("from {} too", self._ipv6())],
            "MAC": [lambda: ("the box says {}", str(self._faker().mac_address()))],
            "WALLET": [lambda: ("send it to {}", self._bitcoin()), lambda: ("wallet {}", "0x" + self._hex(40))],
            "URL": [lambda: ("the link {} fails", f"https://shop.example/reset?token={self._hex(24)}")],
            "SECRET": [
                lambda: ("my password is {}", f"{self._hex(6)}!Q7"),
                lambda: ("key {}", f"sk_live_{self._hex(24)}"),
            ],
            "PLATE": [lambda: ("my car is {}", self._filled("??## ???").upper())],
            "ID": [self._state(rule, shape, words) for rule, (shape, words) in _STATE.items()],
        }
        for label, choices in makers.items():
            kinds = [f"ID, {rule}" for rule in _STATE] if label == "ID" else [label] * len(choices)
            for kind, make in zip(kinds, choices, strict=True):
                for _ in range(each):
                    words, value = make()
                    start = words.index("{")
                    yield kind, Marked(words.format(value), (Span(start, start + len(value), label),))

    def _faker(self) -> Any:
        return self.random.choice(self._fakers)

    def _filled(self, shape: str) -> str:
        """Return a shape with a digit for each # and a capital for each ?."""
        drawn = {"#": "0123456789", "?": "ABCDEFGHJKLMNPRSTVWXYZ"}
        return "".join(self.random.choice(drawn[char]) if char in drawn else char for char in shape)

    def _valid(self, is_valid: Callable[[str], bool], shape: str) -> str:
        while not is_valid(value := self._filled(shape)):
            pass
        return value

    def _state(self, rule: str, shape: str, words: str) -> Callable[[], tuple[str, str]]:
        is_valid = import_module(f"stdnum.{rule}").is_valid
        return lambda: (words, self._valid(is_valid, shape))

    def _card(self) -> str:
        digits = self._filled(self.random.choice(_CARDS))[:-1]
        digits += str(luhn.calc_check_digit(digits))
        if self.random.random() < 0.4:
            return digits
        cuts = (4, 10, 15) if len(digits) == 15 else (4, 8, 12, 16)
        return " ".join(digits[start:end] for start, end in zip((0, *cuts), cuts, strict=False))

    def _iban(self) -> str:
        value = ""
        while not iban.is_valid(value, check_country=False):  # Faker's are not always of their country's length
            value = str(self._faker().iban())
        return value if self.random.random() < 0.5 else " ".join(value[i : i + 4] for i in range(0, len(value), 4))

    def _phone(self) -> tuple[str, str]:
        region = self.random.choice(self.regions)
        example = phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.MOBILE)
        assert example is not None  # every supported region has one
        while True:
            digits = str(example.national_number)[:-4] + self._filled("####")
            number = phonenumbers.parse(digits, region)
            if phonenumbers.is_valid_number_for_region(number, region):
                break
        formats = phonenumbers.PhoneNumberFormat
        form = self.random.choice((formats.INTERNATIONAL, formats.NATIONAL, formats.E164))
        return self.random.choice(("ring me on {}", "my mobile: {}")), phonenumbers.format_number(number, form)

    def _ipv6(self) -> str:
        return str(self._faker().ipv6())

    def _hex(self, length: int) -> str:
        return "".join(self.random.choices("0123456789abcdef", k=length))

    def _bitcoin(self) -> str:
        """Return an address of the first kind: base 58 with a checksum of two SHA-256."""
        raw = b"\0" + self.random.randbytes(20)
        raw += hashlib.sha256(hashlib.sha256(raw).digest()).digest()[:4]
        number, text = int.from_bytes(raw, "big"), ""
        while number:
            number, rest = divmod(number, 58)
            text = _ALPHABET[rest] + text
        return "1" * (len(raw) - len(raw.lstrip(b"\0"))) + text
