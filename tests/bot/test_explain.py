"""Why a reply was given: whole for staff, plain for the customer."""

import json
from dataclasses import replace

import pytest

from bot import phrases
from bot.dialogue import Move
from bot.explain import ASKED, explain, plain
from bot.turn import Kind, Option, Reply, Source, Turn
from guardrails.policy import Policy
from guardrails.verdict import Action, Finding, Span, Verdict
from models.intent import Intent
from retrieval.passage import Passage
from tests.bot.examples import INTENTS, finished

SPECS = {spec.name: spec for spec in INTENTS}
TEXT = "I want my money back now"
REFUND = Intent("refund", 0.931, (("exchange", 0.04),), words=((10, 20, 0.6), (2, 6, 0.2), (21, 24, 0.1), (0, 1, 0.01)))
TICKET = Reply(Kind.ANSWER, "It worked.", (Source("ticket", "t1", "q"),))


def passages(*scores: float) -> tuple[Passage, ...]:
    return tuple(Passage(f"t{n}", score, "q", "a") for n, score in enumerate(scores))


def turn(**changes: object) -> Turn:
    return finished("c", TEXT, **{"intent": REFUND, **changes})


def stopped(action: Action, kind: Kind, guard: str, label: str = "", rule: str = "") -> Turn:
    """A turn that a guard ended before anything was understood."""
    finding = Finding(guard, label, 1.0, action=action, rule=rule)
    return turn(intent=None, reply=Reply(kind, "No"), inbound=Verdict(action, TEXT, (finding,)))


def refused(guard: str, label: str) -> Turn:
    return stopped(Action.REFUSE, Kind.REFUSAL, guard, label)


def asked(guard: str) -> Turn:
    return stopped(Action.ASK, Kind.QUESTION, guard)


def held_back(action: Action, kind: Kind) -> Turn:
    return turn(reply=Reply(kind, "No"), outbound=Verdict(action, ""))


@pytest.mark.parametrize(
    ("given", "sentences"),
    [
        (
            turn(),
            ["I read this as being about getting money back (93% sure), because of “money back now” and “want”."],
        ),
        (turn(intent=replace(REFUND, words=())), ["about getting money back (93% sure)."]),
        (turn(intent=replace(REFUND, words=REFUND.words[:1])), ["because of “money back”."]),
        (turn(intent=Intent("new_label", 0.9)), ["being about new label (90% sure)."]),  # not among the intents
        (turn(intent=Intent("refund", 1.0), move=Move.RETURNS), ["You went back to getting money back."]),
        (turn(intent=Intent("refund", 1.0)), ["You asked for it in plain words: getting money back."]),
        (turn(intent=replace(REFUND, words=((0, 1, 0.9), (2, 6, 0.1)))), ["because of “want”."]),  # "I" tells nothing
        (finished("c", "rEFUND", intent=Intent("refund", 1.0)), ["You chose “Refund”."]),
        (turn(intent=replace(REFUND, in_scope=False)), ["Nothing that I know about seemed to fit what you wrote."]),
        (turn(), ["The answer is the shop's standard one for that question."]),
        (turn(passages=passages(0.9, 0.4)), ["; one past ticket was about the same."]),
        (turn(passages=passages(0.9, 0.5, 0.4)), ["; two past tickets were about the same."]),
        (turn(passages=passages(*[0.9] * 7)), ["; 7 past tickets were about the same."]),
        (turn(reply=TICKET), ["The answer is the one that solved a past question like yours."]),
        (turn(reply=Reply(Kind.QUESTION, "Which?")), ["I was not sure enough to answer, so I asked first."]),
        (
            turn(reply=Reply(Kind.QUESTION, "Which?", options=(Option("Exchange", "Exchange"),))),
            ["It could as well be about exchanging an item (4%), so I asked first."],
        ),
        (
            turn(intent=replace(REFUND, in_scope=False), reply=Reply(Kind.QUESTION, phrases.UNKNOWN)),
            ["Nothing that I know about seemed to fit", "I would rather say that I do not know than guess."],
        ),
        (turn(reply=Reply(Kind.QUESTION, phrases.WHAT)), ["I found no question in it, so I asked for one."]),
        (asked("topics"), ["The message asks for something that is not the shop's business"]),
        (asked("gibberish"), ["I could not make out words in the message"]),
        (asked("injection"), ["The message may ask me for something that I must not do"]),
        (asked("invisible"), ["Part of the message could not be seen"]),
        (asked("new_guard"), ["I was not sure enough to answer, so I asked first."]),
        (stopped(Action.ESCALATE, Kind.HANDOFF, "threat"), ["A person can help you better here"]),
        (
            stopped(Action.ESCALATE, Kind.HANDOFF, "threat", rule="inbound.failed"),
            ["I could not check your message just now, so I passed the chat on to a person."],
        ),
        (held_back(Action.REFUSE, Kind.HANDOFF), ["did not pass my own checks, so I passed the chat on to a person."]),
        (held_back(Action.ASK, Kind.QUESTION), ["did not pass my own checks, so I asked first."]),
        (turn(reply=Reply(Kind.HANDOFF, "Bye")), ["A person can help you better here, so I passed the chat on."]),
        (turn(reply=Reply(Kind.REFUSAL, "No")), ["The message asked for something that I must not do"]),
        (refused("language", "fr"), ["The message was not in a language that I can read"]),
        (refused("length", "empty"), ["The message was empty"]),
        (refused("length", "tokens"), ["The message was too long to be read whole"]),
        (refused("injection", "override"), ["The message asked for something that I must not do"]),
        (turn(reply=Reply(Kind.QUESTION, f"Sorry. {phrases.WHAT_IS_WRONG}")), ["You seemed upset"]),
        (turn(reply=Reply(Kind.QUESTION, phrases.DETAILS["order"])), ["I need that detail to answer"]),
        (
            turn(intent=None, move=Move.REFUSES, reply=Reply(Kind.QUESTION, phrases.REFUSED)),
            ["You said what you do not want", "So I asked how to go on."],
        ),
        (turn(move=Move.CALLS, reply=Reply(Kind.HANDOFF, "x")), ["You called for attention", "A person can help"]),
        (turn(move=Move.DOUBTS), ["what I told you about getting money back did not help."]),
        (finished("c", "it sparks at the plug", reply=Reply(Kind.HANDOFF, "x")), ["Somebody may come to harm"]),
        (turn(reply=Reply(Kind.SILENCE, "")), ["A colleague is answering you in this chat, so I kept quiet."]),
        (
            finished("c", "[EMAIL_1] and [EMAIL_2], [CARD_1], [LISTED_1]", intent=None),
            ["I removed an e-mail address, a card number and a personal detail from your message before storing it."],
        ),
        (Turn("c"), ["The message could not be read, so nothing was looked up."]),
    ],
)
def test_a_customer_is_told_why_in_plain_sentences(given: Turn, sentences: list[str]) -> None:
    told = plain(given, SPECS)
    for sentence in sentences:
        assert any(sentence in s for s in told), told
    assert 1 <= len(told) <= 4
    assert all(s.endswith(".") for s in told)


