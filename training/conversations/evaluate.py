"""Whether the bot holds the conversations that it should: stories run through it, turn by turn. Needs no torch.

A turn passes when the reading, the kind of reply, its words, the slots, the mood and the hand-over are as the story
says. Beside the passes stand the figures that a shop owner asks for: how often the first reply is right, how often a
wrong answer is stated as if it were right, how often a person is called; and what the stories leave untried.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from bot import phrases
from bot.records import Conversation
from bot.turn import Kind, Turn
from guardrails.verdict import Action, Finding
from training.conversations.stories import Exchange, Handover, Story, folder_of, read_stories
from training.share import Share

OUT_OF_SCOPE = "oos"
CHANNEL = "test"
SHARES = (
    "conversations", "turns", "right_first", "wrong_answers", "asked_back", "handed_over", "covered", "answers",
    "guarded",
)  # fmt: skip


class Answering(Protocol):
    """What is asked of a bot: `bot.engine.Bot`, or a fake."""

    def start(self, customer: str, channel: str = "chat") -> Conversation:
        """Open a conversation."""
        ...

    def respond(self, conversation: str, text: str, id: str | None = None) -> Turn:
        """Answer one message."""
        ...


@dataclass(frozen=True, slots=True)
class TurnResult:
    """What became of one message. `text` is the redacted message; `differences` says what was not as it should be.

    `expected` are the intents that it asks for, none where the reading does not matter. `due` is whether an answer
    was; `answered` whether one was given, `wrong` whether it was of something else than what was asked; `answers` are
    the intents whose answers were said, `move` what the message did in the dialogue, `guards` those that acted.
    """

    story: str
    turn: int
    text: str
    expected: tuple[str, ...]
    intent: str | None
    confidence: float | None
    kind: Kind
    reply: str
    due: bool
    answered: bool
    wrong: bool
    answers: tuple[str, ...]
    move: str
    guards: tuple[str, ...]
    differences: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether all was as it should be."""
        return not self.differences


