"""What a message means in its conversation: read by the model, and in the light of what was said before.

A pressed button and what only answers the bot ("the second one", "yes please", an order number by itself) need no
model. A short message after an answer is weighed in the light of its topic (`bot/context.py`), and read together with
the question that was answered where that may decide ("and for the other one?", "no, the blue one", "how long was it
good for anyway"). One after a question back is read together with the message that was not understood, unless it speaks
for itself.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from bot import cues
from bot.clauses import beside_courtesy, clauses
from bot.compose import Composer
from bot.context import Context
from bot.danger import asked_beside, dangers_in
from bot.dialogue import Move
from bot.explain import telling_words
from bot.parts import parts, worth_reading
from bot.refusals import refusals_in, without_refusals
from bot.slots import Slot, Slots, carried
from bot.turn import Part, Turn
from models.intent import Intent
from models.runtime import Reading
from retrieval.cleaning import without_signature

STANDING, LEANING = 0.4, 0.8  # strength from which a short message speaks for itself: a plain one, one that points back
FOREIGN = 0.9  # out-of-scope score from which words of a message's own show that it is about something else
MANY = 3  # words of its own; a message of more that points to nothing before it stands by itself
NUMBERS = frozenset(
    ("order", "number", "no", "ref", "reference", "here", "here's", "sorry", "product", "size", "colour")
)


@dataclass(frozen=True, slots=True)
class Listener:
    """Reads turns. `read_many` reads several texts at once; `misspelt` texts are read anew, slips put right by `read`,
    where a guard has read them as they stand."""

    read: Callable[[str], Reading]
    read_many: Callable[[Sequence[str]], Sequence[Reading]]
    understand: Callable[[Reading], Intent]
    slots: Slots
    composer: Composer
    misspelt: Callable[[str], bool] = lambda text: False

    def listen(self, turn: Turn, held: Mapping[str, Slot]) -> Turn:
        """The turn with its details, its move, and what it asks. `held` are the details from before."""
        named = self.slots.find(turn.text)
        others = (self.slots.others(turn.text) & held.keys()) - named.keys()
        slots = {name: slot.value for name, slot in carried(held, named).items() if name not in others}
        turn = replace(turn, named=named, slots=slots, others=others)
        said = without_signature(turn.text)  # who signs a message is not what it is about
        said = asked_beside(said) if dangers_in(said) else said
        if turn.inbound is None or said == turn.text:
            return self._hear_wanted(turn)
        heard = self._hear_wanted(replace(turn, reading=None, inbound=replace(turn.inbound, text=said)))
        return replace(heard, inbound=turn.inbound)

    def _hear_wanted(self, turn: Turn) -> Turn:
        """What a message asks and does not refuse: the model hears "cancel" in "don't cancel it"."""
        heard, refused = self._hear(turn), refusals_in(turn.text)
        if not refused or turn.inbound is None:
            return heard
        unwanted = self.understand(self.read(refused)).label
        if self._asks_clearly(heard, but=unwanted):
            return heard
        rest = without_refusals(turn.text)
        if cues.says_more_than_yes_or_no(self.slots.beside(rest)):
            heard = self._as_read(replace(turn, reading=None, inbound=replace(turn.inbound, text=rest)))
            if self._asks_clearly(heard, but=unwanted) or self.composer.may_ask(heard.intent, but=unwanted):
                return replace(heard, inbound=turn.inbound)
        return replace(turn, move=Move.REFUSES)

    def _asks_clearly(self, turn: Turn, but: str) -> bool:
        """Whether a turn is surely read, and as nothing that the message refuses."""
        asked = [part.intent for part in turn.parts] or ([turn.intent] if turn.intent else [])
        sure = turn.parts or (turn.intent and self.composer.sure(turn.intent, weighed=turn.weighed))
        return bool(sure) and but not in [intent.label for intent in asked]

    def _hear(self, turn: Turn) -> Turn:
        if not turn.text.strip():
            return turn
        heard = self._as_choice(turn) or self._as_cue(turn) or self._as_read(turn)
        begun = turn.dialogue.topics or turn.dialogue.before
        greets = heard.intent and heard.intent.label == self.composer.greeting and self.composer.sure(heard.intent)
        if begun and greets and not heard.parts:
            return replace(heard, move=Move.CALLS)
        topic = self._topic(turn)
        denied = topic and heard.intent and heard.intent.label == topic and self._names(cues.denies(turn.text), topic)
        return replace(turn, move=Move.DENIES) if denied else heard

    def _as_choice(self, turn: Turn) -> Turn | None:
        """A button, or one of the choices by its place or by a yes to the only one."""
        button = self.composer.chosen(turn.text)
        offered = [name for text in turn.dialogue.offered if (name := self.composer.chosen(text))]
        topics = [name for name in offered if not self.composer.intents[name].handoff] or offered
        picked = [offered[place] for place in cues.picks(turn.text, len(offered))]
        if not picked and len(topics) == 1 and cues.agrees(turn.text):
            picked = topics
        picked = [button] if button else picked
        if not picked:
            return None
        chosen = [Intent(name, 1.0) for name in picked]
        both = tuple(Part(turn.text, intent) for intent in chosen) if len(chosen) > 1 else ()
        return replace(turn, move=Move.CHOOSES, intent=chosen[0], parts=both)

    def _as_cue(self, turn: Turn) -> Turn | None:
        """What only says something about the last reply."""
        before, topic = turn.dialogue, self._topic(turn)
        if cues.asks_for_help(turn.text):
            return turn  # with what, the bot has to ask
        if cues.agrees(turn.text) and (before.offered or (topic and not turn.mood.cues)):  # "ok, thanks" is thanks
            return replace(turn, move=Move.AGREES)
        if cues.declines(turn.text) and (before.offered or topic):
            return replace(turn, move=Move.DECLINES)
        if topic is None:
            return None
        if self._only_fills_in(turn, topic):
            return replace(turn, move=Move.FILLS, intent=Intent(topic, 1.0))
        if self.composer.intents[topic].handoff and not self._own_words(turn.text) and cues.leans(turn.text):
            return replace(turn, move=Move.CALLS)  # "how long will they be?"
        if cues.says_it_was_misread(turn.text):
            return replace(turn, move=Move.DENIES)
        if cues.says_it_did_not_help(turn.text):
            return replace(turn, move=Move.DOUBTS, intent=Intent(topic, 1.0))
        if cues.asks_for_other_words(turn.text):
            return replace(turn, move=Move.REPHRASES, intent=Intent(topic, 1.0))
        earlier = self._earlier(turn, cues.goes_back(turn.text))
        return replace(turn, move=Move.RETURNS, intent=Intent(earlier, 1.0)) if earlier else None

    @staticmethod
    def _earlier(turn: Turn, way: str | None) -> str | None:
        """The topic that a message goes back to by its place; None where it goes nowhere."""
        topics = turn.dialogue.topics
        if way is None or len(topics) < 2:
            return None
        return topics[0] if way in ("first", "original") else topics[-2]

    def _as_read(self, turn: Turn) -> Turn:
        """What the model makes of it, by itself or together with the question before."""
        known = None if self.misspelt(turn.text) else turn.reading  # guards that asked have read it as it stands
        reading = known or self.read(turn.text)
        alone = self.understand(reading)
        turn = replace(turn, reading=reading, intent=alone)
        if alone.label in self.composer.courtesies and (beside := self._beside_courtesy(turn)):
            return beside
        topic, instead = self._topic(turn), cues.corrects(turn.text)
        back = self._earlier(turn, cues.goes_back(turn.text, with_more=True))
        otherwise = back or self._named_again(turn) or self._person(turn)
        if otherwise and not self.composer.sure(alone):
            move = Move.RETURNS if otherwise in turn.dialogue.topics else Move.ASKS
            return replace(turn, move=move, intent=Intent(otherwise, 1.0))
        if topic and cues.acknowledges(turn.text) and alone.strength < LEANING:
            return replace(turn, move=Move.AGREES, intent=None)
        if self._may_lean(turn, alone):
            if topic and not turn.dialogue.pending:
                turn = self._in_context(turn, reading, alone, topic, instead)
                if turn.asked:
                    return turn
            elif self._leans(turn, alone, instead):
                with_before = self._with_before(turn, topic, instead)
                if with_before:
                    return with_before
        found = self._parts(turn)
        turn = replace(turn, move=self._own_move(turn, topic, instead), parts=found)
        return replace(turn, intent=found[0].intent) if found else turn

    def _beside_courtesy(self, turn: Turn) -> Turn | None:
        """What a message asks that begins with thanks or a greeting, read without these; None where it is nothing that
        is understood."""
        rest = beside_courtesy(turn.text)
        if not rest or turn.inbound is None:
            return None
        heard = self._as_read(replace(turn, reading=None, inbound=replace(turn.inbound, text=rest)))
        understood = heard.intent and self.composer.sure(heard.intent, weighed=heard.weighed)
        return replace(heard, inbound=turn.inbound) if understood else None

    def _own_move(self, turn: Turn, topic: str | None, instead: str | None) -> Move:
        """What a message that is read by itself does: puts right, comes back, or asks."""
        if turn.intent is None or not self.composer.sure(turn.intent, weighed=turn.weighed):
            return Move.ASKS
        if instead is not None and topic not in (None, turn.intent.label):
            return Move.CORRECTS
        return Move.RETURNS if turn.intent.label in turn.dialogue.topics[:-1] else Move.ASKS

    def _may_lean(self, turn: Turn, intent: Intent) -> bool:
        """Whether a message can lean on the one before: it is short, and neither a courtesy nor a call for a person,
        nor does it say clearly what it wants of another thing than the one before ("track my other order")."""
        if not cues.is_short(turn.text) or not turn.dialogue.before:
            return False
        if not self.composer.sure(intent):
            return True
        if self.slots.others(turn.text) and len(self._own_words(turn.text)) >= MANY:
            return False
        return intent.label not in self.composer.courtesies and not self.composer.intents[intent.label].handoff

    def _in_context(self, turn: Turn, read: Reading, alone: Intent, topic: str, instead: str | None) -> Turn:
        """The turn as its message reads in the light of the topic; `asked` is set where it stays with it."""
        if alone.label == topic and self.composer.sure(alone):
            return turn
        context, asked = self.context(turn, read), self.asked(turn)
        if context.stands_apart(alone):
            return turn
        reading = None if context.settles(alone) else self.read(asked)
        intent = context.weigh(alone, self.understand(reading) if reading else None)
        turn = replace(turn, intent=intent, weighed=True)
        if intent.label != topic or not self.composer.sure(intent, weighed=True):
            return turn
        said = instead or turn.text
        intent = _moved(intent, turn.text.find(said), len(said))
        move = Move.CONTINUES if instead is None else Move.CORRECTS
        return replace(turn, move=move, together=reading, intent=intent, asked=asked)

    def context(self, turn: Turn, reading: Reading) -> Context:
        """What a message after an answer stands in. The turn has a topic."""
        topic, instead = self._topic(turn), cues.corrects(turn.text)
        assert topic is not None
        back = instead is not None or cues.asks_for_another(turn.text) or cues.leans(turn.text)
        intents = self.composer.intents
        follow_ups = [name for name in intents[topic].follow_ups if not intents[name].handoff]
        own = len(self._own_words(instead or turn.text))

        def near(label: str) -> float:
            return self.composer.nearness(label, reading) if label in intents else 0.0

        return Context(topic, follow_ups, back, own, near)

    @staticmethod
    def asked(turn: Turn) -> str:
        """A message, or what it says instead, with the question before it, as both are read together."""
        return f"{cues.corrects(turn.text) or turn.text}\n{turn.dialogue.before}"

    def _leans(self, turn: Turn, intent: Intent, instead: str | None) -> bool:
        """Whether a message is to be read with the one before: by its words, and by how well it speaks for itself."""
        own = len(self._own_words(instead or turn.text))
        sure = self.composer.sure(intent)
        another = instead is not None or cues.asks_for_another(turn.text)
        marked = another or cues.leans(turn.text)
        foreign = (own > 1 and intent.oos_score >= FOREIGN and not another) or (own > MANY and not marked)
        if foreign:
            return False
        needed = LEANING if marked else STANDING
        return own == 0 or not (sure and intent.strength >= needed)

    def _own_words(self, text: str) -> list[str]:
        return cues.says_of_itself(telling_words(self.slots.beside(text)))

    def _with_before(self, turn: Turn, topic: str | None, instead: str | None) -> Turn | None:
        """The turn read together with what was said before; None when that makes it no clearer."""
        said, asked = instead or turn.text, self.asked(turn)
        reading = self.read(asked)
        intent = self.understand(reading)
        if not self.composer.sure(intent):
            marked = instead is not None or cues.leans(turn.text)
            own = len(self._own_words(said))
            unclear = not marked or own > 1 or (own and turn.intent and self.composer.sure(turn.intent))
            if topic is None or turn.dialogue.pending or unclear:
                return None
            intent = Intent(topic, dict([(intent.label, intent.confidence), *intent.alternatives]).get(topic, 0.0))
        intent = _moved(intent, turn.text.find(said), len(said))
        move = Move.CONTINUES if instead is None else Move.CORRECTS
        return replace(turn, move=move, together=reading, intent=intent, asked=asked)

    def _parts(self, turn: Turn) -> tuple[Part, ...]:
        """The questions that are answered each, their words placed in the whole message."""
        found = clauses(turn.text)
        named = [self.slots.find(clause.text) for clause in found]
        apart = any(len({of[name] for of in named if name in of}) > 1 for name in ("order", "product"))
        if turn.intent is None or not worth_reading(turn.intent, found, apart):
            return ()
        leans = [number > 0 and not self._own_words(clause.text) for number, clause in enumerate(found)]
        texts = [
            f"{clause.text}\n{found[number - 1].text}" if leans[number] else clause.text
            for number, clause in enumerate(found)
        ]
        readings = self.read_many(texts)
        understood = [(clause, self.understand(reading)) for clause, reading in zip(found, readings, strict=True)]
        several = parts(turn.intent, understood, self.composer.intents, self.composer.courtesies, apart)
        return tuple(
            Part(p.text, _moved(p.intent, turn.text.find(p.text), len(p.text)), self.slots.find(p.text))
            for p in several
        )

    def _named_again(self, turn: Turn) -> str | None:
        """The topic that a message says it comes back to, by a word of its title."""
        topics = [name for name in turn.dialogue.topics if name in self.composer.intents]
        return next((name for name in topics if self._names(cues.returns_to(turn.text) or "", name)), None)

    def _names(self, words: str, topic: str) -> bool:
        """Whether words name a topic, by one of its title."""
        return bool(_stems(words) & _stems(self.composer.intents[topic].title))

    def _person(self, turn: Turn) -> str | None:
        """The intent that calls a person, where one is asked for: that must work whatever the model makes of it."""
        if not cues.asks_for_person(turn.text):
            return None
        return next((name for name, spec in self.composer.intents.items() if spec.handoff), None)

    def _topic(self, turn: Turn) -> str | None:
        """What was talked about last, courtesies aside."""
        known = [name for name in turn.dialogue.topics if name in self.composer.intents]
        return next((name for name in reversed(known) if name not in self.composer.courtesies), None)

    def _only_fills_in(self, turn: Turn, topic: str) -> bool:
        beside = telling_words(self.slots.beside(turn.text))
        if (
            not turn.named
            or cues.asks_where_or_when(turn.text)
            or any(word.casefold() not in NUMBERS for word in beside)
        ):
            return False
        return turn.dialogue.wanted in turn.named or self.composer.takes(topic, turn)


def _stems(words: str) -> set[str]:
    return {word[:5].casefold() for word in telling_words(words)}


def _moved(intent: Intent, start: int, length: int) -> Intent:
    """A reading of the first `length` characters of what was read, which stand at `start` in the message."""
    heard = tuple((a + start, b + start, weight) for a, b, weight in intent.words if b <= length)
    return replace(intent, words=heard)