def test_staff_see_everything_that_happened() -> None:
    finding = Finding(
        "pii", "EMAIL", 0.98765, (Span(3, 9, "EMAIL"),), "looks like one", 0.4, Action.REDACT, "inbound.pii"
    )
    whole = explain(
        turn(
            inbound=Verdict(Action.REDACT, TEXT, (finding, Finding("language", "en", 0.1)), "hidden", {"pii": 1.23456}),
            outbound=None,
            passages=passages(0.91239),
            slots={"order": "LL-1"},
            reason="sure of the intent",
            timings={"admit": 1.23456},
            versions={"intent": "abc"},
        ),
        SPECS,
    )
    assert whole["text"] == TEXT
    assert whole["reason"] == "sure of the intent"
    assert whole["intent"]["title"] == "getting money back"
    assert whole["intent"]["alternatives"] == [{"label": "exchange", "title": "exchanging an item", "confidence": 0.04}]
    assert whole["intent"]["words"][0] == {"start": 10, "end": 20, "text": "money back", "weight": 0.6}
    found = {"ticket": "t0", "score": 0.9124, "question": "q", "answer": "a", "kind": "ticket", "link": "", "flag": ""}
    assert whole["passages"] == [found]
    assert whole["inbound"]["action"] == "redact"
    assert whole["inbound"]["findings"][0] == {
        "guard": "pii", "label": "EMAIL", "score": 0.9877, "threshold": 0.4, "action": "redact",
        "rule": "inbound.pii", "reason": "looks like one", "spans": [{"start": 3, "end": 9, "label": "EMAIL"}],
    }  # fmt: skip
    assert whole["inbound"]["findings"][1]["action"] is None
    assert whole["outbound"] is None
    assert (whole["slots"], whole["timings"], whole["versions"]) == (
        {"order": "LL-1"},
        {"admit": 1.23},
        {"intent": "abc"},
    )
    assert json.loads(json.dumps(whole)) == whole


def test_what_was_said_is_not_in_an_explanation() -> None:
    given = replace(turn(inbound=Verdict(Action.REDACT, "write to [EMAIL_1]")), said="write to kit@example.com")
    assert "kit@" not in json.dumps(explain(given, SPECS))
    assert "kit@" not in repr(given)


def test_every_guard_that_may_ask_back_is_explained_in_words_of_its_own() -> None:
    rows = Policy.load().table.inbound.guards
    asking = {
        name for name, row in rows.items() if Action.ASK in {row.action, *(r.action for r in row.labels.values())}
    }
    assert asking == ASKED.keys()
