"""Abuse: what the toxicity branch says, and a few words that leave no doubt. Knows no threshold."""

from __future__ import annotations

import re
from dataclasses import dataclass

from guardrails.guard import Message
from guardrails.model import ModelHead
from guardrails.rules import Rule, find
from guardrails.verdict import Finding

_YOU = r"(?:you|u|ya|your|ur|you'?re|you are|yourself|this (?:company|bot|shop)|staff|agents?|driver)"
_INSULT = r"(?:idiots?|morons?|imbeciles?|stupid|dumb(?:ass)?|scum(?:bags?)?|pathetic|bitch(?:es)?|bastards?|cunts?|wankers?|pricks?|dickheads?|twats?|assholes?|arseholes?|clowns?|retards?|tossers?|parasites?|useless|pigs?|vermin|trash|garbage)"
RULES = (
    Rule.of("insult", 0.85, "an insult aimed at someone", rf"\b{_YOU}\b(?: (?:are|r|is|all|a|an|the|such|total|complete|absolute|bunch of|bloody|fucking|fuckin|lot of|thieving|lying|stupid|useless|set of|piece of|of|load of)){{0,6}} {_INSULT}\b(?! (?:question|mistake|price|policy|website|thing|idea|of me))", r"\b(?:i(?:'m| am| feel| was)|me|myself) (?:so |such )?(?:an? )?(?:stupid|idiot|dumb|useless|clown)|\bnot (?:an? )?(?:stupid|idiots?|dumb|useless)\b"),
    Rule.of("insult", 0.85, "abuse aimed at someone", r"\b(?:fuck|screw|sod|bugger) (?:you|u|ya|off|your(?:self| mum| mother)?)\b|\bpiss off\b|\bgo to hell\b|\bshove it up\b|\bf off\b|\bstfu\b|\beat shit\b|\bsuck my\b|\bson of a bitch\b|\bmotherfuckers?\b"),
    Rule.of("identity_attack", 0.95, "a slur", r"\bn[i1]gg(?:er|a)s?\b|\bfagg?ots?\b|\bk[i1]kes?\b|\btrann(?:y|ies)\b|\bp[a4]kis?\b|\bch[i1]nks?\b|\bwetbacks?\b|\bspastics?\b"),
)  # fmt: skip
_GATE = re.compile(
    r"idiot|moron|imbecil|stupid|dumb|scum|pathetic|bitch|bastard|cunt|wank|prick|dick|twat|hole|clown|retard|tosser"
    r"|parasite|useless|pig|vermin|trash|garbage|fuck|screw|sod|bugger|piss|hell|shove|f off|stfu|shit|suck|n[i1]gg|fag|k[i1]ke|trann|p[a4]k|ch[i1]nk|wetb|spast",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class ToxicityGuard:
    """Labels as Detoxify names them. `head` None: only the rules measure."""

    head: ModelHead | None = None
    name: str = "toxicity"

    def measure(self, message: Message) -> list[Finding]:
        """Return one finding per label that the model or a rule gives."""
        ruled = find(self.name, RULES, message.views.letters, _GATE)
        return ruled + (self.head.findings(self.name, message) if self.head else [])
