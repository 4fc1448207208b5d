"""The part of an agent's answer that resolves, for others than the customer who got it.

Left out, sentence by sentence: small talk, promises to one customer, days that have passed, links that lead nowhere.
Where too little would remain the answer stays whole; `retrieval/cases.py` then keeps it from being told as it stands.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import date
from itertools import accumulate

from retrieval.days import days
from retrieval.promises import promises

FEWEST_WORDS = 3
_SENTENCE = re.compile(r"(?:\d{1,2}[.)][ \t]+)?[^\n]+?(?:[.!?…]+[\"'”’)]*(?=\s|$)|(?=\n)|$)\s*|\n+")
_SMALL_TALK = re.compile(
    r"(?:(?:i |we )?hope (?:this|that|it)(?: all)?(?: info(?:rmation)?)? (?:helps|clears)"
    r"|(?:please |just |do |but |and )*(?:let (?:me|us) know|shout|give (?:me|us) a shout|reach out"
    r"|get (?:back )?in touch|(?:write|come back|reply) to (?:me|us))"
    r" (?:if|should|when(?:ever)?|with any|for any|about anything)\b"
    r"|(?:please |also |but |and )*(?:feel free|(?:do not|don['’]t) hesitate) to (?:ask|contact|reach|write|call|get"
    r"|drop|send|message|let|reply|come|shout)\b|rest assured,? (?:that )?\w+(?: \w+)?(?:['’]ll| will|['’]re| are)\b"
    r"|(?:hi|hello|hiya),? \w+ here\b"
    r"|(?:is there )?anything else (?:i|we)\b|should you (?:have|need) any\b|if you have any (?:other|more|further)\b"
    r"|(?:i(?:['’]m| am)|we(?:['’]re| are)) (?:always |only )?(?:here|a \w+ away|around|happy to)\b"
    r"|have a (?:\w+ )?(?:\w+ )?(?:day|evening|weekend|week|time|one)\b|enjoy (?:your|the)\b|take care\b"
    r"|(?:many )?(?:thanks|thank you)\b|you(?:['’]re| are) (?:very |most )?welcome|no problem|no worries|my pleasure"
    r"|(?:i(?:['’]m| am) |we(?:['’]re| are) )?(?:so |very |really |truly )?(?:sorry|glad|pleased|delighted)\b"
    r"|(?:my |our )?(?:sincere )?apologies\b|(?:i|we) (?:do )?(?:apologi[sz]e|appreciate|understand)\b"
    r"|(?:it(?:['’]s| is) |that(?:['’]s| is) )?(?:good|great|nice|lovely|fantastic|wonderful)"
    r" (?:question|choice|spot|(?:news )?to (?:hear|see|know)|you (?:wrote|asked))\b"
    r"|cheers\b|bear with (?:me|us)|speak soon|fingers crossed)",
    re.IGNORECASE,
)
_MARKS = re.compile(r"^[^\w\[]+")  # "- ", ":) "
LONGEST_SMALL_TALK = 16  # words; a longer sentence that begins so goes on to the matter
_FACT = re.compile(
    r"https?:|\d|\b(?:because|unless|until|instead|please (?:try|use|open|press|set|check))\b", re.IGNORECASE
)
_REFERS_BACK = re.compile(r"(?:\d{1,2}[.)]\s+)?(?:they|it|this|that|these|those|both|he|she)\b", re.IGNORECASE)
_LINK = re.compile(r"(?:https?://|www\.)[^\s<>\"')\]]+", re.IGNORECASE)


def sentences(answer: str) -> list[str]:
    """The sentences of an answer with the white space after them: joined they are the answer."""
    return _SENTENCE.findall(answer)


def resolving_part(
    answer: str, *, written: date | None = None, today: date | None = None, dead_links: Collection[str] = ()
) -> str:
    """`answer` without the sentences that resolve nothing for others.

    `written` is the day of the answer, which tells the year of "5 May" (None: not known, such days stay); `today` is
    the day that counts as now; `dead_links` are the beginnings of addresses that no longer lead anywhere.
    """
    today = today or date.today()
    dead = tuple(filter(None, map(_bare, dead_links)))
    told = sentences(answer)
    of_one_case = [
        promises(sentence)
        or any(day < today for day in days(sentence, written))
        or any(_leads(link, dead) for link in _LINK.findall(sentence) if dead)
        for sentence in told
    ]
    return _kept(told, of_one_case) or answer


def without(answer: str, spans: Sequence[tuple[int, int]]) -> str:
    """`answer` without the sentences that lie in any of the half-open `spans`; "" where too little would remain."""
    told = sentences(answer)
    ends = [*accumulate(map(len, told))]
    hit = [
        any(start < end and stop > end - len(sentence) for start, stop in spans)
        for sentence, end in zip(told, ends, strict=True)
    ]
    return _kept(told, hit)


def _kept(told: Sequence[str], cut_out: Sequence[bool]) -> str:
    """The sentences that are neither cut out, nor refer back to one that is, nor are small talk; "" where too few
    words would remain."""
    kept: list[str] = []
    cut = False  # whether the sentence before was, so that what refers back to it goes too
    for sentence, out in zip(told, cut_out, strict=True):
        cut = out or (cut and bool(_REFERS_BACK.match(sentence)))
        if not cut and not _is_small_talk(sentence):
            kept.append(sentence)
    rest = re.sub(r"\n{3,}", "\n\n", "".join(kept)).strip()
    return rest if len(re.findall(r"[^\W\d_]+", rest)) >= FEWEST_WORDS else ""


def _is_small_talk(sentence: str) -> bool:
    bare = _MARKS.sub("", sentence)
    if not bare:
        return bool(sentence.strip())
    return bool(_SMALL_TALK.match(bare) and len(bare.split()) <= LONGEST_SMALL_TALK and not _FACT.search(bare))


def _leads(link: str, dead: tuple[str, ...]) -> bool:
    """Whether a link is one of the addresses that are dead, or goes on from one after a border."""
    bare = _bare(link.rstrip(".,;:!?"))
    return any(bare.startswith(one) and bare[len(one) :][:1] in ("", "/", "?", "#", ":") for one in dead)


def _bare(link: str) -> str:
    return re.sub(r"^(?:https?://)?(?:www\.)?", "", link.strip().lower()).rstrip("/")
