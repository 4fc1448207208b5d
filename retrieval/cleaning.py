"""Takes off what is not the matter: greetings, signatures, handles, initials, tracking. Keeps every promise.

An answer is later said to another customer by a bot, so what belongs to one agent or one customer must go;
what was said about the matter stays word for word. Where nothing would be left, the text stays as it was.
"""

import html
import re
from collections.abc import Collection
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

_INVISIBLE = re.compile(r"[\u200b-\u200f\u2060\ufeff\x00]")
_HANDLE = re.compile(r"(?<![\w@/.])@(\w{2,30})(?![\w@]*\.\w)")
_PART = re.compile(r"^\s*[(\[]?[1-9]\s?/\s?[1-9][)\]]?(?=\s)\s*|\s*(?<=\s)[(\[]?[1-9]\s?/\s?[1-9][)\]]?\s*$")
_NAME = r"[A-Z][\w'’.-]{0,20}"
_TITLE = r"(?:(?i:mr|mrs|ms|miss|dr|prof)\.?(?i:\s+(?:or|and|&)\s+(?:mr|mrs|ms|miss)\.?)?\s+)?"
_GREETING = re.compile(
    r"^\s*(?i:hi|hello|hiya|hey|heya|dear|greetings|good (?:morning|afternoon|evening|day))(?![\w'’])"
    rf"(?:\s+(?i:there|again|all|team|everyone|folks|both|sir(?: or madam)?|madam|customer))?"
    rf"(?:,?\s+{_TITLE}{_NAME}(?:\s+{_NAME}){{0,2}}(?=\s*[,.!:;–—\n-]))?"
    r"\s*[,.!:;–—-]*(?=\s|$)\s*"
)
_ADDRESSED = re.compile(rf"^\s*{_NAME}(?:\s{_NAME})?,[ \t]*\n+|^\[NAME_\d+\][,:!]?\s+")
_OPENER = re.compile(
    r"^\s*(?:(?:many )?thanks|thank you)(?: so much| very much| a lot)? for"
    r" (?:reaching out|contacting|getting in touch|writing|(?:your|the) (?:message|e-?mail|patience|enquiry|tweet|tag))"
    rf"(?:\s(?:to|with))?(?:\s(?:us|in|me))?(?:\s(?:today|about this|again))?(?:,?\s+(?-i:{_NAME}))?\s*[.!,–-]+\s*"
    r"|^\s*(?:i )?hope (?:this (?:message |e-?mail )?finds you well"
    r"|you(?:'re|’re| are) (?:well|doing well|having a \w+ day))\s*[.!,]+\s*",
    re.IGNORECASE,
)
_FORMAL = (
    r"(?:with )?(?:kind|kindest|warm|warmest|best|many)\s+(?:regards|wishes)|yours\s+(?:sincerely|faithfully|truly)"
)
_CLOSING = (
    rf"(?:{_FORMAL}|(?:with )?(?:kind|kindest|warm|warmest|best|many)\s+thanks|regards|best|cheers|warmly"
    r"|sincerely|faithfully|truly|thanks(?: again| in advance)?"
    r"|thank you(?: again| in advance)?|all the best|take care)"
)
_CLOSING_LINE = re.compile(rf"{_CLOSING}\s*[,.!–-]*", re.IGNORECASE)
_FORMAL_LINE = re.compile(rf"(?:{_FORMAL}|regards|all the best)\s*[,.!–-]*", re.IGNORECASE)
_SIGNATURE = re.compile(  # at the end of a line of other words: "please help. Kind regards, [NAME_1]"
    rf"(?<=[\s.!?,])(?:{_FORMAL})\b(?!\s+(?:to|for)\b)(?:[\s,.!–-]+[\w\[\]'’.-]{{1,30}}){{0,3}}[\s,.!–-]*\Z",
    re.IGNORECASE,
)
_COMPANY = rf"(?:,\s*|\s+[(]?){_NAME}(?:\s+(?:{_NAME}|&|and|of|the)){{0,4}}[)]?"  # after a name: "Priya (Hale & Co)"
_SIGN_OFF = re.compile(
    rf"(?<=[.!?\n])[^\S\n]*(?i:{_CLOSING})\s*[,.!–-]*\s*(?:{_NAME}(?:\s+{_NAME}){{0,2}}(?:\s?x+)?(?:{_COMPANY})?)?\s*$"
)
_TITLED = re.compile(rf"{_NAME}(?:\s+(?:{_NAME}|&|and|of|the)){{0,6}}")  # a line of nothing but names
_CONTACT = re.compile(r"@|https?:|www\.|\||\d{5}|\[(?:EMAIL|PHONE|NAME|URL|ADDRESS)_", re.IGNORECASE)
_SEPARATOR = re.compile(r"\n(?:--|__|—)[ \t]*\n.*\Z", re.DOTALL)
_DEVICE = re.compile(r"\n[^\S\n]*(?:sent from my|get outlook for)\b[^\n]{0,60}\s*\Z", re.IGNORECASE)
_INITIALS = re.compile(
    r"\s*(?:\^\s?[A-Za-z]{1,15}|(?<=\s)~\s?[A-Z][a-z]{1,14}|(?<![\w/])[*/~–—-]{1,2}\s?[A-Z]{2,3}|(?<=[.!?]\s)[–—-]\s?[A-Z][a-z]{1,14})"
    r"\.?(?=\s*(?:https?://\S+\s*)?$)"
)
_LAST_NAME = re.compile(rf"\n[^\S\n]*[–—-]{{0,2}}\s*{_NAME}(?:\s{_NAME})?\s*\Z")
_GONE = "\0"  # stands where a link was that says nothing to others
_POINTING = (  # what says no more than that there is one: "See \0 for details"
    r"(?:(?:please|just|also|and|or|but|so|you can|do|to|for)\s+)*(?:see|visit|go to|check(?: it)?(?: out)?|follow"
    r"|click|tap|read|(?:have|take) a look|(?:find|learn|read)(?: out)? more|(?:more|further) (?:info\w*|details?|help)"
    rf"|details?|info\w*|link|here)\b[^.!?:,\n{_GONE}]{{0,30}}:?[ \t]*(?:{_GONE}[ \t]*)+"
    rf"(?:(?:for|to)\b[^.!?,\n{_GONE}]{{0,30}})?"
)
_POINTS = re.compile(
    rf"(?:(?<=[.!?:\n])|^)[ \t]*{_POINTING}(?:[.!?]+|(?=\n)|$)|[,;–-][ \t]+{_POINTING}(?=[.!?\n]|$)"
    rf"|(?:[ \t]\b(?:at|on|via|from|under)\b)?[ \t]*{_GONE}",
    re.IGNORECASE,
)
_URL = re.compile(r"https?://[^\s<>\"')\]]+[^\s<>\"')\].,;:!?]")
_ARCHIVE = re.compile(r"^https?://web\.archive\.org/web/\d+/(?=https?://)")
_TRACKER_HOSTS = re.compile(
    r"^(?:t\.co|lnkd\.in|(?:click|clicks|link|links|track|tracking|trk|email)\..+|.+\.list-manage\.com)$"
)
_TRACKER_KEYS = re.compile(
    r"^(?:utm_\w+|fbclid|gclid|msclkid|mc_[ce]id|visit_id|_hs\w+|mkt_tok|trk|cid|rd|p)$", re.IGNORECASE
)


