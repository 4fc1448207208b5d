"""The staff console: what its script may ask for, always on behalf of one member of staff."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import gradio as gr

from bot.desk import Desk
from bot.errors import NotFound
from bot.records import State
from bot.store import Store
from ui.bridge import Act, Ask, bridge, page, text_of
from ui.login import staff_of
from ui.render import console as html
from ui.render.skeleton import skeleton
from ui.render.turn import opened

PAGE = 50


class Console:
    """The acts of the console. Each takes the name of the member of staff and what the page sent."""

    def __init__(self, store: Store, desk: Desk) -> None:
        self._store = store
        self._desk = desk

    @property
    def acts(self) -> Mapping[str, Act]:
        """What the page may ask for, by name."""
        return {
            "frame": self.frame, "list": self.list, "chat": self.chat, "turn": self.turn, "correct": self.correct,
            "take": self.take, "back": self.back, "say": self.say,
        }  # fmt: skip

    def frame(self, staff: str, _ask: Ask) -> dict[str, Any]:
        """What stands around the panes."""
        return {
            "staff": staff,
            "intents": html.intent_choices(self._store.content.intents()),
            "serving": html.serving(self._store.models.serving()),
        }

    def list(self, _staff: str, ask: Ask) -> dict[str, Any]:
        """Conversations that pass the filters `text`, `intent`, `state`, `unhelpful`; at most `limit`."""
        limit = ask.get("limit")
        limit = min(max(limit, 1), 1000) if isinstance(limit, int) else PAGE
        filters: dict[str, Any] = {key: text_of(ask, key).strip() for key in ("text", "intent", "state")}
        filters["unhelpful"] = ask.get("unhelpful") is True
        found = self._store.chats.search(**filters, limit=limit)
        rows = html.conversations(found, self._store.content.intents(), datetime.now(UTC))
        total = self._store.chats.count(**filters)
        return {"html": rows or html.nothing(any(filters.values())), "shown": len(found), "total": total}

    def chat(self, staff: str, ask: Ask) -> dict[str, Any]:
        """One conversation."""
        chat = self._store.chats.get(text_of(ask, "id"))
        turns = self._store.chats.transcript(chat.id)
        return {
            "id": chat.id,
            "head": html.head(chat, staff, len(turns)),
            "html": html.transcript(turns, self._store.content.intents(), date.today()),
            "mine": chat.state is State.OWNED and chat.owner == staff,
            "free": chat.state is not State.OWNED,
            "owner": chat.owner,
        }

    def turn(self, _staff: str, ask: Ask) -> dict[str, Any]:
        """One turn with its explanation."""
        turn = self._store.chats.turn(text_of(ask, "turn"))
        try:
            why = self._store.chats.explanation(turn.id)
        except NotFound:
            why = {"text": turn.text}
        return {"html": opened(turn, why, self._store.content.intents())}

    def correct(self, staff: str, ask: Ask) -> dict[str, Any]:
        """Keep a correction. An answer that is as it was counts as none."""
        turn = self._store.chats.turn(text_of(ask, "turn"))
        intent, answer, note = text_of(ask, "intent"), text_of(ask, "answer").strip(), text_of(ask, "note").strip()
        changed = answer if answer and answer != turn.reply.strip() else None
        if not intent and changed is None and not note:
            return {"error": "Nothing was changed. Choose another intent, edit the answer, or leave a note."}
        self._desk.correct(turn.id, staff, intent=intent or None, answer=changed, note=note)
        learns = [
            *(["The intent counts at the next training."] if intent else []),
            *(["The bot can find the answer from now on."] if changed else []),
        ]
        return {"said": " ".join(["Saved.", *learns])}

    def take(self, staff: str, ask: Ask) -> dict[str, Any]:
        """Answer in the bot's place."""
        self._desk.take_over(text_of(ask, "id"), staff)
        return self.chat(staff, ask)

    def back(self, staff: str, ask: Ask) -> dict[str, Any]:
        """Let the bot answer again."""
        self._desk.hand_back(text_of(ask, "id"), staff)
        return self.chat(staff, ask)

    def say(self, staff: str, ask: Ask) -> dict[str, Any]:
        """Write to the customer."""
        text = text_of(ask, "text").strip()
        if text:
            self._desk.say(text_of(ask, "id"), staff, text)
        return self.chat(staff, ask)


def frame() -> str:
    """The page before anything is known: three empty panes."""
    states = "".join(f'<option value="{state}">{label}</option>' for state, label in html.STATES.items())
    return skeleton("console", states=states)


def build(store: Store, desk: Desk) -> gr.Blocks:
    """The console as a Gradio page."""
    call = bridge(Console(store, desk).acts, lambda request: staff_of(request.scope))
    return page("Handrail console", "console", call, frame(), "../ui")
