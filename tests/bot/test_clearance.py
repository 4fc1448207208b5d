"""What was judged when it was imported holds as long as what it was judged by."""

from bot.clearance import Clearance
from bot.draft import Draft
from bot.turn import Kind, Reply
from guardrails.screen import Screen
from guardrails.verdict import Action

ANSWER = "Reset it here: https://help.shop.example/reset"


def cleared(screen: Screen, approved: dict[str, str]) -> Action:
    """What a server with this screen makes of the answer, with what was kept of earlier verdicts."""
    return Clearance(screen, approved).clear(Draft(Reply(Kind.ANSWER, ANSWER), "", (ANSWER,))).action


def test_a_host_that_is_allowed_later_is_said_without_importing_again_and_one_that_is_taken_back_is_not() -> None:
    before, after = Screen.build(), Screen.build(hosts=["shop.example"])
    refused = {before.content_key(ANSWER): before.approve(ANSWER).action.name}
    assert refused.keys() == {before.content_key(ANSWER)}
    assert cleared(before, refused) is Action.REFUSE
    assert cleared(after, refused) is Action.ALLOW
    approved = {after.content_key(ANSWER): after.approve(ANSWER).action.name}
    assert set(approved.values()) == {"ALLOW"}
    assert cleared(after, approved) is Action.ALLOW
    assert cleared(before, approved) is Action.REFUSE
