"""Passwords, keys and tokens that someone pasted or told. Patterns only; nothing is tried out or sent."""

from __future__ import annotations

import re

from guardrails.guard import Message
from guardrails.rules import Rule, find
from guardrails.verdict import Finding

_VALUE = r"['\"]?(?P<value>(?=[^\s'\"]*[\d!@#$%^&*_+=-])[^\s'\",;]{5,64}|[^\s'\",;.]{6,64})['\"]?"
_NOT_VALUE = (
    r"(?!(?:is|was|has|not|isn'?t|wasn'?t|doesn'?t|won'?t|reset|wrong|incorrect|invalid|expired|forgotten|again|please|because|but|and"
    r"|for|to|the|a|my|an?d?|working|changed|different|never|still|correct|link|email|e-mail|page|screen|field|protected|manager|on|in|being"
    r"|required|recovery|already|unknown|hint|what|something|anything|nothing|here|there|needs?|keeps?|though|now|with|from|when|after)\b)"
)

RULES = (
    Rule.of("key", 0.95, "a key of a known provider", r"\b(?:sk|pk|rk)_(?:live|test)_[A-Za-z0-9]{10,}|\bsk-(?:proj-|ant-)?[A-Za-z0-9_-]{20,}"
            r"|\bgh[pousr]_[A-Za-z0-9]{30,}|\bgithub_pat_\w{30,}|\bglpat-[\w-]{18,}|\bxox[abprs]-[A-Za-z0-9-]{10,}|\bAIza[\w-]{35}"
            r"|\bSG\.[\w-]{16,}\.[\w-]{16,}|\bhf_[A-Za-z0-9]{30,}|\bnpm_[A-Za-z0-9]{30,}|\bdop_v1_[0-9a-f]{40,}"),
    Rule.of("key", 0.95, "an AWS access key", r"\b(?:AKIA|ASIA|AGPA|AIDA|AROA)[A-Z0-9]{16}\b"),
    Rule.of("token", 0.9, "a signed token (JWT)", r"\beyJ[\w-]{8,}\.eyJ[\w-]{8,}(?:\.[\w-]*)?"),
    Rule.of("token", 0.9, "a bearer token", r"\b(?:bearer|basic)\s+(?=[\w.~+/-]*\d)[\w.~+/-]{16,}=*"),
    Rule.of("private_key", 1.0, "a private key", r"-----BEGIN [A-Z ]*PRIVATE KEY-----(?:[\s\S]{0,6000}?-----END [A-Z ]*PRIVATE KEY-----)?"),
    Rule.of("password", 0.9, "a password that was told", rf"\b(?:password|passcode|passwd|pwd|pass ?phrase|pword)\s*(?:is\s*[:=]?|was\s*[:=]?|[:=]|->)\s*{_NOT_VALUE}{_VALUE}"),
    Rule.of("pin", 0.8, "a PIN or one-time code that was told", r"\b(?:pin|otp|one[- ]time (?:code|password|passcode)|verification code|2fa code|security answer)(?: (?:number|code))?\s*(?:is|was|[:=])\s*(?P<value>\d{4,8})\b"),
    Rule.of("key", 0.85, "a key that was told", r"\b(?:api|access|secret|client|auth|private)[ _-]?(?:key|token|secret)\s*(?:is|was|[:=])\s*['\"]?(?P<value>(?=[\w+/.-]*\d)[\w+/.-]{12,})"),
    Rule.of("login", 0.85, "a log-in with its password", r"\b(?:log ?in|credentials|user(?:name)?)\s*(?:is|are|[:=])\s*\S{3,40}\s*[/,:]\s*(?:pass(?:word)?\s*)?(?P<value>(?=\S*\d)\S{6,40})"),
)  # fmt: skip
_GATE = re.compile(r"pass|pwd|pword|pin\b|otp|code|2fa|security|key|token|secret|eyJ|_live_|_test_|sk-|gh[pousr]_|github_|glpat|xox|AIza|SG\.|hf_|npm_|dop_|AKIA|ASIA|AGPA|AIDA|AROA|bearer|basic|BEGIN|log ?in|credentials|user", re.I)


class SecretsGuard:
    """Finds secrets; the span is the secret alone where a cue introduces it."""

    name = "secrets"

    def measure(self, message: Message) -> list[Finding]:
        """Return at most one finding per label."""
        return find(self.name, RULES, message.views.plain, _GATE)
