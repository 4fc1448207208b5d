"""What a conversation remembers from one turn to the next: placeholders, details, where the dialogue stands."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from bot import phrases
from bot.dialogue import GRATES, TEXTS_KEPT, Dialogue, Move, mark
from bot.slots import Slot, carried
from bot.turn import Kind, Reply, Turn
from guardrails.placeholders import Placeholders


@dataclass(frozen=True, slots=True)
class Memory:
    """`slots` are the details that still hold."""

    placeholders: Placeholders
    slots: Mapping[str, Slot] = field(default_factory=dict)
    dialogue: Dialogue = field(default_factory=Dialogue)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], secret: bytes) -> "Memory":
        """Read what `to_dict` wrote; an empty mapping is a conversation that has just begun.

        `secret` keys the placeholders: see `conversation_secret`.
        """
        placeholders = Placeholders.from_dict(data.get("placeholders") or {"known": {}}, secret)
        slots = {name: Slot(*kept) for name, kept in data.get("slots", {}).items() if isinstance(kept, list)}
        return cls(placeholders, slots, Dialogue.from_dict(data.get("dialogue", {})))

    def to_dict(self) -> dict[str, Any]:
        """For the store: no raw value is among it."""
        return {
            "placeholders": self.placeholders.to_dict(),
            "slots": {name: [slot.value, slot.age] for name, slot in self.slots.items()},
            "dialogue": self.dialogue.to_dict(),
        }

    def after(self, turn: Turn) -> "Memory":
        """The memory once this turn's reply has been given."""
        return replace(self, slots=carried(self.slots, turn.named), dialogue=_after(turn))


def _after(turn: Turn) -> Dialogue:
    """Where the dialogue stands once this turn's reply has been given."""
    before, reply = turn.dialogue, turn.reply
    kind = reply.kind if reply else Kind.SILENCE
    if kind is Kind.SILENCE:  # a person speaks: what they offer or ask is theirs
        return replace(before, pending="", offered=(), wanted="", questions=0)
    answered = tuple(source.ref for source in reply.sources if source.kind == "intent") if reply else ()
    if turn.wanted and turn.intent:
        answered = (turn.intent.label,)
    choices = tuple(option.text for option in reply.options) if reply else ()
    person = (phrases.PERSON,) if _offers_a_person(reply) else ()
    same = turn.move in (Move.ASKS, Move.REPHRASES) and bool(before.topics) and before.topics[-1:] == answered[-1:]
    grates = GRATES if same or kind is Kind.QUESTION else 0.0
    unclear = kind is Kind.QUESTION and turn.intent is not None and not answered
    return Dialogue(
        topics=before.topics[:-1] if turn.move is Move.DENIES else before.about(answered),
        question=_question(turn, answered),
        pending=before.pending if turn.move is Move.CALLS else (turn.asked or turn.text) if unclear else "",
        offered=choices if kind is Kind.QUESTION else person,
        wanted=turn.wanted,
        told=(*before.told, *map(mark, turn.told))[-TEXTS_KEPT:],
        questions=before.questions + (kind is Kind.QUESTION) if kind in (Kind.QUESTION, Kind.REFUSAL) else 0,
        frustration=round(min(1.0, before.felt(turn.mood.sentiment) + grates), 3),
    )


def _question(turn: Turn, answered: tuple[str, ...]) -> str:
    """The message that the latest answer was given to; none where it was about something else."""
    if turn.move is Move.DENIES:
        return ""
    return turn.text if answered and turn.move in (Move.ASKS, Move.CHOOSES) else turn.dialogue.question


def _offers_a_person(reply: Reply | None) -> bool:
    """Whether an answer asks if a person is wanted, so that a yes means one."""
    if reply is None:
        return False
    only = {option.text for option in reply.options} == {phrases.PERSON}
    return only or any(offer in reply.text for offer in phrases.OFFERS)


def conversation_secret(installation: str, conversation: str) -> bytes:
    """The key of one conversation's placeholders: its own, and not to be had from the database alone."""
    return hmac.digest(installation.encode(), conversation.encode(), "sha256")
