"""A bot that needs no model: it answers by keyword, and keeps everything in a real store."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from bot.desk import Desk
from bot.explain import explain
from bot.mood import mood_of
from bot.records import Conversation, IntentSpec, State
from bot.schema import ConversationRow, TurnRow
from bot.settings import Settings
from bot.store import Store
from bot.turn import Kind, Option, Reply, Source, Turn, new_id
from guardrails.verdict import Action, Finding, Span, Verdict
from models.intent import Intent
from retrieval.passage import Passage

SHOP = {
    "name": "Larch & Loom",
    "tagline": "Furniture, bedding, kitchenware, lighting and rugs for the home",
    "hours": "Monday to Saturday, 8 am to 8 pm",
    "email": "help@larchandloom.example",
}
EMAIL = re.compile(r"[\w.]+@[\w.]+\w")
STAFF, PASSWORD = "Maya", "correct horse"


@dataclass(frozen=True)
class Script:
    """What the fake knows of one intent: the words that mean it, and its spec."""

    words: str
    spec: IntentSpec
    ticket: tuple[str, str] | None = None


SCRIPTS = [
    Script(
        r"where.*(order|parcel)|order status|track",
        IntentSpec(
            "order_status", "where an order is now", "Where is my order?", "The customer wants to know where it is.",
            "The quickest view is the **My orders** page, which shows the stage an order has reached. Once it has left "
            "us, the dispatch e-mail carries a tracking link.\n\nAs a guide:\n\n- Parcels take 3 to 5 working days\n"
            "- Furniture takes 2 to 3 weeks",
            ("delivery_late", "order_cancel"),
        ),
        ("'My orders' has said 'In upholstery' for ten days. Is it stuck?",
         "Nothing is stuck. 'In upholstery' is the longest stage for a Wren sofa: it covers cutting, sewing and a "
         "two-day check of the frame."),
    ),
    Script(
        r"refund|money back",
        IntentSpec(
            "refund_status", "when a refund arrives", "When do I get my refund?", "The customer waits for money.",
            "A refund reaches the card or account that you paid with within 5 working days of the return reaching us. "
            "You will get an e-mail on the day that we send it.",
            ("return_start", "exchange_item"),
        ),
        ("Sent the lamp back a week ago and still no refund, [NAME_1]",
         "Your return reached us on Tuesday and the refund left the same day. Banks take up to 5 working days."),
    ),
    Script(
        r"send.*back|return",
        IntentSpec(
            "return_start", "sending something back", "How do I return something?", "The customer wants to return.",
            "You have 30 days. Open the returns page, choose the item and print the label; any post office takes it.",
            ("refund_status",),
        ),
    ),
    Script(
        r"exchange|swap",
        IntentSpec("exchange_item", "an exchange", "Exchange an item", "Another size or colour.",
                   "Start a return and order the other one; we refund the first.", ("return_start",)),
    ),
    Script(
        r"late|delay",
        IntentSpec("delivery_late", "a late delivery", "My delivery is late", "It should have come by now.",
                   "I am sorry that it is late. Please check the tracking link first; it shows the newest date.", ()),
    ),
    Script(
        r"cancel",
        IntentSpec("order_cancel", "cancelling an order", "Cancel an order", "The customer wants to cancel.",
                   "You can cancel until it is packed, usually within 2 hours: open **My orders** and press Cancel.",
                   ()),
    ),
    Script(
        r"warranty|broken|wobbl",
        IntentSpec("warranty", "a warranty claim", "Something is broken", "Something broke.",
                   "Furniture carries a warranty of 5 years. Send us a photo and your order number in this chat.", ()),
    ),
]  # fmt: skip
INTENTS = {s.spec.name: s.spec for s in SCRIPTS}
VERSIONS = {"intent": "9f2c41d07a3e", "toxicity": "5b10c2e9d4f1", "index": "c07d22", "policy": "1f4e0a"}


class FakeScreen:
    """Takes e-mail addresses out, and nothing else."""

    def screen(self, text: str, direction: str = "in", **_: Any) -> Any:
        spans = [Span(m.start(), m.end(), "EMAIL") for m in EMAIL.finditer(text)]
        found = [Finding("pii", "EMAIL", 0.99, (s,), "an e-mail address", 0.4, Action.REDACT) for s in spans]
        safe = EMAIL.sub("[EMAIL_1]", text)
        calm = Finding("toxicity", "toxic", 0.03, (), "", 0.8, Action.ALLOW)
        verdict = Verdict(Action.REDACT if found else Action.ALLOW, safe, (*found, calm))
        return SimpleNamespace(verdict=verdict, reading=None)

    def approve(self, text: str) -> Verdict:
        return Verdict(Action.ALLOW, text)


class FakeBot:
    """Answers as the real one does, from a table."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.shop: Mapping[str, Any] = SHOP
        self.broken = False

    def latest_of(self, customer: str) -> Conversation | None:
        return self.store.chats.latest_of(f"kept-{customer}")

    def owns(self, customer: str, conversation: str) -> bool:
        return self.store.chats.get(conversation).customer == f"kept-{customer}"

    def start(self, customer: str) -> Conversation:
        return self.store.chats.start(f"kept-{customer}")

    def starters(self) -> list[Option]:
        return [Option(s.spec.option, s.spec.option) for s in SCRIPTS[:3]] + [
            Option("Do you deliver to Ireland?", "Do you deliver to Ireland?")
        ]

    def respond(self, conversation: str, text: str, id: str | None = None) -> Turn:
        if self.broken:
            raise RuntimeError("the raw text must not get out")
        verdict = FakeScreen().screen(text).verdict
        turn = Turn(
            conversation, text, id or new_id(), inbound=verdict, versions=VERSIONS, mood=mood_of(verdict.text),
            timings={"admit": 2.1, "understand": 0.2, "recall": 0.9, "compose": 0.1, "clear": 0.4, "total": 3.7},
        )  # fmt: skip
        turn = self._answered(turn, self.store.chats.get(conversation).state)
        self.store.chats.add_turn(turn, explain(turn, INTENTS), {})
        return turn

    def _answered(self, turn: Turn, state: State) -> Turn:
        if state is State.OWNED:
            return replace(turn, reply=Reply(Kind.SILENCE, ""), reason="a person owns the conversation")
        text = turn.text
        if re.search(r"person|human", text, re.I):
            reply = Reply(
                Kind.HANDOFF, "I have asked a colleague to take over. They read what you wrote and answer here."
            )
            return replace(turn, reply=reply, reason="asked for a person")
        hits = [(s, m) for s in SCRIPTS if (m := re.search(s.words, text, re.I))]
        if not hits:
            reply = Reply(Kind.QUESTION, "I am not sure that I understood. Which of these is it about?",
                          options=tuple(Option(s.spec.option, s.spec.option) for s in SCRIPTS[:3]))  # fmt: skip
            intent = Intent("order_status", 0.22, (("return_start", 0.18), ("warranty", 0.11)), False, 0.81)
            return replace(turn, reply=reply, intent=intent, reason="unsure: nothing fits")
        script, hit = hits[0]
        others = [s.spec.name for s in SCRIPTS if s is not script][:3]
        sure = 0.93 if len(hits) == 1 else 0.54
        intent = Intent(script.spec.name, sure, tuple(zip(others, (0.03, 0.01, 0.004), strict=True)),
                        words=((hit.start(), hit.end(), 0.61),))  # fmt: skip
        sources = [Source("intent", script.spec.name, script.spec.title)]
        passages = []
        if script.ticket:
            sources.append(Source("ticket", "A-001", script.ticket[0]))
            passages = [Passage("A-001", 0.82, *script.ticket), Passage("B-014", 0.31, *SCRIPTS[0].ticket)]  # type: ignore[misc]
        reply = Reply(Kind.ANSWER, script.spec.answer, tuple(sources),
                      tuple(Option(INTENTS[n].option, INTENTS[n].option) for n in script.spec.follow_ups))  # fmt: skip
        outbound = Verdict(
            Action.ALLOW, reply.text, (Finding("grounding", "unsupported", 0.06, (), "", 0.5, Action.ALLOW),)
        )
        return replace(turn, reply=reply, intent=intent, passages=tuple(passages), outbound=outbound,
                       slots={"order": "LL-150233"} if "LL-" in text else {}, reason="confident")  # fmt: skip


