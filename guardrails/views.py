"""Other readings of a normalised text: decoded, digits joined, letters restored. For scanning only.

Each reading is a `View`, so what is found in it maps back to the original. Knows nothing of what is
looked for. A plain message has no other readings, and finding that out costs microseconds.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Iterator
from functools import cached_property

from stdnum import luhn
from stdnum.iso7064 import mod_97_10

from guardrails.decoding import decode
from guardrails.view import Edit, View

_DEPTH = 3
_MOST_VIEWS = 12
_MOST_READ = 5

_ONES = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
_TEENS = ["ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_NUMBER = {word: str(n) for n, word in enumerate([*_ONES, *_TEENS])} | {"oh": "0", "o": "0", "nought": "0", "nil": "0"}
_NUMBER |= {word: f"{n}0" for n, word in enumerate(_TENS, 2)}
_NUMBER |= {f"{ten} {one}": f"{n}{m}" for n, ten in enumerate(_TENS, 2) for m, one in enumerate(_ONES[1:], 1)}
_SAID = "|".join(
    word.replace(" ", r"[\s-]+") + r"\b" * (" " in word) for word in sorted(_NUMBER, key=len, reverse=True)
)
_SPOKEN_DIGIT = rf"(?:(?:double|triple|treble)[\s-]+)?(?:{_SAID}|\d)"
_SPOKEN = re.compile(
    rf"(?<!\w)(?:{_SPOKEN_DIGIT}(?:[\s,.\-]+{_SPOKEN_DIGIT}){{3,}}|\w{{0,10}}(?:{'|'.join(_ONES)}){{6,}})(?!\w)", re.I
)
_SPOKEN_ONE = re.compile(rf"(?:(double|triple|treble)[\s-]+)?({_SAID}|\d)", re.I)
_SPACED = re.compile(r"(?<![\w.,])\d(?:[\s.,\-_*|/~·•–—]{1,3}\d){5,}(?![\w])")
_ALTERNATING = re.compile(r"(?<!\S)[^\s.]([ .\-_*|/·])\S(?:\1\S){5,}(?!\S)")
_GAP = r"(?:[^\S\n]*(?:[\n_*|~·•–—\u2190-\u2bff\ufe0f\U0001f000-\U0001faff]|\)[^\S\n]*\()){1,6}[^\S\n]*"
_SPLIT = re.compile(rf"(?<![\w.,])\+?\d{{1,6}}(?:{_GAP}\d{{1,6}}){{1,8}}(?!\w)")
_LETTERED = re.compile(r"[OoIl]+(?=\d)|(?<=\d)[OoIl]+")
_LETTERED_RUN = re.compile(r"(?<!\w)(?=[\dOoIlSBgZ .\-]*\d)[\dOoIlSBgZ]+(?:[ .\-][\dOoIlSBgZ]+)*(?!\w)")
_LETTER_DIGIT = str.maketrans("OoIlSBgZ", "00115892")
_SHORTEST_RUN, _FEWEST_TRUE = 10, 4
_FEWEST_DIGITS = 5
_KEYCAP = "\ufe0f\u20e3"
_OTHER_LETTER, _SIGN = r"[\u0370-\u1dff\u1f00-\u1fff\u3005-\ud7ff\uf900-\ufaff]", "[A-Za-z0-9]"
_TOUCHING = re.compile(rf"(?P<before>(?<={_SIGN}))?{_OTHER_LETTER}(?P<after>(?={_SIGN}))?")
"""A letter of another script, and whether a Latin one or a digit touches it from either side."""
_CARD_LENGTH = re.compile(r"(?<![\w.,/-])\d(?:[ -]?\d){14,15}(?![\w/-]|[.,]\d)")
_IBAN_END = re.compile(r"(?<=\d)[ -]?\d[A-Za-z]{2}(?![A-Za-z0-9])")
_IBAN_LEAST, _IBAN_WRITTEN = 15, 44  # signs, and characters with those that part them
_BACKWARDS_EMAIL = re.compile(r"(?<!\w)(?:moc|ten|gro|ku\.oc|ed|rf|ei|ue)\.[\w.-]+@\w")
_AT = re.compile(
    r"\s*[\[({<]\s*(?:at|@)\s*[\])}>]\s*"
    r"|(?<=[A-Za-z0-9])\s+at\s+(?=[\w-]+(?:\s*[\[({]?\s*(?:dot|\.)\s*[\])}]?\s*[\w-]+)+)"
    r"|(?<=[A-Za-z0-9])\s?[-_]at[-_]\s?(?=[A-Za-z0-9-]+?\s?[-_]dot[-_])",
    re.IGNORECASE,
)
_PLACE = re.compile(  # "the page at shop.example" says where, not whose
    r"\b(?:pages?|sites?|websites?|shop|store|online|filters?|links?|forms?|portal|basket|checkout|order(?:s|ed)?|us|me"
    r"|it|them|look|see|find|found|visit|bought|buy|log(?:ged)? in|here|available|guide|section|tool)$",
    re.IGNORECASE,
)
_MAILBOX = re.compile(r"[\d._][\w-]*$|\b(?:e-?mail|mail|contact|reach|write|address|send|reply)\b[^.!?]{0,40}$", re.I)
_PROVIDER = re.compile(
    r"(?:g(?:oogle)?mail|yahoo|hotmail|outlook|live|icloud|aol|proton(?:mail)?|gmx|web|mail)\b", re.I
)
_DOT = re.compile(
    r"\s*[\[({<]\s*(?:dot|\.)\s*[\])}>]\s*|(?<=\w)\s+dot\s+(?=\w)|(?<=\w)\s*\[\.\]\s*(?=\w)"
    r"|(?<=[A-Za-z0-9])\s?[-_]dot[-_]\s?(?=[A-Za-z0-9])",
    re.I,
)
_SPACED_AT = re.compile(r"(?<=\w)\s+@\s+(?=\w)|(?<=\w)\s+@(?=\w)|(?<=\w)@\s+(?=\w+\.\w)")
_SPACED_DOT = re.compile(r"(?<=@)([\w-]{2,40})\s{0,2}[.,]\s{0,2}(?=(?:com?|net|org|uk|ie|eu|de|fr|io|me|info)\b)", re.I)
_DEFANGED = re.compile(r"\bhxxp(?=s?[:\[])|\[:\](?=//)|\[://\]", re.I)
_ADDRESSED = re.compile(r"@|\bat\b|\bdot\b|_at_|_dot_|[\[({<]\s?\.|hxxp", re.I)

_ENGLISH = re.compile(
    r"\b(?:the|you|your|and|all|me|my|to|of|is|are|for|in|now|kill|want|will|ignore|previous|instructions|prompt|rules"
    r"|reveal|password|show|give|customers?|system|print|repeat|tell|list|everything|above|before|keys?|forget|disregard"
    r"|pretend|enable|mode|developer|hidden|address|card|mail|phone|call)\b",
    re.IGNORECASE,
)
_LEET = str.maketrans("013457@$!|8", "oieastasiib")
_LEET_WORD = re.compile(r"(?<!\w)(?=[\w@$!|]*[A-Za-z])(?=[\w@$!|]*[0134578@$!|])[A-Za-z0134578@$!|]{2,}(?<![!|])(?!\w)")
_SPELT = re.compile(r"(?<!\w)[A-Za-z](?:[ .\-_*·]{1,2}[A-Za-z]){3,}(?!\w)")
_STRETCHED = re.compile(r"([a-zA-Z])\1{2,}")
_BROKEN = re.compile(r"(?<=[a-zA-Z])[*._\-~](?=[a-zA-Z])")


class Views:
    """The readings of one normalised text, made when first asked for."""

    def __init__(self, base: View, hidden: View | None = None) -> None:
        self.base = base
        self._hidden = hidden

    @cached_property
    def decoded(self) -> tuple[View, ...]:
        """What base64, hex, URL, HTML and backslash encodings hold, up to three deep, and invisible letters."""
        found: list[View] = [self._hidden] if self._hidden else []
        layer = [self.base]
        for _ in range(_DEPTH):
            layer = [new for view in layer for new in decode(view)][: _MOST_VIEWS - len(found)]
            found += layer
            if not layer:
                break
        return tuple(found)

    @property
    def plain(self) -> tuple[View, ...]:
        """The base and all that it hides."""
        return (self.base, *self.decoded)

    @cached_property
    def digits(self) -> tuple[View, ...]:
        """Readings of the plain views with numbers and addresses as they are meant: "four one", "at", "4-1-1"."""
        return tuple(view for plain in self.plain for view in _spoken(plain))

    @cached_property
    def letters(self) -> tuple[View, ...]:
        """The plain views, and readings with letters as they are meant: "1gn0re", "i g n o r e", "ignooore"."""
        plain = (*self.plain, *self.turned)
        return plain + tuple(view for one in plain for view in _lettered(one))

    @cached_property
    def leet(self) -> tuple[View, ...]:
        """The plain views, and readings with letters for the digits and marks that stand for them: "p4ssw0rd"."""
        return self.plain + tuple(view.edit(edits) for view in self.plain if (edits := list(_leet(view.text))))

    @cached_property
    def told(self) -> tuple[View, ...]:
        """The plain views without those that hold something encoded: what is said, and not how it is packed."""
        packed = [view for view in self.plain if next(decode(view), None)] if self.decoded else []
        return tuple(view for view in self.plain if view not in packed) or (self.base,)

    @cached_property
    def readable(self) -> tuple[View, ...]:
        """What is told, and the first few readings of its letters that say something else: for whom reading is dear."""
        views = (*self.told, *self.turned, *(new for view in (*self.told, *self.turned) for new in _lettered(view)))
        different: dict[str, View] = {}
        for view in views:
            different.setdefault(view.text.replace("-", ""), view)
        return tuple(different.values())[:_MOST_READ]

    @cached_property
    def turned(self) -> tuple[View, ...]:
        """The base read backwards, or shifted by thirteen letters, where that makes English of it."""
        if _ENGLISH.search(self.base.text):
            return ()
        rotated = View(codecs.decode(self.base.text, "rot13"), self.base.starts, self.base.ends)
        return tuple(view for view in (self.base.reverse(), rotated) if len(_ENGLISH.findall(view.text)) >= 2)


def _spoken(view: View) -> Iterator[View]:
    if not view.text.isascii():
        for made in (_other_digits, _gaps):
            if edits := list(made(view.text)):
                view = view.edit(edits)
                yield view
    yield from _numbers(view)
    yield from _from_behind(view)
    if _ADDRESSED.search(view.text):
        yield from _addresses(view)


def _numbers(view: View) -> Iterator[View]:
    text = view.text
    if _SPOKEN.search(text):
        yield view.edit((m.start(), m.end(), _say(m[0])) for m in _SPOKEN.finditer(text))
    for pattern in (_SPACED, _SPLIT):
        if pattern.search(text):
            yield view.edit((m.start(), m.end(), re.sub(r"[^\d+]", "", m[0])) for m in pattern.finditer(text))
    if _ALTERNATING.search(text):
        yield view.edit((m.start(), m.end(), m[0][::2]) for m in _ALTERNATING.finditer(text))
    if _LETTERED.search(text) and sum(map(str.isdigit, text)) >= _FEWEST_DIGITS:
        yield view.edit((m.start(), m.end(), m[0].translate(_LETTER_DIGIT)) for m in _LETTERED.finditer(text))
    if runs := [m for m in _LETTERED_RUN.finditer(text) if _is_number(m[0])]:
        yield view.edit((m.start(), m.end(), m[0].translate(_LETTER_DIGIT)) for m in runs)


def _gaps(text: str) -> Iterator[Edit]:
    """Yield letters of other scripts that a number touches with a space between."""
    for match in _TOUCHING.finditer(text):
        if match["before"] is not None or match["after"] is not None:
            gaps = [" " * (match[side] is not None) for side in ("before", "after")]
            yield match.start(), match.end(), match[0].join(gaps)


def _from_behind(view: View) -> Iterator[View]:
    text = view.text
    if _BACKWARDS_EMAIL.search(text):
        yield view.reverse()
    for turned in (list(_cards_backwards(text)), list(_ibans_backwards(text))):
        if turned:
            yield view.edit(turned)


def _cards_backwards(text: str) -> Iterator[Edit]:
    """Yield fifteen or sixteen digits that hold their check digit read from behind."""
    for match in _CARD_LENGTH.finditer(text):
        if luhn.is_valid(re.sub(r"\D", "", match[0])[::-1]):
            yield match.start(), match.end(), match[0][::-1]


def _ibans_backwards(text: str) -> Iterator[Edit]:
    """Yield letters and digits that are an IBAN, with its check digits, read from behind."""
    done = 0
    for match in _IBAN_END.finditer(text):
        signs = [at for at in range(max(done, match.end() - _IBAN_WRITTEN), match.end()) if text[at].isalnum()]
        turned = "".join(text[at] for at in reversed(signs))
        for length in range(_IBAN_LEAST, len(turned) + 1):
            if turned.isascii() and mod_97_10.is_valid(turned[4:length] + turned[:4]):
                first, done = signs[-length], match.end()
                yield first, done, text[first:done][::-1]
                break


def _is_number(run: str) -> bool:
    """Say whether digits and letters that look like some are meant as one long number."""
    signs = [char for char in run if char.isalnum()]
    return len(signs) >= _SHORTEST_RUN and not run.isdigit() and sum(map(str.isdigit, signs)) >= _FEWEST_TRUE


def _addresses(view: View) -> Iterator[View]:
    changed = view
    for pattern, new in ((_DEFANGED, "http"), (_AT, "@"), (_DOT, "."), (_SPACED_AT, "@")):
        changed = changed.edit(
            (m.start(), m.end(), "://" if m[0] in ("[://]",) else ":" if m[0] == "[:]" else new)
            for m in pattern.finditer(changed.text)
            if not (m[0].strip().lower() == "at" and _is_place(changed.text, m))
        )
    changed = changed.edit((m.end(1), m.end(), ".") for m in _SPACED_DOT.finditer(changed.text))
    if changed is not view:
        yield changed


def _is_place(text: str, match: re.Match[str]) -> bool:
    """Say whether "at" tells where something is: "the page at shop.example", "the lamp at shop.example"."""
    before = text[: match.start()]
    if _PLACE.search(before):
        return True
    spelt = re.match(r"[\w-]+\s*[\[({]?\s*dot\b|[\w-]+\s*[\[({]\.", text[match.end() :], re.IGNORECASE)
    return not (spelt or _MAILBOX.search(before) or _PROVIDER.match(text, match.end()))


def _other_digits(text: str) -> Iterator[Edit]:
    """Yield digits of other scripts, and circled or superscript ones, as ASCII; and what makes keys of digits."""
    for at, char in enumerate(text):
        if char in _KEYCAP:
            yield at, at + 1, ""
        elif not char.isascii() and (value := unicodedata.numeric(char, -1)) in range(10):
            yield at, at + 1, str(int(value))


def _say(words: str) -> str:
    out = []
    for times, word in _SPOKEN_ONE.findall(words):
        digit = _NUMBER.get(re.sub(r"[\s-]+", " ", word.lower()), word)
        out.append(digit * {"": 1, "double": 2, "triple": 3, "treble": 3}[times.lower()])
    return "".join(out)


def _lettered(view: View) -> Iterator[View]:
    text = view.text
    changed = view
    if not text.isascii() and (accents := list(_accents(text))):
        changed = view = changed.edit(accents)
        text = changed.text
        yield changed
    if _SPELT.search(text):
        changed = changed.edit((m.start(), m.end(), _join(m[0])) for m in _SPELT.finditer(text))
    if _BROKEN.search(changed.text):
        changed = changed.edit((m.start(), m.end(), "") for m in _BROKEN.finditer(changed.text))
    changed = changed.edit(_leet(changed.text))
    if _STRETCHED.search(changed.text):
        changed = changed.edit((m.start(), m.end(), m[1]) for m in _STRETCHED.finditer(changed.text))
    if changed is not view:
        yield changed


def _leet(text: str) -> Iterator[Edit]:
    for match in _LEET_WORD.finditer(text):
        yield match.start(), match.end(), match[0].translate(_LEET)


def _accents(text: str) -> Iterator[Edit]:
    """Yield Latin letters with marks as bare ones."""
    for at, char in enumerate(text):
        if not char.isascii() and (plain := unicodedata.normalize("NFD", char)[0]).isascii():
            yield at, at + 1, plain


def _join(spelt: str) -> str:
    """Return "i g n o r e  a l l" and "i.g.n.o.r.e a.l.l" as "ignore all".

    Where marks join the letters a space parts the words; where spaces do, two.
    """
    words = re.split(r" +" if re.search(r"[.\-_*·]", spelt) else r" {2}", spelt)
    return " ".join(re.sub(r"[ .\-_*·]", "", word) for word in words)
