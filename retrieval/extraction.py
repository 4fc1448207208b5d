"""From a conversation of many turns to one question and the part that resolves it."""

import re
from collections.abc import Collection, Sequence
from itertools import groupby

from retrieval.cleaning import clean_answer, clean_question
from retrieval.passage import Ticket
from retrieval.resolving import FEWEST_WORDS, resolving_part
from retrieval.sources.raw import RawTicket, Role, Said

LONGEST_QUESTION = 2000  # characters; the beginning of a longer one is kept
_FAREWELL = re.compile(
    r"^\W*(?:(?:you(?:'|’)?re|you are) (?:most )?welcome|no problem|no worries|my pleasure|any ?time|glad"
    r"|great to hear|happy to|have a (?:\w+ )?(?:day|weekend|evening)|(?:is there )?anything else)",
    re.IGNORECASE,
)
_ELSEWHERE = re.compile(r"\b(?:dms?|direct message|private message|pm)\b", re.IGNORECASE)  # it goes on out of sight


def extract(raw: RawTicket, id: str, dead_links: Collection[str] = ()) -> Ticket | str:
    """The ticket, cleaned but not yet redacted; or the reason, without a word of it, why there is none.

    The answer is the agents' last run of turns that is neither a farewell nor a mere question back; the
    question is all that the customer said before it. Of the answer stays what resolves (retrieval/resolving.py);
    `dead_links` are beginnings of addresses that lead nowhere.
    """
    runs = [(role, tuple(turns)) for role, turns in groupby(raw.said, key=lambda said: said.role)]
    answers = [place for place, (role, _) in enumerate(runs) if role is Role.AGENT]
    texts = {place: _joined(runs[place][1], raw) for place in answers}
    telling = [place for place in answers if _tells(texts[place])]
    if not answers or not any(texts.values()):
        return "no answer of an agent"
    place = next((p for p in reversed(telling) if not _asks_back(texts[p])), telling[-1] if telling else answers[-1])
    asked = [said for role, turns in runs[:place] if role is Role.CUSTOMER for said in turns]
    question = "\n".join(filter(None, (clean_question(said.text, raw.accounts) for said in asked)))[:LONGEST_QUESTION]
    if not question:
        return "no question of a customer before the answer"
    if not texts[place]:
        return "no answer of an agent"
    written = runs[place][1][0].at or raw.created
    answer = resolving_part(texts[place], written=written.date() if written else None, dead_links=dead_links)
    return Ticket(id, question, answer, origin=raw.origin, created=raw.created, rating=raw.rating, intent=raw.intent)


def _joined(turns: Sequence[Said], raw: RawTicket) -> str:
    return "\n".join(filter(None, (clean_answer(said.text, raw.agent) for said in turns)))


def _tells(answer: str) -> bool:
    if _ELSEWHERE.search(answer) and "http" not in answer and len(answer.split()) <= 30:
        return False
    return len(answer.split()) >= FEWEST_WORDS and not (_FAREWELL.match(answer) and len(answer.split()) <= 20)


def _asks_back(answer: str) -> bool:
    """Whether all that an answer does is ask: its last sentence does, and it has at most one other."""
    return answer.rstrip().endswith("?") and "http" not in answer and len(re.findall(r"[.!?]+(?=\s|$)", answer)) <= 2
