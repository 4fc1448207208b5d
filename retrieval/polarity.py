"""Whether one sentence says no to what another says yes to. Compares words, so it misses "refuse" for "do not take"."""

from __future__ import annotations

import re

YES = re.compile(r"^\W*(?:yes|of course|certainly|sure|absolutely)\b", re.IGNORECASE)
NO = re.compile(
    r"^\W*(?:no|sorry,? no|unfortunately(?:,? (?:not|we (?:can|do)(?:no|n['’])t))|i['’]?m afraid (?:not|we))\b",
    re.IGNORECASE,
)
_NOT = re.compile(
    r"\b(?:cannot|not(?! (?:only|just))|never|no longer(?! than)|unable to|no(?! (?:more|later|less|longer) than| need"
    r"| matter| doubt| problem| worries| extra| other))\b|n['’]t\b",
    re.IGNORECASE,
)
_ONLY = re.compile(r"\bno other\b|\bnowhere else\b|\bonly (?:to|in|within|for)\b", re.IGNORECASE)
_BORDER = re.compile(r"[,;:–]\s+|\s+(?:and|but|so|as|because)\s+")
_CONDITION = re.compile(
    r"\b(?:if|once|when|whenever|after|before|until|unless|except|without|while|where|should|yet|always|as long"
    r" as|provided)\b",
    re.IGNORECASE,
)
_ANYHOW = re.compile(  # conditions that always hold
    r"\b(?:once|after|when) (?:it (?:is|has been) |you have |you['’]ve )?(?:placed|ordered|bought|paid)"
    r"(?: (?:it|for it|for))?\W*$",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][a-z]{2,}")
_SMALL = """a an the this that these those it its they them we us our you your i my me he she his her is are was were be
been being do does did have has had can could will would shall may might must of to in on at by for from with up out any
some all each as or and so but not no never cannot than then there here yes sorry unfortunately please also still just
only other more one about"""  # words of grammar
_SAYS_LITTLE = frozenset(
    ("accept", "availabl", "possibl", "offer", "allow", "permit", "abl", "take", "option", "provid")
)


def turned(said: str, current: str) -> bool:
    """Whether one of two sentences denies what the other affirms: the same verb, about mostly the same words, under no
    condition; or one begins with yes and the other with no; or it names a place that the current one leaves out."""
    yes, no = (YES.match(said), NO.match(current)), (NO.match(said), YES.match(current))
    return all(yes) or all(no) or _denies(said, current) or _denies(current, said) or _leaves_out(current, said)


def headed(sentence: str) -> bool:
    """Whether a sentence begins by saying yes or no."""
    return bool(YES.match(sentence) or NO.match(sentence))


def affirmed(sentence: str) -> str:
    """A sentence without its words of negation."""
    return _NOT.sub("", sentence)


def _denies(no: str, yes: str) -> bool:
    if _NOT.search(yes) or NO.match(yes):
        return False
    there = set(_stems(yes))
    for clause in _BORDER.split(_ANYHOW.sub("", no)):
        if _CONDITION.search(clause) or not (negation := _NOT.search(clause)):
            continue
        before, after = _stems(clause[: negation.start()]), _stems(clause[negation.end() :])
        verbs = [word for word in after if word not in _SAYS_LITTLE] or before[-1:]
        about = [word for word in (*before, *after) if word not in _SAYS_LITTLE]
        if verbs and verbs[0] in there and 2 * len(there.intersection(about)) > len(set(about)):
            return not _CONDITION.search(no[: no.find(clause)])
    return False


def _leaves_out(current: str, said: str) -> bool:
    names = set(_NAME.findall(said))
    return bool(names and _ONLY.search(current) and not _NOT.search(said) and not names & set(_WORD.findall(current)))


def _stems(text: str) -> list[str]:
    small = _SMALL.split()
    words = (word.lower() for word in _WORD.findall(text))
    return [re.sub(r"(?<=\w{3})(?:ing|ed|es|s|e)$", "", word)[:8] for word in words if word not in small]
