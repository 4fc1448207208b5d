"""Addresses of the net: e-mail, IP, MAC, wallets, and links that carry a secret."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator

from presidio_analyzer.predefined_recognizers import CryptoRecognizer

from guardrails.recognizers.base import Hit, Recognizer, adopt, pattern

_ALNUM = r"A-Za-z0-9\u00c0-\u024f"
_EMAIL = (
    rf"(?<![A-Za-z0-9._%+'-])[{_ALNUM}_%+'-](?:[{_ALNUM}._%+'-]{{0,62}}[{_ALNUM}_%+-])?"
    rf"@(?:[{_ALNUM}](?:[{_ALNUM}-]{{0,61}}[{_ALNUM}])?\.){{1,6}}[A-Za-z]{{2,24}}(?![A-Za-z0-9])"
)
_OTHER = r"\u0370-\u1fff\u3040-\u9fff\uac00-\ud7af"
_EMAIL_OTHER = rf"(?<![\w.+-])[{_OTHER}\d._-]{{1,40}}@(?:[{_OTHER}\d-]{{1,40}}\.){{1,4}}[{_OTHER}A-Za-z]{{2,12}}(?!\w)"
_IP = re.compile(
    r"(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7})(?![\w:]|\.\d)", re.IGNORECASE
)
_VERSION = re.compile(
    r"\b(?:version|firmware|software|release|build|ver\.?|v\.?|fw)(?: (?:number|no\.?|is|to|was))*\s?[:=#-]?\s?$",
    re.IGNORECASE,
)
_MAC = r"(?<![\w:-])(?:[0-9a-f]{2}([:-])(?:[0-9a-f]{2}\1){4}[0-9a-f]{2}|[0-9a-f]{4}(?:\.[0-9a-f]{4}){2})(?![\w:-])"
_BASE58 = "1-9A-HJ-NP-Za-km-z"
_BECH32 = "02-9ac-hj-np-z"
_WALLETS = (
    rf"\b(?:ltc1[{_BECH32}]{{39}}|addr1[{_BECH32}]{{50,98}}|(?=\w*\d)(?:T[{_BASE58}]{{33}}|r[{_BASE58}]{{27,34}})"
    rf"|[48][{_BASE58}]{{94}})\b"
)
"""Litecoin, Tron, Ripple, Monero, Cardano."""
_SECRET_URL = (
    r"\b(?:https?|ftp)://[^\s<>\"']{0,400}?(?:[^\s/<>\"'@]{1,80}:[^\s/<>\"'@]{1,80}@|[?&#;](?:[\w-]*(?:token|key|auth|sig|"
    r"signature|session|sid|secret|password|passwd|pwd|reset|code|otp|jwt|email|phone)[\w-]*)=)[^\s<>\"']*"
)
_USER_LINK = r"\bhttps?://(?:www\.)?(?:facebook|instagram|linkedin|twitter|x|tiktok)\.com/(?:in/)?@?[\w.-]{3,60}"


def _is_ip(value: str) -> bool:
    try:
        address = ipaddress.ip_address(value)
    except ValueError:
        return False
    return value != "::" and not (address.version == 6 and len(value) < 6 and value.isdigit())


def _ips(text: str) -> Iterator[Hit]:
    """Yield addresses; four numbers after the word version are one."""
    for match in _IP.finditer(text):
        if _is_ip(match[0]) and not _VERSION.search(text, max(0, match.start() - 30), match.start()):
            yield match.start(), match.end(), 0.6


def recognizers() -> list[Recognizer]:
    """Return the recognizers of this module."""
    return [
        pattern("email", "EMAIL", _EMAIL, 1.0, cues=("@",)),
        pattern("email in another script", "EMAIL", _EMAIL_OTHER, 0.6, cues=("@",)),
        Recognizer("ip", "IP", _ips, context=("ip", "address", "server"), cues=(".", ":"), digits=1),
        pattern("mac", "MAC", _MAC, 0.7, cues=(":", "-", "."), digits=1),
        adopt(CryptoRecognizer(), "WALLET", cues=("bc1", "1", "3"), digits=1),
        pattern("ethereum", "WALLET", r"\b0x[0-9a-f]{40}\b", 0.9, cues=("0x",)),
        pattern("other wallets", "WALLET", _WALLETS, 0.9, exact=True, digits=2),
        pattern("link with a secret", "URL", _SECRET_URL, 0.8, cues=("://",)),
        pattern("profile link", "URL", _USER_LINK, 0.6, cues=("://",)),
    ]
