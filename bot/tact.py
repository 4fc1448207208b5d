"""How a draft is put so that it fits the moment: not in the same words again, and with a person for who needs one."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace

from bot import phrases
from bot.clauses import asks_on
from bot.cues import asks_for_person, same_words, says_of_itself
from bot.dialogue import Move
from bot.draft import Draft
from bot.explain import telling_words
from bot.mood import URGENT
from bot.turn import Kind, Option, Reply, Turn
from models.runtime import Reading

Near = Callable[[str | Reading, Sequence[str]], Sequence[float]]
"""How near in meaning each sentence is, -1 to 1, to a text or to what was read already."""

TRYING, ENOUGH = 0.5, 0.85  # frustration from which a person is offered, and from which one is called
NEARNESS = 15  # what it weighs beside 3 for each shared word
ALIKE = 0.6  # nearness of two messages from which the second asks what the first asked
LEANS = 4  # what a sentence that leans on another weighs less by itself
HOLDS = 6  # what it weighs that a sentence holds a detail that was named
NEARLY = 0.3  # share of the best sentence's weight that a second one needs
TOLD = 1.5  # by how much a sentence must weigh more to be told once more, rather than one that was not told yet
PERSON = Option(phrases.PERSON, phrases.PERSON)
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z“\"])|\n+")
_IF = re.compile(r"\bif\b", re.IGNORECASE)
_EXACT = re.compile(r"\d[\d .,:/]*|[\"“]|@")
_SORRY = re.compile(r"(?:i am|i['’]m|we are) (?:so |very )?sorry\b", re.IGNORECASE)
_LEANS = re.compile(
    r"(?:if (?:it|yours|one|not|neither|that|they|the|you would|you are not)\b|should it|it |they "
    r"|both |this |that |these |meanwhile|after that|then |there |also |otherwise|in that case"
    r"|choose it|i am sorry|i'm sorry|all )",
    re.IGNORECASE,
)  # how a sentence begins that says little without the one before it


def sentences_of(text: str) -> list[str]:
    """The sentences of an answer; one of a word or two ("Yes.") belongs to the next."""
    found: list[str] = []
    for sentence in filter(None, map(str.strip, _SENTENCE.split(text))):
        if found and len(found[-1].split()) <= 2:
            found[-1] += f" {sentence}"
        else:
            found.append(sentence)
    return found


def news(text: str, before: str) -> str:
    """What an answer says that it did not say before, regrets aside; its last sentence where that is nothing."""
    sentences, known = sentences_of(text), sentences_of(before)
    return " ".join(s for s in sentences if s not in known and not _SORRY.match(s)) or sentences[-1]


def nowhere_near(text: str | Reading, sentences: Sequence[str]) -> Sequence[float]:
    """Nothing is near anything: words alone tell which sentence answers."""
    return [0.0] * len(sentences)


def tactful(draft: Draft, turn: Turn, *, hours: str, courtesies: Sequence[str], near: Near = nowhere_near) -> Draft:
    """The draft as it is said to this customer now. `hours` is when people answer; `courtesies` are intents whose
    answers may be given again and again, such as a thank-you; `near` finds the sentences that a question is about."""
    if draft.reply.kind is Kind.HANDOFF and draft.told and turn.move is Move.FILLS:  # asked for, and not given up
        text = phrases.NOTED.format(details=" and ".join(turn.named.values()))
        return Draft(replace(draft.reply, text=text), "a detail for the person", told=draft.told)
    if draft.reply.kind is Kind.QUESTION and not draft.told:
        draft = replace(draft, told=(draft.reply.text,))
        draft = _asked_otherwise(draft) if turn.dialogue.has_told(draft.reply.text) else draft
    elif turn.move in (Move.REPHRASES, Move.DOUBTS) or _was_given(draft, turn):
        draft = _in_other_words(draft, turn, hours, courtesies, near)
    return _with_person(draft, turn, hours) if draft.reply.kind in (Kind.ANSWER, Kind.QUESTION) else draft


def _was_given(draft: Draft, turn: Turn) -> bool:
    """Whether a draft was said before: word for word, or, as what is talked about, with other details in it."""
    if draft.told and all(turn.dialogue.has_told(text) for text in draft.told):
        return True
    filled_in = turn.dialogue.wanted or turn.move in (Move.FILLS, Move.CORRECTS)
    refs = tuple(source.ref for source in draft.reply.sources if source.kind == "intent")
    return draft.reply.kind is Kind.ANSWER and not filled_in and refs != () and refs == turn.dialogue.topics[-1:]


def _in_other_words(draft: Draft, turn: Turn, hours: str, courtesies: Sequence[str], near: Near) -> Draft:
    """Another wording for what has been said before: shorter and with a person offered; then a person."""
    reply = draft.reply
    if reply.kind is Kind.HANDOFF:
        called = replace(reply, text=phrases.CALLED.format(hours=hours))
        return Draft(called, f"{draft.reason}, again", wording=phrases.CALLED, told=draft.told)
    if reply.kind is not Kind.ANSWER:
        return draft
    wordings = _wordings(draft)
    sentences = [sentence for sentence in wordings if not _SORRY.match(sentence)] or list(wordings)
    told = {sentence for sentence in sentences if turn.dialogue.has_told(sentence)}
    before = turn.dialogue.question
    sought = before if turn.move is Move.REPHRASES or turn.reading is None else turn.reading
    repeats = _repeats(turn)
    again = repeats or (before != "" and near(sought, [before])[0] >= ALIKE)
    close = dict(zip(sentences, near(sought, [wordings[sentence] for sentence in sentences]), strict=True))
    question = before if repeats and turn.move is not Move.RETURNS else turn.text
    if turn.move is Move.CONTINUES and not says_of_itself(telling_words(turn.text)):
        question = turn.asked
    details = tuple(turn.named.values())
    fresh = [sentence for sentence in sentences if sentence not in told]
    if turn.move is Move.DOUBTS:
        return _unhelped(draft, wordings, told, turn, hours)
    if any(source.ref in courtesies for source in reply.sources):
        gist = _gist(fresh, question, details, 1, close)
        return _shorter(draft, gist, wordings, "{answer}", reply.options) if len(fresh) > 1 else draft
    if again and told:
        return _told_all(turn, hours)
    if len(sentences) == 1:
        return _nothing_more(draft, turn, hours)
    new = () if all(turn.dialogue.has_told(text) for text in draft.told) else details
    gist = _gist(sentences, question, details, 1 if repeats else 2, close, told, new)
    form = phrases.ONCE_MORE if told.issuperset(gist) else phrases.AGAIN if repeats else "{answer}"
    said = form.format(answer=" ".join(gist))  # who asks on is answered, and not told again
    wanted = turn.move is not Move.ASKS and asks_on(turn.text) and not turn.dialogue.has_told(said)
    if form == phrases.ONCE_MORE and not wanted:
        return _told_all(turn, hours)
    options = (PERSON, *(option for option in reply.options if option != PERSON))
    shorter = _shorter(draft, gist, wordings, f"{form}\n\n{phrases.OFFER_AGAIN}", options)
    return replace(shorter, told=(*gist, said)) if form == phrases.ONCE_MORE else shorter


def _repeats(turn: Turn) -> bool:
    """Whether a message only asks again what was answered, or gives its details again."""
    return turn.move in (Move.REPHRASES, Move.RETURNS, Move.FILLS) or same_words(turn.text, turn.dialogue.question)


def _wordings(draft: Draft) -> dict[str, str]:
    """The sentences of a draft's answers, each with its wording; with itself where the draft has none."""
    found: dict[str, str] = {}
    for text, form in zip(draft.told, (part.wording for part in draft.parts or (draft,)), strict=False):
        sentences, forms = sentences_of(text), sentences_of(form)
        found |= zip(sentences, forms if len(forms) == len(sentences) else sentences, strict=True)
    return found