def clean_answer(text: str, agent: str = "") -> str:
    """What an agent wrote, without greeting, thanks for writing, signature, handles, initials and tracking.

    `agent` is the name that the agent signs with ("": not known).
    """
    whole = _plain(text)
    rest = _without_handles(_PART.sub("", whole), ())
    rest = _without_end(_without_introduction(_without_opening(rest), agent), agent)
    return _tidy(_without_tracking(_PART.sub("", rest))) or _tidy(whole)


def clean_question(text: str, accounts: Collection[str] = ()) -> str:
    """What a customer wrote, without greeting, signature, handles and tracking.

    `accounts` are public accounts (lower case, no "@"): they stay, as a word, since they name the product.
    """
    whole = _plain(text)
    rest = _without_handles(_PART.sub("", whole), accounts)
    rest = _without_sign_off(_DEVICE.sub("", _SEPARATOR.sub("", _GREETING.sub("", rest))))
    return _tidy(_without_tracking(rest)) or _tidy(whole)


def without_signature(text: str) -> str:
    """A message without a formal closing ("Kind regards,") and what follows it, if that is but names and ways to reach
    them; the whole where nothing else is said. A thank-you stays, since it may be all that is meant."""
    return _without_closing(text, _FORMAL_LINE, _SIGNATURE).rstrip() or text


