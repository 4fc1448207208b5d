"""Screens what is about to be said, once for each wording: what was cleared before is not screened again."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import replace
from threading import Lock

from bot.draft import Draft
from guardrails.screen import Screen
from guardrails.verdict import Action, Verdict

KEPT = 4096  # wordings remembered; the oldest go first


class Clearance:
    """The outbound screen with a memory. `approved` are verdicts given when content was imported."""

    def __init__(self, screen: Screen, approved: Mapping[str, str] | None = None) -> None:
        self._screen = screen
        self._lock = Lock()
        self._known: OrderedDict[str, Verdict] = OrderedDict()
        self._approved = {key for key, action in (approved or {}).items() if action == Action.ALLOW.name}

    def clear(self, draft: Draft) -> Verdict:
        """The verdict on a draft, with what it rests on as evidence."""
        text = draft.reply.text
        if all(map(self._approves, draft.parts or (draft,))):
            return Verdict(Action.ALLOW, text)
        key = self._screen.content_key(draft.wording or "\x1f".join((text, *draft.evidence)))
        with self._lock:
            known = self._known.get(key)
        if known is not None and not draft.wording:
            return known
        if known is not None and known.action is Action.ALLOW:
            return replace(known, text=text)
        verdict = self._screen.screen(text, direction="out", evidence=draft.evidence).verdict
        with self._lock:
            self._known[key] = verdict
            while len(self._known) > KEPT:
                self._known.popitem(last=False)
        return verdict

    def _approves(self, draft: Draft) -> bool:
        return self._screen.content_key(draft.wording or draft.reply.text) in self._approved
