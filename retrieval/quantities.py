"""The quantities of a sentence: amounts, spans of time, shares, clock times; each with the part that speaks of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

NUMBER = r"\d[\d,]*+(?:\.\d++)?+"
_SMALL = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_SPELT = {word: str(number) for number, word in enumerate(_SMALL, 1)} | {
    "fourteen": "14", "fifteen": "15", "twenty": "20", "thirty": "30", "sixty": "60", "ninety": "90", "hundred": "100",
}  # fmt: skip
_MONEY = r"pounds?|quid|gbp|euros?|eur|dollars?|usd"
_UNIT = rf"days?|nights?|weeks?|months?|years?|hours?|%|percent|per cent|{_MONEY}"
_IN_WORDS = re.compile(
    rf"\b({'|'.join(_SPELT)})\b(?=(?: to \w+)?[ -](?:(?:working|business) )?(?:{_UNIT})\b)", re.IGNORECASE
)
_TO = r"\s?(?:to|-|–)\s?"
_CLOCK = r"(?:1[0-2]|0?\d)(?:[.:][0-5]\d)?\s?[ap]\.?m\b\.?|(?:[01]?\d|2[0-3]):[0-5]\d|noon|midday|midnight"
_QUANTITY = re.compile(
    rf"(?P<opens>{_CLOCK}|\b\d\d?){_TO}(?P<closes>{_CLOCK})|(?P<until>(?:until|till|closes? at)\s)?(?P<clock>{_CLOCK})"
    rf"|[£$€]\s?(?P<amount>{NUMBER})(?:{_TO}[£$€]?(?P<amounts>{NUMBER})(?!\s?(?:{_UNIT})))?"
    rf"|(?<!\d)(?P<least>{NUMBER})(?:{_TO}(?P<most>{NUMBER}))?[\s-]?(?:(?:working|business)\s)?(?P<unit>{_UNIT})",
    re.IGNORECASE,
)
_DAYS = {"day": (1, 1), "night": (1, 1), "week": (7, 7), "month": (30, 31), "year": (365, 366)}  # the fewest and most
_BORDER = re.compile(r"(?<=[,;:])\s+|\s+(?=(?:and|but|or|while)\s)")


@dataclass(frozen=True, slots=True)
class Quantity:
    """From `least` to `most` of a kind ("number of days", "amount", "opening time", ...), as `part` of a sentence
    says."""

    what: str
    least: float
    most: float
    part: str

    def meets(self, other: Quantity) -> bool:
        """Whether both may be the same."""
        return self.what == other.what and self.least <= other.most and other.least <= self.most


def quantities(sentence: str) -> list[Quantity]:
    """What a sentence counts. It is parted at commas and conjunctions, as far as each part has a quantity."""
    plain = _IN_WORDS.sub(lambda match: _SPELT[match[1].lower()], sentence)
    parts: list[str] = []
    begun = ""
    for piece in _BORDER.split(plain):
        begun = f"{begun} {piece}".strip()
        if _QUANTITY.search(piece):
            parts.append(begun)
            begun = ""
    if begun and parts:
        parts[-1] += f" {begun}"
    return [found for part in parts for found in _counted(part)]


def _counted(part: str) -> Iterator[Quantity]:
    for match in _QUANTITY.finditer(part):
        if match["closes"]:
            closes = _hour(match["closes"])
            yield from (_at("opening time", _hour(match["opens"]), part), _at("closing time", closes, part))
        elif match["clock"]:
            yield _at("closing time" if match["until"] else "time", _hour(match["clock"]), part)
        elif match["amount"]:
            yield Quantity("amount", _value(match["amount"]), _value(match["amounts"] or match["amount"]), part)
        else:
            least, most = _value(match["least"]), _value(match["most"] or match["least"])
            unit = match["unit"].lower()
            fewest, longest = _DAYS.get(unit.rstrip("s"), (1, 1))
            yield Quantity(_kind(unit), least * fewest, most * longest, part)


def _kind(unit: str) -> str:
    if unit.rstrip("s") in _DAYS:
        return "number of days"
    if unit.startswith("hour"):
        return "number of hours"
    return "amount" if re.fullmatch(_MONEY, unit) else "percentage"


def _at(what: str, hour: float, part: str) -> Quantity:
    return Quantity(what, hour, hour, part)


def _hour(clock: str) -> float:
    """The hour of a day, 0 to 24."""
    clock = clock.lower()
    if named := {"noon": 12.0, "midday": 12.0, "midnight": 24.0}.get(clock):
        return named
    hour, minute = (int(found) for found in [*re.findall(r"\d+", clock), "0"][:2])
    late = re.search(r"p\.?m", clock) is not None
    return (hour % 12 if late or re.search(r"a\.?m", clock) else hour) + 12 * late + minute / 60


def _value(number: str) -> float:
    return float(number.replace(",", ""))
