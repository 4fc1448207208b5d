"""The straight line: one message in, one turn out.

    admit       guards on what was said: redacted text, or a refusal
    understand  what it asks in its conversation, with the words that spoke for it, and how it sounds
    recall      past tickets like it
    compose     a draft, and why this one
    clear       guards on what is about to be said
    keep        one transaction writes the turn, its explanation and the conversation's memory

Each step takes a turn and returns a turn; the line stops at the first that sets `reply`.
"""

import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from threading import Lock
from time import perf_counter
from typing import Any

from bot import phrases
from bot.clearance import Clearance
from bot.compose import Composer
from bot.danger import dangers_in
from bot.draft import Draft
from bot.errors import Conflict
from bot.explain import explain
from bot.listening import Listener
from bot.memory import Memory, conversation_secret
from bot.metrics import Metrics
from bot.mood import mood_of
from bot.records import Conversation, State, StoredTurn
from bot.slots import Slots
from bot.store import Store
from bot.tact import PERSON
from bot.turn import Kind, Option, Reply, Turn, new_id
from bot.vault import Vault
from guardrails.language import is_foreign_script
from guardrails.screen import Screen
from guardrails.splits import may_go_on
from guardrails.verdict import Action, Verdict
from models.intent import Intent
from models.runtime import Reading
from retrieval.retriever import Retriever

STRIPES = 64  # locks shared by all conversations, so that two messages of one are answered one after the other
PASSAGES = 5
EARLIER = 3  # messages in which a value may have begun


@dataclass(frozen=True, slots=True)
class Serving:
    """Everything that changes together when content or a model does. Turns under way keep the one they began with."""

    screen: Screen
    clearance: Clearance
    read: Callable[[str], Reading]
    read_many: Callable[[Sequence[str]], Sequence[Reading]]
    understand: Callable[[Reading], Intent]
    retriever: Retriever
    composer: Composer
    slots: Slots
    versions: Mapping[str, str]
    misspelt: Callable[[str], bool] = lambda text: False

    @property
    def listener(self) -> Listener:
        """What understands messages in their conversation."""
        return Listener(self.read, self.read_many, self.understand, self.slots, self.composer, self.misspelt)


class Bot:
    """Answers messages. Safe to call from many threads."""

    def __init__(
        self,
        store: Store,
        serving: Serving,
        *,
        secret: str,
        vault: Vault | None = None,
        metrics: Metrics | None = None,
    ) -> None:
        """`secret` is the installation's: it keys the placeholders of all conversations. `vault` keeps the values
        behind them; None: nobody does."""
        self.store = store
        self._secret = secret
        self._vault = vault
        self.serving = serving
        self.metrics = metrics or Metrics()
        self._locks = [Lock() for _ in range(STRIPES)]

    @property
    def shop(self) -> Mapping[str, Any]:
        """The shop's facts."""
        return self.serving.composer.shop

    def adopt(self, serving: Serving) -> None:
        """Serve with other models or content from the next message on."""
        self.serving = serving

    def starters(self) -> list[Option]:
        """Quick replies for an empty chat."""
        return list(self.serving.composer.starters())

    def start(self, customer: str, channel: str = "chat") -> Conversation:
        """Open a conversation for a customer, who is known by a token of their page's.

        The token opens their history, so only its keyed digest is stored: see `latest_of`.
        """
        return self.store.chats.start(self._known_as(customer), channel)

    def latest_of(self, customer: str) -> Conversation | None:
        """The most recent conversation of the customer with this token, or None."""
        return self.store.chats.latest_of(self._known_as(customer))

    def owns(self, customer: str, conversation: str) -> bool:
        """Whether a conversation is that of the customer with this token. Raises NotFound."""
        return self.store.chats.get(conversation).customer == self._known_as(customer)

    def _known_as(self, customer: str) -> str:
        return hmac.digest(self._secret.encode(), customer.encode("utf-8", "replace"), "sha256").hex()

    def respond(self, conversation: str, text: str, id: str | None = None) -> Turn:
        """Answer one message and keep the turn.

        `id` names the turn (32 hexadecimal digits); a second call with the same one returns the first answer, so a
        client may safely send again. Raises NotFound for an unknown conversation, Conflict when the id names a turn
        of another one, StoreUnavailable when the turn could not be written: then nothing was, and the message may
        be sent again.
        """
        with self._locks[hash(conversation) % STRIPES], self.metrics.under_way.track_inprogress():
            earlier = self.store.chats.find_turn(id) if id else None
            if earlier is not None:
                return _replayed(earlier, conversation)
            serving = self.serving
            chat = self.store.chats.get(conversation)
            begin = perf_counter()
            remembered = Memory.from_dict(chat.memory, conversation_secret(self._secret, conversation))
            turn = Turn(
                conversation=conversation, said=text, id=id or new_id(), versions=dict(serving.versions),
                dialogue=remembered.dialogue,
            )  # fmt: skip
            said = self.store.chats.last_said(conversation, EARLIER) if may_go_on(text) else {}
            line = _Line(serving, remembered, chat.state, tuple(said.values()))
            turn, memory = line.run(turn)
            if line.before:
                self.store.chats.amend(dict(zip(said, line.before, strict=True)))
                turn = replace(
                    turn, dialogue=replace(turn.dialogue, question="", pending="")
                )  # they may hold the first piece
            milliseconds = (perf_counter() - begin) * 1e3
            turn = replace(turn, timings={**turn.timings, "total": milliseconds})
            try:
                self._keep(turn, memory, serving)
            except Conflict:  # a person took over while the bot was thinking
                turn = _silenced(turn)
                self._keep(turn, memory, serving)
            self.metrics.observe(turn)
            return turn

    def _keep(self, turn: Turn, memory: Memory, serving: Serving) -> None:
        assert turn.reply is not None
        explanation = explain(turn, serving.composer.intents)
        if self._vault:
            self._vault.keep(turn.conversation, memory.placeholders.said)
        self.store.chats.add_turn(turn, explanation, memory.after(turn).to_dict())


