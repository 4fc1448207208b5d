"""Why a reply was given: whole for staff, and in a few plain sentences for the customer.

The explanation is made of what the turn carries, so it says what happened and not what might have.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from bot import phrases
from bot.danger import dangers_in
from bot.dialogue import Move
from bot.records import IntentSpec
from bot.turn import Kind, Reply, Turn
from bot.wire import wire_passage
from guardrails.placeholders import PATTERN as PLACEHOLDER
from guardrails.verdict import Action, Verdict
from models.intent import Intent

WORDS_SHOWN = 3
# Words that carry weight in a score but tell a reader nothing.
FUNCTION_WORDS = frozenset(
    [
        *("a", "about", "an", "and", "am", "are", "as", "at", "be", "been", "but", "by", "can", "could", "did", "do"),
        *("does", "don't", "for", "from", "get", "got", "had", "has", "have", "he", "hello", "her", "hey", "hi", "him"),
        *("his", "how", "i", "i'm", "i've", "if", "im", "in", "into", "is", "it", "it's", "its", "just", "me", "my"),
        *("no", "not", "of", "on", "or", "our", "out", "please", "she", "so", "some", "than", "that", "the", "their"),
        *("them", "then", "there", "these", "they", "this", "to", "u", "up", "us", "was", "we", "were", "what", "when"),
        *("where", "which", "who", "why", "will", "with", "would", "yes", "you", "your"),
    ]
)
MOVES = {
    Move.CHOOSES: "I took this as choosing {title} from what I offered.",
    Move.CONTINUES: "I read this together with your question before, as being about {title}.",
    Move.CORRECTS: "I took this as putting right what I had understood: it is about {title}.",
    Move.FILLS: "You named a detail, so I went on with {title}.",
    Move.DOUBTS: "You said that what I told you about {title} did not help.",
    Move.REPHRASES: "You asked for other words about {title}.",
}
UNASKED = {
    Move.CALLS: "You called for attention, so I took our talk up where it stood.",
    Move.REFUSES: "You said what you do not want, or what is not so, and I did not take it for its opposite.",
    Move.DENIES: "You said that it is about something else than I had understood.",
}
NOT_SURE = "I was not sure enough to answer, so I asked first."
ASKED = {  # by the guard that turned the message away with a question
    "gibberish": "I could not make out words in the message, so I asked for it in others.",
    "injection": "The message may ask me for something that I must not do, so I asked what it is about.",
    "invisible": "Part of the message could not be seen, so I asked for it again.",
    "topics": "The message asks for something that is not the shop's business, so I asked what I can help you with.",
}
ASKED_BACK = {  # by what was said, where no reading was sure enough
    phrases.UNKNOWN: "I would rather say that I do not know than guess.",
    phrases.HELP: "You asked for help, so I asked what with.",
    phrases.UNHELPED_OFFER: "I know nothing more about it, so I offered a person.",
    phrases.WHAT: "I found no question in it, so I asked for one.",
    phrases.WHAT_IS_WRONG: "You seemed upset, and I could not tell what went wrong, so I asked.",
    **dict.fromkeys(phrases.DETAILS.values(), "I need that detail to answer, so I asked for it."),
}
HELD_BACK = "The answer that I had did not pass my own checks"
NOT_DONE = "The message asked for something that I must not do, so I did not act on it."
REFUSED = {  # by the label or the guard of what was found
    "empty": "The message was empty, so there was nothing to look up.",
    "length": "The message was too long to be read whole, so I did not act on it.",
    "language": "The message was not in a language that I can read, so I did not guess.",
}
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
KINDS = {
    "EMAIL": "an e-mail address", "PHONE": "a phone number", "CARD": "a card number", "NAME": "a name",
    "ADDRESS": "an address", "IBAN": "a bank account", "BIC": "a bank code", "BANK": "a bank account",
    "IP": "an internet address", "MAC": "a device address", "URL": "a link", "DOB": "a date of birth",
    "WALLET": "a wallet address", "ID": "an identity number", "PLATE": "a number plate", "SECRET": "a password or key",
}  # fmt: skip


def explain(turn: Turn, intents: Mapping[str, IntentSpec]) -> dict[str, Any]:
    """The stored explanation of a finished turn: plain JSON values, no raw message among them."""
    return {
        "text": turn.text,
        "plain": plain(turn, intents),
        "reason": turn.reason,
        "intent": _intent(turn, intents),
        "passages": [wire_passage(passage) for passage in turn.passages],
        "parts": [{"text": part.text, **_named(part.intent, intents)} for part in turn.parts],
        "dialogue": _dialogue(turn),
        "inbound": _verdict(turn.inbound),
        "outbound": _verdict(turn.outbound),
        "mood": {
            "sentiment": turn.mood.sentiment,
            "urgency": turn.mood.urgency,
            "names": list(turn.mood.names),
            "cues": list(turn.mood.cues),
        },
        "slots": dict(turn.slots),
        "timings": {step: round(ms, 2) for step, ms in turn.timings.items()},
        "versions": dict(turn.versions),
    }


def plain(turn: Turn, intents: Mapping[str, IntentSpec]) -> list[str]:
    """Why, in the customer's words: up to four sentences."""
    sentences = [s for s in (_understood(turn, intents), _chosen(turn, intents), _removed(turn)) if s]
    return sentences or ["The message could not be read, so nothing was looked up."]


