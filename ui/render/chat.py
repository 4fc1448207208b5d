"""What the customer sees, as HTML."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from html import escape
from typing import Any

from bot.desk import REASONS
from bot.explain import WORDS_SHOWN
from bot.records import Conversation, State, StoredTurn
from bot.turn import Option, Source
from ui.render import icons
from ui.render.text import count, initials, marked, plain, prose, upper

SOURCE_KINDS = {
    "intent": "The shop's own answer",
    "ticket": "A past question that we resolved",
    "article": "Our help pages",
}


def welcome(shop: Mapping[str, Any], starters: Sequence[Option]) -> str:
    """The empty state: a sentence of welcome, one of privacy, and what people ask most."""
    buttons = "".join(
        f'<li><button type="button" class="starter" style="width:100%;height:100%" data-act="option" '
        f'data-text="{escape(o.text)}"><span>{escape(o.label)}</span>{icons.ARROW}</button></li>'
        for o in starters
    )
    return (
        '<section class="welcome" aria-label="Welcome">'
        f"<h2>How can we help?</h2>"
        f"<p>I am the assistant of {escape(str(shop.get('name', 'this shop')))}, a bot. I answer at once, "
        "and a person takes over when I cannot help.</p>"
        f'<p class="privacy">{icons.LOCK}<span>Personal details are removed before anything is stored.</span></p>'
        f'<ul class="starters" aria-label="What people ask most">{buttons}</ul></section>'
    )


def transcript(turns: Sequence[StoredTurn], today: date) -> str:
    """A conversation, oldest first, with lines where the day or the one who answers changes."""
    out, day = [], today
    for place, turn in enumerate(turns):
        if _day(turn.at) != day:
            day = _day(turn.at)
            out.append(_line(day_name(day, today), "day"))
        out += [joined(turns[:place], turn), one_turn(turn, latest=turn is turns[-1])]
    return "".join(out)


def joined(earlier: Sequence[StoredTurn], turn: StoredTurn) -> str:
    """The line that says who answers from this turn on, where that changes; else nothing."""
    last = next((t.by for t in reversed(earlier) if t.reply), "bot")
    if not turn.reply or turn.by == last:
        return ""
    return _line("The assistant answers again" if turn.by == "bot" else f"{turn.by} has joined")


def one_turn(turn: StoredTurn, *, latest: bool = True) -> str:
    """One turn: what the customer said, the reply, and what can be done with it; quick replies on the latest only."""
    said = f'<div class="bubble mine">{plain(turn.text)}</div>' if turn.text else ""
    reply = _by_person(turn) if turn.by != "bot" else _by_bot(turn, latest) if turn.reply else ""
    return f'<div class="turn" data-turn="{turn.id}" data-position="{turn.position}">{said}{reply}</div>'


def why(explanation: Mapping[str, Any]) -> str:
    """Why an answer was given: plain sentences, and the words that mattered in the customer's own message."""
    sentences = "".join(f"<p>{plain(s)}</p>" for s in explanation.get("plain", ()))
    words = ((explanation.get("intent") or {}).get("words") or ())[:WORDS_SHOWN]  # the ones that the sentences name
    text = str(explanation.get("text", ""))
    quote = ""
    if words and text:
        quote = (
            f"<blockquote>{marked(text, [(w['start'], w['end']) for w in words])}</blockquote>"
            '<p class="key">Your message. The <mark>marked</mark> words mattered most.</p>'
        )
    return f"<h3>Why this answer</h3>{sentences or '<p>There is nothing more to say about this one.</p>'}{quote}"


def status(conversation: Conversation | None, shop: Mapping[str, Any]) -> tuple[str, str]:
    """The header's line on who answers, and the line under the conversation ("" for none); both plain text."""
    state = conversation.state if conversation else State.OPEN
    if conversation and state is State.OWNED:
        return f"{conversation.owner} is answering", ""
    if state is State.WAITING:
        hours = f" People answer {shop['hours']}." if shop.get("hours") else ""
        return "A person will join", f"You are in line for a person.{hours} Until then I am here."
    return "Replies at once", ""


def day_name(day: date, today: date) -> str:
    """Today, Yesterday, or the date."""
    days = (today - day).days
    return {0: "Today", 1: "Yesterday"}.get(days) or f"{day.day} {day:%B %Y}"