def _plain(text: str) -> str:
    text = text.encode("utf-8", "ignore").decode()  # a lone surrogate can be neither stored nor shown
    return _INVISIBLE.sub("", html.unescape(text)).replace("\r\n", "\n").replace("\r", "\n").strip()


def _without_handles(text: str, accounts: Collection[str]) -> str:
    return _HANDLE.sub(lambda match: match[1] if match[1].lower() in accounts else "", text).strip()


def _without_opening(text: str) -> str:
    for pattern in (_GREETING, _ADDRESSED, _OPENER, _OPENER):
        shorter = pattern.sub("", text, count=1)
        if shorter != text and shorter:
            text = shorter[0].upper() + shorter[1:]
    return text


def _without_introduction(text: str, agent: str) -> str:
    """Without "Tom here." at the beginning."""
    if not agent:
        return text
    shorter = re.sub(
        rf"^(?:(?:it|this)(?: is|['’]s) )?(?:{_signed(agent)}) here\s*[,.!:;–—-]+\s*", "", text, flags=re.IGNORECASE
    )
    return shorter[:1].upper() + shorter[1:] if shorter else text


def _signed(agent: str) -> str:
    """A pattern of the ways in which an agent signs: with the whole name, or the first."""
    return "|".join(re.escape(part) for part in sorted({agent, agent.split(maxsplit=1)[0]}, key=len, reverse=True))


def _without_end(text: str, agent: str) -> str:
    text = _DEVICE.sub("", _SEPARATOR.sub("", text))
    text = _INITIALS.sub("", text)
    text = _without_sign_off(text)
    if agent:
        text = re.sub(rf"\n?[ \t]*(?<!\w)[–—-]{{0,2}}\s*(?:{_signed(agent)})(?:\s?x+)?[.!]?\s*\Z", "", text) or text
    return _LAST_NAME.sub("", text)


def _without_sign_off(text: str) -> str:
    return _without_closing(text, _CLOSING_LINE, _SIGN_OFF)


def _without_closing(text: str, closing: re.Pattern[str], sign_off: re.Pattern[str]) -> str:
    """Without a line that is a `closing` and what follows it, if that is but names and ways to reach them; else
    without a `sign_off` at the end of a line."""
    lines = text.split("\n")
    for place in range(len(lines) - 1, max(-1, len(lines) - 8), -1):
        if closing.fullmatch(lines[place].strip()):
            return "\n".join(lines[:place]).rstrip()
        line = lines[place].strip()
        short = len(line.split()) <= 4 and not line.endswith((".", "!", "?"))
        if not (short or _TITLED.fullmatch(line) or _CONTACT.search(line)):
            break
    return sign_off.sub("", text)


def _without_tracking(text: str) -> str:
    marked = _URL.sub(lambda match: _plain_link(match[0]), text)
    return _POINTS.sub("", marked) if _GONE in marked else marked


def _plain_link(url: str) -> str:
    """The link without what tracks; _GONE for one that is nothing else."""
    try:
        parts = urlsplit(_ARCHIVE.sub("", url))
    except ValueError:  # no address at all
        return _GONE
    if _TRACKER_HOSTS.match(parts.netloc.lower()):
        return _GONE
    kept = [
        (key, value) for key, value in parse_qsl(parts.query, keep_blank_values=True) if not _TRACKER_KEYS.match(key)
    ]
    changed = (
        parts._replace(query=urlencode(kept))
        if len(kept) < len(parse_qsl(parts.query, keep_blank_values=True))
        else parts
    )
    return urlunsplit(changed)


def _tidy(text: str) -> str:
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
