"""Short things that people say about what was just said: yes, no, the second one, what do you mean. Knows English."""

import re
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

import yaml

from bot.refusals import without_refusals
from guardrails.rules import Table

SHORT = 12  # words of a message that can only be understood from the one before it

_OTHER_WORDS = re.compile(
    r"\bwhat (?:do|does|did) (?:you|that|this) (?:even |actually )?mean\b"
    r"|\b(?:do not|don'?t|didn'?t|did not) (?:really |quite )?(?:understand|get (?:it|that|this)|follow)\b"
    r"|\bsay (?:that|it) (?:again|differently|another way|more simply)\b"
    r"|\bcome again\b|\bpardon\b|\bin (?:plain|simple) (?:english|words)\b|\bmore simply\b|\bin short\b"
    r"|\b(?:repeat|rephrase|explain|clarify|simplify)(?: that| it| this)?(?: again)?(?: please)?\s*[?.!]*$"
    r"|\btoo long\b|\bshorter\b|\bshort version\b|\byou'?ve lost me\b|\bconfused me\b",
    re.IGNORECASE,
)
_BACK = re.compile(
    r"\bback to (?:my |the |your |our )?(?:very )?(?P<which>first|original|earlier|other|previous|last) "
    r"(?:question|thing|point|one|topic|matter|issue)(?: please| now| then)?"
    r"(?:[\s.?!]*$|[,;:.-]\s*(?P<more>\w.*))"
    r"|\bback to what i (?:asked|said)\b|\bwhere were we\b",
    re.IGNORECASE,
)
_RETURNS = re.compile(r"\bback to (?:the|my|that|those|our|your)?\s*(?P<what>[\w' -]{3,40})", re.IGNORECASE)
_DENIES = re.compile(r"\bnot (?:about )?(?:an?|the|my|about) (?P<what>\w+(?: \w+)?)", re.IGNORECASE)
_CORRECTS = re.compile(
    r"^(?:no|nope|nah|sorry|oops|actually|wait|hang on|correction|i mean|i meant|wrong|rather)"
    r"(?:[\s,.:!-]+(?:no|not that|sorry|i mean|i meant|i said|actually|wrong one|wait|it'?s|that'?s))*"
    r"[\s,.:!-]+(?=\w|\[)",
    re.IGNORECASE,
)
_POINTS_BACK = re.compile(
    r"^(?:(?:ok(?:ay)?|right|well|hm+|ah|oh|yes|yeah|no|fine)[\s,.!]+)*"
    r"(?:and|so|but|or|then|even|same|what about|how about|what if|which one|for the|in which|because)\b"
    r"|^(?:still|not|nothing|nope|tried|done|checked|looked|(?:i )?(?:can|could)(?:not|n?['’]?t) (?:find|see))\b"
    r"|\b(?:then|anyway|though|again|n?either|too|instead|as well|first|already|yet)\W*$"
    r"|\b(?:it(?:['’]s)?|its|that|this|these|those|they|them|theirs|there|ones?|both|none|he|she|same|other)\b(?!-)",
    re.IGNORECASE,
)
_ACKNOWLEDGES = re.compile(
    r"(?:(?:ok(?:ay)?|right|great|fine|good|lovely|perfect|all ?right|brilliant|super|thanks?(?: you)?|thx|ta|cheers)"
    r"[\s,.!]+)+"
    r"(?:i['’]?l+|i (?:will|shall)|i(?:['’]| a)m going to|we(?:['’]ll| will| shall)|let me)\s[^?.!]{2,50}[.!]*",
    re.IGNORECASE,
)
_FOR_ANOTHER = re.compile(
    r"^(?:(?:ok(?:ay)?|right|so|hm+|ah|oh)[\s,.!]+)*(?:and (?:for|on|with|if|the|what about|how about)\b|what about"
    r"|how about|what if|same (?:for|with|with the)|also for|but (?:for|if)|even (?:for|if))",
    re.IGNORECASE,
)
_WHERE_OR_WHEN = re.compile(r"\b(?:where|when|how|why)\b", re.IGNORECASE)
_PERSON = re.compile(
    r"\b(?:speak|talk|chat|put me through|(?:pass|connect|transfer|get|give) me|want|need|asked for|like|prefer)\b"
    r"[^.?!]{0,30}\b(?:(?:an?|real|actual|live|human) (?:person|being|human|agent|advis[eo]r|colleague|manager)"
    r"|someone|somebody|one of your people)\b"
    r"|\b(?:call|ring|phone) me(?: back)?\b|\bgive me a (?:ring|call|bell)\b|^(?:agent|human|person|operator)\W*$",
    re.IGNORECASE,
)
_PERSON_PLAINLY = re.compile(
    r"\b(?:speak|talk|chat|put me (?:through|on)|(?:pass|connect|transfer|get) me)\b[^.?!]{0,20}"
    r"\b(?:(?:an?|real|actual|live|human) (?:person|being|human|agent|advis[eo]r|colleague|manager)|someone|somebody"
    r"|one of your people)\b",
    re.IGNORECASE,
)


def agrees(text: str) -> bool:
    """Whether a message says yes and nothing else."""
    return _says_only(text, "agree")


def declines(text: str) -> bool:
    """Whether a message says no and nothing else."""
    return _says_only(text, "decline")


