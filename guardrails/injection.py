"""Attempts to steer the system: structure rules, and the injection branch where there is one."""

from __future__ import annotations

import re
from dataclasses import dataclass

from guardrails.guard import Message
from guardrails.model import ModelHead
from guardrails.normalise import hidden
from guardrails.rules import Rule, find
from guardrails.verdict import Finding
from guardrails.view import View

_DROP = r"(?:ignore|disregard|forget|override|overrule|bypass|discard|neglect|skip|drop|do not (?:follow|obey)|don'?t (?:follow|obey)|stop following|pay no attention to)"
_PRIOR = r"(?:previous|prior|above|earlier|preceding|initial|original|existing|current|system|former|foregoing|your|the|all|any|these|those|every|of|last|safety|given|content|moderation)"
_ORDERS = r"(?:instructions?|prompts?|rules?|guidelines?|directions?|directives?|commands?|programming|training|restrictions?|constraints?|guard ?rails?|polic(?:y|ies)|context|filters?|safeguards?|limitations?)"
_SYSTEM = r"(?:system (?:prompt|message|instructions?|text)|initial (?:prompt|instructions?)|hidden (?:prompt|instructions?|rules)|(?:your|the) (?:secret |internal |full |exact |original |own )*(?:prompt|instructions|guidelines|system rules|configuration|guard ?rails|programming|source code|training data))"
_OTHERS = r"(?:(?:all|other|another|another's|any|every|some ?one else'?s?|different) (?:of (?:the|your) )?(?:other )?(?:customers?|users?|people|persons?|clients?|accounts?|shoppers?|buyers?|members?)(?:'s?|s')?)"
_DATA = r"(?:data|details?|e-?mails?|(?:e-?mail |home |delivery )?address(?:es)?|phone(?: numbers?)?|numbers?|orders?|names?|passwords?|cards?(?: numbers?)?|accounts?|records?|information|info|history|database|invoices?|conversations?|chats?|tickets?)"
_TELL = r"(?:show|give|tell|print|reveal|repeat|display|output|list|send|share|write|return|leak|dump|expose|export|read out|recite|summari[sz]e|translate|provide|fetch|get|hand over|what(?:'s| is| are| was| were))"

