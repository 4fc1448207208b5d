"""What staff see of conversations, as HTML: the list, and one conversation."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from html import escape

from bot.mood import named
from bot.phrases import percent
from bot.records import Conversation, IntentSpec, Promotion, State, StoredTurn, Summary
from bot.turn import Kind
from ui.render import icons
from ui.render.chat import day_name
from ui.render.text import count, plain, prose, upper

STATES = {
    State.WAITING: "Waiting for a person",
    State.OWNED: "With a person",
    State.OPEN: "With the bot",
    State.CLOSED: "Closed",
}
KINDS = {
    Kind.ANSWER: "Answered",
    Kind.QUESTION: "Asked back",
    Kind.HANDOFF: "Handed over",
    Kind.REFUSAL: "Refused",
    Kind.SILENCE: "Kept silent",
}
OUT_OF_SCOPE = "oos"


def conversations(found: Sequence[Summary], intents: Mapping[str, IntentSpec], now: datetime) -> str:
    """The list, in the order given; those that wait stand under a heading of their own."""
    waiting = [s for s in found if s.conversation.state is State.WAITING]
    others = [s for s in found if s.conversation.state is not State.WAITING]
    out = []
    for title, group in ((STATES[State.WAITING], waiting), ("Other conversations" if waiting else "", others)):
        if group and title:
            out.append(f'<li class="group" role="presentation"><h3>{title}</h3><span>{len(group)}</span></li>')
        out += [_row(summary, intents, now) for summary in group]
    return "".join(out)


def nothing(filtered: bool) -> str:
    """The list when it is empty, and what to do about it."""
    if filtered:
        return (
            '<li class="empty" role="presentation"><h3>Nothing fits these filters</h3>'
            '<button type="button" class="button" data-act="clear">Clear filters</button></li>'
        )
    return (
        '<li class="empty" role="presentation"><h3>No conversations yet</h3>'
        '<p>Open <a href="../" target="_blank">the chat</a> and write a message; it appears here at once.</p></li>'
    )


def head(chat: Conversation, staff: str, turns: int) -> str:
    """Who this is, where it stands, and what can be done with it."""
    state = STATES[chat.state]
    if chat.state is State.OWNED:
        state = "With you" if chat.owner == staff else f"With {chat.owner}"
    reason = f" · {plain(chat.waiting_for)}" if chat.waiting_for and chat.state is State.WAITING else ""
    action = ""
    if chat.state is State.OWNED and chat.owner == staff:
        action = '<button type="button" class="button" data-act="back">Hand back to the bot</button>'
    elif chat.state is not State.OWNED:
        kind = " primary" if chat.state is State.WAITING else ""
        action = f'<button type="button" class="button{kind}" data-act="take">Take over</button>'
    return (
        '<button type="button" class="icon back" data-act="to-list" aria-label="Back to the list">'
        f"{icons.BACK}</button>"
        f'<div class="title"><h2>{visitor(chat)}</h2>'
        f'<p><span class="dot {chat.state}"></span><span>{escape(state)}{reason} · {count(turns, "turn")}</span></p>'
        f"</div>{action}"
    )


def visitor(chat: Conversation) -> str:
    """A name for somebody who has none: the first digits of the token."""
    return f"Visitor {escape(chat.customer[:4].upper())}"


def transcript(turns: Sequence[StoredTurn], intents: Mapping[str, IntentSpec], today: date) -> str:
    """A conversation for staff, oldest first; each of the bot's turns can be opened."""
    out, last = [], None
    for turn in turns:
        day = turn.at.astimezone().date()
        if day != last:
            out.append(f'<p class="day"><span>{day_name(day, today)}</span></p>')
        last = day
        out.append(_turn(turn, intents))
    return "".join(out)


def serving(models: Mapping[str, Promotion]) -> str:
    """One line: which models serve, and how good they were when they were promoted."""
    parts = []
    for task, promotion in sorted(models.items()):
        accuracy = promotion.metrics.get("accuracy")
        quality = f", {percent(accuracy)} right" if isinstance(accuracy, float) else ""
        since = f"{promotion.act} by {promotion.by}, {promotion.at.astimezone():%Y-%m-%d %H:%M}"
        parts.append(
            f'<span title="{escape(since)}">{escape(task)} <code>{escape(promotion.version[:7])}</code>{quality}</span>'
        )
    return "Serving " + " · ".join(parts) if parts else "Serving the models that came with Handrail"


