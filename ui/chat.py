"""The customer's page: what its script may ask for, always on behalf of one visitor."""

import re
from collections.abc import Mapping
from datetime import date
from html import escape
from typing import Any

import gradio as gr

from bot import phrases
from bot.desk import Desk
from bot.engine import Bot
from bot.errors import NotFound
from bot.records import Conversation, State, StoredTurn
from bot.turn import new_id
from ui.bridge import Act, Ask, bridge, page, text_of
from ui.render import chat as html
from ui.render.skeleton import inert, skeleton
from ui.render.text import initials
from ui.visitor import token_of

_ID = re.compile(r"[0-9a-f]{32}")


class Chat:
    """The acts of the chat page. Each takes the visitor's token and what the page sent, and returns JSON values."""

    def __init__(self, bot: Bot, desk: Desk, max_chars: int) -> None:
        self._bot = bot
        self._desk = desk
        self._chats = bot.store.chats
        self._max_chars = max_chars

    @property
    def acts(self) -> Mapping[str, Act]:
        """What the page may ask for, by name."""
        return {
            "open": self.open, "send": self.send, "poll": self.poll, "why": self.why, "rate": self.rate,
            "person": self.person, "restart": self.restart, "save": self.save,
        }  # fmt: skip

    def open(self, visitor: str, _ask: Ask) -> dict[str, Any]:
        """The conversation as it stands, or the welcome."""
        chat = self._current(visitor)
        turns = self._chats.transcript(chat.id) if chat else []
        body = html.transcript(turns, date.today()) if turns else self._welcome()
        return {"html": body, "max": self._max_chars, **self._status(chat, turns)}

    def send(self, visitor: str, ask: Ask) -> dict[str, Any]:
        """Answer a message. The same `id` again gives the same turn again."""
        text, turn = text_of(ask, "text"), text_of(ask, "id")
        if not text.strip():
            return {"html": ""}
        if len(text) > self._max_chars:
            most = f"Please keep to {self._max_chars:,}, or send it in parts."
            return {"error": f"That is {len(text):,} characters. {most}"}
        chat = self._current(visitor) or self._bot.start(visitor)
        return self._answer(chat, text, turn)

    def person(self, visitor: str, ask: Ask) -> dict[str, Any]:
        """Ask for a person, in so many words, and see to it that one is asked for."""
        chat = self._current(visitor) or self._bot.start(visitor)
        answer = self._answer(chat, phrases.PERSON, text_of(ask, "id"))
        if self._chats.get(chat.id).state is State.OPEN:
            self._chats.move(chat.id, State.WAITING, why="asked for a person", who="customer")
        return {**answer, **self._status(self._chats.get(chat.id))}

    def poll(self, visitor: str, ask: Ask) -> dict[str, Any]:
        """What people have written since position `after`, and who answers now."""
        chat = self._current(visitor)
        turns = self._chats.transcript(chat.id) if chat else []
        after = ask.get("after")
        seen = after if isinstance(after, int) else -1
        new = [t for t in turns if t.position > seen and t.by != "bot"]
        return {"html": "".join(self._with_line(turns, t) for t in new), **self._status(chat, turns)}

    def why(self, visitor: str, ask: Ask) -> dict[str, Any]:
        """Why a reply was given."""
        return {"html": html.why(self._chats.explanation(self._own(visitor, ask).id))}

    def rate(self, visitor: str, ask: Ask) -> dict[str, Any]:
        """Keep a thumb, with the reasons and the comment that came with it."""
        reasons = ask.get("reasons")
        ticked = tuple(r for r in reasons if isinstance(r, str)) if isinstance(reasons, list) else ()
        self._desk.rate(self._own(visitor, ask).id, ask.get("helpful") is True, ticked, text_of(ask, "comment"))
        return {"kept": True}

    def restart(self, visitor: str, _ask: Ask) -> dict[str, Any]:
        """Begin a new conversation; the old one stays with the shop."""
        chat = self._current(visitor)
        if chat is None or self._chats.transcript(chat.id):
            chat = self._bot.start(visitor)
        return {"html": self._welcome(), **self._status(chat, [])}

    def save(self, visitor: str, _ask: Ask) -> dict[str, Any]:
        """The conversation as text."""
        chat = self._current(visitor)
        return {"text": html.written(self._chats.transcript(chat.id) if chat else [], self._bot.shop)}

    def _current(self, visitor: str) -> Conversation | None:
        return self._bot.latest_of(visitor)

    def _own(self, visitor: str, ask: Ask) -> StoredTurn:
        turn = self._chats.turn(text_of(ask, "turn"))
        if not self._bot.owns(visitor, turn.conversation):
            raise NotFound.of("turn", turn.id)
        return turn

    def _answer(self, chat: Conversation, text: str, turn: str) -> dict[str, Any]:
        known = self._chats.find_turn(turn) if _ID.fullmatch(turn) else None
        if not _ID.fullmatch(turn) or (known and known.conversation != chat.id):
            turn = new_id()
        self._bot.respond(chat.id, text, id=turn)
        turns = self._chats.transcript(chat.id)
        stored = next(t for t in turns if t.id == turn)
        return {"html": self._with_line(turns, stored), **self._status(self._chats.get(chat.id), turns)}

    def _with_line(self, turns: list[StoredTurn], turn: StoredTurn) -> str:
        return html.joined(turns[: turns.index(turn)], turn) + html.one_turn(turn)

    def _welcome(self) -> str:
        return html.welcome(self._bot.shop, self._bot.starters())

    def _status(self, chat: Conversation | None, turns: list[StoredTurn] | None = None) -> dict[str, Any]:
        presence, line = html.status(chat, self._bot.shop)
        status = {"state": chat.state if chat else State.OPEN, "presence": presence, "line": line}
        return status if turns is None else {**status, "last": turns[-1].position if turns else -1}


def frame(shop: Mapping[str, Any]) -> str:
    """The page before anything is known: header, an empty log, the composer."""
    name = str(shop.get("name", "Customer service"))
    return skeleton("chat", shop=inert(escape(name)), monogram=inert(initials(name)))


def build(bot: Bot, desk: Desk, max_chars: int) -> gr.Blocks:
    """The chat as a Gradio page."""
    call = bridge(Chat(bot, desk, max_chars).acts, lambda request: token_of(request.headers.get("cookie", "")))
    return page(str(bot.shop.get("name", "Customer service")), "chat", call, frame(bot.shop), "ui")