def says_it_did_not_help(text: str) -> bool:
    """Whether a message says that the last answer was no help, or that it was done already."""
    return bool(_unhelped(text))


def says_it_was_misread(text: str) -> bool:
    """Whether a message says that something else was asked than was answered."""
    return "misread" in _unhelped(text)


def says_more_than_yes_or_no(text: str) -> bool:
    """Whether a message has a word of two letters, and more to say than yes, no or please."""
    return re.search(r"[^\W\d_]{2}", text) is not None and not agrees(text) and not declines(text)


def asks_for_help(text: str) -> bool:
    """Whether a message asks for help and does not say with what."""
    return _says_only(text, "help")


def picks(text: str, count: int) -> tuple[int, ...]:
    """Which of `count` choices a message picks by their place: "the second one", "2", "both"; none when it does not."""
    places = _table()["place"]
    words = _words(text)
    said = [word for word in words if word not in places["beside"]] or words[-1:]
    if said == ["both"]:
        return tuple(range(min(count, 2)))
    named = [name for name in ("first", "second", "third", "last") if len(said) == 1 and said[0] in places[name]]
    place = {"first": 0, "second": 1, "third": 2, "last": count - 1}[named[0]] if named else -1
    return (place,) if 0 <= place < count else ()


def asks_for_other_words(text: str) -> bool:
    """Whether a message says that the last answer was not understood."""
    return is_short(text) and _OTHER_WORDS.search(text) is not None


def goes_back(text: str, *, with_more: bool = False) -> str | None:
    """How far a message wants to go back: "first", "other", ...; None when it does not, or, unless `with_more`, when
    it says more than that."""
    hit = _BACK.search(text)
    return None if hit is None or (hit["more"] and not with_more) else (hit["which"] or "last").casefold()


def returns_to(text: str) -> str | None:
    """What a message says that it comes back to ("back to the samples, ..."); None when it says nothing of the kind."""
    hit = _RETURNS.search(text)
    return hit["what"] if hit else None


def denies(text: str) -> str:
    """What a message says that it is not about ("not a gift card, a voucher"); "" for nothing."""
    hit = _DENIES.search(text)
    return hit["what"] if hit else ""


def corrects(text: str) -> str | None:
    """What a correction says in place of what was understood ("no, the blue one"); None for any other message."""
    hit = _CORRECTS.match(text.strip())
    return text.strip()[hit.end() :] if hit else None


def leans(text: str) -> bool:
    """Whether a message points to what was said before, by a word that begins it ("so", "still"), ends it ("then",
    "anyway") or stands for something ("it", "those")."""
    return _POINTS_BACK.search(text.strip()) is not None


def acknowledges(text: str) -> bool:
    """Whether a message takes note of an answer and says what its writer will do: "ok thanks, I'll try tomorrow"."""
    return is_short(text) and _ACKNOWLEDGES.fullmatch(text.strip()) is not None


def says_of_itself(words: Iterable[str]) -> list[str]:
    """Those of a message's telling words that cannot be asked of just anything; "how long does that take" has none."""
    anything = _table()["asks_of_anything"]["words"]
    return [word for word in words if word.casefold() not in anything]


def asks_for_another(text: str) -> bool:
    """Whether a message says itself that it asks the same of something else: "and for the other one?"."""
    return _FOR_ANOTHER.match(text.strip()) is not None


def asks_where_or_when(text: str) -> bool:
    """Whether a message asks where something is, when, how or why, and so does more than fill in a detail."""
    return _WHERE_OR_WHEN.search(text) is not None


def asks_for_person(text: str, *, plainly: bool = False) -> bool:
    """Whether a message asks for a person in plain words; with `plainly`, in such as mean nothing else, whatever stands
    beside them. Who says that none is wanted asks for none."""
    return (_PERSON_PLAINLY if plainly else _PERSON).search(without_refusals(text)) is not None


def same_words(one: str, other: str) -> bool:
    """Whether two messages have the same words, in any case and order, but for one in five."""
    mine, theirs = (set(re.findall(r"\w+", text.casefold())) for text in (one, other))
    return bool(mine) and len(mine & theirs) >= 0.8 * len(mine | theirs)


def is_short(text: str) -> bool:
    """Whether a message has no more words than one that leans on the one before it."""
    return len(text.split()) <= SHORT


def _unhelped(text: str) -> set[str]:
    rules = Table.load("unhelped", "bot.tables").rules if is_short(text) else ()
    return {rule.label for rule in rules if rule.matches(text.replace("’", "'").strip())}


def _says_only(text: str, what: str) -> bool:
    table, words = _table()[what], _words(text)
    says = not table["words"].isdisjoint(words) or any(phrase in " ".join(words) for phrase in table["phrases"])
    return says and table["words"].union(table["beside"]).issuperset(words)


def _words(text: str) -> list[str]:
    return re.findall(r"[\w']+", text.replace("’", "'").casefold()) if is_short(text) else []


@cache
def _table() -> dict[str, dict[str, frozenset[str]]]:
    table = yaml.safe_load(files("bot.tables").joinpath("cues.yaml").read_text(encoding="utf-8"))
    return {
        what: {kind: frozenset(line.split(", " if kind == "phrases" else None)) for kind, line in lines.items()}
        for what, lines in table.items()
    }
