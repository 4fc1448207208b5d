"""What newspapers and score boards print: sides, papers, bodies, parties and firms, tables of figures, and names that
mean nothing, so that what stands around them has to tell what they are. The lists are `world`'s."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from training.personal.world import World

FIGURES = ("NUM", "SET", "OVERS", "CLOCK", "PCT", "STROKES", "MINUTE", "YEAR")
PRINTED = dict.fromkeys(("PAPER", "BODY", "PARTY", "FIRM", "ACRONYM"), "ORG")
PRINTED |= dict.fromkeys(("HOST", "AREA"), "PLACE") | {"ROYAL": "NAME"}
PRINTED |= dict.fromkeys(("PEOPLE", "WORK", *FIGURES), "")  # nobody's
COINED = 0.1  # of towns and of people's last names
_NUMERALS = ("I", "I", "II", "II", "III", "IV", "V", "VI", "XII")
_SCORES = ("{0}-{1}", "{0}-{1}", "{0}-{1}", "6-{0}", "{0}-6", "7-6", "7-6 ( 7-{0} )", "7-5", "15-{0}", "2{0}-1{1}")
_CLOCKS = (
    *("{0}:{1}.{2}", "{1}.{2}", "{1}.{2} seconds", "one minute {1}.{2} seconds", "{0} hours {1} minutes {2} seconds"),
    *("{0}:{1}", "{0}:{1}:{2}", "{0} minutes {1}.{2}", "{0} seconds behind", "{1}.{2} metres", "{0}.{2}"),
)


class Press(World):
    """Draws the kinds of `PRINTED`, and others' more widely: firms that are firms of the world, sides of North America,
    and coined towns and last names."""

    def draw(self, kind: str) -> str:
        """Return a value of `kind`. Raises KeyError for one that is not known."""
        more: dict[str, Callable[[], str]] = {
            "LAST": self._surname,
            "ORG": self._printed_organisation,
            "COUNTRY": partial(self._of, "states", "COUNTRY"),
            "CITY": partial(self._of, "datelines", "CITY"),
            "TOWN": lambda: self.draw(self.random.choice(("CITY", "CITY", "COUNTRY", "REGION"))),
            "CLUBTOWN": self._side,
            "HOST": partial(self._one, "sides"),
            "AREA": partial(self._one, "areas"),
            "ROYAL": lambda: f"{self.draw('FIRST')} {self.random.choice(_NUMERALS)}",
            "WORK": lambda: self.draw(self.random.choice(("FULL", "FIRST", "CITY"))),
            "PAPER": self._paper,
            "BODY": self._body,
            "PARTY": self._party,
            "FIRM": self._printed_firm,
            "ACRONYM": lambda: "".join(self.random.choices("ABCDEFGHIKLMNOPRSTU", k=self.random.randint(2, 5))),
            "PEOPLE": partial(self._one, "peoples"),
            "NUM": self._number,
            "SET": lambda: self.random.choice(_SCORES).format(self.random.randint(0, 5), self.random.randint(0, 4)),
            "OVERS": self._overs,
            "CLOCK": self._clock,
            "PCT": lambda: f".{self.random.randint(200, 799)}",
            "STROKES": lambda: " ".join(str(self.random.randint(64, 79)) for _ in range(self.random.randint(1, 4))),
            "MINUTE": self._minute,
            "YEAR": lambda: str(self.random.randint(*self.random.choice(((1500, 1996), (1900, 1996))))),
        }
        return more[kind]() if kind in more else super().draw(kind)

    def _coined(self, *parts: str) -> str:
        """A word that means nothing: a beginning, a middle in half of them, and an end of this kind."""
        middle = self._one("middles") if self.random.random() < 0.5 else ""
        return self._one("heads") + middle + "".join(self._one(part) for part in parts)

    def _of(self, words: str, kind: str) -> str:
        """One of a list, half of the time."""
        return self._one(words) if self.random.random() < 0.5 else super().draw(kind)

    def _town(self) -> str:
        return self._coined("town_ends") if self.random.random() < COINED else super()._town()

    def _surname(self) -> str:
        return self._coined("family_ends") if self.random.random() < COINED else super().draw("LAST")

    def _printed_organisation(self) -> str:
        """One of those that customers name, half of the time."""
        kinds = ("FIRM", "FIRM", "BODY", "PAPER", "PARTY", "CLUB", "ACRONYM")
        return super().draw("ORG") if self.random.random() < 0.5 else self.draw(self.random.choice(kinds))

    def _club(self) -> str:
        return self._coined("side_ends") if self.random.random() < 2 * COINED else super()._club()

    def _side(self) -> str:
        return self._one("sides") if self.random.random() < 0.5 else self.draw("CITY")

    def _paper(self) -> str:
        return self._coined("firm_tails") if self.random.random() < COINED else self._one("papers")

    def _body(self) -> str:
        if self.random.random() < 0.5:
            return self._one("bodies")
        place = self._nation()
        return self._one("body_forms").format(t=self._town(), c=place, d=self._one("demonyms"), l=self.draw("LAST"))

    def _party(self) -> str:
        if self.random.random() < 0.7:
            return self._one("parties")
        return self._one("party_forms").format(c=self._nation(), d=self._one("demonyms"))

    def _printed_firm(self) -> str:
        chance = self.random.random()
        if chance < 0.45:
            return self._one("firms")
        name = self._coined("firm_tails") if chance < 0.8 else self.random.choice((self._town, self._surname))()
        if chance > 0.95:
            name = f"{name} , {self._surname()} & {self._surname()}"
        return name + self._one("firm_ends")

    def _number(self) -> str:
        return str(self.random.randint(0, self.random.choice((9, 9, 99, 99, 99, 400, 2000))))

    def _overs(self) -> str:
        """How somebody bowled, at length or in short."""
        overs, runs, wickets = self.random.randint(1, 30), self.random.randint(5, 110), self.random.randint(0, 7)
        if self.random.random() < 0.3:
            return f"{wickets}-{runs}"
        part = self.random.choice(("", "", ".1", ".3", ".5"))
        return f"{overs}{part}-{self.random.randint(0, 8)}-{runs}-{wickets}"

    def _clock(self) -> str:
        hours = self.random.randint(1, 14)
        return self.random.choice(_CLOCKS).format(hours, f"{self.random.randint(0, 59):02}", self._two(99))

    def _minute(self) -> str:
        minute = self.random.randint(4, 90)
        ending = {1: "st", 2: "nd", 3: "rd"}.get(minute % 10 if minute // 10 != 1 else 0, "th")
        return f"{minute}{ending}"