def _unhelped(draft: Draft, wordings: Mapping[str, str], told: Collection[str], turn: Turn, hours: str) -> Draft:
    """The way out that an answer names for when it fails, or a person offered; the second time a person."""
    if told or turn.dialogue.has_told(phrases.UNHELPED):
        return _told_all(turn, hours)
    way_out = tuple(sentence for sentence in wordings if _IF.match(sentence))[-1:]
    if way_out:
        options = (PERSON, *(option for option in draft.reply.options if option != PERSON))
        shorter = _shorter(draft, way_out, wordings, f"{phrases.UNHELPED}\n\n{phrases.OFFER_AGAIN}", options)
        return replace(shorter, told=(*way_out, phrases.UNHELPED))
    reply = Reply(Kind.QUESTION, phrases.UNHELPED_OFFER, draft.reply.sources, (PERSON,))
    return Draft(reply, "the answer did not help", wording=phrases.UNHELPED_OFFER, told=(phrases.UNHELPED,))


def _nothing_more(draft: Draft, turn: Turn, hours: str) -> Draft:
    """A person: offered first, and called when the same is asked even then."""
    offered = f"{phrases.NOTHING_MORE} {draft.told[0] if draft.told else ''}"
    if turn.dialogue.has_told(offered):
        return _told_all(turn, hours)
    reply = Reply(Kind.QUESTION, phrases.NOTHING_MORE, draft.reply.sources, (PERSON,))
    return Draft(reply, "asked again, and there is no more to say", wording=phrases.NOTHING_MORE, told=(offered,))