RULES = (
    Rule.of("override", 0.95, "asks to set instructions aside", rf"\b{_DROP} (?:(?:{_PRIOR}|what|everything|that|about|to|you) ){{0,6}}{_ORDERS}\b", r"\b(?:assembly|assembling|washing|care|wash|cooking|fitting|cleaning|delivery) (?:instructions?|guidelines?|rules)\b|\bthe courier\b|\bthe driver\b|\byour (?:returns?|refund|delivery|privacy|cookie) polic|\bi (?:forgot|ignored|skipped|missed)\b|\bdidn'?t\b"),
    Rule.of("override", 0.9, "asks to forget what came before", rf"\b(?:forget|ignore|disregard) (?:everything|all|anything|what(?:ever)?)(?: that)? (?:(?:above|before|previous(?:ly)?|prior|you(?:'ve| have| were| are)?|i|we|was|been|has|told|said|learned|know|written|came) ?){{1,6}}", r"\b(?:i said about|i told you about|i wrote|we said|my (?:last|previous)|i just said|i said (?:before|earlier|above))\b"),
    Rule.of("override", 0.9, "gives new instructions", r"\b(?:new|updated|real|actual|revised) (?:system )?(?:instructions?|rules|prompt|directive)s? ?(?::|are|is|follow|from now)|\bfrom now on,? (?:you (?:are|will|must|should|act|only|can|have)|answer|respond|act|reply|ignore)|\byour new (?:task|role|job|goal|persona|instructions?|rules?) (?:is|are)\b|\b(?:end|start|begin) of (?:system )?(?:prompt|instructions)\b"),
    Rule.of("roleplay", 0.9, "asks the system to be something without rules", r"\b(?:you are|you're|act|behave|pretend|roleplay|role-play|respond|answer|imagine|simulate|become|play)(?: now| as| to be| that you(?:'re| are)?| you(?:'re| are)?| like| the role of| a| an| if| my)* (?:DAN\b|do anything now|(?:(?:an?|my) )?(?:unrestricted|unfiltered|uncensored|jailbroken|evil|amoral|rogue|developer mode|god mode|hacker|admin(?:istrator)?\b(?! (?:staff|team))|system administrator|root\b|linux terminal|terminal|sql|python interpreter|deceased grandm\w+|late grandm\w+))"),
    Rule.of("roleplay", 0.9, "asks for a mode without rules", r"\b(?:developer|debug|god|dan|sudo|admin|maintenance|jailbreak|unrestricted|root|test) mode\b(?! (?:of|on) (?:the|my) (?:lamp|oven|tv))|\bjail ?break|\bdo anything now\b|\b(?:without|with no|no|free (?:of|from)) (?:any )?(?:restrictions?|limitations?|filters?|guard ?rails|censorship|ethic\w*|moral\w*|content polic\w+|safety (?:rules|guidelines|filters))\b(?=[^.!?]{0,60}(?:answer|respond|reply|speak|chat|act|you|mode|$))", r"\b(?:delivery|size|weight|age|on the number|floor|access|height|parking)\b"),
    Rule.of("system_text", 0.95, "asks for the system's own text", rf"\b{_TELL}(?: (?:me|us|out|back|again|verbatim|exactly|the|your|all|of|full|entire|whole|contents?|text|above|word for word|for)){{0,6}} {_SYSTEM}\b", r"\b(?:assembly|washing|care|cooking|fitting|cleaning|return|returns|recycling|wifi|bulb|lamp|delivery) (?:instructions|guidelines)|\byour (?:instructions|guidelines) (?:for|on|about|to) (?:assembl|wash|clean|return|fit|care|mount)"),
    Rule.of("system_text", 0.9, "asks for the text above", r"\b(?:repeat|print|output|echo|recite|copy|write out|show)(?: me)? (?:(?:everything|all|the|words?|text|lines?|content|message|sentences?|of|that|is|verbatim) )*(?:above|before this|so far|preceding)\b(?! (?:the |my )?(?:sofa|bed|sink|address|order|shelf|door))"),
    Rule.of("secrets", 0.95, "asks for secrets of the system", rf"\b{_TELL}(?: (?:me|us|the|your|all|any|a|of|full|current|admin(?:istrator)?|staff|root|database|server|internal|system|employee|api|environment|access|secret)){{0,6}} (?:api keys?|(?:admin(?:istrator)?|root|database|staff|employee|server|system|wifi) (?:passwords?|passcodes?|credentials?|log ?ins?)|environment variables?|env vars?|secret keys?|access tokens?|connection strings?|internal (?:urls?|documents?|systems?|notes|endpoints?)|database schema)\b"),
    Rule.of("others_data", 0.95, "asks for other people's data", rf"\b{_TELL}(?: (?:me|us|the|a|your|all|any|of|full|out|list|both|what|which|every)){{0,5}} (?:{_DATA}(?:,? (?:and )?{_DATA}){{0,3}} )?(?:of|for|from|belonging to|about)? ?(?:{_OTHERS}|(?:the )?(?:last|previous|next|person before|first) (?:customer|user|person|order(?:s)? (?:of|by|from) (?:other|another))|the (?:customer|person|user|people|woman|man) (?:before me|who (?:ordered|bought|called|lives)))(?: {_DATA})?\b", r"\b(?:reviews?|ratings?|opinions?|think|say(?:ing)?|recommend|same (?:problem|issue)|payment|have(?: had)?|usually|find|feedback|my other|our other|another order|another address|different address)\b"),
    Rule.of("others_data", 0.9, "asks for a dump of the database", rf"\b(?:{_TELL}|select|query|access|download)(?: (?:me|us|the|your|all|of|whole|entire|full|a|contents?|copy)){{0,5}} (?:customer|user|client|order)s? (?:database|table|records|list|data ?base|data dump|file)\b|\bselect \* from\b|\bdrop table\b|\bunion select\b|' ?or '?1'? ?= ?'?1"),
    Rule.of("markup", 0.9, "carries the marks of a model's turn", r"<\|?(?:im_start|im_end|system|endoftext|assistant|start_header_id|eot_id)\|?>|\[/?INST\]|<</?SYS>>|^\s*#{2,} ?(?:system|instruction|assistant)\b|(?:^|\n)\s*(?:system|assistant|developer) ?(?:prompt|message|override|note)? ?: ?(?=\S)|</?(?:system|instructions?|admin)>|\{\{.{0,80}\}\}|\{%.{0,80}%\}"),
    Rule.of("payload", 0.85, "asks to decode and obey", r"\b(?:decode|decrypt|decipher|base64|rot13|unscramble|translate)\b[^.!?\n]{0,60}\b(?:and|then|,) (?:then )?(?:follow|execute|run|obey|do (?:what|it)|answer|respond|act|carry out|comply)\b"),
    Rule.of("authority", 0.85, "claims to command the system", r"\b(?:i am|i'?m|this is|as) (?:the|your|a|an) (?:developer|creator|programmer|system administrator|sysadmin|admin(?:istrator)?|openai|owner of this (?:bot|system)|root user|engineer who)\b[^.!?\n]{0,80}\b(?:you (?:must|should|will|can|are)|override|grant|give me|show me|unlock|disable|enable|access|bypass|authori[sz]e)\b|\b(?:sudo|override code|admin override|access code)\b[^.!?\n]{0,40}\b(?:refund|discount|grant|enable|unlock|give|set)\b"),
    Rule.of("hijack", 0.85, "dictates the words of the answer", r"\b(?:say|reply|respond|answer|print|output|write)(?: only| just| exactly| back| with)*(?: the)?(?: (?:words?|phrase|sentence|text|following))*(?: with)?:? [\"'“‘](?=[^\"'”’]{0,80}(?:hack|pwn|i (?:hate|have been)|refund (?:is )?approved|approved|free|100 ?%))|\b(?:tell|promise|confirm (?:to )?) ?me (?:that )?(?:i (?:get|have|am owed|can have)) a (?:full )?refund (?:no matter|regardless|whatever)|\bissue (?:me )?(?:a|the) (?:full )?refund (?:without|regardless|no questions)|\bset (?:the|my) (?:price|total|order|discount) to (?:£|\$|€)?\s?(?:0|zero|100 ?%)"),
    Rule.of("harmful", 0.9, "asks for something dangerous", r"\bhow (?:to|do i|can i|would i) (?:make|build|create|cook|synthesi[sz]e) (?:a |an )?(?:\w+ )?(?:bomb|explosives?|meth|napalm|nerve gas|weapon|ransomware|malware|virus(?! protection)|keylogger|phishing)\b|\b(?:write|create|generate)(?: me)? (?:a |some )?(?:malware|ransomware|keylogger|phishing (?:e-?mail|page|site)|exploit)\b"),
)  # fmt: skip

