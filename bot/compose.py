"""From what was understood and found to a draft: template, past ticket, question back, or a person.

Knows nothing of guards, stores or models; the figures that it decides by are settings.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot import phrases
from bot.memory import Memory
from bot.records import IntentSpec
from bot.templates import render, wording
from bot.turn import Kind, Option, Reply, Source, Turn
from guardrails.placeholders import PATTERN as PLACEHOLDER
from models.intent import Intent
from retrieval.cases import of_one_case
from retrieval.passage import Passage

FORMS = {"ticket": (phrases.FROM_TICKET, "a past ticket"), "article": (phrases.FROM_ARTICLE, "an article")}


@dataclass(frozen=True, slots=True)
class Draft:
    """A reply before it is cleared, and for staff the reason why this one. `evidence` is what it rests on;
    `wording` is the text without the values of its slots, "" where it has none."""

    reply: Reply
    reason: str
    evidence: tuple[str, ...] = ()
    wording: str = ""


@dataclass(frozen=True, slots=True)
class Composer:
    """Composes drafts. All four figures are calibrated chances, 0..1; see `bot/settings.py` for their meaning."""

    intents: Mapping[str, IntentSpec]
    shop: Mapping[str, Any]
    confident: float
    margin: float
    hopeless: float
    passage: float
    questions_in_a_row: int = 2

    def chosen(self, text: str) -> str | None:
        """The intent whose button was pressed (the message is its option, word for word), or None."""
        wanted = text.strip().casefold()
        if wanted == phrases.PERSON.casefold():
            return next((name for name, spec in self.intents.items() if spec.handoff), None)
        return next((name for name, spec in self.intents.items() if spec.option.casefold() == wanted), None)

    def compose(self, turn: Turn, memory: Memory) -> Draft:
        """Choose the first that fits: sure of the intent, a past ticket, a question back, a person."""
        intent = turn.intent
        if intent is None or not turn.text.strip():
            return Draft(Reply(Kind.QUESTION, phrases.EMPTY), "the message held no text")
        if not says_something(turn) and self.chosen(turn.text) is None:
            return self._ask_what(turn)
        best = turn.passages[0] if turn.passages else None
        if best and best.conversation and best.score >= self.passage and same_words(best.question, turn.text):
            return self._from_ticket(best, best.answer, "staff wrote the answer to this very message")
        spec = self.intents.get(intent.label)
        lead = intent.confidence - (intent.alternatives[0][1] if intent.alternatives else 0.0)
        if spec and intent.in_scope and intent.confidence >= self.confident and lead >= self.margin:
            return self._answer(spec, turn)
        told = next((passage for passage in turn.passages if self._may_be_told(passage)), None)
        if told:
            form, what = FORMS[told.kind]
            return self._from_ticket(told, form.format(answer=told.answer), f"{what} answers it ({told.score:.0%})")
        if memory.questions >= self.questions_in_a_row:
            return self._give_up()
        if intent.in_scope and intent.confidence >= self.hopeless:
            return self._ask(intent)
        if memory.questions > 0 and not intent.in_scope:
            return self._give_up()
        options = (Option(phrases.PERSON, phrases.PERSON),)
        return Draft(Reply(Kind.QUESTION, phrases.UNKNOWN, options=options), "outside what the bot knows")

    def _may_be_told(self, passage: Passage) -> bool:
        """Close enough, and written for all to read, or true for others than the customer who was answered."""
        for_all = bool(passage.conversation) or passage.kind == "article"
        return passage.score >= self.passage and (for_all or not of_one_case(passage.answer))

    def _answer(self, spec: IntentSpec, turn: Turn) -> Draft:
        text, form = render(spec.answer, self.shop, turn.slots), wording(spec.answer, self.shop, turn.slots)
        source = Source("intent", spec.name, spec.title)
        assert turn.intent is not None
        if spec.handoff:
            return Draft(Reply(Kind.HANDOFF, text, (source,)), "asked for a person", (text,), form)
        options = tuple(self._option(self.intents[name]) for name in spec.follow_ups if name in self.intents)
        return Draft(
            Reply(Kind.ANSWER, text, (source,), options),
            f"sure of the intent ({turn.intent.confidence:.0%})",
            (text,),
            form,
        )

    def _ask_what(self, turn: Turn) -> Draft:
        order = turn.slots.get("order")
        text = phrases.WHAT_ABOUT.format(order=order) if order and order in turn.text.upper() else phrases.WHAT
        return Draft(Reply(Kind.QUESTION, text, options=self.starters()), "the message held no words")

    def starters(self, count: int = 4) -> tuple[Option, ...]:
        """Quick replies where nothing is known yet: the shop's `starters`, else the operator's first intents."""
        named = [name for name in self.shop.get("starters", ()) if name in self.intents] or list(self.intents)
        return tuple(self._option(self.intents[name]) for name in named[:count])

    @staticmethod
    def _from_ticket(passage: Passage, text: str, reason: str) -> Draft:
        reply = Reply(Kind.ANSWER, text, (Source(passage.kind, passage.ticket, passage.question, passage.link),))
        return Draft(reply, reason, (passage.answer,))

    def _ask(self, intent: Intent) -> Draft:
        names = [
            intent.label,
            *(label for label, chance in intent.alternatives if chance >= intent.confidence / 3),
        ]
        specs = [self.intents[name] for name in names if name in self.intents][:3]
        if not specs:
            return self._give_up()
        person = () if any(spec.handoff for spec in specs) else (Option(phrases.PERSON, phrases.PERSON),)
        options = (*map(self._option, specs), *person)
        form = phrases.WHICH_OF_TWO if len(specs) == 2 else phrases.WHICH
        text = form.format(first=specs[0].title, second=specs[-1].title)
        return Draft(
            Reply(Kind.QUESTION, text, options=options), "unsure: " + " or ".join(s.title for s in specs), wording=form
        )

    def _give_up(self) -> Draft:
        text = phrases.HANDOFF_UNKNOWN.format(hours=self.shop.get("hours", "every day"))
        return Draft(Reply(Kind.HANDOFF, text), "the bot could not find an answer")

    @staticmethod
    def _option(spec: IntentSpec) -> Option:
        return Option(spec.option, spec.option)


def same_words(one: str, other: str) -> bool:
    """Whether two messages have the same words, in any case and order, but for one in five."""
    mine, theirs = (set(re.findall(r"\w+", text.casefold())) for text in (one, other))
    return bool(mine) and len(mine & theirs) >= 0.8 * len(mine | theirs)


def says_something(turn: Turn) -> bool:
    """Whether a message holds a word of two letters or more, beside order numbers and placeholders."""
    bare = PLACEHOLDER.sub(" ", turn.text)
    for value in turn.slots.values():
        bare = re.sub(re.escape(value), " ", bare, flags=re.IGNORECASE) if any(map(str.isdigit, value)) else bare
    return re.search(r"[^\W\d_]{2}", bare) is not None
