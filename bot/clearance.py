"""Screens what is about to be said, once for each wording: what was cleared before is not screened again."""

from collections import OrderedDict
from collections.abc import Mapping
from hashlib import sha256
from threading import Lock

from guardrails.screen import Screen

from bot.compose import Draft
from guardrails.verdict import Action, Verdict

KEPT = 4096  # wordings remembered; the oldest go first


def approval_key(text: str) -> str:
    """The name under which a text's verdict is kept."""
    return sha256(text.encode("utf-8", "replace")).hexdigest()


class Clearance:
    """The outbound screen with a memory. `approved` are verdicts given when content was imported."""

    def __init__(self, screen: Screen, approved: Mapping[str, str] | None = None) -> None:
        self._screen = screen
        self._lock = Lock()
        self._known: OrderedDict[str, Verdict | None] = OrderedDict()
        self._approved = {key for key, action in (approved or {}).items() if action == Action.ALLOW.name}

    def clear(self, draft: Draft) -> Verdict:
        """The verdict on a draft, with what it rests on as evidence."""
        text = draft.reply.text
        if approval_key(text) in self._approved:
            return Verdict(Action.ALLOW, text)
        key = approval_key("\x1f".join((text, *draft.evidence)))
        with self._lock:
            known = self._known.get(key)
        if known is not None:
            return known
        verdict = self._screen.screen(text, direction="out", evidence=draft.evidence).verdict
        with self._lock:
            self._known[key] = verdict
            while len(self._known) > KEPT:
                self._known.popitem(last=False)
        return verdict
