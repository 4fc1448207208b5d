"""Test conversations: what the files may say, and how a bot is judged by them."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.errors import ContentError
from bot.mood import Mood
from bot.phrases import PERSON
from bot.records import Conversation, State
from bot.turn import Kind, Option, Part, Reply, Source, Turn
from guardrails.verdict import Action, Finding, Verdict
from models.intent import Intent
from training.conversations.evaluate import evaluate_conversations
from training.conversations.stories import read_stories
from training.share import Share

COST = Turn(
    "c", intent=Intent("cost", 0.9), reply=Reply(Kind.ANSWER, "It costs £3.95, order LL-1."), slots={"order": "LL-1"}
)
UNKNOWN = Turn("c", intent=Intent("cost", 0.2, in_scope=False), reply=Reply(Kind.QUESTION, "Which?"))
REFUSED = Turn("c", reply=Reply(Kind.REFUSAL, "No."))
HANDED = Turn("c", intent=Intent("person", 0.9), reply=Reply(Kind.HANDOFF, "A colleague comes."))
OFFERED = replace(COST, reply=Reply(Kind.QUESTION, "Which?", options=(Option(PERSON, PERSON),)))
BOTH = replace(COST, parts=(Part("a", Intent("cost", 0.9)), Part("b", Intent("time", 0.9))))
TICKET = replace(UNKNOWN, reply=Reply(Kind.ANSWER, "Use a soft cloth.", (Source("ticket", "t1", "care"),)))
STORY = "conversations:\n  - name: a\n    turns:\n      - "


class FakeBot:
    """Gives the turns it was made with, in order, and counts the chats."""

    def __init__(self, *turns: Turn) -> None:
        self.turns = iter(turns)
        self.chats: list[str] = []

    def start(self, customer: str, channel: str = "chat") -> Conversation:
        now = datetime.now(UTC)
        self.chats.append(customer)
        return Conversation(f"chat-{len(self.chats)}", customer, State.OPEN, "bot", "", now, now, channel)

    def respond(self, conversation: str, text: str, id: str | None = None) -> Turn:
        return replace(next(self.turns), conversation=conversation, said=text)


def story(tmp_path, *turns: dict, name: str = "one"):
    file = tmp_path / f"{name}.yaml"
    file.parent.mkdir(exist_ok=True)
    due = [{"customer": "hello", "intent": "cost", "kind": "answer", **turn} for turn in turns]
    file.write_text(json.dumps({"conversations": [{"name": name, "turns": due}]}))
    return file


@pytest.mark.parametrize(
    ("due", "turn", "differences"),
    [
        ({}, COST, []),
        ({"must": ["IT  COSTS"], "must_not": ["euro"]}, COST, []),
        ({"must": ["£4", "£3.95"]}, COST, ["the reply lacks '£4'"]),
        ({"must_not": ["COSTS"]}, COST, ["the reply holds 'COSTS'"]),
        ({"slots": {"order": "LL-1"}}, COST, []),
        ({"slots": {"order": "LL-2"}}, COST, ["slot order is 'LL-1'"]),
        ({"slots": {"order": None}}, COST, ["slot order is 'LL-1'"]),
        ({"intent": "refund"}, COST, ["read as cost, not refund"]),
        ({"intent": ["refund", "cost"]}, COST, []),
        ({"intent": None}, COST, []),  # it does not matter
        ({"intent": ["cost", "time"], "all": True}, COST, ["read as cost, not cost and time"]),
        ({"intent": ["cost", "time"], "all": True}, BOTH, []),
        ({"intent": ["time", "cost"], "all": True}, BOTH, ["read as cost and time, not time and cost"]),
        ({"intent": "cost"}, BOTH, ["read as cost and time, not cost"]),
        ({"handover": "no"}, COST, []),
        ({"handover": ["offered", "given"]}, COST, ["hand-over no instead of offered or given"]),
        ({"handover": "offered", "kind": "question"}, OFFERED, []),
        ({"handover": "given", "intent": "person", "kind": "handoff"}, HANDED, []),
        ({"mood": ["upset"]}, COST, ["the mood is ()"]),
        ({"mood": ["upset", "unhappy"]}, replace(COST, mood=Mood(-0.9)), []),
        ({"intent": "oos", "kind": ["question", "handoff"]}, UNKNOWN, []),
        ({"intent": "oos", "kind": ["question", "handoff"]}, COST,
         ["read as cost, not oos", "answer instead of question or handoff"]),
        ({"intent": "oos", "kind": "refusal"}, REFUSED, []),
        ({}, REFUSED, ["refusal instead of answer"]),
    ],
)  # fmt: skip
def test_a_turn_is_judged_by_reading_kind_words_and_slots(tmp_path, due, turn, differences):
    report = evaluate_conversations(FakeBot(turn), story(tmp_path, due))
    assert list(report.results[0].differences) == differences
    assert report.results[0].passed == (not differences)


@pytest.mark.parametrize(
    ("due", "turn", "wrong"),
    [
        ({}, COST, False),
        ({"must": ["£4"]}, COST, False),  # the right answer in other words is a difference, not a wrong answer
        ({"intent": "refund"}, COST, True),
        ({"intent": "oos", "kind": "question"}, COST, True),
        ({"intent": "oos", "kind": "question"}, UNKNOWN, False),
        ({"intent": "care", "must": ["soft cloth"]}, TICKET, False),  # a past ticket is judged by what it says
        ({"intent": "care", "must": ["bleach"]}, TICKET, True),
    ],
)
def test_an_answer_to_another_question_is_a_wrong_one(tmp_path, due, turn, wrong):
    assert evaluate_conversations(FakeBot(turn), story(tmp_path, due)).results[0].wrong is wrong


def test_each_story_has_a_chat_of_its_own_and_its_turns_are_counted(tmp_path):
    guarded = Verdict(Action.REFUSE, "", (Finding("injection", "attack", 1.0, action=Action.REFUSE),
                                          Finding("toxicity", "insult", 0.1, action=Action.ALLOW)))  # fmt: skip
    bot = FakeBot(COST, UNKNOWN, replace(REFUSED, inbound=guarded), HANDED)
    one = story(tmp_path, {}, {}, name="one")
    two = story(tmp_path, {"intent": "oos", "kind": "refusal"}, {"intent": "person", "kind": "handoff"}, name="two")
    report = evaluate_conversations(bot, [one, two], intents=["cost", "person", "refund"], guards=["injection", "pii"])
    assert len(bot.chats) == 2
    assert (report.conversations, report.turns) == (Share(1, 2), Share(3, 4))
    assert (report.right_first, report.asked_back) == (Share(1, 2), Share(1, 2))
    assert (report.wrong_answers, report.handed_over, report.covered) == (Share(0, 4), Share(1, 4), Share(2, 3))
    assert report.kinds == {"answer": 1, "question": 1, "handoff": 1, "refusal": 1}
    assert report.guards == {"injection": 1}
    assert report.moves == {"asks": 4}
    assert [row[0::2] for row in report.coverage_rows()] == [
        ("intents asked for", "refund"), ("answers said", "cost, person, refund"), ("guards that acted", "pii"),
    ]  # fmt: skip
    assert report.to_dict()["not_covered"] == ["refund"]
    assert [row[:2] for row in report.failure_rows()] == [("one.yaml: one", 2)]
    json.dumps(report.to_dict())


def test_stories_of_several_folders_are_counted_together_and_apart(tmp_path):
    story(tmp_path, {}, name="development/one")
    story(tmp_path, {"must": ["£4"]}, name="held_out/two")
    report = evaluate_conversations(FakeBot(COST, COST), tmp_path)
    assert [result.story for result in report.failures] == ["held_out/two.yaml: held_out/two"]
    assert report.turns == Share(1, 2)
    assert {name: part.turns for name, part in report.parts.items()} == {
        "development": Share(1, 1), "held_out": Share(0, 1),
    }  # fmt: skip
    assert report.columns() == ("what", "all", "development", "held_out")
    assert {len(row) for row in report.rows()} == {4}
    assert report.to_dict()["parts"]["held_out"]["turns"] == Share(0, 1).to_dict()


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"), [(0, 10, 0.0, 0.278), (5, 10, 0.237, 0.763), (10, 10, 0.722, 1.0), (0, 0, 0.0, 1.0)]
)
def test_the_interval_is_wilsons(hits, of, low, high):
    assert Share(hits, of).interval == pytest.approx((low, high), abs=0.001)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"{STORY}{{customer: x, intent: y,\n         musst: []}}\n", r"line 5: conversations\.0\.turns\.0\.musst"),
        (f"{STORY}{{customer: x, kind: answer}}\n", r"line 4: conversations\.0\.turns\.0\.intent"),
        (f"{STORY}{{customer: x, intent: y, kind: shout}}\n", r"line 4: .*kind"),
        ("conversations: [", "is not YAML"),
        ("conversations: []", "there is no conversation"),
        ("", "line 1"),
    ],
)  # fmt: skip
def test_a_bad_file_is_named_with_its_line(tmp_path, text, said):
    file = tmp_path / "bad.yaml"
    file.write_text(text)
    with pytest.raises(ContentError, match=said):
        read_stories([file])


def test_a_missing_file_and_a_name_given_twice_are_said(tmp_path):
    with pytest.raises(ContentError, match="does not exist"):
        read_stories([tmp_path / "none.yaml"])
    one = story(tmp_path, {})
    with pytest.raises(ContentError, match="two conversations are called 'one'"):
        read_stories([one, one])


def test_a_failed_customer_message_is_reported_redacted_only(tmp_path):
    turn = replace(COST, inbound=Verdict(Action.REDACT, "my mail is [EMAIL_1]"))
    report = evaluate_conversations(
        FakeBot(turn), story(tmp_path, {"customer": "my mail is a@b.example", "must": ["x"]})
    )
    assert "a@b.example" not in repr(report) + json.dumps(report.to_dict())
