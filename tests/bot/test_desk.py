"""What customers and staff say around a conversation, before it is stored."""

import pytest

from bot.desk import REASONS, Desk
from bot.errors import Conflict, StoreUnavailable
from bot.store import Store
from tests.bot.fakes import FakeScreen, bot
from tests.bot.store.acts import failing

UNREADABLE = "\x00\x01"  # of this the screen gives nothing back, as of a text that is too long for it


@pytest.fixture
def desk(light: Store) -> Desk:
    return Desk(light, FakeScreen())  # type: ignore[arg-type]


@pytest.fixture
def chat(light: Store) -> str:
    return bot(light).start("customer-1").id


@pytest.fixture
def turn(light: Store, chat: str) -> str:
    return bot(light).respond(chat, "Where is it?").id


def test_a_reason_counts_once_however_often_it_is_sent(desk: Desk, turn: str) -> None:
    desk.rate(turn, False, (REASONS[1], "<b>", *[REASONS[0]] * 9))
    feedback = desk.store.chats.turn(turn).feedback
    assert feedback is not None
    assert feedback.reasons == REASONS[:2]


@pytest.mark.parametrize("before", [1990, 1995])
def test_a_comment_is_not_cut_before_it_is_screened(desk: Desk, turn: str, before: int) -> None:
    desk.rate(turn, False, comment="x" * before + " kit@example.com")
    feedback = desk.store.chats.turn(turn).feedback
    assert feedback is not None
    assert feedback.comment == "x" * before + " [EMAIL_1]"


def test_staffs_words_are_refused_rather_than_lost(desk: Desk, chat: str, turn: str) -> None:
    desk.take_over(chat, "ann")
    with pytest.raises(Conflict, match="please shorten it"):
        desk.say(chat, "ann", UNREADABLE)
    for words in ({"answer": UNREADABLE}, {"note": UNREADABLE}):
        with pytest.raises(Conflict, match="please shorten it"):
            desk.correct(turn, "ann", **words)
    assert len(desk.store.chats.transcript(chat)) == 1
    assert desk.store.chats.turn(turn).correction is None


@pytest.mark.parametrize("table", ["corrections", "examples", "tickets", "audit_events"])
def test_of_a_correction_all_is_kept_or_nothing(desk: Desk, turn: str, table: str) -> None:
    followed: list[int] = []
    desk.on_tickets = lambda: followed.append(desk.store.tickets.count())
    with failing(desk.store, table), pytest.raises(StoreUnavailable):
        desk.correct(turn, "ann", intent="oos", answer="It is on its way.")
    assert desk.store.chats.turn(turn).correction is None
    assert (desk.store.content.examples(), desk.store.tickets.count(), followed) == ([], 0, [])
    desk.correct(turn, "ann", intent="oos", answer="It is on its way.")
    assert len(desk.store.content.examples()) == 1
    assert followed == [1]  # once the whole correction is kept
    with failing(desk.store, table), pytest.raises(StoreUnavailable):
        desk.uncorrect(turn, "ann")
    assert desk.store.chats.turn(turn).correction is not None
    assert (len(desk.store.content.examples()), desk.store.tickets.count()) == (1, 1)