def _understood(turn: Turn, intents: Mapping[str, IntentSpec]) -> str:
    intent = turn.intent
    if turn.move in UNASKED:
        return UNASKED[turn.move]
    if intent is None:
        return ""
    if not intent.in_scope:
        return "" if _found(turn) else "Nothing that I know about seemed to fit what you wrote."
    if turn.reply is not None and phrases.WHAT_IS_WRONG in turn.reply.text:
        return ""  # the reading was set aside
    spec, title = intents.get(intent.label), _title(intent.label, intents)
    if turn.parts:
        asked = [f"{_title(p.intent.label, intents)} ({phrases.percent(p.intent.confidence)} sure)" for p in turn.parts]
        return f"I read this as {_count(len(asked))} questions: about {_listed(asked)}."
    if spec and spec.option.casefold() == turn.text.strip().casefold():
        return f"You chose “{spec.option}”."
    if turn.move in MOVES:
        return MOVES[turn.move].format(title=title)
    if not intent.measured:
        back = turn.move is Move.RETURNS
        return f"You went back to {title}." if back else f"You asked for it in plain words: {title}."
    words = [f"“{phrase}”" for phrase in telling_phrases(turn.text, intent.words)]
    because = f", because of {_listed(words)}" if words else ""
    return f"I read this as being about {title} ({phrases.percent(intent.confidence)} sure){because}."


def telling_phrases(text: str, words: Sequence[tuple[int, int, float]]) -> list[str]:
    """The words that spoke loudest, strongest first: function words left out, neighbours joined."""
    telling = [(start, end) for start, end, _ in words if is_telling(text, start, end)][:WORDS_SHOWN]
    phrases: list[tuple[int, int]] = []
    for start, end in telling:
        touching = next((p for p in phrases if text[min(p[1], end) : max(p[0], start)].isspace()), None)
        if touching is None:
            phrases.append((start, end))
        else:
            phrases[phrases.index(touching)] = (min(touching[0], start), max(touching[1], end))
    return list({text[start:end].casefold(): text[start:end] for start, end in phrases}.values())


def telling_words(text: str) -> list[str]:
    """The words of a text that can say what it is about, in their order."""
    return [hit[0] for hit in _WORD.finditer(text) if is_telling(text, *hit.span())]


def is_telling(text: str, start: int, end: int) -> bool:
    """Whether the word at `[start, end)` can say what a text is about: at least two letters, no function word, and
    no part of a placeholder."""
    word = text[start:end]
    if sum(map(str.isalpha, word)) < 2 or word.casefold().strip("'’") in FUNCTION_WORDS:
        return False
    return not any(hole.start() < end and start < hole.end() for hole in PLACEHOLDER.finditer(text))


def _chosen(turn: Turn, intents: Mapping[str, IntentSpec]) -> str:
    reply = turn.reply
    if reply is None:
        return ""
    if reply.kind is Kind.REFUSAL:
        return _refused(turn)
    if reply.kind is Kind.SILENCE:
        return "A colleague is answering you in this chat, so I kept quiet."
    if reply.kind is Kind.HANDOFF:
        return _passed_on(turn)
    if reply.kind is Kind.QUESTION:
        return _asked(turn, reply, intents)
    if _from_ticket(turn):
        return "The answer is the one that solved a past question like yours."
    if reply.sources and reply.sources[0].kind == "article":
        return f"The answer is what our help pages say under “{reply.sources[0].title}”."
    same = sum(p.score >= 0.5 and p.kind == "ticket" for p in turn.passages)
    support = f"; {_count(same)} past {'ticket was' if same == 1 else 'tickets were'} about the same" if same else ""
    return f"The answer is the shop's standard one for that question{support}."


