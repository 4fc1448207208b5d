"""Replies, turns, passages and verdicts as JSON: what the HTTP service sends and the command line prints."""

from typing import Any

from bot.turn import Reply, Turn
from guardrails.verdict import Action, Verdict
from retrieval.passage import Passage


def wire_reply(reply: Reply | None) -> dict[str, Any] | None:
    """A reply as JSON."""
    if reply is None:
        return None
    return {
        "kind": reply.kind,
        "text": reply.text,
        "sources": [{"kind": s.kind, "ref": s.ref, "title": s.title, "link": s.link} for s in reply.sources],
        "options": [{"label": o.label, "text": o.text} for o in reply.options],
    }


def wire_turn(turn: Turn, explanation: dict[str, Any]) -> dict[str, Any]:
    """A turn as JSON, with its whole explanation."""
    return {"reply": wire_reply(turn.reply), "turn": {"id": turn.id, "at": turn.at.isoformat(), **explanation}}


def wire_passage(passage: Passage) -> dict[str, Any]:
    """A passage as JSON; `kind` is ticket or article, `link` leads to the article, `flag` says
    how it contradicts the answer that holds now."""
    return {
        "ticket": passage.ticket,
        "score": round(passage.score, 4),
        "question": passage.question,
        "answer": passage.answer,
        "kind": passage.kind,
        "link": passage.link,
        "flag": passage.flag,
    }


def wire_verdict(id: int | str, verdict: Verdict) -> dict[str, Any]:
    """A verdict as JSON: a finding for each of its spans, whose offsets count in the text as it was sent."""
    return {
        "id": id,
        "action": verdict.action.name.lower(),
        "text": verdict.text,
        "message": verdict.message,
        "findings": [
            {
                "guard": f.guard,
                "label": f.label,
                "score": round(f.score, 4),
                "start": span.start if span else None,
                "end": span.end if span else None,
                "reason": f.reason,
                "rule": f.rule,
                "threshold": f.threshold,
                "action": _named(f.action),
            }
            for f in verdict.findings
            for span in (f.spans or (None,))
        ],
    }


def _named(action: Action | None) -> str | None:
    return action.name.lower() if action is not None else None
