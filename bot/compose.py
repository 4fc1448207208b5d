"""From what was understood and found to a draft: template, past ticket, question back, or a person.

Knows nothing of guards, stores or models; the figures that it decides by are settings.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from bot import phrases
from bot.cues import asks_for_help, same_words
from bot.danger import advice, dangers_in
from bot.dialogue import Move
from bot.draft import Draft
from bot.mood import mourns
from bot.records import IntentSpec
from bot.repertoire import Repertoire, options
from bot.tact import PERSON, Near, news, nowhere_near, sentences_of, tactful
from bot.talkback import talk_back
from bot.templates import SlotUnsaid, render, uses, wording, wordings
from bot.turn import Kind, Reply, Source, Turn
from guardrails.placeholders import PATTERN as PLACEHOLDER
from models.intent import Intent
from models.runtime import Reading
from retrieval.cases import for_others
from retrieval.passage import Passage

PRESSING = 0.9  # urgency from which a message that is not understood goes to a person
LIKELIER = 0.5  # chance from which a reading weighed in the light of the topic is answered
FORMS = {"ticket": (phrases.FROM_TICKET, "a past ticket"), "article": (phrases.FROM_ARTICLE, "an article")}


@dataclass(frozen=True, slots=True)
class Composer(Repertoire):
    """Composes drafts. The four figures without a default are calibrated chances, 0..1; see `bot/settings.py` for their
    meaning. `near` finds the sentences of an answer that a question is about."""

    confident: float
    margin: float
    hopeless: float
    passage: float
    questions_in_a_row: int = 2
    near: Near = nowhere_near
    _sentences: dict[str, tuple[str, ...]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def sure(self, intent: Intent, *, weighed: bool = False) -> bool:
        """Whether a reading is answered without asking back; one `weighed` in the light of the topic needs less, and so
        does one beside which only what follows from it is likely: that is offered below the answer."""
        spec = self.intents.get(intent.label)
        if spec is None or not intent.in_scope:
            return False
        offered = sum(chance for label, chance in intent.alternatives if label in spec.follow_ups)
        if weighed or (offered and intent.confidence + offered >= self.confident):
            return intent.confidence >= LIKELIER
        return intent.confidence >= self.confident and intent.lead >= self.margin

    def may_ask(self, intent: Intent | None, but: str = "") -> bool:
        """Whether a reading that is not sure is near enough to ask back about; it is not of the label `but`."""
        return intent is not None and intent.in_scope and intent.confidence >= self.hopeless and intent.label != but

    def nearness(self, name: str, reading: Reading) -> float:
        """How near the nearest sentence of an intent's answer comes to what was read, -1 to 1."""
        if name not in self._sentences:
            plainest = min(wordings(self.intents[name].answer, self.shop), key=len)
            self._sentences[name] = tuple(sentences_of(plainest))
        return max(self.near(reading, self._sentences[name]))

    def takes(self, name: str, turn: Turn) -> bool:
        """Whether an intent's answer says something else with the details that this message names."""
        return bool(turn.named.keys() & set(uses(self.intents[name].answer)))

    def compose(self, turn: Turn) -> Draft:
        """Choose what to say, and how to put it at this point of the conversation; harm to somebody goes first."""
        if dangers := dangers_in(turn.text):
            return self.warn(dangers, turn)
        draft = tactful(self._choose(turn), turn, hours=self.hours, courtesies=self.courtesies, near=self.near)
        draft = self._waited_for(draft, turn) if draft.reply.kind is Kind.HANDOFF else draft
        return after(phrases.LOSS, draft) if mourns(turn.text) and not turn.dialogue.has_told(phrases.LOSS) else draft

    def _waited_for(self, draft: Draft, turn: Turn) -> Draft:
        """A call for a person, who is what is talked about from then on; nobody is told twice in a row that one has
        been called."""
        draft = replace(draft, reply=replace(draft.reply, sources=draft.reply.sources or self.person))
        if draft.wording != phrases.CALLED:
            return draft
        form = phrases.CALLED_STILL if turn.dialogue.has_told(phrases.CALLED) else phrases.CALLED
        reply = replace(draft.reply, text=form.format(hours=self.hours))
        return replace(draft, reply=reply, wording=form, told=(*draft.told, phrases.CALLED))

    def _choose(self, turn: Turn) -> Draft:
        """What only answers the bot is answered from the conversation; anything else by what it asks."""
        if not turn.text.strip():
            return Draft(Reply(Kind.QUESTION, phrases.EMPTY), "the message held no text")
        if back := talk_back(turn, self, self.questions_in_a_row):
            return back
        spec = self.intents.get(turn.intent.label) if turn.intent else None
        if turn.parts:
            return self._answer_each(turn)
        if spec and turn.move is not Move.ASKS:
            return self._answer(spec, turn)
        if turn.intent is None or not says_something(turn):
            return self.give_up() if turn.dialogue.questions >= self.questions_in_a_row else self._ask_what(turn)
        return self._by_reading(turn, turn.intent)

    def _by_reading(self, turn: Turn, intent: Intent) -> Draft:
        """The first that fits: sure of the intent, a past ticket, a question back, a person."""
        best = turn.passages[0] if turn.passages else None
        if best and best.conversation and best.score >= self.passage and same_words(best.question, turn.text):
            return self._from_ticket(best, best.answer, "staff wrote the answer to this very message")
        upset = "upset" in turn.mood.names
        unkind = upset or (turn.mood.sentiment < 0 and "?" not in turn.text)  # "thanks for nothing" is no thanks
        if self.sure(intent, weighed=turn.weighed) and not (unkind and intent.label in self.courtesies):
            return self._answer(self.intents[intent.label], turn)
        told = next((passage for passage in turn.passages if self._may_be_told(passage)), None)
        if told:
            form, what = FORMS[told.kind]
            return self._from_ticket(
                told, form.format(answer=told.answer), f"{what} answers it ({phrases.percent(told.score)})"
            )
        waiting = self.known(turn.dialogue.topics[-1:])
        if waiting and waiting[0].handoff:
            return self.pass_on(phrases.SEEN, "a colleague has been asked, and will see it")
        if turn.mood.urgency >= PRESSING:
            return self.pass_on(phrases.HANDOFF_URGENT, "it may be dangerous")
        if turn.dialogue.questions >= self.questions_in_a_row:
            return self.give_up()
        if upset or (unkind and intent.label in self.courtesies):
            return Draft(Reply(Kind.QUESTION, phrases.WHAT_IS_WRONG, options=(PERSON,)), "upset, and nothing was asked")
        if self.may_ask(intent):
            return self._ask(intent)
        if turn.dialogue.questions > 0 and not intent.in_scope:
            return self.give_up()
        return Draft(Reply(Kind.QUESTION, phrases.UNKNOWN, options=(PERSON,)), "outside what the bot knows")

    def _may_be_told(self, passage: Passage) -> bool:
        """Close enough, not flagged, and written for all to read or true for others than whom it was written to."""
        return passage.score >= self.passage and not passage.flag and for_others(passage)

    def _answer(self, spec: IntentSpec, turn: Turn) -> Draft:
        another = next((slot for slot in uses(spec.answer) if slot in turn.others), None)
        if another and not spec.handoff:
            return self._ask_for(another, turn)
        try:
            text, form = render(spec.answer, self.shop, turn.slots), wording(spec.answer, self.shop, turn.slots)
        except SlotUnsaid as unsaid:
            return self._ask_for(unsaid.slot, turn)
        source = Source("intent", spec.name, spec.title)
        assert turn.intent is not None
        if spec.handoff:
            return Draft(Reply(Kind.HANDOFF, text, (source,)), "asked for a person", (text,), form, (text,))
        reply = Reply(Kind.ANSWER, text, (source,), options(self.known(spec.follow_ups)))
        draft = Draft(reply, _why(turn), (text,), form, (text,))
        return self._filled(draft, spec, turn) if turn.move is Move.FILLS else draft

    def _filled(self, draft: Draft, spec: IntentSpec, turn: Turn) -> Draft:
        """Of an answer that was given without the details that are filled in now, only what it says with them."""
        slots = {name: value for name, value in turn.slots.items() if name not in turn.named}
        try:
            plain, form = render(spec.answer, self.shop, slots), wording(spec.answer, self.shop, slots)
        except SlotUnsaid:
            return draft
        if not turn.dialogue.has_told(plain) or plain == draft.reply.text:
            return draft
        text, form = (
            phrases.FILLED.format(details=" and ".join(named), answer=news(new, old))
            for new, old, named in (
                (draft.reply.text, plain, turn.named.values()), (draft.wording, form, map(str.upper, turn.named)),
            )
        )  # fmt: skip
        reply, evidence = replace(draft.reply, text=text), (*draft.evidence, phrases.FILLED)
        told = (*draft.told, *sentences_of(news(draft.reply.text, plain)))
        return replace(draft, reply=reply, wording=form, evidence=evidence, told=told)

    def _answer_each(self, turn: Turn) -> Draft:
        """One reply to several questions, each under its title."""
        specs = [self.intents[part.intent.label] for part in turn.parts]
        turns = [replace(turn, slots={**turn.slots, **part.named}) for part in turn.parts]
        drafts = [self._answer(spec, of) for spec, of in zip(specs, turns, strict=True)]
        asking = next((draft for draft in drafts if draft.reply.kind is not Kind.ANSWER), None)
        if asking:
            return asking
        heads = [f"**{spec.title[:1].upper()}{spec.title[1:]}**" for spec in specs]
        texts = [draft.reply.text for draft in drafts]
        asked = {spec.option for spec in specs}
        choices = dict.fromkeys(o for draft in drafts for o in draft.reply.options[:2] if o.label not in asked)
        sources = tuple(source for draft in drafts for source in draft.reply.sources)
        sure = " and ".join(f"{part.intent.label} ({phrases.percent(part.intent.confidence)})" for part in turn.parts)
        text = _under(heads, texts)
        reply = Reply(Kind.ANSWER, text, sources, tuple(choices))
        form = _under(heads, [draft.wording for draft in drafts])
        return Draft(reply, f"several questions: {sure}", (text,), form, tuple(texts), parts=tuple(drafts))

    def warn(self, dangers: tuple[str, ...], turn: Turn) -> Draft:
        """What to do at once and a person; then the answer to what else is surely asked."""
        told = advice(dangers, self.shop)
        form = phrases.DANGER_AGAIN if turn.dialogue.has_told(told) else phrases.HANDOFF_DANGER
        text = form.format(advice=told, hours=self.hours)
        called = self.pass_on(text, f"there is danger: {' and '.join(dangers)}")
        beside = self._surely_asked(turn)
        if beside is None:
            return replace(called, told=(told,), presses=True)
        reply = Reply(Kind.HANDOFF, f"{text}\n\n{beside.reply.text}", (*beside.reply.sources, *called.reply.sources))
        wording = f"{text}\n\n{beside.wording}"
        return replace(called, reply=reply, wording=wording, told=(told, *beside.told), presses=True)

    def _surely_asked(self, turn: Turn) -> Draft | None:
        """The answer to what a message surely asks; None where it asks nothing, or nothing that has an answer."""
        if turn.parts:
            draft = self._answer_each(turn)
        elif turn.intent and self.sure(turn.intent, weighed=turn.weighed) and turn.intent.label not in self.courtesies:
            draft = self._answer(self.intents[turn.intent.label], turn)
        else:
            return None
        return draft if draft.reply.kind is Kind.ANSWER else None

    def _ask_for(self, slot: str, turn: Turn) -> Draft:
        if turn.dialogue.questions >= self.questions_in_a_row:
            return self.give_up()
        reply = Reply(Kind.QUESTION, phrases.DETAILS[slot], options=(PERSON,))
        return Draft(reply, f"the answer needs the {slot}", wanted=slot)

    def _ask_what(self, turn: Turn) -> Draft:
        order = turn.slots.get("order")
        plain = phrases.HELP if asks_for_help(turn.text) else phrases.WHAT
        text = phrases.WHAT_ABOUT.format(order=order) if order and order in turn.text.upper() else plain
        return Draft(Reply(Kind.QUESTION, text, options=self.starters()), "the message held no words")

    @staticmethod
    def _from_ticket(passage: Passage, text: str, reason: str) -> Draft:
        reply = Reply(Kind.ANSWER, text, (Source(passage.kind, passage.ticket, passage.question, passage.link),))
        return Draft(reply, reason, (passage.answer,), told=(passage.answer,))

    def _ask(self, intent: Intent) -> Draft:
        names = [
            intent.label,
            *(label for label, chance in intent.alternatives if chance >= intent.confidence / 3),
        ]
        specs = [spec for spec in self.known(names) if spec.name not in self.courtesies][:3]
        if intent.label in self.courtesies:
            return Draft(Reply(Kind.QUESTION, phrases.WHAT, options=self.starters()), "a courtesy, or nothing")
        if not specs:
            return self.give_up()
        person = () if any(spec.handoff for spec in specs) else (PERSON,)
        form = (phrases.WHICH_OF_ONE, phrases.WHICH_OF_TWO, phrases.WHICH)[len(specs) - 1]
        text = form.format(first=specs[0].title, second=specs[-1].title)
        return Draft(
            Reply(Kind.QUESTION, text, options=(*options(specs), *person)),
            "unsure: " + " or ".join(s.title for s in specs),
            wording=form,
        )


