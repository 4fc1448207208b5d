"""Text that arrives in pieces, let out as soon as nothing that is still to come can change it.

What is let out depends on the text alone and never on where it was cut. A stretch is let out at the end of a sentence,
when `REACH` further characters have been seen and nothing that is redacted reaches across that end; it is screened with
as much text before it and after it. So at most a sentence and `REACH` characters are held back.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from guardrails.screening import Screened
from guardrails.verdict import Action, Finding, Span, Verdict

REACH = 200
"""Characters that must be known on both sides of a boundary: a card number in words takes about 100."""
LEAST = 60
"""Fewest characters that are worth a screening of their own."""
FAR = 600
"""Characters without the end of a sentence after which the end of a word will do."""

_SENTENCE = re.compile(r"[.!?\u2026\u3002]+[\"'\u2019\u201d)\]]*\s+(?=\S)|\n\s*(?=\S)")
_WORD = re.compile(r"\s+(?=\S)")
_LINE_BEFORE = re.compile(r"(?<![\w+/=-])[A-Za-z0-9+/_-]{12,}\r?\n$")
_LINE_AFTER = re.compile(r"[A-Za-z0-9+/_-]{2,}={0,2}[ \t\r]*(?:\n|$)")
_BEGIN, _END = "-----BEGIN ", "-----END "


class Stream:
    """One text on its way out (or in), piece by piece. Not to be shared between threads."""

    def __init__(self, screen: Callable[[str], Screened], limit: int) -> None:
        """`screen` screens one window; past `limit` characters in all the stream stops."""
        self._screen, self._limit = screen, limit
        self._text = ""
        self._done = 0  # up to here the text has been let out
        self._tried = 0  # boundaries up to here did not hold
        self._out: list[str] = []
        self._findings: dict[Finding, None] = {}
        self._action = Action.ALLOW
        self._message: str | None = None
        self._timings: dict[str, float] = {}

    @property
    def held(self) -> int:
        """How many characters have come and are neither let out nor redacted yet."""
        return len(self._text) - self._done

    @property
    def stopped(self) -> bool:
        """Whether the policy lets no more out: it asks, escalates or refuses."""
        return not self._action.passes

    @property
    def verdict(self) -> Verdict:
        """The verdict on what has been screened so far; its text is what was let out, its spans count in the whole."""
        return Verdict(self._action, "".join(self._out), tuple(self._findings), self._message, dict(self._timings))

    def push(self, piece: str) -> str:
        """Take the next piece; return what may be let out now, often nothing. A stopped stream returns nothing."""
        if self.stopped:
            return ""
        self._text += piece
        let_out = ""
        while not self.stopped and (boundary := self._boundary()):
            let_out += self._pass(boundary, boundary + REACH)
        if len(self._text) > self._limit and not self.stopped:
            self._note(self._screen(self._text).verdict, 0, 0, len(self._text))
        return let_out

    def close(self) -> str:
        """Return what is left to let out. Call it once, when no more will come."""
        return "" if self.stopped or self._done == len(self._text) else self._pass(len(self._text), len(self._text))

    def _boundary(self) -> int | None:
        """Return the next place to cut of which enough is known, None when there is none yet."""
        begin, last = max(self._done + LEAST, self._tried + 1), min(len(self._text), self._limit) - REACH
        if begin > last:
            return None
        far = self._done + FAR
        sentence = next(_SENTENCE.finditer(self._text, begin - 1, min(last, far) + 1), None)
        if sentence or last < far:
            return sentence.end() if sentence else None
        word = next(_WORD.finditer(self._text, max(begin, far) - 1, last + 1), None)
        return word.end() if word else None

    def _pass(self, boundary: int, seen: int) -> str:
        start = self._opening()
        window = self._text[start:seen]
        if not window.strip():
            return self._let_out(window[self._done - start : boundary - start], boundary)
        screened = self._screen(window)
        at = boundary - start
        if boundary < len(self._text) and (self._is_open(boundary) or _crosses(screened, at)):
            self._tried = boundary
            return ""
        self._note(screened.verdict, start, self._done, boundary)
        if self.stopped:
            return ""
        first, last = screened.safe.locate(Span(self._done - start, at, ""))
        return self._let_out(screened.safe.text[first:last], boundary)

    def _opening(self) -> int:
        """Return where the window begins: at a word, `REACH` characters or less before what is to be let out."""
        wanted = self._done - REACH
        if wanted <= 0:
            return 0
        found = _WORD.search(self._text, wanted, self._done)
        return found.end() if found else self._done

    def _is_open(self, boundary: int) -> bool:
        """Say whether a private key, or base64 in lines, has begun before the boundary and not ended."""
        begun = self._text.rfind(_BEGIN, 0, boundary)
        if begun >= 0 and self._text.find(_END, begun, boundary) < 0:
            return True
        before = self._text[max(self._done, boundary - REACH) : boundary]
        return bool(_LINE_BEFORE.search(before) and _LINE_AFTER.match(self._text[boundary : boundary + REACH]))

    def _note(self, verdict: Verdict, start: int, done: int, boundary: int) -> None:
        for finding in verdict.findings:
            spans = tuple(Span(s.start + start, s.end + start, s.label) for s in finding.spans)
            if not spans or any(span.start < boundary and done < span.end for span in spans):
                self._findings[replace(finding, spans=spans)] = None
        for guard, taken in verdict.timings.items():
            self._timings[guard] = self._timings.get(guard, 0.0) + taken
        if verdict.message and (self._message is None or verdict.action > self._action):
            self._message = verdict.message
        self._action = max(self._action, verdict.action)

    def _let_out(self, text: str, boundary: int) -> str:
        self._done = self._tried = boundary
        self._out.append(text)
        return text


def _crosses(screened: Screened, at: int) -> bool:
    """Say whether something that is replaced reaches across `at`."""
    first, last = screened.safe.locate(Span(at, at, ""))
    spans = (s for f in screened.verdict.findings if f.action and f.action.changes for s in f.spans)
    return first < last or any(span.start < at < span.end for span in spans)
