"""What people do around a conversation: customers rate, staff correct, take over and hand back."""

from collections.abc import Callable

from bot.errors import Conflict
from bot.records import Conversation, Correction, Example, Feedback, State, StoredTurn
from bot.store import Store
from bot.store.content import CORRECTION
from guardrails.screen import Screen

REASONS = ("It is wrong", "It is not what I asked", "It is hard to follow", "Something else")


class Desk:
    """Acts on conversations that need no model. Everything that people type is redacted before it is stored."""

    def __init__(self, store: Store, screen: Screen, on_tickets: Callable[[], object] = lambda: None) -> None:
        """`on_tickets` is called when the set of tickets has changed, so that the index can follow."""
        self.store = store
        self.screen = screen
        self.on_tickets = on_tickets

    def rate(self, turn: str, helpful: bool, reasons: tuple[str, ...] = (), comment: str = "") -> None:
        """Keep a customer's thumb on a reply. A comment too long to be screened is left out. Raises NotFound."""
        safe = self.screen.screen(comment).verdict.text if comment.strip() else ""
        self.store.chats.rate(Feedback(turn, helpful, tuple(r for r in REASONS if r in reasons), safe))

    def correct(
        self, turn: str, staff: str, *, intent: str | None = None, answer: str | None = None, note: str = ""
    ) -> Correction:
        """Say what a turn should have been.

        A corrected intent becomes a training example, a corrected answer a past ticket that the bot can find at
        once; both know the conversation they came from. All is kept or nothing. Raises NotFound, and Conflict for an
        unknown intent or for words that could not be screened.
        """
        stored = self.store.chats.turn(turn)
        if intent is not None and intent != "oos" and intent not in self.store.content.intents():
            raise Conflict("there is no such intent; `handrail import intents` adds one")
        if answer is not None:
            answer = self._cleared(answer.strip()) or None
        correction = Correction(turn, staff, intent, answer, self._redacted(note))
        added = None
        with self.store.together():
            self.store.chats.correct(correction)
            if intent is not None and stored.text:
                lineage = {"conversation": stored.conversation, "turn": stored.id}
                self.store.content.put_examples([Example(stored.text, intent, "train", CORRECTION, **lineage)])
            if answer is not None and stored.text:
                added = self.store.tickets.add_answer(stored, answer, staff)
        if added:
            self.on_tickets()
        return correction

    def uncorrect(self, turn: str, staff: str) -> None:
        """Take a correction back, with the training example and the past ticket that came of it."""
        with self.store.together():
            self.store.chats.uncorrect(turn, staff)
            self.store.content.withdraw_example(turn)
            gone = self.store.tickets.withdraw_answer(turn, staff)
        if gone:
            self.on_tickets()

    def take_over(self, conversation: str, staff: str) -> Conversation:
        """The member of staff now answers; the bot is silent. Raises Conflict when a colleague has it."""
        self.store.chats.move(conversation, State.OWNED, owner=staff, who=staff)
        return self.store.chats.get(conversation)

    def say(self, conversation: str, staff: str, text: str) -> StoredTurn:
        """Write to the customer as a person.

        Raises Conflict unless `staff` owns the conversation, and when the words could not be screened.
        """
        return self.store.chats.add_staff_message(conversation, staff, self._redacted(text))

    def hand_back(self, conversation: str, staff: str) -> Conversation:
        """Give the conversation back to the bot."""
        self.store.chats.move(conversation, State.OPEN, who=staff)
        return self.store.chats.get(conversation)

    def _cleared(self, answer: str) -> str:
        """The redacted answer. Raises Conflict when the outbound guards would never let it reach a customer."""
        answer = self._redacted(answer)
        held = self.screen.approve(answer) if answer else None
        if held is not None and not held.action.passes:
            found = held.deciding
            why = f" ({found.guard}: {found.label})" if found else ""
            raise Conflict(f"the guards would hold this answer back{why}; please word it differently")
        return answer

    def _redacted(self, text: str) -> str:
        """Words of staff without personal data. Raises Conflict rather than lose what could not be screened."""
        safe = self.screen.screen(text).verdict.text if text.strip() else ""
        if text.strip() and not safe.strip():
            raise Conflict("This text could not be checked for personal data; please shorten it, or send it in parts.")
        return safe
