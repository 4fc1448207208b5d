"""Tells an answer that holds for everybody from one that holds for the customer whom it was written to."""

import re

from retrieval.days import names_a_day
from retrieval.passage import Passage, Ticket
from retrieval.promises import promises
from retrieval.resolving import sentences

_DAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_DONE = r"(?!need)\w+ed|sent|put|kept|found|took|taken|made|gave|given|left|spoke|rang|wrote|written|said|paid|bought"
_MARKS = re.compile(
    r"\bI\b(?!(?:['’]m| am)(?: \w+)? (?:sorry|afraid|glad|pleased))"  # a colleague's acts, promises and guesses
    rf"|\b(?:we|they|he|she)(?:['’]ve| have| had| has)? (?:just |now |also |already )?(?:{_DONE})\b"
    rf"|\byou (?:were|had|{_DONE})\b|\byours\b|\byour (?:\w+ ){{0,3}}(?:was|were|had|has|is £)"
    r"|\b(?:today|tomorrow|yesterday|tonight|(?:this|next) (?:morning|afternoon|evening|week|weekend|month))\b"
    rf"|\bon {_DAY}\b(?! to)|\b{_DAY}(?:['’]s)? (?:the|at|by|morning|afternoon|\d)"
    r"|\bthe \d{1,2}(?:st|nd|rd|th)\b"
    r"|\b[A-Z]{1,4}-\d{5,}\b"  # an order
    r"|\bdone\b|\bapologies\b|\bour mistake\b|\b(?:thank you|thanks) for\b",
    re.IGNORECASE,
)


def of_one_case(answer: str) -> bool:
    """Whether an answer tells of one customer's case: what was done, found, promised or dated there.

    Said to another customer it would be untrue, and would tell them of the first. Errs on the side of caution:
    a general answer that speaks like one about a case is held to be one.
    """
    return bool(_MARKS.search(answer)) or names_a_day(answer) or any(map(promises, sentences(answer)))


def for_others(told: Ticket | Passage) -> bool:
    """Whether others than the customer whom it was written to may be told an answer: an article, what staff wrote for
    all to read, or an answer that is not of one case."""
    return bool(told.conversation) or told.kind == "article" or not of_one_case(told.answer)