def _told_all(turn: Turn, hours: str) -> Draft:
    """A person, who was offered when the answer was given for the second time."""
    form = phrases.CALLED if turn.dialogue.has_told(phrases.TOLD_ALL) else phrases.TOLD_ALL
    reply = Reply(Kind.HANDOFF, form.format(hours=hours))
    return Draft(reply, "asked again, and all has been said", wording=form, told=(phrases.TOLD_ALL,))


def _asked_otherwise(draft: Draft) -> Draft:
    """A question that was asked in these very words before, in others."""
    form = phrases.STILL_NEEDED if draft.wanted else phrases.STILL_UNCLEAR
    text = form.format(question=draft.reply.text)
    return replace(draft, reply=replace(draft.reply, text=text), wording=text)


def _shorter(
    draft: Draft, gist: tuple[str, ...], wordings: Mapping[str, str], form: str, options: tuple[Option, ...]
) -> Draft:
    """These sentences of the draft alone, said in this form."""
    reply = replace(draft.reply, text=form.format(answer=" ".join(gist)), options=options)
    reason = f"{draft.reason}; shorter, since it was said before"
    evidence = (
        *draft.evidence,
        draft.reply.text,
        phrases.AGAIN,
        phrases.ONCE_MORE,
        phrases.UNHELPED,
        phrases.OFFER_AGAIN,
    )
    wording = form.format(answer=" ".join(wordings[sentence] for sentence in gist)) if draft.wording else ""
    return replace(draft, reply=reply, reason=reason, evidence=evidence, wording=wording, told=gist, parts=())


def _gist(
    sentences: Sequence[str],
    question: str,
    details: Sequence[str],
    most: int,
    close: Mapping[str, float],
    told: Collection[str] = (),
    new: Collection[str] = (),
) -> tuple[str, ...]:
    """The sentences that say most, at most so many, in their order: near in meaning, of the words asked about (the
    details aside), with what is `new` to the answer, and exactly; the first when in doubt, and one that leans on
    another least of all. The second leans on the best, or says nearly as much; all of them come turned round."""
    named = {word for detail in details for word in detail.casefold().split()}
    values = [detail.casefold() for detail in new]
    asked = _stems([word for word in telling_words(question) if word.casefold() not in named])
    supposes = _IF.search(question) is not None

    def weight(sentence: str) -> float:
        shared = len(asked & _stems(telling_words(sentence)))
        exact = min(len(_EXACT.findall(sentence)), 2) / 2
        leans = 0 if supposes and _IF.match(sentence) else LEANS * bool(_LEANS.match(sentence))
        first, known = 1.5 * (sentence == sentences[0]), TOLD * (sentence in told)
        holds = HOLDS * any(value in sentence.casefold() for value in values)
        return NEARNESS * close[sentence] + 3 * shared + holds + exact + first - leans - known

    best = max(sentences, key=weight)
    if most == 1:
        return (best,)
    second = max((sentence for sentence in sentences if sentence != best), key=weight, default=best)
    after = sentences[sentences.index(best) + 1 :][:1]
    leaning = next((s for s in after if _LEANS.match(s) and weight(s) + LEANS >= weight(second)), None)
    second = leaning or (second if weight(second) >= NEARLY * weight(best) else best)
    said = tuple(sentence for sentence in sentences if sentence in (best, second))
    return said if len(said) < len(sentences) else said[::-1]


def _stems(words: Sequence[str]) -> set[str]:
    return {word.casefold().removesuffix("s")[:4] for word in words}


def _with_person(draft: Draft, turn: Turn, hours: str) -> Draft:
    """The draft with a person offered where it presses or frustration grows, or called where it has grown too much."""
    frustration = turn.dialogue.felt(turn.mood.sentiment)
    if frustration >= ENOUGH and phrases.PERSON in turn.dialogue.offered:
        return _called(draft, phrases.HANDOFF_UPSET.format(hours=hours), "the customer has had enough")
    if asks_for_person(turn.text, plainly=True):
        return _called(draft, phrases.HANDOFF_ASKED.format(hours=hours), "asked for a person beside a question")
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


def _called(draft: Draft, called: str, why: str) -> Draft:
    """A person, `called` in these words because of `why`, with the answer where there is one."""
    if draft.reply.kind is not Kind.ANSWER:
        return Draft(Reply(Kind.HANDOFF, called), why, wording=called)
    reply = replace(draft.reply, kind=Kind.HANDOFF, text=f"{draft.reply.text}\n\n{called}", options=())
    return replace(draft, reply=reply, reason=why, evidence=_resting(draft, called), wording="")
