"""How long the guardrails take by themselves, and how they bear strings that nobody would write."""

from __future__ import annotations

import random
import time
from base64 import b64encode
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import quote

import numpy as np

from benchmarks.figures import Latency, resident_mb
from guardrails.policy import FAILED
from guardrails.screen import Screen
from models.tokens import WordPieces

Progress = Callable[[int], object]


@dataclass(frozen=True, slots=True)
class ScreenReport:
    """Milliseconds of whole screenings, in each direction, and in processor time on the way in; `guards_p50_ms` the
    median of each inbound guard ("model" is the trunk, which they share; the time of a branch is its guard's);
    `stream_ms` what a piece of four characters adds to a streamed draft, `held` how many characters it holds back in
    the median."""

    n: int
    tokens: int
    inbound: Latency
    inbound_processor: Latency
    outbound: Latency
    guards_p50_ms: dict[str, float]
    stream_ms: Latency
    held: int
    rss_mb: float | None

    def to_dict(self) -> dict[str, Any]:
        """A plain dictionary, for JSON."""
        return asdict(self)

    def rows(self) -> list[tuple[str, str]]:
        """The figures as the rows of a table."""
        return [
            (f"inbound, {self.tokens} tokens, p50 / p95 / p99 ms", _shown(self.inbound)),
            ("  processor time", _shown(self.inbound_processor)),
            ("outbound", _shown(self.outbound)),
            *((f"  {guard}, p50 ms", f"{ms:.3f}") for guard, ms in self.guards_p50_ms.items()),
            ("stream, per piece of 4 characters", _shown(self.stream_ms)),
            ("stream, characters held back, median", str(self.held)),
            ("memory of this process, MB", "unknown" if self.rss_mb is None else f"{self.rss_mb:.0f}"),
            ("screenings", str(self.n)),
        ]


@dataclass(frozen=True, slots=True)
class FuzzReport:
    """What became of fuzzed strings. `raised` counts screenings that raised, `failed` guards that did, by name;
    `over_200_ms` and `over_1_s` count processor time, which other work on the machine does not stretch."""

    n: int
    raised: int
    failed: dict[str, int]
    over_200_ms: int
    over_1_s: int
    slowest_ms: float
    slowest_kind: str
    processor: Latency

    def to_dict(self) -> dict[str, Any]:
        """A plain dictionary, for JSON."""
        return asdict(self)

    def rows(self) -> list[tuple[str, str]]:
        """The figures as the rows of a table."""
        return [
            ("strings", str(self.n)),
            ("screenings that raised", str(self.raised)),
            ("guards that failed", ", ".join(f"{name} {count}" for name, count in self.failed.items()) or "none"),
            ("over 200 ms / over 1 s", f"{self.over_200_ms} / {self.over_1_s}"),
            ("slowest, ms", f"{self.slowest_ms:.1f} ({self.slowest_kind})"),
            ("processor time, p50 / p95 / p99 ms", _shown(self.processor)),
        ]


def of_length(messages: Sequence[str], pieces: WordPieces, tokens: int) -> list[str]:
    """Return distinct texts of exactly `tokens` word pieces, cut at words from the messages strung together."""
    texts, words = [], " ".join(messages).split()
    at = 0
    while at < len(words):
        end = at + 1
        while end < len(words) and len(pieces(" ".join(words[at:end])).ids) < tokens:
            end += 1
        text = " ".join(words[at:end])
        if len(pieces(text).ids) == tokens:
            texts.append(text)
        at = end
    return list(dict.fromkeys(texts))


def measure(screen: Screen, texts: Sequence[str], n: int, tokens: int, warm: int = 30) -> ScreenReport:
    """Time `n` screenings each way over `texts` in order, after `warm` that are not counted. Raises ValueError for
    no texts."""
    if not texts:
        raise ValueError(f"no text of {tokens} tokens could be made of the messages")
    inbound, processor, outbound, steps, pieces, held = [], [], [], dict[str, list[float]](), list[float](), list[int]()
    for number in range(-warm, n):
        text = texts[number % len(texts)]
        wall, spent = time.perf_counter(), time.process_time()
        verdict = screen.screen(text).verdict
        spent, wall = time.process_time() - spent, time.perf_counter() - wall
        begin = time.perf_counter()
        screen.screen(text, "out", (text,))
        if number < 0:
            continue
        outbound.append((time.perf_counter() - begin) * 1e3)
        inbound.append(wall * 1e3)
        processor.append(spent * 1e3)
        for guard, ms in verdict.timings.items():
            steps.setdefault(guard, []).append(ms)
    for piece_ms, characters in _streamed(screen, texts, n):
        pieces.append(piece_ms)
        held.append(characters)
    return ScreenReport(
        n=n, tokens=tokens, inbound=Latency.of(inbound), inbound_processor=Latency.of(processor),
        outbound=Latency.of(outbound),
        guards_p50_ms={guard: round(float(np.median(times)), 4) for guard, times in steps.items()},
        stream_ms=Latency.of(pieces), held=int(np.median(held)), rss_mb=resident_mb(),
    )  # fmt: skip


