"""Words that call for a person: someone who may harm themselves, or threatens others. Small, careful rules."""

from __future__ import annotations

import re

from guardrails.rules import Rule, RuleGuard

_FIGURE = r"\b(?:sofa|chair|mattress|bed|back|neck|knees?|feet|wait(?:ing)?|suspense|queue|website|app|price|stairs|shoes|laugh\w*|joke|kidding|lol|haha)\b"
_PROMPT = r"\b(?:if (?:i|we) don'?t (?:get|hear)|over (?:this|a) (?:sofa|lamp|chair|parcel|rug))\b"

SELF_HARM = (
    Rule.of("selfharm", 0.95, "says that they want to end their life", r"\b(?:i|i'?m|im|i am|gonna|going to|want to|wanna|might|will|thinking (?:of|about)|considering)\b[^.!?\n]{0,40}\b(?:kill(?:ing)? (?:myself|my self|meself)|end(?:ing)? my (?:own )?life|tak(?:e|ing) my (?:own )?life|(?:commit(?:ting)?|attempt(?:ing)?) suicide|end(?:ing)? it all|top(?:ping)? myself|kms)\b", r"\b(?:back|sofa|chair|laugh\w*|lol|haha|joke|kidding)\b"),
    Rule.of("selfharm", 0.95, "says that they want to end their life", r"^\W*(?:kill myself|kms|end my life|suicide)\W*$"),
    Rule.of("selfharm", 0.9, "speaks of suicide", r"\b(?:i(?:'?m| am| feel| have been)|feeling|been) (?:feeling )?(?:so )?suicidal\b|\bsuicidal (?:thoughts|feelings)\b|\bthoughts of (?:suicide|ending (?:it|my life))\b|\bsuicide (?:note|hotline|helpline|prevention)\b"),
    Rule.of("selfharm", 0.85, "says that they do not want to live", r"\b(?:i (?:really |just )?(?:don'?t|do not|dont) want to (?:live|be alive|be here|go on|exist|wake up)(?: any ?more)?|no (?:reason|point) (?:to|in) (?:live|living|go(?:ing)? on|being alive)|(?:i )?(?:want|wish|wanna) (?:to (?:die|be dead)|i (?:was|were) dead)|better off dead|better off without me|can'?t (?:go on|live like this) any ?more)\b", _FIGURE),
    Rule.of("selfharm", 0.85, "speaks of hurting themselves", r"\b(?:(?:hurt|harm|cut)(?:ting|ing)? myself (?:again|on purpose|deliberately|tonight|because)|(?:want|going|gonna|urge|thinking) (?:to|of|about) (?:hurt|harm|cut)(?:ting|ing)? myself|self[- ]harm(?:ing|ed)?|overdos(?:e|ing) on)\b", r"\b(?:on the (?:edge|corner|lid|box|blade)|assembl\w+|accident\w*|by mistake)\b"),
)  # fmt: skip
"""Benign twins: "this sofa is killing my back", "I'm dying to see it", "I cut myself on the edge of the box"."""

_WHOM = r"(?:you(?: all| lot| people| guys)?|him|her|them|your (?:family|kids|children|wife|husband|staff|driver|team|manager|people)|the (?:driver|manager|courier|staff|agent)|every ?(?:one|body)|someone|somebody|ya|u)"
_WILL = r"(?:i(?:'?ll| will|'?m going to| am going to|'?m gonna| swear i'?ll| want to| wanna| could| would like to)|we(?:'?ll| will|'?re going to)|gonna|going to|someone (?:should|will|is going to))"

THREAT = (
    Rule.of("threat", 0.95, "threatens to kill or hurt someone", rf"\b{_WILL} (?:(?:fucking|bloody|come (?:round|over|there|to \w+)? ?and|find you and|personally) )*(?:kill|murder|shoot|stab|strangle|beat(?: up| the \w+ out of)?|hurt|attack|destroy|smash|batter|break) (?:{_WHOM}|your (?:face|legs|neck|arms|head))\b", r"\b(?:laugh\w*|lol|haha|kidding|with kindness|for an answer)\b"),
    Rule.of("threat", 0.95, "threatens a place", r"\b(?:i(?:'?ll| will|'?m going to| am going to|'?m gonna)|gonna|going to|we(?:'?ll| will)|someone (?:should|will)) (?:burn|bomb|blow up|torch|shoot up|set fire to|burn down) (?:down )?(?:your|the|this|that) (?:\w+ ){0,2}?(?:shop|store|office|house|home|warehouse|building|place|showroom|company|headquarters|down)\b"),
    Rule.of("threat", 0.9, "threatens to come for someone", r"\b(?:i know where (?:you|he|she|they|your \w+) (?:live|work)s?|i(?:'?ll| will) (?:find|hunt) (?:you|him|her|them) (?:down|out)\b|watch your back|you(?:'?re| are) (?:a )?dead(?: man| meat)?(?=[\W]*$)|you(?:'?ll| will) (?:all )?(?:die|bleed|pay for this with your))\b"),
    Rule.of("threat", 0.9, "wishes death on someone", r"\b(?:go (?:and )?(?:kill (?:yourself|urself|ur self)|die)|kill (?:yourself|urself)|kys|i hope (?:you|your \w+|you all|he|she|they) (?:all )?(?:die|dies|get (?:cancer|hit|raped|killed)|burn)|drop dead|you (?:all )?(?:should|deserve to) (?:die|be (?:shot|killed|hanged)))\b"),
    Rule.of("threat", 0.9, "speaks of a weapon", r"\b(?:i(?:'?ve| have)(?: got)? a (?:gun|knife|bomb)|bringing (?:a|my) (?:gun|knife|bat)|there(?:'?s| is) a bomb)\b", r"\b(?:block|set|sharpener|rack|holder|kitchen|bread|steak|drawer|bath)\b"),
)  # fmt: skip
"""Benign twins: "I could kill for a coffee", "I'll find you a photo", "a knife block", "your prices are killing me"."""

_SELF_GATE = re.compile(r"kill|suicid|life|die|dead|alive|live|exist|wake|go(?:ing)? on|all\b|myself|harm|overdos|top", re.I)
_THREAT_GATE = re.compile(r"kill|murder|shoot|shot|stab|strangl|beat|hurt|attack|destroy|smash|batter|break|burn|bomb|blow|torch|fire|live|work|find|hunt|back|dead|die|bleed|pay|kys|gun|knife|bat\b|hanged|cancer", re.I)


def selfharm() -> RuleGuard:
    """Return the guard for people who may harm themselves."""
    return RuleGuard("selfharm", SELF_HARM, _SELF_GATE)


def threat() -> RuleGuard:
    """Return the guard for threats against people and places."""
    return RuleGuard("threat", THREAT, _THREAT_GATE)