def written(turns: Sequence[StoredTurn], shop: Mapping[str, Any]) -> str:
    """The conversation as a text file for the customer."""
    lines = [f"Conversation with {shop.get('name', 'the shop')}", ""]
    for turn in turns:
        at = f"{turn.at.astimezone():%Y-%m-%d %H:%M}"
        lines += [f"[{at}] You: {turn.text}"] if turn.text else []
        lines += [f"[{at}] {'Assistant' if turn.by == 'bot' else turn.by}: {turn.reply}"] if turn.reply else []
    return "\n".join([*lines, ""])


def _day(at: datetime) -> date:
    return at.astimezone().date()


def _line(text: str, kind: str = "") -> str:
    return f'<p class="line {kind}">{escape(text)}</p>'


def _by_person(turn: StoredTurn) -> str:
    return (
        f'<div class="reply agent"><span class="face" aria-hidden="true">{initials(turn.by)}</span><div>'
        f'<p class="name">{escape(turn.by)}</p><div class="bubble theirs">{prose(turn.reply)}</div></div></div>'
    )


def _by_bot(turn: StoredTurn, latest: bool) -> str:
    options = "".join(
        f'<button type="button" class="pill" data-act="option" data-text="{escape(o.text)}">{escape(o.label)}</button>'
        for o in (turn.options if latest else ())
    )
    pills = f'<div class="options" role="group" aria-label="Suggested replies">{options}</div>' if options else ""
    return (
        f'<div class="reply"><span class="face" aria-hidden="true">{icons.BOT}</span>'
        f'<div class="bubble theirs"><span class="sr">Assistant: </span>{prose(turn.reply)}</div>'
        f'<div class="under">{pills}{_actions(turn)}</div></div>'
    )


def _actions(turn: StoredTurn) -> str:
    helpful = turn.feedback.helpful if turn.feedback else None
    return (
        f'<div class="actions">{_sources_button(turn.sources)}'
        '<button type="button" data-act="why" aria-expanded="false">Why this answer?</button>'
        f'<span class="thumbs" role="group" aria-label="Was this helpful?">'
        f"{_thumb('up', 'Helpful', icons.UP, helpful is True)}"
        f"{_thumb('down', 'Not helpful', icons.DOWN, helpful is False)}</span></div>"
        f'{_sources_panel(turn.sources)}<div class="panel" data-panel="why" hidden></div>{_reasons(turn.id)}'
        '<p class="thanks" role="status" hidden></p>'
    )


def _thumb(way: str, label: str, icon: str, pressed: bool) -> str:
    return (
        f'<button type="button" data-act="thumb" data-way="{way}" aria-label="{label}" title="{label}" '
        f'aria-pressed="{str(pressed).lower()}">{icon}</button>'
    )


def _sources_button(sources: Sequence[Source]) -> str:
    if not sources:
        return ""
    return f'<button type="button" data-act="sources" aria-expanded="false">{count(len(sources), "source")}</button>'


def _linked(source: Source) -> str:
    title = plain(upper(source.title))
    if not source.link.startswith(("https://", "http://")):  # the path of a file leads a customer nowhere
        return title
    return f'<a href="{escape(source.link)}" target="_blank" rel="noopener noreferrer">{title}</a>'


def _sources_panel(sources: Sequence[Source]) -> str:
    if not sources:
        return ""
    items = "".join(
        f"<li><span>{_linked(s)}<small>{SOURCE_KINDS.get(s.kind, 'Source')}</small></span></li>" for s in sources
    )
    return f'<div class="panel" data-panel="sources" hidden><h3>Where this comes from</h3><ol>{items}</ol></div>'


def _reasons(turn: str) -> str:
    boxes = "".join(
        f'<label><input type="checkbox" name="reason" value="{escape(r)}"> {escape(r)}</label>' for r in REASONS
    )
    return (
        '<form class="panel reasons" data-panel="reasons" hidden><fieldset><legend class="sr">What was wrong?</legend>'
        f'<h3 aria-hidden="true">What was wrong?</h3>{boxes}</fieldset>'
        f'<label class="sr" for="comment-{turn}">Anything else</label>'
        f'<textarea class="field" id="comment-{turn}" name="comment" maxlength="2000" rows="2" '
        'placeholder="Anything else? (optional)"></textarea>'
        '<button type="submit" class="button">Send feedback</button></form>'
    )