def fuzz(
    screen: Screen, messages: Sequence[str], n: int, *, seed: int = 0, progress: Progress = lambda done: None
) -> FuzzReport:
    """Screen `n` strings, the same for the same seed, in both directions by turns."""
    raised, failed, times = 0, Counter[str](), []
    slowest = (0.0, "")
    for number, (kind, text) in enumerate(strings(messages, n, seed)):
        begin = time.process_time()
        try:
            verdict = screen.screen(text, "out" if number % 4 == 3 else "in").verdict
            failed.update(finding.guard for finding in verdict.findings if finding.label == FAILED)
        except Exception:  # what is counted here is what must never happen
            raised += 1
        times.append((time.process_time() - begin) * 1e3)
        slowest = max(slowest, (times[-1], kind))
        progress(1)
    return FuzzReport(
        n=n, raised=raised, failed=dict(failed), over_200_ms=sum(ms > 200 for ms in times),
        over_1_s=sum(ms > 1000 for ms in times), slowest_ms=slowest[0], slowest_kind=slowest[1],
        processor=Latency.of(times),
    )  # fmt: skip


def strings(messages: Sequence[str], n: int, seed: int) -> Iterator[tuple[str, str]]:
    """Yield `n` strings with the kind of each: messages bent out of shape, and noise."""
    dice = random.Random(seed)
    kinds = [*_KINDS.items()]
    for _ in range(n):
        name, make = dice.choice(kinds)
        yield name, make(dice, dice.choice(messages))


def _noise(dice: random.Random, _: str) -> str:
    return "".join(chr(dice.choice((dice.randrange(0x80), dice.randrange(0x3000), dice.randrange(0x110000))))
                   for _ in range(dice.randrange(80)))  # fmt: skip


def _ascii(dice: random.Random, _: str) -> str:
    return "".join(chr(dice.randrange(32, 127)) for _ in range(dice.randrange(160)))


def _broken(dice: random.Random, text: str) -> str:
    letters = list(text)
    for _ in range(dice.randrange(1, 12)):
        letters.insert(dice.randrange(len(letters) + 1), dice.choice(_SPECIALS))
    return "".join(letters)


def _encoded(dice: random.Random, text: str) -> str:
    for _ in range(dice.randrange(1, 4)):
        kind = dice.randrange(4)
        raw = text.encode("utf-8", "replace")
        text = [b64encode(raw).decode(), quote(text), raw.hex(), "".join(f"&#{ord(c)};" for c in text)][kind][:3000]
    return text


def _repeated(dice: random.Random, text: str) -> str:
    unit = dice.choice((*_SPECIALS, text[: dice.randrange(1, 12)], "<a ", "a@", "1 ", "my name is ", "4 1-"))
    repeated: str = unit * dice.randrange(1, 1500)
    return repeated[: dice.choice((60, 60, 200, 200, 900, 4200))]


def _digits(dice: random.Random, text: str) -> str:
    marks = " -./\n,_*"
    digits = "".join(f"{dice.randrange(10)}{dice.choice(marks) if dice.random() < 0.4 else ''}" for _ in range(40))
    return text[: dice.randrange(40)] + digits[: dice.randrange(5, 70)]


def _joined(dice: random.Random, text: str) -> str:
    return dice.choice(("", " ", "\n", ". ")).join([text] * dice.randrange(1, 8))


_SPECIALS = (
    *"\x00\ud800\udfff\u200b\u200d\u202e\ufe0f\u0301\u0336\U000e0041\n\t<>[]{}()&%@#$\\/'\"|~^*_-=+0１四٣",
    "[EMAIL_1]", "<script>", "%41", "&#x41;", "\\u0041", "http://", "-----BEGIN PRIVATE KEY-----", "👨‍👩‍👧", "a.b.c.d",
)  # fmt: skip
_KINDS: dict[str, Callable[[random.Random, str], str]] = {
    "noise": _noise, "ascii": _ascii, "broken": _broken, "encoded": _encoded, "repeated": _repeated,
    "digits": _digits, "joined": _joined,
}  # fmt: skip


def _streamed(screen: Screen, texts: Sequence[str], n: int, piece: int = 4) -> Iterator[tuple[float, int]]:
    """Yield for each piece of a long draft the milliseconds that it took and the characters then held back."""
    draft = ". ".join(texts[: max(2, min(len(texts), n // 10, 24))])
    stream = screen.stream("out", (draft,))
    for at in range(0, len(draft), piece):
        begin = time.perf_counter()
        stream.push(draft[at : at + piece])
        yield (time.perf_counter() - begin) * 1e3, stream.held
    begin = time.perf_counter()
    stream.close()
    yield (time.perf_counter() - begin) * 1e3, 0


def _shown(latency: Latency) -> str:
    return f"{latency.p50_ms:.2f} / {latency.p95_ms:.2f} / {latency.p99_ms:.2f}"
