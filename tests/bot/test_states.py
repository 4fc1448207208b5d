"""Who speaks, as a state machine: whatever customers and staff do, the bot is silent while a person owns the chat."""

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from bot.desk import Desk
from bot.errors import Conflict
from bot.records import State
from bot.store import Store
from bot.turn import Kind
from tests.bot.fakes import FakeScreen, bot

STAFF = st.sampled_from(["ann", "bob"])


class Chat(RuleBasedStateMachine):
    """One conversation. `state` and `owner` are what they should be; the store is asked after every step."""

    migrated: Path

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.mkdtemp(prefix="handrail-states-")
        file = shutil.copy(self.migrated, self.folder)
        self.store = Store.open(f"sqlite:///{file}")
        screen = FakeScreen()
        self.bot = bot(self.store, screen=screen)
        self.desk = Desk(self.store, screen)  # type: ignore[arg-type]

    @initialize()
    def begin(self) -> None:
        self.chat = self.bot.start("customer-1").id
        self.state, self.owner, self.turns = State.OPEN, "bot", 0

    @rule(text=st.sampled_from(["Where is it?", "an attack", "in despair", "Talk to a person", ""]))
    def customer_writes(self, text: str) -> None:
        reply = self.bot.respond(self.chat, text).reply
        assert reply is not None
        self.turns += 1
        if self.state is State.OWNED:
            assert (reply.kind, reply.text) == (Kind.SILENCE, "")
        else:
            assert reply.kind is not Kind.SILENCE
            assert reply.text
        if reply.kind is Kind.HANDOFF and self.state is State.OPEN:
            self.state = State.WAITING
        elif self.state is State.CLOSED:
            self.state = State.WAITING if reply.kind is Kind.HANDOFF else State.OPEN

    @rule(who=STAFF)
    def staff_take_over(self, who: str) -> None:
        if self._theirs_or_free(who):
            self.desk.take_over(self.chat, who)
            self.state, self.owner = State.OWNED, who
        else:
            with pytest.raises(Conflict):
                self.desk.take_over(self.chat, who)

    @rule(who=STAFF)
    def staff_write(self, who: str) -> None:
        if self.state is State.OWNED and self.owner == who:
            self.desk.say(self.chat, who, "Hello")
            self.turns += 1
        else:
            with pytest.raises(Conflict):
                self.desk.say(self.chat, who, "Hello")

    @rule(who=STAFF)
    def staff_hand_back(self, who: str) -> None:
        if self._theirs_or_free(who):
            self.desk.hand_back(self.chat, who)
            self.state, self.owner = State.OPEN, "bot"
        else:
            with pytest.raises(Conflict):
                self.desk.hand_back(self.chat, who)

    @rule(who=STAFF)
    def staff_close(self, who: str) -> None:
        if self._theirs_or_free(who):
            self.store.chats.move(self.chat, State.CLOSED, who=who)
            self.state, self.owner = State.CLOSED, "bot"
        else:
            with pytest.raises(Conflict):
                self.store.chats.move(self.chat, State.CLOSED, who=who)

    @invariant()
    def the_store_says_the_same(self) -> None:
        kept = self.store.chats.get(self.chat)
        assert (kept.state, kept.owner) == (self.state, self.owner)
        assert [t.position for t in self.store.chats.transcript(self.chat)] == list(range(self.turns))

    def _theirs_or_free(self, who: str) -> bool:
        return self.state is not State.OWNED or self.owner == who

    def teardown(self) -> None:
        self.store.close()
        shutil.rmtree(self.folder)


def test_the_bot_never_speaks_while_a_person_owns_the_conversation(migrated: Path) -> None:
    Chat.migrated = migrated
    health = [HealthCheck.too_slow]
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        Chat, settings=settings(max_examples=10, stateful_step_count=15, deadline=None, suppress_health_check=health)
    )
