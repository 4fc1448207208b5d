"""People, places, firms and dates that do not exist, of many countries, from Faker. Knows no sentence.

The locales that measure are not among those that teach. Towns are those of the time zones and of the telephone
areas, since Faker's English towns are made up.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache, partial
from random import Random
from typing import Any
from zoneinfo import available_timezones

from training.extra import require

TRAIN = (
    *("en_US", "en_GB", "en_CA", "en_AU", "en_IN", "en_NG", "en_KE", "en_PH", "de_DE", "de_CH", "fr_FR", "fr_CA"),
    *("es_ES", "es_AR", "es_CO", "it_IT", "nl_NL", "pl_PL", "pt_BR", "sv_SE", "da_DK", "fi_FI", "cs_CZ", "hu_HU"),
    *("hr_HR", "ro_RO", "tr_TR", "id_ID", "vi_VN", "yo_NG", "zu_ZA", "et_EE", "sq_AL"),
)
HELD_OUT = ("en_NZ", "en_IE", "en_PK", "de_AT", "fr_BE", "es_MX", "pt_PT", "nl_BE", "no_NO", "sk_SK", "lt_LT", "ga_IE")
_LATIN = re.compile(r"[A-Za-zÀ-ɏ0-9 .,'’/()-]+")
_ENGLISH = re.compile("en_")
_FIRMS = (
    *("{} United", "{} FC", "FC {}", "Bank of {}", "{} Airways", "University of {}", "{} Rovers", "{} & Sons"),
    *("{} Council", "{} Post", "{} Energy", "Radio {}", "{} Logistics", "{} Daily", "Royal {} Bank", "{} Tigers"),
)
_MONTHS = "January February March April May June July August September October November December".split()  # noqa: SIM905


class Personas:
    """Draws values by kind: FULL, FIRST, LAST (names), ADDRESS, PLACE, ORG, DOB. Repeatable by its seed."""

    def __init__(self, locales: Sequence[str], seed: int) -> None:
        factory = require("faker").Faker
        self.random = Random(seed)
        self._fakers = [factory(locale) for locale in locales]
        self._english = [faker for faker in self._fakers if _ENGLISH.match(faker.locales[0])] or self._fakers
        for place, faker in enumerate(self._fakers):
            faker.seed_instance(seed * 1000 + place)

    def draw(self, kind: str) -> str:
        """Return a value of `kind`. Raises KeyError for one that is not known."""
        draws: dict[str, Callable[[], str]] = {
            "FULL": self._full,
            "FIRST": partial(self._latin, "first_name"),
            "LAST": partial(self._latin, "last_name"),
            "ADDRESS": self._address,
            "PLACE": self._place,
            "ORG": self._firm,
            "DOB": self._birth,
        }
        return draws[kind]()

    def _faker(self) -> Any:
        """Return a Faker of any locale, of an English one half of the time where there is one."""
        return self.random.choice(self._english if self.random.random() < 0.5 else self._fakers)

    def _latin(self, method: str) -> str:
        return _retried(lambda: str(getattr(self._faker(), method)()))

    def _full(self) -> str:
        faker, chance = self._faker(), self.random.random()
        first, last = _retried(lambda: str(faker.first_name())), _retried(lambda: str(faker.last_name()))
        if chance < 0.08:
            return f"{first[0]}. {last}"
        if chance < 0.14:
            return f"{first} {self.random.choice('ABCDEFGHJKLMNPRSTW')}. {last}"
        if chance < 0.2:
            return f"{first} {_retried(lambda: str(faker.first_name()))} {last}"
        return f"{first} {last}"

    def _address(self) -> str:
        faker, chance = self._faker(), self.random.random()
        street = _retried(lambda: str(faker.street_address()).replace("\n", ", "))
        town = self.random.choice((partial(self._city, faker), self._town))
        parts = [street, _retried(town), str(faker.postcode())]
        if self.random.random() < 0.12:
            parts[0] = f"{self.random.choice(('Flat', 'Apt', 'Unit', 'flat'))} {self.random.randint(1, 60)}, {street}"
        if chance < 0.2:
            parts = parts[:1]
        elif chance < 0.35:
            parts = parts[:2]
        elif chance < 0.5:
            parts = [parts[0], parts[2]]
        elif chance < 0.7:
            parts = [parts[0], f"{parts[2]} {parts[1]}"]
        return self.random.choice((", ", ", ", ", ", " ", "\n", ",")).join(parts)

    def _place(self) -> str:
        chance = self.random.random()
        if chance < 0.4:
            return self.random.choice(countries())
        return self._town() if chance < 0.85 else _retried(lambda: self._city(self._faker()))

    def _city(self, faker: Any) -> str:
        """A town by Faker, but for Italian ones, which it keeps in a set, in another order in every process."""
        return self._town() if faker.locales[0] == "it_IT" else str(faker.city())

    def _town(self) -> str:
        return self.random.choice(cities() if self.random.random() < 0.4 else towns())

    def _firm(self) -> str:
        chance = self.random.random()
        if chance < 0.6:
            return self._latin("company")
        name = self.random.choice((self._town, lambda: self._latin("last_name")))()
        return self.random.choice(_FIRMS).format(name)

    def _birth(self) -> str:
        year, month, day = self.random.randint(1935, 2006), self.random.randint(1, 12), self.random.randint(1, 28)
        name = self.random.choice((_MONTHS[month - 1], _MONTHS[month - 1][:3]))
        ending = {1: "st", 2: "nd", 3: "rd"}.get(day % 10 if day not in (11, 12, 13) else 0, "th")
        forms = (
            *(f"{day:02}/{month:02}/{year}", f"{month}/{day}/{year}", f"{day}.{month}.{year}", f"{name} {day}, {year}"),
            *(f"{year}-{month:02}-{day:02}", f"{day} {name} {year}", f"{day}{ending} of {name} {year}"),
            *(f"{day}-{month}-{year % 100:02}", f"{day}{ending} {name} {year}", f"{day}/{month}/{year % 100:02}"),
        )
        return self.random.choice(forms)


def _retried(draw: Callable[[], str], tries: int = 50) -> str:
    """Return the first draw in Latin letters, without a title in front."""
    for _ in range(tries):
        if _LATIN.fullmatch(found := draw()):
            return found
    return "Alex"


@cache
def cities() -> tuple[str, ...]:
    """Return some four hundred large towns, those that time zones are named after."""
    zones = {zone.rpartition("/")[2].replace("_", " ") for zone in available_timezones() if zone.count("/") == 1}
    return tuple(sorted(zone for zone in zones if zone.replace(" ", "").isalpha() and not zone.isupper()))


@cache
def towns() -> tuple[str, ...]:
    """Return the towns that telephone areas are named after, by their English names."""
    from phonenumbers.geodata import GEOCODE_DATA

    areas = {re.split(r"[,/(]| - ", names["en"])[0].strip() for names in GEOCODE_DATA.values() if "en" in names}
    return tuple(sorted(name for name in areas if _LATIN.fullmatch(name) and 3 <= len(name) <= 22))


@cache
def countries() -> tuple[str, ...]:
    """Return the countries as English speakers call them."""
    names = require("faker.providers.address.en_US").Provider.countries
    short = {re.split(r"[,(]", name)[0].strip() for name in names}
    return tuple(
        sorted(short | {"UK", "USA", "England", "Scotland", "Wales", "Russia", "South Korea", "Britain", "US"})
    )
