"""How a draft is put so that it fits the moment: not in the same words again, and with a person for who needs one."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from bot import phrases
from bot.cues import same_words
from bot.dialogue import Move
from bot.draft import Draft
from bot.explain import telling_words
from bot.mood import URGENT
from bot.turn import Kind, Option, Reply, Turn

Near = Callable[[str, Sequence[str]], Sequence[float]]  # how near in meaning each sentence is to a text, -1 to 1

TRYING, ENOUGH = 0.5, 0.85  # frustration from which a person is offered, and from which one is called
NEARNESS = 15  # what it weighs beside 3 for each shared word
PERSON = Option(phrases.PERSON, phrases.PERSON)
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z“\"])|\n+")
_IF = re.compile(r"\bif\b", re.IGNORECASE)
_EXACT = re.compile(r"\d[\d .,:/]*|[\"“]|@")
_LEANS = re.compile(
    r"(?:if (?:it|one|not|neither|that|they|the|you would|you are not)\b|should it|it |they |both |this |that |these "
    r"|meanwhile|after that|then |there |also |otherwise|in that case|choose it|i am sorry|i'm sorry|all )",
    re.IGNORECASE,
)  # how a sentence begins that says little without the one before it


def nowhere_near(text: str, sentences: Sequence[str]) -> Sequence[float]:
    """Nothing is near anything: words alone tell which sentence answers."""
    return [0.0] * len(sentences)


def tactful(draft: Draft, turn: Turn, *, hours: str, courtesies: Sequence[str], near: Near = nowhere_near) -> Draft:
    """The draft as it is said to this customer now. `hours` is when people answer; `courtesies` are intents whose
    answers may be given again and again, such as a thank-you; `near` finds the sentences that a question is about."""
    if draft.reply.kind is Kind.HANDOFF and turn.move is Move.FILLS:
        text = phrases.NOTED.format(details=" and ".join(turn.named.values()))
        return Draft(replace(draft.reply, text=text), "a detail for the person", told=draft.told)
    if turn.move is Move.REPHRASES or (draft.told and all(turn.dialogue.has_told(text) for text in draft.told)):
        draft = _in_other_words(draft, turn, hours, courtesies, near)
    return _with_person(draft, turn, hours) if draft.reply.kind in (Kind.ANSWER, Kind.QUESTION) else draft


def _in_other_words(draft: Draft, turn: Turn, hours: str, courtesies: Sequence[str], near: Near) -> Draft:
    """Another wording for what has been said before: shorter, and with a person offered."""
    reply = draft.reply
    if reply.kind is Kind.HANDOFF:
        called = replace(reply, text=phrases.CALLED.format(hours=hours))
        return Draft(called, f"{draft.reason}, again", wording=phrases.CALLED, told=draft.told)
    if reply.kind is not Kind.ANSWER:
        return draft
    sentences = [s.strip() for text in draft.told for s in _SENTENCE.split(text) if s.strip()]
    fresh = [sentence for sentence in sentences if not turn.dialogue.has_told(sentence)]
    if any(source.ref in courtesies for source in reply.sources):
        return _shorter(draft, (fresh[0],), fresh[0], reply.options) if len(fresh) > 1 else draft
    if not fresh or len(sentences) == 1:
        return _nothing_more(draft, turn, hours)
    before = turn.dialogue.question
    same = turn.move is Move.REPHRASES or same_words(turn.text, before)
    question = turn.asked or (before if same else turn.text)
    nearness = near(before if turn.move is Move.REPHRASES else turn.text, fresh)
    gist = _gist(fresh, question, tuple(turn.named.values()), 1 if same else 2, nearness)
    form = "{answer}" if turn.move is Move.CONTINUES else phrases.AGAIN  # who asks on is answered, and not told again
    text = f"{form.format(answer=' '.join(gist))}\n\n{phrases.OFFER_AGAIN}"
    return _shorter(draft, gist, text, (PERSON, *(option for option in reply.options if option != PERSON)))


def _nothing_more(draft: Draft, turn: Turn, hours: str) -> Draft:
    """A person: offered first, and called when the same is asked even then."""
    offered = f"{phrases.NOTHING_MORE} {draft.told[0] if draft.told else ''}"
    if turn.dialogue.has_told(offered):
        text = phrases.TOLD_ALL.format(hours=hours)
        return Draft(Reply(Kind.HANDOFF, text), "asked again, and all has been said", wording=phrases.TOLD_ALL)
    reply = Reply(Kind.QUESTION, phrases.NOTHING_MORE, draft.reply.sources, (PERSON,))
    return Draft(reply, "asked again, and there is no more to say", wording=phrases.NOTHING_MORE, told=(offered,))


def _shorter(draft: Draft, told: tuple[str, ...], text: str, options: tuple[Option, ...]) -> Draft:
    reply = replace(draft.reply, text=text, options=options)
    reason = f"{draft.reason}; shorter, since it was said before"
    evidence = (*draft.evidence, draft.reply.text, phrases.AGAIN, phrases.OFFER_AGAIN)
    return replace(draft, reply=reply, reason=reason, evidence=evidence, wording="", told=told)


def _gist(
    sentences: Sequence[str], question: str, details: Sequence[str], most: int, nearness: Sequence[float]
) -> tuple[str, ...]:
    """The sentences that say most, at most so many, in their order: near in meaning, of the words asked about (the
    details aside), and exactly; the first when in doubt, and one that leans on another least of all. All of them come
    turned round."""
    named = {word for detail in details for word in detail.casefold().split()}
    asked = {word[:4].casefold() for word in telling_words(question) if word.casefold() not in named}
    supposes = _IF.search(question) is not None
    close = dict(zip(sentences, nearness, strict=True))

    def weight(sentence: str) -> float:
        shared = len(asked & {word[:4].casefold() for word in telling_words(sentence)})
        exact = min(len(_EXACT.findall(sentence)), 2) / 2
        leans = 0 if supposes and _IF.match(sentence) else 4 * bool(_LEANS.match(sentence))
        return NEARNESS * close[sentence] + 3 * shared + exact + 1.5 * (sentence == sentences[0]) - leans

    if len(sentences) <= most:
        return tuple(reversed(sentences))
    best = sorted(sentences, key=weight, reverse=True)[:most]
    return tuple(sentence for sentence in sentences if sentence in best)


def _with_person(draft: Draft, turn: Turn, hours: str) -> Draft:
    """The draft with a person offered where it presses or frustration grows, or called where it has grown too much."""
    frustration = turn.dialogue.felt(turn.mood.sentiment)
    if frustration >= ENOUGH and phrases.PERSON in turn.dialogue.offered:
        return _called(draft, hours)
    if any(offer in draft.reply.text for offer in phrases.OFFERS) or draft.reply.options == (PERSON,):
        return draft
    if turn.mood.urgency >= URGENT:
        return _offered(draft, phrases.OFFER_URGENT, "it presses")
    if frustration >= TRYING:
        return _offered(draft, phrases.OFFER, "the customer is growing frustrated")
    return draft


def _offered(draft: Draft, offer: str, why: str) -> Draft:
    options = (*(option for option in draft.reply.options if option != PERSON), PERSON)
    reply = replace(draft.reply, text=f"{draft.reply.text}\n\n{offer}", options=options)
    wording = f"{draft.wording}\n\n{offer}" if draft.wording else ""
    reason, evidence = f"{draft.reason}; a person is offered, since {why}", _resting(draft, offer)
    return replace(draft, reply=reply, reason=reason, evidence=evidence, wording=wording)


def _resting(draft: Draft, own: str) -> tuple[str, ...]:
    """What the draft rests on when words of our own are added to it; with no evidence it is held against none."""
    return (*draft.evidence, own) if draft.evidence else ()


def _called(draft: Draft, hours: str) -> Draft:
    """A person for who has had enough, with the answer where there is one."""
    called = phrases.HANDOFF_UPSET.format(hours=hours)
    if draft.reply.kind is not Kind.ANSWER:
        return Draft(Reply(Kind.HANDOFF, called), "the customer has had enough", wording=phrases.HANDOFF_UPSET)
    reply = replace(draft.reply, kind=Kind.HANDOFF, text=f"{draft.reply.text}\n\n{called}", options=())
    evidence = _resting(draft, called)
    return replace(draft, reply=reply, reason="the customer has had enough", evidence=evidence, wording="")