@dataclass(frozen=True, slots=True)
class ConversationReport:
    """All turns of all stories. `intents` and `known_guards` are those that the bot has (empty: not told)."""

    results: tuple[TurnResult, ...]
    intents: tuple[str, ...] = ()
    known_guards: tuple[str, ...] = ()

    @property
    def failures(self) -> tuple[TurnResult, ...]:
        """The turns that were not as they should be."""
        return tuple(result for result in self.results if not result.passed)

    @property
    def turns(self) -> Share:
        """Turns that passed."""
        return self._share(lambda r: r.passed)

    @property
    def conversations(self) -> Share:
        """Conversations of which every turn passed."""
        names = {result.story for result in self.results}
        return Share(len(names - {result.story for result in self.failures}), len(names))

    @property
    def right_first(self) -> Share:
        """Of the messages to which an answer is due, those whose first reply is the right one."""
        return self._share(lambda r: r.answered and r.passed, lambda r: r.due)

    @property
    def wrong_answers(self) -> Share:
        """Of all turns, those that state the answer to another question with confidence."""
        return self._share(lambda r: r.wrong)

    @property
    def asked_back(self) -> Share:
        """Of the messages to which an answer is due, those that got a question back."""
        return self._share(lambda r: r.kind is Kind.QUESTION, lambda r: r.due)

    @property
    def handed_over(self) -> Share:
        """Turns that called a person."""
        return self._share(lambda r: r.kind is Kind.HANDOFF)

    @property
    def covered(self) -> Share:
        """Of the intents that the bot knows, those that some story asks for."""
        return self._covered("expected", self.intents)

    @property
    def answers(self) -> Share:
        """Of the intents that the bot knows, those whose answer was said in some story."""
        return self._covered("answers", self.intents)

    @property
    def guarded(self) -> Share:
        """Of the guards that the bot has, those that acted in some story."""
        return self._covered("guards", self.known_guards)

    @property
    def moves(self) -> Mapping[str, int]:
        """Messages by what they did in their dialogue."""
        moves = [result.move for result in self.results]
        return {move: moves.count(move) for move in sorted(set(moves))}

    @property
    def kinds(self) -> Mapping[str, int]:
        """Replies by kind."""
        return {kind.value: count for kind in Kind if (count := sum(r.kind is kind for r in self.results))}

    @property
    def guards(self) -> Mapping[str, int]:
        """Turns on which each guard acted, by its name."""
        names = [name for result in self.results for name in result.guards]
        return {name: names.count(name) for name in sorted(set(names))}

    @property
    def parts(self) -> Mapping[str, ConversationReport]:
        """The report of each folder, by its name; none where all stories stand in one."""
        folders = sorted({folder_of(result.story) for result in self.results})
        apart = {name: tuple(r for r in self.results if folder_of(r.story) == name) for name in folders}
        return {name: replace(self, results=of) for name, of in apart.items()} if len(folders) > 1 else {}

    def to_dict(self) -> dict[str, Any]:
        """A plain dictionary, for JSON; only the turns that failed are listed. `parts` are the shares by folder."""
        return {
            **self._shares(),
            "parts": {name: report._shares() for name, report in self.parts.items()},
            "kinds": dict(self.kinds),
            "moves": dict(self.moves),
            "guards": dict(self.guards),
            "not_covered": self._missing("expected", self.intents),
            "not_answered": self._missing("answers", self.intents),
            "not_guarded": self._missing("guards", self.known_guards),
            "failures": [asdict(result) for result in self.failures],
        }

    def _shares(self) -> dict[str, Any]:
        return {name: getattr(self, name).to_dict() for name in SHARES}

    def columns(self) -> tuple[str, ...]:
        """The head of `rows`: what, how much of all, and of each folder where there are several."""
        return ("what", "all" if self.parts else "figure", *self.parts)

    def rows(self) -> list[tuple[str, ...]]:
        """The figures as the rows of a table; see `columns`."""
        apart = [report._figures() for report in self.parts.values()]
        return [(*row, *(rows[at][1] for rows in apart)) for at, row in enumerate(self._figures())]

    def _figures(self) -> list[tuple[str, str]]:
        return [
            ("conversations that passed", str(self.conversations)),
            ("turns that passed", str(self.turns)),
            ("right in the first reply, where an answer is due", str(self.right_first)),
            ("wrong answers stated with confidence", str(self.wrong_answers)),
            ("asked back, where an answer is due", str(self.asked_back)),
            ("handed to a person", str(self.handed_over)),
            ("replies by kind", _counts(self.kinds)),
            ("messages by what they do", _counts(self.moves)),
            ("turns on which a guard acted", _counts(self.guards)),
        ]

    def coverage_rows(self) -> list[tuple[str, str, str]]:
        """What the stories try, as the rows of a table: what, how much of it, and what is left out."""
        return [
            ("intents asked for", str(self.covered), _listed(self._missing("expected", self.intents))),
            ("answers said", str(self.answers), _listed(self._missing("answers", self.intents))),
            ("guards that acted", str(self.guarded), _listed(self._missing("guards", self.known_guards))),
        ]

    def failure_rows(self) -> list[tuple[str, int, str, str]]:
        """The failures as the rows of a table: story, turn, message, what differed."""
        return [(r.story, r.turn, r.text, "; ".join(r.differences)) for r in self.failures]

    def _met(self, field: str) -> set[str]:
        return {name for result in self.results for name in getattr(result, field)}

    def _covered(self, field: str, known: tuple[str, ...]) -> Share:
        return Share(len(self._met(field) & set(known)), len(known))

    def _missing(self, field: str, known: tuple[str, ...]) -> list[str]:
        return sorted(set(known) - self._met(field))

    def _share(self, hit: Callable[[TurnResult], bool], among: Callable[[TurnResult], bool] = lambda r: True) -> Share:
        pool = [result for result in self.results if among(result)]
        return Share(sum(hit(result) for result in pool), len(pool))


def evaluate_conversations(
    bot: Answering,
    path: Path | Iterable[Path],
    *,
    intents: Iterable[str] = (),
    guards: Iterable[str] = (),
    progress: Callable[[int], None] = lambda done: None,
) -> ConversationReport:
    """Hold the conversations of files or folders with the bot, each in a fresh chat.

    `intents` and `guards` are the names that the bot has, for the coverage; `progress` is told of each story. Raises
    ContentError for a bad file.
    """
    results: list[TurnResult] = []
    for name, story in read_stories([path] if isinstance(path, Path) else path).items():
        results.extend(_hold(bot, name, story))
        progress(1)
    return ConversationReport(tuple(results), tuple(intents), tuple(sorted(guards)))


