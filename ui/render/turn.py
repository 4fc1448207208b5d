"""A turn opened for staff, as HTML: what was understood, what was found, what the guards saw, and its correction."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from bot.phrases import percent
from bot.records import Correction, Feedback, IntentSpec, StoredTurn
from ui.render.console import KINDS, OUT_OF_SCOPE, mood, title_of
from ui.render.text import PLACEHOLDER, count, marked, plain, prose, upper

ACTIONS = {
    "allow": "let pass", "redact": "removed", "mask": "masked", "rewrite": "rewritten", "ask": "asked back",
    "escalate": "handed over", "refuse": "refused",
}  # fmt: skip
ALTERNATIVES = 3  # shown; the ones after these hardly ever reach a percent
UNIT = "\u202fms"


def opened(turn: StoredTurn, why: Mapping[str, Any], intents: Mapping[str, IntentSpec]) -> str:
    """The whole pane. `why` is the stored explanation of the turn."""
    return "".join(
        (
            _summary(turn, why),
            _section("Understood as", _understood(why)),
            _section("How it sounds", _mood(why["mood"])) if why.get("mood") else "",
            _section("Correct it", _correct(turn, intents)),
            _section("Past tickets and articles found", _passages(why.get("passages") or ())),
            _section("What the guards saw", _guards(why)),
            _foot(why),
        )
    )


def intent_options(turn: StoredTurn, intents: Mapping[str, IntentSpec]) -> str:
    """The choices of the correction: as it was, every intent, out of scope."""
    now = turn.correction.intent if turn.correction else None
    kept = f"As understood: {title_of(turn.intent, intents)}" if turn.intent else "Choose an intent"
    known = [(name, upper(spec.title)) for name, spec in intents.items()]
    options = [("", kept), *known, (OUT_OF_SCOPE, "Out of scope")]
    return "".join(
        f'<option value="{escape(value)}"{" selected" if value and value == now else ""}>{escape(label)}</option>'
        for value, label in options
    )


def bar(label: str, share: float, detail: str = "", kind: str = "") -> str:
    """A labelled bar; `share` is 0..1, and the figure stands beside it."""
    return (
        f'<div class="bar-row {kind}"><span class="label">{label}</span><span class="figure">{percent(share)}</span>'
        f'<span class="bar" aria-hidden="true"><i style="width:{100 * min(max(share, 0.0), 1.0):.1f}%"></i></span>'
        f"{f'<span class=detail>{detail}</span>' if detail else ''}</div>"
    )


def _section(title: str, body: str) -> str:
    return f"<section><h3>{title}</h3>{body}</section>"


def _summary(turn: StoredTurn, why: Mapping[str, Any]) -> str:
    reason = f"<p>{plain(upper(str(why['reason'])))}</p>" if why.get("reason") else ""
    return f'<section class="summary"><h3>{KINDS[turn.kind]}</h3>{reason}{_feedback(turn.feedback)}</section>'


def _feedback(feedback: Feedback | None) -> str:
    if feedback is None:
        return ""
    if feedback.helpful:
        return '<p class="said-so good">The customer found this helpful.</p>'
    reasons = "".join(f"<li>{escape(r)}</li>" for r in feedback.reasons)
    comment = f"<blockquote>{plain(feedback.comment)}</blockquote>" if feedback.comment else ""
    return f'<div class="said-so bad"><p>The customer found this not helpful.</p><ul>{reasons}</ul>{comment}</div>'


def _understood(why: Mapping[str, Any]) -> str:
    intent = why.get("intent")
    text = str(why.get("text", ""))
    if why.get("parts"):
        return _parts(why["parts"], text)
    if not intent:
        return f'<p class="quiet">The message was not read for an intent.</p><blockquote>{plain(text)}</blockquote>'
    rows = [_intent_bar(intent, "best" if intent["in_scope"] else "")]
    rows += [_intent_bar(other) for other in intent.get("alternatives", ())[:ALTERNATIVES]]
    scope = "Taken to be out of scope" if not intent["in_scope"] else "Out of scope"
    rows.append(bar(scope, float(intent.get("oos_score", 0.0)), kind="oos" + ("" if intent["in_scope"] else " best")))
    words = intent.get("words") or ()
    quote = f"<blockquote>{marked(text, [(w['start'], w['end']) for w in words])}</blockquote>"
    shares = ", ".join(f"“{escape(str(w['text']))}” {percent(float(w['weight']))}" for w in words[:5])
    key = f'<p class="quiet">Words that spoke for it, with their share: {shares}.</p>' if words else ""
    return f'<div class="bars">{"".join(rows)}</div>{quote}{key}'


def _parts(parts: Sequence[Mapping[str, Any]], text: str) -> str:
    rows = "".join(_intent_bar(part, "best") for part in parts)
    quote = f"<blockquote>{plain(text)}</blockquote>"
    return f'<p class="quiet">Several questions, answered each.</p><div class="bars">{rows}</div>{quote}'


def _mood(heard: Mapping[str, Any]) -> str:
    chips = mood(heard["names"]) or "<b>Even</b>"
    scores = f"sentiment {heard['sentiment']:+.2f} of −1 to 1, urgency {heard['urgency']:.2f} of 0 to 1"
    cues = f": {', '.join(f'“{escape(cue)}”' for cue in heard['cues'])}" if heard["cues"] else ""
    return f'<p class="meta">{chips}<span class="quiet">{scores}{cues}</span></p>'


def _intent_bar(intent: Mapping[str, Any], kind: str = "") -> str:
    label = f"{escape(upper(str(intent['title'])))} <code>{escape(str(intent['label']))}</code>"
    return bar(label, float(intent["confidence"]), kind=kind)


def _correct(turn: StoredTurn, intents: Mapping[str, IntentSpec]) -> str:
    was: Correction | None = turn.correction
    answer = was.answer if was and was.answer is not None else turn.reply
    by = f'<p class="quiet">Corrected by {escape(was.staff)}. Saving again replaces it.</p>' if was else ""
    return (
        f'<form class="correct" data-turn="{turn.id}">{by}'
        f'<label for="fix-intent">Intent</label><select class="field" id="fix-intent" name="intent">'
        f"{intent_options(turn, intents)}</select>"
        f'<label for="fix-answer">Answer</label><textarea class="field" id="fix-answer" name="answer" rows="4">'
        f"{escape(answer)}</textarea>"
        f'<label for="fix-note">Note for colleagues</label>'
        f'<input class="field" id="fix-note" name="note" value="{escape(was.note if was else "")}" autocomplete="off">'
        '<div class="row-end"><p class="quiet" role="status"></p>'
        '<button type="submit" class="button primary">Save correction</button></div></form>'
    )


def _passages(passages: Sequence[Mapping[str, Any]]) -> str:
    if not passages:
        return '<p class="quiet">No past ticket was looked up, or none was close.</p>'
    return "".join(
        f'<details class="passage"><summary>{bar(plain(str(p["question"])), float(p["score"]))}</summary>'
        f'<div class="answer">{prose(str(p["answer"]))}</div>'
        f"{_flag(p)}"
        f'<p class="quiet">{_place(p)}; the figure is the estimated chance that it answers the message.</p></details>'
        for p in passages
    )


def _flag(passage: Mapping[str, Any]) -> str:
    told = str(passage.get("flag") or "")
    return f'<p class="quiet"><strong>Contradicts the current answer:</strong> {escape(told)}</p>' if told else ""


def _place(passage: Mapping[str, Any]) -> str:
    if passage.get("kind") == "article":
        return f"Article <code>{escape(str(passage['link']))}</code>"
    return f"Ticket <code>{escape(str(passage['ticket']))}</code>"


def _guards(why: Mapping[str, Any]) -> str:
    text = str(why.get("text", ""))
    tables = [
        _verdict("The message", why.get("inbound"), text),
        _verdict("The answer", why.get("outbound"), ""),
    ]
    return "".join(tables)


def _verdict(title: str, verdict: Mapping[str, Any] | None, text: str) -> str:
    if verdict is None:
        return f'<h4>{title}</h4><p class="quiet">Not screened: no draft was made.</p>'
    outcome = ACTIONS.get(str(verdict["action"]), str(verdict["action"]))
    findings = sorted(verdict.get("findings") or (), key=lambda f: (f.get("action") in (None, "allow"), -f["score"]))
    head = f'<h4>{title} <span class="outcome {escape(str(verdict["action"]))}">{escape(outcome)}</span></h4>'
    if not findings:
        return f'{head}<p class="quiet">Nothing was found.</p>'
    rows = "".join(_finding(f) for f in findings)
    spans = [(s["start"], s["end"]) for f in findings if f.get("action") not in (None, "allow") for s in f["spans"]]
    # Offsets count in the message as it was typed: they fit what is kept only when nothing was taken out.
    quote = f"<blockquote>{marked(text, spans)}</blockquote>" if spans and text and not PLACEHOLDER.search(text) else ""
    return (
        f'{head}{quote}<table><thead><tr><th>Guard</th><th>Found</th><th class="n">Score</th>'
        f'<th class="n">Limit</th><th>Action</th></tr></thead><tbody>{rows}</tbody></table>'
    )


def _finding(finding: Mapping[str, Any]) -> str:
    acted = finding.get("action") not in (None, "allow")
    limit = f"{finding['threshold']:.2f}" if finding.get("threshold") is not None else "–"
    reason = f' title="{escape(str(finding["reason"]))}"' if finding.get("reason") else ""
    return (
        f'<tr class="{"acted" if acted else ""}"{reason}><td>{escape(str(finding["guard"]))}</td>'
        f'<td>{escape(str(finding["label"]).replace("_", " ").lower())}</td><td class="n">{finding["score"]:.2f}</td>'
        f'<td class="n">{limit}</td><td>{escape(ACTIONS.get(str(finding.get("action")), "–"))}</td></tr>'
    )


def _foot(why: Mapping[str, Any]) -> str:
    timings = dict(why.get("timings") or {})
    total = timings.pop("total", None)
    steps = " · ".join(f"{escape(step)} {ms:.1f}" for step, ms in timings.items())
    rows = [
        ("In the conversation", _dialogue(why.get("dialogue"))),
        ("Details named", _pairs(why.get("slots"))),
        ("Time", f"{total:.1f}{UNIT}: {steps}" if total is not None else f"{steps}{UNIT}" if steps else ""),
        ("Versions", _pairs({k: str(v)[:12] for k, v in (why.get("versions") or {}).items()})),
    ]
    return "<footer><dl>" + "".join(f"<dt>{k}</dt><dd>{v}</dd>" for k, v in rows if v) + "</dl></footer>"


def _dialogue(dialogue: Mapping[str, Any] | None) -> str:
    if not dialogue:
        return ""
    parts = [
        escape(upper(str(dialogue["move"]))) + (", read with the question before" if dialogue["with_before"] else ""),
        f"frustration {dialogue['frustration']:.2f} of 1 before it",
    ]
    if dialogue["questions"]:
        parts.append(count(dialogue["questions"], "question") + " back before it")
    return " · ".join(parts)


def _pairs(values: Mapping[str, Any] | None) -> str:
    return " · ".join(f"{escape(key)} <code>{escape(str(value))}</code>" for key, value in (values or {}).items())