_GATE = re.compile(
    r"ignor|disregard|forget|overr|bypass|discard|neglect|skip|drop|obey|follow|attention|instruction|rules?\b|prompt|from now on|your new|act |acts? as|behave|pretend|role|imagine"
    r"|simulate|become|play|you are|you're|respond|mode\b|jail|anything now|restriction|limitation|filter|guard|censor|ethic|moral|policy|safety|system|above|before|preceding|so far"
    r"|password|passcode|credential|log ?in|key|token|variable|env |schema|internal|customer|user|people|person|client|account|member|shopper|buyer|database|table|records"
    r"|select|union|1'? ?=|<\||\[/?inst|<<|##|assistant|developer|<|\{\{|\{%|decode|decrypt|decipher|base64|rot13|unscramble|translate|sudo|admin|creator|programmer|openai"
    r"|owner|root|code|say|reply|print|output|write|refund|discount|price|bomb|explosiv|meth|napalm|gas|weapon|ware|virus|phish|exploit|keylogger",
    re.IGNORECASE,
)
_TURNED = re.compile(r"\b(?:ignore|disregard|instructions?|system prompt|password|reveal)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class InjectionGuard:
    """Finds attacks in every reading of a text: decoded, in leetspeak, backwards. `head` None: rules alone."""

    head: ModelHead | None = None
    name: str = "injection"

    def measure(self, message: Message) -> list[Finding]:
        """Return one finding per kind of attack; the model's label is `injection`."""
        views = list(message.views.letters)
        views += [view for view in message.views.turned if _TURNED.search(view.text)]
        if secret := hidden(message.original):
            views.append(View(secret, [0] * len(secret), [len(message.original)] * len(secret)))
        findings = find(self.name, RULES, views, _GATE)
        return findings + (self._modelled(message) if self.head else [])

    def _modelled(self, message: Message) -> list[Finding]:
        assert self.head is not None
        return [f for f in self.head.findings(self.name, message) if f.label not in ("benign", "safe", "none")]