def intent_choices(intents: Mapping[str, IntentSpec]) -> str:
    """The options of the list's intent filter."""
    return '<option value="">Any intent</option>' + "".join(
        f'<option value="{escape(name)}">{escape(upper(spec.title))}</option>' for name, spec in intents.items()
    )


def title_of(intent: str | None, intents: Mapping[str, IntentSpec]) -> str:
    """An intent's title as plain text."""
    if intent is None:
        return "No intent"
    if intent == OUT_OF_SCOPE:
        return "Out of scope"
    return upper(intents[intent].title) if intent in intents else upper(intent.replace("_", " "))


def mood(names: Sequence[str]) -> str:
    """A chip for each word of a mood; none for an even one."""
    return "".join(f'<b class="mood {name}">{upper(name)}</b>' for name in names)


def ago(at: datetime, now: datetime) -> str:
    """How long ago, in the largest whole unit: `now`, `4 min`, `2 h`, `3 d`, else the date."""
    past = now - at
    if past < timedelta(minutes=1):
        return "now"
    if past < timedelta(hours=1):
        return f"{past // timedelta(minutes=1)} min"
    if past < timedelta(days=1):
        return f"{past // timedelta(hours=1)} h"
    if past < timedelta(days=7):
        return f"{past.days} d"
    local = at.astimezone()
    return f"{local.day} {local:%b %Y}" if local.year != now.astimezone().year else f"{local.day} {local:%b}"


def _row(summary: Summary, intents: Mapping[str, IntentSpec], now: datetime) -> str:
    chat = summary.conversation
    if chat.state is State.WAITING:
        state = upper(chat.waiting_for) if chat.waiting_for else "Waits for a person"
    elif chat.state is State.OWNED:
        state = f"With {chat.owner}"
    else:
        state = STATES[chat.state]
    facts = [title_of(summary.last_intent, intents)] if summary.last_intent else []
    facts.append(count(summary.turns, "turn"))
    marks = mood(summary.mood)
    marks += f'<b class="bad">{summary.unhelpful} not helpful</b>' if summary.unhelpful else ""
    marks += f"<b>{summary.corrected} corrected</b>" if summary.corrected else ""
    return (
        f'<li role="option" id="row-{chat.id}" class="row {chat.state}" data-id="{chat.id}" aria-selected="false">'
        f'<div class="first"><span class="dot {chat.state}"></span><strong>{plain(state)}</strong>'
        f'<time datetime="{chat.last_at.isoformat()}">{ago(chat.last_at, now)}</time></div>'
        f'<p class="said">{plain(summary.last_text) or "<em>No message yet</em>"}</p>'
        f'<p class="facts"><span>{escape(" · ".join(facts))}</span>{marks}</p></li>'
    )


def _turn(turn: StoredTurn, intents: Mapping[str, IntentSpec]) -> str:
    said = f'<div class="bubble theirs">{plain(turn.text)}</div>' if turn.text else ""
    if turn.by != "bot":
        return (
            f'<div class="turn by-person" data-position="{turn.position}">{said}<div class="bubble ours agent">'
            f'{prose(turn.reply)}</div><p class="meta"><span>{escape(turn.by)}</span>{_time(turn)}</p></div>'
        )
    reply = f'<div class="bubble ours">{prose(turn.reply)}</div>' if turn.reply else ""
    return (
        f'<div class="turn" data-turn="{turn.id}" data-position="{turn.position}">{said}{reply}'
        f'<p class="meta">{_marks(turn)}<button type="button" data-act="turn" aria-pressed="false">'
        f"{_reading(turn, intents)}</button>{_time(turn)}</p></div>"
    )


def _reading(turn: StoredTurn, intents: Mapping[str, IntentSpec]) -> str:
    parts = [] if turn.kind is Kind.ANSWER else [KINDS[turn.kind]]
    if turn.intent:
        sure = f" {percent(turn.confidence)}" if turn.confidence is not None else ""
        parts.append(f"{title_of(turn.intent, intents)}{sure}")
    return escape(" · ".join(parts)) or "Answered"


def _marks(turn: StoredTurn) -> str:
    marks = mood(named(turn.sentiment, turn.urgency))
    if turn.feedback:
        marks += '<b class="good">Helpful</b>' if turn.feedback.helpful else '<b class="bad">Not helpful</b>'
    if turn.correction:
        marks += "<b>Corrected</b>"
    return marks


def _time(turn: StoredTurn) -> str:
    return f'<time datetime="{turn.at.isoformat()}">{turn.at.astimezone():%H:%M}</time>'
