"""People and places of the wider world, for texts that teach: what `personas` draws, and beside it names from languages
of other scripts, addresses as people type them, organisations that exist, and values that are not personal.

The lists are our own (`seeds/world.yaml`). What measures draws from `personas` alone, with `share` 0 or not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from pathlib import Path

import yaml

from training.personal.personas import Personas, countries

ORDINARY = frozenset({"DEMONYM", "TOWN", "REF", "TEL", "MAIL", "DATE", "ISODATE", "SUM", "ITEM"})  # nothing personal


class World(Personas):
    """Draws more kinds, and more of each: INITIAL, STREET, POSTCODE, COUNTRY, NATION, REGION, CITY (places), CLUB,
    CLUBTOWN, COUNTY, TEAM (whoever plays for them), and those of `ORDINARY`. `share` (0..1) is how often a value comes
    from the lists, of those that Faker has, too."""

    def __init__(self, locales: Sequence[str], seed: int, share: float = 0.3) -> None:
        super().__init__(locales, seed)
        self.share = share

    def draw(self, kind: str) -> str:
        """Return a value of `kind`. Raises KeyError for one that is not known."""
        more: dict[str, Callable[[], str]] = {
            "FULL": self._whole_name,
            "FIRST": partial(self._either, "given", "FIRST"),
            "LAST": partial(self._either, "family", "LAST"),
            "INITIAL": self._initialled,
            "ADDRESS": self._typed_address,
            "STREET": self._line,
            "POSTCODE": self._postcode,
            "PLACE": partial(self._either, "regions", "PLACE"),
            "COUNTRY": lambda: self.random.choice(countries()),
            "NATION": self._nation,
            "REGION": partial(self._one, "regions"),
            "CITY": self._town,
            "TOWN": self._town,
            "ORG": self._organisation,
            "CLUB": self._club,
            "CLUBTOWN": self._town,
            "COUNTY": partial(self._one, "counties"),
            "TEAM": self._team,
            "DEMONYM": partial(self._one, "demonyms"),
            "REF": self._reference,
            "TEL": self._phone,
            "MAIL": lambda: str(self._english[0].ascii_email()),
            "DATE": self._date,
            "ISODATE": lambda: f"{self.random.randint(1994, 2027)}-{self._two(12)}-{self._two(28)}",
            "SUM": self._sum,
            "ITEM": self._item,
        }
        return more[kind]() if kind in more else super().draw(kind)

    def _one(self, words: str) -> str:
        return self.random.choice(world()[words])

    def _either(self, words: str, kind: str) -> str:
        return self._one(words) if self.random.random() < self.share else super().draw(kind)

    def _two(self, most: int) -> str:
        return f"{self.random.randint(1, most):02}"

    def _whole_name(self) -> str:
        if self.random.random() >= self.share:
            return super().draw("FULL")
        first, last = self.draw("FIRST"), self.draw("LAST")
        form = self.random.choice(("{0} {1}", "{0} {1}", "{0} {1}", "{2} {1}", "{0} {2} {1}", "{3}.{2} {1}"))
        return form.format(first, last, f"{self.random.choice('ABCDEFGHJKLMNPRSTW')}.", first[0])

    def _initialled(self) -> str:
        first, last = self.draw("FIRST"), self.draw("LAST")
        return last if self.random.random() < 0.3 else f"{first[0]}. {last}"

    def _line(self) -> str:
        """A street with its number or the name of a house, mostly."""
        chance = self.random.random()
        if chance >= self.share * 2:
            return super().draw("ADDRESS").split(",")[0].split("\n")[0]
        street = f"{self._one('streets')} {self._one('street_ends')}"
        number = f"{self.random.randint(1, 260)}{self.random.choice(('', '', '', '', 'a', 'b', 'C', '-14', '/3'))}"
        if chance < self.share * 0.15:
            return street
        if chance < self.share * 0.35:
            return f"{self._one('houses')}, {street}"
        return f"{number} {street}"

    def _postcode(self) -> str:
        return str((self._english[0] if self.random.random() < 0.3 else self._faker()).postcode())

    def _typed_address(self) -> str:
        if self.random.random() >= self.share * 2:
            return super().draw("ADDRESS")
        parts = [self._line()]
        if self.random.random() < 0.25:
            parts.insert(0, self._one("flats").format(self.random.randint(1, 90)))
        for _ in range(self.random.choice((0, 0, 0, 0, 0, 1, 1, 2))):
            floor = self._one("floors").format(self.random.randint(1, 900))
            parts[-1] += self.random.choice((" ", ", ", " , ")) + floor
        if self.random.random() < 0.15:
            parts.append(self._town())
        if self.random.random() < 0.75:
            parts.append(self._town() if self.random.random() < 0.7 else self._one("regions"))
        if self.random.random() < 0.6:
            code = self._postcode()
            parts[-1:] = [self.random.choice((f"{parts[-1]} {code}", f"{code} {parts[-1]}", f"{parts[-1]}, {code}"))]
        if self.random.random() < 0.12:
            parts.append(self.random.choice(countries()))
        return self.random.choice((", ", ", ", ", ", ",", " ", " ", "\n", ",\n", " , ")).join(parts)

    def _organisation(self) -> str:
        if self.random.random() >= self.share:
            return super().draw("ORG")
        return self._one(self.random.choice(("organisations", "organisations", "organisations", "clubs")))

    def _nation(self) -> str:
        """A country as newspapers call it: of those most in the news, mostly."""
        return self._one("nations") if self.random.random() < 0.6 else self.random.choice(countries())

    def _club(self) -> str:
        if self.random.random() < 0.5:
            return self._one("clubs")
        return self._one("club_forms").format(self._town())

    def _team(self) -> str:
        team = self._one("teams")
        return team if self.random.random() < 0.6 else f"{self._town()} {team}"

    def _reference(self) -> str:
        letters = "".join(self.random.choices("ABCDEFGHJKLMNPQRSTUVWXYZ", k=self.random.randint(1, 3)))
        digits = [str(self.random.randrange(10**k)).zfill(k) for k in self.random.choices(range(2, 9), k=2)]
        return self._one("references").format(*digits, letters, self.random.choice("ABCXYZ"))

    def _phone(self) -> str:
        return str(getattr(self._faker(), "phone_number", self._english[0].phone_number)())

    def _date(self) -> str:
        """A day of the last years: too late to be born."""
        year, month = str(self.random.randint(2019, 2027)), self.random.choice(("March", "Oct", "June", "May", "Sept"))
        return self._one("dates").format(self._two(28), self._two(12), year, month)

    def _sum(self) -> str:
        number = self.random.choice(("{}", "{}.00", "{}.99", "{},50")).format(self.random.randint(3, 1900))
        return self._one("sums").format(number)

    def _item(self) -> str:
        """A thing that is sold, often under the name of a person, a town or a maker."""
        item, chance = self._one("items"), self.random.random()
        if chance < 0.3:
            return f"{self.draw('FIRST')} {item}"
        if chance < 0.45:
            return f"{self._town()} {item}"
        if chance < 0.55:
            return f"{self.draw('LAST')} {item}"
        return f"{self._one('makes')} {item}" if chance < 0.75 else self._one("makes") if chance < 0.85 else item


@cache
def world() -> Mapping[str, Sequence[str]]:
    """Return the lists of `seeds/world.yaml`."""
    words: Mapping[str, Sequence[str]] = yaml.safe_load(
        (Path(__file__).parent / "seeds" / "world.yaml").read_text(encoding="utf-8")
    )
    return words