def _refused(turn: Turn) -> str:
    """Why the message was not acted on, by the guard that decided."""
    found = turn.inbound.deciding if turn.inbound else None
    return REFUSED.get(found.label, REFUSED.get(found.guard, NOT_DONE)) if found else NOT_DONE


def _passed_on(turn: Turn) -> str:
    """Why a person was called: a check that failed, a draft that was held back, or what was asked."""
    found = turn.inbound.deciding if turn.inbound else None
    if found and found.rule == "inbound.failed":
        return "I could not check your message just now, so I passed the chat on to a person."
    if turn.outbound and not turn.outbound.action.passes:
        return f"{HELD_BACK}, so I passed the chat on to a person."
    if dangers_in(turn.text):
        return "Somebody may come to harm, so I said what to do at once and passed the chat on to a person."
    return "A person can help you better here, so I passed the chat on."


def _asked(turn: Turn, reply: Reply, intents: Mapping[str, IntentSpec]) -> str:
    """Why a question came back: a guard that turned the message away, no question in it, or no sure reading of it."""
    found = turn.inbound.deciding if turn.inbound else None
    if turn.inbound and turn.inbound.action is Action.ASK:
        return ASKED.get(found.guard, NOT_SURE) if found else NOT_SURE
    if turn.outbound and not turn.outbound.action.passes:
        return f"{HELD_BACK}, so I asked first."
    if turn.move in UNASKED:
        return "So I asked how to go on."
    told = next((why for said, why in ASKED_BACK.items() if said in reply.text), None)
    if told:
        return told
    others = [(label, chance) for label, chance in turn.intent.alternatives if label in intents] if turn.intent else []
    offered = {option.label for option in reply.options}
    close = next(
        (f"{_title(n, intents)} ({phrases.percent(c)})" for n, c in others if intents[n].option in offered), ""
    )
    return f"It could as well be about {close}, so I asked first." if close else NOT_SURE


def _found(turn: Turn) -> bool:
    """Whether the answer is a passage, and no template of an intent."""
    return turn.reply is not None and any(source.kind != "intent" for source in turn.reply.sources)


def _from_ticket(turn: Turn) -> bool:
    return turn.reply is not None and any(source.kind == "ticket" for source in turn.reply.sources)


def _removed(turn: Turn) -> str:
    kinds = dict.fromkeys(hole[1] for hole in PLACEHOLDER.finditer(turn.text))
    if not kinds:
        return ""
    names = [KINDS.get(kind, "a personal detail") for kind in kinds]
    return f"I removed {_listed(list(dict.fromkeys(names)))} from your message before storing it."


def _intent(turn: Turn, intents: Mapping[str, IntentSpec]) -> dict[str, Any] | None:
    intent = turn.intent
    if intent is None:
        return None

    return {
        **_named(intent, intents),
        "in_scope": intent.in_scope,
        "oos_score": round(intent.oos_score, 4),
        "alternatives": [_named(Intent(label, chance), intents) for label, chance in intent.alternatives],
        "words": [
            {"start": start, "end": end, "text": turn.text[start:end], "weight": round(weight, 4)}
            for start, end, weight in intent.words
            if is_telling(turn.text, start, end)
        ],
    }


def _dialogue(turn: Turn) -> dict[str, Any]:
    """Where the conversation stood and what the message did in it, without the text of an earlier message."""
    before = {name: value for name, value in turn.dialogue.to_dict().items() if name not in ("question", "told")}
    return {**before, "move": turn.move, "with_before": bool(turn.asked)}


def _named(intent: Intent, intents: Mapping[str, IntentSpec]) -> dict[str, Any]:
    return {
        "label": intent.label,
        "title": _title(intent.label, intents),
        "confidence": round(intent.confidence, 4),
    }


def _title(label: str, intents: Mapping[str, IntentSpec]) -> str:
    return intents[label].title if label in intents else label.replace("_", " ")


def _verdict(verdict: Verdict | None) -> dict[str, Any] | None:
    if verdict is None:
        return None
    return {
        "action": verdict.action.name.lower(),
        "message": verdict.message,
        "timings": {guard: round(ms, 3) for guard, ms in verdict.timings.items()},
        "findings": [
            {
                "guard": f.guard,
                "label": f.label,
                "score": round(f.score, 4),
                "threshold": f.threshold,
                "action": f.action.name.lower() if f.action is not None else None,
                "rule": f.rule,
                "reason": f.reason,
                "spans": [{"start": s.start, "end": s.end, "label": s.label} for s in f.spans],
            }
            for f in verdict.findings
        ],
    }


def _listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _count(number: int) -> str:
    words = ("no", "one", "two", "three", "four", "five")
    return words[number] if number < len(words) else str(number)
