"""What a bot can speak of: the intents with their answers and buttons, and the shop's facts. Knows no conversation."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bot import phrases
from bot.draft import Draft
from bot.records import IntentSpec
from bot.turn import Kind, Option, Reply, Source


@dataclass(frozen=True, slots=True)
class Repertoire:
    """`intents` by name, in the operator's order; `shop` are its facts."""

    intents: Mapping[str, IntentSpec]
    shop: Mapping[str, Any]

    @property
    def greeting(self) -> str:
        """The intent that opens a talk: the shop's `greeting`; "" for none."""
        return str(self.shop.get("greeting", ""))

    @property
    def courtesies(self) -> tuple[str, ...]:
        """The intents that ask for nothing, such as a greeting: the shop's `courtesies`."""
        return tuple(self.shop.get("courtesies", ()))

    @property
    def hours(self) -> str:
        """When people answer: the shop's `hours`."""
        return str(self.shop.get("hours", "every day"))

    @property
    def person(self) -> tuple[Source, ...]:
        """Where a call for a person comes from; none in a shop without such an intent."""
        return tuple(Source("intent", spec.name, spec.title) for spec in self.intents.values() if spec.handoff)[:1]

    def chosen(self, text: str) -> str | None:
        """The intent whose button was pressed (the message is its option, word for word), or None."""
        wanted = text.strip().casefold()
        if wanted == phrases.PERSON.casefold():
            return next((name for name, spec in self.intents.items() if spec.handoff), None)
        return next((name for name, spec in self.intents.items() if spec.option.casefold() == wanted), None)

    def known(self, names: Iterable[str]) -> list[IntentSpec]:
        """Those of the names that are intents, in their order."""
        return [self.intents[name] for name in names if name in self.intents]

    def starters(self, count: int = 4) -> tuple[Option, ...]:
        """Quick replies where nothing is known yet: the shop's `starters`, else the operator's first intents."""
        specs = self.known(self.shop.get("starters", ())) or list(self.intents.values())
        return options(specs[:count])

    def give_up(self) -> Draft:
        """A person, where no answer was found."""
        return self.pass_on(phrases.HANDOFF_UNKNOWN, "the bot could not find an answer")

    def pass_on(self, form: str, reason: str) -> Draft:
        """A person, who is what is talked about from then on."""
        return Draft(Reply(Kind.HANDOFF, form.format(hours=self.hours), self.person), reason, wording=form)


def options(specs: Iterable[IntentSpec]) -> tuple[Option, ...]:
    """The buttons of intents."""
    return tuple(Option(spec.option, spec.option) for spec in specs)