def _hold(bot: Answering, name: str, story: Story) -> list[TurnResult]:
    chat = bot.start(f"story-{name}"[:80], channel=CHANNEL).id
    return [
        _judge(name, number, exchange, bot.respond(chat, exchange.customer))
        for number, exchange in enumerate(story.turns, 1)
    ]


def _judge(story: str, number: int, due: Exchange, turn: Turn) -> TurnResult:
    reply = turn.reply
    assert reply is not None  # Bot.respond gives one or raises
    read = _reading(turn)
    misread = due.intent is not None and bool(read) and not _fits(read, due.intent, due.all)
    text, near = _plain(reply.text), _handover(turn)
    lacks = [f"the reply lacks {part!r}" for part in due.must if _plain(part) not in text]
    tells = [f"the reply holds {part!r}" for part in due.must_not if _plain(part) in text]
    differences = [
        *([f"read as {' and '.join(read)}, not {_due(due)}"] if misread else []),
        *([f"{reply.kind} instead of {' or '.join(due.kind)}"] if reply.kind not in due.kind else []),
        *lacks,
        *tells,
        *(f"slot {slot} is {turn.slots.get(slot)!r}" for slot, v in due.slots.items() if turn.slots.get(slot) != v),
        *(
            [f"hand-over {near} instead of {' or '.join(due.handover)}"]
            if near not in (due.handover or (near,))
            else []
        ),
        *([f"the mood is {turn.mood.names}"] if due.mood and not set(due.mood) & set(turn.mood.names) else []),
    ]
    answered = reply.kind is Kind.ANSWER
    by_ticket = any(source.kind == "ticket" for source in reply.sources)
    off = bool(lacks or tells) if by_ticket else misread
    return TurnResult(
        story=story,
        turn=number,
        text=turn.text,
        expected=(due.intent if due.all else due.intent[:1]) if due.intent else (),
        intent=" and ".join(read) or None,
        confidence=round(turn.intent.confidence, 4) if turn.intent else None,
        kind=reply.kind,
        reply=reply.text,
        due=Kind.ANSWER in due.kind,
        answered=answered,
        wrong=answered and (Kind.ANSWER not in due.kind or off),
        answers=tuple(source.ref for source in reply.sources if source.kind == "intent"),
        move=turn.move,
        guards=_acted(turn),
        differences=tuple(differences),
    )


def _reading(turn: Turn) -> tuple[str, ...]:
    """The intents read, "oos" for none of those known; empty where a guard stopped the message before it was read, or
    where it only answers the bot."""
    if turn.parts:
        return tuple(part.intent.label for part in turn.parts)
    if turn.intent is None:
        return ()
    return (turn.intent.label if turn.intent.in_scope else OUT_OF_SCOPE,)


def _fits(read: tuple[str, ...], due: tuple[str, ...], every: bool) -> bool:
    return read == due if every else set(read) <= set(due)


def _due(due: Exchange) -> str:
    return (" and " if due.all else " or ").join(due.intent or ())


def _handover(turn: Turn) -> Handover:
    if turn.reply and turn.reply.kind is Kind.HANDOFF:
        return Handover.GIVEN
    offered = turn.reply and any(option.text == phrases.PERSON for option in turn.reply.options)
    return Handover.OFFERED if offered else Handover.NO


def _acted(turn: Turn) -> tuple[str, ...]:
    verdicts = [verdict for verdict in (turn.inbound, turn.outbound) if verdict]
    return tuple(sorted({finding.guard for v in verdicts for finding in v.findings if _decides(finding)}))


def _decides(finding: Finding) -> bool:
    """Whether a finding did something: held, changed or hid the text, or reached its threshold and was noted."""
    noted = finding.threshold is not None and finding.score >= finding.threshold
    return noted or (finding.action is not None and finding.action > Action.ALLOW)


def _plain(text: str) -> str:
    """Without regard to case and to the kind of white space."""
    return " ".join(text.casefold().split())


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items()) or "none"


def _listed(names: list[str]) -> str:
    return ", ".join(names) or "none"
