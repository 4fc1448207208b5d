"""Replies to what only answers the bot: a yes or no that settles nothing, a refusal, a hello in mid-talk."""

from collections.abc import Callable, Mapping

from bot import phrases
from bot.dialogue import Dialogue, Move
from bot.draft import Draft
from bot.refusals import refuses_deed
from bot.repertoire import Repertoire, options
from bot.tact import PERSON
from bot.turn import Kind, Option, Reply, Turn


def talk_back(turn: Turn, bot: Repertoire, patience: int) -> Draft | None:
    """The reply to a message that asks nothing; None to one that may. After `patience` questions comes a person."""
    reply = _REPLIES.get(turn.move)
    draft = reply(turn, bot) if reply else None
    tired = turn.dialogue.questions >= patience
    return bot.give_up() if draft and draft.reply.kind is Kind.QUESTION and tired else draft


def _agreed(turn: Turn, bot: Repertoire) -> Draft:
    """To a yes: a colleague, who has been asked; which of what was offered; or go on."""
    last = bot.known(turn.dialogue.topics[-1:])
    if not _offered(turn.dialogue, bot) and last and last[0].handoff:
        return bot.pass_on(phrases.CALLED, "a colleague has been asked")
    specs = [spec for spec in bot.known(_offered(turn.dialogue, bot)) if not spec.handoff]
    if not specs:
        return Draft(Reply(Kind.ANSWER, phrases.GO_ON), "the customer agrees")
    return _question(phrases.WHICH_OF_THEM, (*options(specs), PERSON), "a yes to one of several")


def _declined(turn: Turn, bot: Repertoire) -> Draft:
    """To a no: what it is about, where it was to all that was offered or asked for."""
    specs = bot.known(_offered(turn.dialogue, bot))
    if turn.dialogue.wanted or not all(spec.handoff for spec in specs):
        return _question(phrases.NEITHER, (PERSON,), "none of what was offered")
    return Draft(Reply(Kind.ANSWER, phrases.AS_YOU_LIKE), "the customer declines")


def _refused(turn: Turn, bot: Repertoire) -> Draft:
    """What is wanted, where only something that is not was said; a person is not forced on anybody."""
    topic = bot.known(reversed(turn.dialogue.topics))[:1]
    specs = [spec for last in topic for spec in bot.known(last.follow_ups) if not spec.handoff]
    text = phrases.REFUSED if refuses_deed(turn.text) else phrases.NOT_THAT
    return _question(text, options(specs), "the customer says what it is not")


def _denied(turn: Turn, bot: Repertoire) -> Draft:
    """What it is about instead, where something else was understood: perhaps what goes with it."""
    specs = [spec for last in bot.known(turn.dialogue.topics[-1:]) for spec in bot.known(last.follow_ups)]
    choices = (*options(spec for spec in specs if not spec.handoff), PERSON)
    return _question(phrases.MISREAD, choices, "the customer asked something else")


def _called(turn: Turn, bot: Repertoire) -> Draft:
    """Where the talk stands, for who only says hello in the middle of it; to say so twice helps nobody."""
    before, reason = turn.dialogue, "a greeting in the middle of the talk"
    topic = [spec for spec in bot.known(before.topics) if spec.name not in bot.courtesies][-1:]
    offered = tuple(Option(text, text) for text in before.offered if bot.chosen(text)) or (PERSON,)
    if topic and topic[0].handoff:
        return bot.pass_on(phrases.CALLED, "a colleague has been asked")
    if before.wanted:
        draft = _question(phrases.HERE_ASKING.format(question=phrases.DETAILS[before.wanted]), offered, reason)
    elif before.pending:
        draft = _question(phrases.HERE_WHICH, offered, reason)
    elif topic:
        specs = [spec for spec in bot.known(topic[0].follow_ups) if not spec.handoff]
        draft = _question(phrases.HERE_ABOUT.format(topic=topic[0].title), (*options(specs), PERSON), reason)
    else:
        draft = _question(phrases.HERE, (*bot.starters(), PERSON), reason)
    return bot.pass_on(phrases.HANDOFF_ASKED, f"{reason}, again") if before.has_told(draft.reply.text) else draft


def _question(text: str, options: tuple[Option, ...], reason: str) -> Draft:
    return Draft(Reply(Kind.QUESTION, text, options=options), reason, wording=text)


def _offered(dialogue: Dialogue, bot: Repertoire) -> list[str]:
    return [name for text in dialogue.offered if (name := bot.chosen(text))]


_REPLIES: Mapping[Move, Callable[[Turn, Repertoire], Draft]] = {
    Move.AGREES: _agreed, Move.DECLINES: _declined, Move.REFUSES: _refused, Move.DENIES: _denied, Move.CALLS: _called,
}  # fmt: skip
