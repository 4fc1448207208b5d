"""The part of an agent's answer that resolves, for others than the customer who got it.

Left out, sentence by sentence: small talk, promises to one customer, days that have passed, links that lead nowhere.
Where too little would remain the answer stays whole; `retrieval/cases.py` then keeps it from being told as it stands.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from datetime import date, timedelta

FEWEST_WORDS = 5
_SENTENCE = re.compile(r"(?:\d{1,2}[.)][ \t]+)?[^\n]+?(?:[.!?…]+[\"'”’)]*(?=\s|$)|(?=\n)|$)\s*|\n+")
_SMALL_TALK = re.compile(
    r"(?:(?:i |we )?hope (?:this|that|it)(?: all)?(?: info(?:rmation)?)? (?:helps|clears)"
    r"|(?:please |just |do |but |and )*(?:let (?:me|us) know|shout|give (?:me|us) a shout|reach out"
    r"|get (?:back )?in touch|(?:write|come back|reply) to (?:me|us))"
    r" (?:if|should|when(?:ever)?|with any|for any|about anything)\b|(?:hi|hello|hiya),? \w+ here\b"
    r"|(?:is there )?anything else (?:i|we)\b|should you (?:have|need) any\b|if you have any (?:other|more|further)\b"
    r"|(?:i(?:['’]m| am)|we(?:['’]re| are)) (?:always |only )?(?:here|a \w+ away|around|happy to)\b"
    r"|have a (?:\w+ )?(?:\w+ )?(?:day|evening|weekend|week|time|one)\b|enjoy (?:your|the)\b|take care\b"
    r"|(?:many )?(?:thanks|thank you)\b|you(?:['’]re| are) (?:very |most )?welcome|no problem|no worries|my pleasure"
    r"|(?:i(?:['’]m| am) |we(?:['’]re| are) )?(?:so |very |really |truly )?(?:sorry|glad|pleased|delighted)\b"
    r"|(?:my |our )?(?:sincere )?apologies\b|(?:i|we) (?:do )?(?:apologi[sz]e|appreciate|understand)\b"
    r"|(?:good|great) (?:question|choice|spot)\b|bear with (?:me|us)|speak soon|fingers crossed)",
    re.IGNORECASE,
)
LONGEST_SMALL_TALK = 16  # words; a longer sentence that begins so goes on to the matter
_FACT = re.compile(
    r"https?:|\d|\b(?:because|unless|until|instead|please (?:try|use|open|press|set|check))\b", re.IGNORECASE
)
_PROMISE = re.compile(
    r"\bi(?:['’]ll| will|['’]m going to| am going to| shall)\b"
    r"|\bwe(?:['’]ll| will| shall) (?:get back|be in touch|keep you|let you know|update you|look into|call you|chase)"
    r"|\b(?:leave it|bear) with (?:me|us)\b|\bwill (?:update|call|ring|write) (?:you )?(?:when|once|as soon|later)"
    r"|\bi(?:['’]ve| have) (?:just |now |also |already )?(?:asked|passed|raised|escalated|chased|flagged|put|sent"
    r"|booked|arranged|cancelled|changed|moved|refunded|credited|added|taken|released|ordered|reserved)\b",
    re.IGNORECASE,
)
_REFERS_BACK = re.compile(r"(?:\d{1,2}[.)]\s+)?(?:they|it|this|that|these|those|both|he|she)\b", re.IGNORECASE)
_GENERAL = re.compile(r"^(?:when|once|if|as soon as|where|should|after|until|unless)\b", re.IGNORECASE)
_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_MONTH = "|".join(f"{month[:3]}(?:{month[3:]})?" if month != "may" else "may" for month in _MONTHS)
_DAY = re.compile(
    rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)? (?:of )?(?P<month>{_MONTH})\b(?:,? (?P<year>20\d\d))?"
    rf"|\b(?P<month2>{_MONTH}) (?P<day2>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,? (?P<year2>20\d\d))?"
    r"|\b(?P<year3>20\d\d)-(?P<month3>\d\d)-(?P<day3>\d\d)\b",
    re.IGNORECASE,
)
_LINK = re.compile(r"(?:https?://|www\.)[^\s<>\"')\]]+", re.IGNORECASE)


def resolving_part(
    answer: str, *, written: date | None = None, today: date | None = None, dead_links: Collection[str] = ()
) -> str:
    """`answer` without the sentences that resolve nothing for others.

    `written` is the day of the answer, which tells the year of "5 May" (None: not known, such days stay); `today` is
    the day that counts as now; `dead_links` are the beginnings of addresses that no longer lead anywhere.
    """
    today = today or date.today()
    dead = tuple(_bare(link) for link in dead_links)
    kept: list[str] = []
    cut = False  # whether the sentence before was of one case, so that what refers back to it goes too
    for sentence in _SENTENCE.findall(answer):
        cut = _of_one_case(sentence, written, today, dead) or (cut and bool(_REFERS_BACK.match(sentence)))
        if not cut and not _is_small_talk(sentence):
            kept.append(sentence)
    rest = re.sub(r"\n{3,}", "\n\n", "".join(kept)).strip()
    return rest if len(re.findall(r"[^\W\d_]+", rest)) >= FEWEST_WORDS else answer


def _of_one_case(sentence: str, written: date | None, today: date, dead: tuple[str, ...]) -> bool:
    return bool(
        (_PROMISE.search(sentence) and not _GENERAL.match(sentence))
        or any(day < today for day in _days(sentence, written))
        or any(_bare(link).startswith(dead) for link in _LINK.findall(sentence) if dead)
    )


def _is_small_talk(sentence: str) -> bool:
    return bool(
        _SMALL_TALK.match(sentence) and len(sentence.split()) <= LONGEST_SMALL_TALK and not _FACT.search(sentence)
    )


def _days(sentence: str, written: date | None) -> Iterator[date]:
    """The calendar days that a sentence names; one without a year is the first after the answer was written."""
    for match in _DAY.finditer(sentence):
        found = {name.rstrip("23"): value for name, value in match.groupdict().items() if value}
        month = found["month"].lower()
        number = int(month) if month.isdigit() else 1 + [name[:3] for name in _MONTHS].index(month[:3])
        if "year" not in found and written is None:
            continue
        try:
            if "year" in found or written is None:
                yield date(int(found["year"]), number, int(found["day"]))
                continue
            day = date(written.year, number, int(found["day"]))
            yield day if day >= written - timedelta(days=180) else day.replace(year=day.year + 1)
        except ValueError:  # 31 June
            continue


def _bare(link: str) -> str:
    return re.sub(r"^(?:https?://)?(?:www\.)?", "", link.lower())
