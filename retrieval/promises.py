"""Tells a promise to one customer, or what was done for them, from what is so for all.

Who promises may be the agent, the team, a colleague, or nobody by name ("you will be contacted"). What happens once,
when or if something is the case is so for all.
"""

from __future__ import annotations

import re

_WILL = r"(?:['’]ll| will| shall| (?:is|are|am) going to|['’]m going to|['’]re going to)"
_NOW = r"(?:just |now |also |already |then |soon |shortly |still |currently )?"
_DAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_SOON = rf"(?:within|by|in the next|shortly|soon|today|tonight|tomorrow|later|as soon|(?:on )?{_DAY})"
_US = (
    r"(?:(?:a|another|my|our|one of (?:my|our|the)) (?:\w+ ){0,2}(?:colleagues?|team|managers?|supervisors?"
    r"|specialists?|advis[eo]rs?|agents?|experts?|engineers?|technicians?|department|staff)"
    r"|someone|somebody|one of us|the team)(?: \w+ (?:us|our \w+|the \w+ ?team))?"
)
_REACH = r"(?:contact|call|ring|phone|e-?mail|text|message|write to|reply to|reach out to|update|inform|help|assist)"
_ACT = (
    rf"(?:{_REACH} you|(?:get|be) (?:back|in touch)|follow up|respond|reply|look (?:in)?to|reach out|investigate|sort"
    r"|let you know|check (?:this|that|it)|review|take (?:care|a look)|deal with)"
)
_DONE = (
    r"(?:asked|passed|raised|escalated|chased|flagged|forwarded|put|sent|posted|shipped|dispatched|booked|arranged"
    r"|cancelled|changed|moved|refunded|credited|added|taken|released|ordered|reserved|reported|logged|extended)"
)
_PROMISE = re.compile(
    "|".join(
        (
            rf"\bi(?:{_WILL}|['’]ve {_NOW}{_DONE}| have {_NOW}{_DONE})\b",
            rf"\bwe{_WILL} {_NOW}(?:get back|be (?:back )?in touch|keep you|let you know|update you|look (?:in)?to"
            r"|chase|follow up|do our best|sort (?:this|that|it|everything)|make sure (?:this|that|it|you)|call you"
            r"|have (?:someone|somebody|a colleague|an? engineer)|get (?:this|that|it) (?:sorted|fixed|looked)"
            rf"|{_REACH} you (?:back|again|{_SOON})|(?:keep|hold|put|set|save) (?:it|one|them|this) )",
            rf"\bwe(?:['’]re| are) {_NOW}(?:looking into|working on (?:this|that|it|your)|chasing|investigating"
            r"|(?:keeping|holding|putting|setting|saving|reserving) (?:it|one|them|this|that|your|\w+ aside)\b"
            r"|(?:sending|posting|arranging|ordering|booking)(?: \w+){0,3} for you\b|(?:sending|posting) you)",
            rf"(?<!\band )\b{_US}{_WILL} {_NOW}{_ACT}\b",
            r"\b(?:leave it|bear) with (?:me|us)\b",
            r"\bwill (?:update|call|ring|write) (?:you )?(?:when|once|as soon|later)",
            rf"\byou{_WILL} {_NOW}(?:hear (?:back )?from (?:us|me|our|a|one|someone)"
            r"|(?:get|receive|have) (?:a|an|another|our) (?:\w+ )?(?:"
            rf"(?:call|reply|response|answer|update)(?: back)? (?:from|{_SOON})"
            rf"|(?:e-?mail|message|text|letter) (?:from \w+(?: \w+)? )?{_SOON})"
            r"|be (?:contacted|called|phoned|rung|updated|e-?mailed|notified|informed))\b",
            r"\b(?:it|this|that|your \w+(?: \w+)?)(?:['’]ll| will) be (?:looked (?:at|into)|investigated|passed"
            r"|escalated|sorted)\b",
            rf"\b(?:it|this|that|they|your|an?|the)(?: \w+){{0,3}} (?:has|have) {_NOW}been {_NOW}{_DONE}\b",
        )
    ),
    re.IGNORECASE,
)
_AT_FIRST = re.compile(r"\W*(?:when|once|if|as soon as|where|should|after|until|unless)\b", re.IGNORECASE)
_BEFORE = re.compile(r"\b(?:when|once|if|as soon as|after|before|until|unless)\b[^,;:]*$", re.IGNORECASE)
_NEAR = 100  # characters before a promise that may say when it holds


def promises(sentence: str) -> bool:
    """Whether a sentence promises something to one customer, or tells what was done for them."""
    if _AT_FIRST.match(sentence):
        return False
    found = (match.start() for match in _PROMISE.finditer(sentence))
    return any(not _BEFORE.search(sentence[max(0, start - _NEAR) : start]) for start in found)