class _Line:
    """One run down the line: what serves, what the conversation remembers, and what the customer said last.

    `before` is that again where the message has shown that a value began there; else empty.
    """

    def __init__(self, serving: Serving, memory: Memory, state: State, said: tuple[str, ...]) -> None:
        self._serving = serving
        self._said = said
        self.before: tuple[str, ...] = ()
        self._memory = memory
        self._state = state
        self._draft: Draft | None = None

    def run(self, turn: Turn) -> tuple[Turn, Memory]:
        timings: dict[str, float] = {}
        for step in (self.admit, self.understand, self.recall, self.compose, self.clear):
            begin = perf_counter()
            turn = step(turn)
            timings[step.__name__] = (perf_counter() - begin) * 1e3
            if turn.reply is not None:
                break
        return replace(turn, timings=timings), self._memory

    def admit(self, turn: Turn) -> Turn:
        placeholders = self._memory.placeholders
        screened = self._serving.screen.screen(turn.said, direction="in", memory=placeholders, before=self._said)
        self.before = screened.before
        verdict = screened.verdict
        if not verdict.action.passes and self._serving.composer.chosen(verdict.text):
            verdict = replace(verdict, action=Action.ALLOW, message=None)  # our own button, word for word: no attack
        if verdict.deciding and verdict.deciding.guard == "language" and is_foreign_script(verdict.text):
            verdict = replace(verdict, text="")  # names in it would be stored, since nobody could find them
        turn = replace(turn, inbound=verdict, reading=screened.reading, mood=mood_of(verdict.text))
        found = verdict.deciding
        why = f"{found.guard}: {found.label}" if found else ""
        if self._state is State.OWNED:
            return _silenced(turn)
        dangers = () if verdict.action.passes or verdict.action is Action.ESCALATE else dangers_in(verdict.text)
        if dangers:
            draft = self._serving.composer.warn(dangers, turn)
            return replace(turn, reply=draft.reply, told=draft.told, reason=draft.reason)
        if verdict.action is Action.ASK and turn.dialogue.questions >= self._serving.composer.questions_in_a_row:
            return replace(turn, reply=self._serving.composer.give_up().reply, reason=why)
        if verdict.action is Action.ASK:
            question = Reply(Kind.QUESTION, verdict.message or phrases.WHAT, options=(PERSON,))
            return replace(turn, reply=question, reason=why)
        if verdict.action is Action.REFUSE:
            return replace(turn, reply=Reply(Kind.REFUSAL, verdict.message or phrases.HANDOFF_UNCLEARED), reason=why)
        if verdict.action is Action.ESCALATE:
            return replace(turn, reply=Reply(Kind.HANDOFF, verdict.message or phrases.HANDOFF_UNCLEARED), reason=why)
        return turn

    def understand(self, turn: Turn) -> Turn:
        return self._serving.listener.listen(turn, self._memory.slots)

    def recall(self, turn: Turn) -> Turn:
        if turn.reading is None or not turn.text.strip():
            return turn
        reading, text = (turn.together, turn.asked) if turn.together else (turn.reading, turn.text)
        passages = self._serving.retriever.search(reading.query, text, k=PASSAGES)
        return replace(turn, passages=tuple(passages))

    def compose(self, turn: Turn) -> Turn:
        draft = self._draft = self._serving.composer.compose(turn)
        return replace(turn, draft=draft.reply, reason=draft.reason, told=draft.told, wanted=draft.wanted)

    def clear(self, turn: Turn) -> Turn:
        assert self._draft is not None
        draft = self._draft.reply
        verdict = self._serving.clearance.clear(self._draft)
        turn = replace(turn, outbound=verdict)
        if verdict.action is Action.ASK:
            return replace(turn, reply=Reply(Kind.QUESTION, verdict.message or phrases.WHAT), reason="asked instead")
        if not verdict.action.passes:
            found = verdict.deciding
            why = f"the draft was held back by {found.guard}" if found else "the draft was held back"
            return replace(turn, reply=Reply(Kind.HANDOFF, verdict.message or phrases.HANDOFF_UNCLEARED), reason=why)
        text = verdict.text
        if turn.inbound and turn.inbound.message:  # a calm word to an angry customer, before any answer that can wait
            said = (text, turn.inbound.message) if self._draft.presses else (turn.inbound.message, text)
            text = "\n\n".join(said)
        return replace(turn, reply=replace(draft, text=text))


def _silenced(turn: Turn) -> Turn:
    return replace(turn, reply=Reply(Kind.SILENCE, ""), reason="a person owns the conversation")


def _replayed(stored: StoredTurn, conversation: str) -> Turn:
    if stored.conversation != conversation:
        raise Conflict(f"turn {stored.id} belongs to another conversation; choose a fresh id for each message")
    return Turn(
        conversation=conversation, id=stored.id, at=stored.at, inbound=Verdict(Action.ALLOW, stored.text),
        reply=Reply(stored.kind, stored.reply, stored.sources, stored.options), reason="sent before",
    )  # fmt: skip