def fake_installation(home: Path) -> tuple[FakeBot, Desk, Settings]:
    """Bot, desk and settings over a fresh database with the shop's intents and one member of staff."""
    store = Store.open(f"sqlite:///{home / 'handrail.db'}")
    store.content.put_intents(list(INTENTS.values()))
    store.staff.add(STAFF, PASSWORD)
    store.staff.add("Jon", PASSWORD)
    return FakeBot(store), Desk(store, FakeScreen()), Settings(home=home, secret="s" * 32, _env_file=None)  # type: ignore[arg-type, call-arg]


def seed(bot: FakeBot, desk: Desk) -> None:
    """Conversations as a shop has them on a Tuesday morning."""
    chats = bot.store.chats
    scripts = [
        (
            4,
            [
                "where is my order LL-150233",
                "it is three days late, this is ridiculous! my e-mail is ruth@example.com",
                "let me talk to a person, it is urgent, I need it today",
            ],
        ),
        (17, ["i want to swap or return the blue rug", "Can I talk to a human please"]),
        (31, ["When do I get my refund?", "thanks"]),
        (55, ["My Wren chair wobbles, one leg is loose. Is that under warranty?"]),
        (80, ["Do you have a job for a carpenter"]),
        (140, ["how do i send back a lamp i bought in the sale"]),
        (300, ["cancel plz ordered 10 mins ago"]),
    ]
    for minutes, said in scripts:
        chat = bot.start(new_id())
        turns = [bot.respond(chat.id, text) for text in said]
        if minutes == 31:
            desk.rate(turns[0].id, False, ("It is not what I asked",), "I asked about the second parcel")
        if minutes == 55:
            chats.move(chat.id, State.OWNED, owner="Jon", who="Jon")
            desk.say(
                chat.id, "Jon", "Hello, this is Jon. Could you send a photo of the leg, and tell me when you bought it?"
            )
        if minutes == 140:
            desk.correct(turns[0].id, "Jon", intent="return_start", note="Sale items count too")
        _age(bot.store, chat.id, timedelta(minutes=minutes))
    bot.store.models.promote(
        "intent", VERSIONS["intent"], Path("models/intent"), by="handrail", metrics={"accuracy": 0.961}
    )
    bot.store.models.promote("toxicity", VERSIONS["toxicity"], Path("models/toxicity"), by="handrail")


def _age(store: Store, conversation: str, by: timedelta) -> None:
    now = datetime.now(UTC)
    with store.database.transaction() as session:
        row = session.get(ConversationRow, conversation)
        assert row is not None
        row.started, row.last_at = now - by - timedelta(minutes=3), now - by
        for turn in session.query(TurnRow).filter_by(conversation=conversation):
            turn.at = now - by - timedelta(minutes=3 - turn.position)