def _why(turn: Turn) -> str:
    if turn.move is Move.CHOOSES:
        return "chosen from what was offered"
    if turn.intent and turn.move in (Move.ASKS, Move.RETURNS):
        if not turn.intent.measured:
            return "named in plain words"
        return f"sure of the intent ({phrases.percent(turn.intent.confidence)})"
    return f"the message {turn.move} what was said before"


def _under(heads: Sequence[str], texts: Sequence[str]) -> str:
    return "\n\n".join(f"{head}\n{text}" for head, text in zip(heads, texts, strict=True))


def after(words: str, draft: Draft) -> Draft:
    """A draft that comes after other words of ours."""
    reply = replace(draft.reply, text=f"{words}\n\n{draft.reply.text}")
    evidence = (*draft.evidence, words) if draft.evidence else ()
    wording = draft.wording and f"{words}\n\n{draft.wording}"
    return replace(draft, reply=reply, wording=wording, evidence=evidence, told=(*draft.told, words))


def says_something(turn: Turn) -> bool:
    """Whether a message holds a word of two letters or more, beside order numbers and placeholders."""
    bare = PLACEHOLDER.sub(" ", turn.text)
    for value in turn.slots.values():
        bare = re.sub(re.escape(value), " ", bare, flags=re.IGNORECASE) if any(map(str.isdigit, value)) else bare
    return re.search(r"[^\W\d_]{2}", bare) is not None
