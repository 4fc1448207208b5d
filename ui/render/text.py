"""Text to HTML: escaped words, a little Markdown, marked words, and placeholders that explain themselves."""

import re
from collections.abc import Iterable, Iterator
from html import escape

PLACEHOLDER = re.compile(r"\[([A-Z][A-Z_]*?)_(\d+)\]")
NAMES = {
    "ADDRESS": "address",
    "CARD": "card number",
    "EMAIL": "e-mail address",
    "IBAN": "bank account",
    "ID": "identity number",
    "IP": "network address",
    "NAME": "name",
    "PHONE": "phone number",
    "SECRET": "secret",
    "URL": "link",
}
TIP = "Removed before anything was stored. We keep only that a detail of this kind was here."

_INLINE = re.compile(
    r"\*\*(?P<bold>[^*\n]+)\*\*"
    r"|\[(?P<label>[^\]\n]+)\]\((?P<href>(?:https?://|mailto:)[^\s)]+)\)"
    r"|(?P<bare>https?://[^\s<>\"]+[^\s<>\".,;:!?)\]])"
    r"|(?P<placeholder>\[[A-Z][A-Z_]*?_\d+\])"
)
_BULLET = re.compile(r"\s*[-*•]\s+")
_NUMBER = re.compile(r"\s*\d{1,2}[.)]\s+")


def plain(text: str) -> str:
    """Escaped text with placeholders softly marked."""
    return "".join(_chips(text))


def prose(text: str) -> str:
    """Paragraphs, lists, bold and links of an answer, as HTML. Nothing else of Markdown, and no HTML, passes."""
    blocks = (block.strip("\n") for block in re.split(r"\n\s*\n", text.strip()))
    return "".join(_block(block) for block in blocks if block.strip())


def marked(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """Escaped text with `spans` (half-open, in code points) as mark elements.

    Spans may overlap and stand in any order; one that touches a placeholder takes in all of it; what lies
    outside the text is left out.
    """
    out, at = [], 0
    for start, end in _merged(text, spans):
        out += [plain(text[at:start]), "<mark>", plain(text[start:end]), "</mark>"]
        at = end
    return "".join([*out, plain(text[at:])])


def count(number: int, one: str, many: str = "") -> str:
    """`1 turn`, `2 turns`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _chips(text: str) -> Iterator[str]:
    at = 0
    for found in PLACEHOLDER.finditer(text):
        yield escape(text[at : found.start()])
        yield _chip(found[1], int(found[2]))
        at = found.end()
    yield escape(text[at:])


def _chip(kind: str, number: int) -> str:
    name = NAMES.get(kind, kind.replace("_", " ").lower())
    shown = name if number == 1 else f"{name} {number}"
    return (
        f'<span class="placeholder" tabindex="0" role="note" data-placeholder="{kind}_{number}" '
        f'data-tip="{TIP}" aria-label="{shown}. {TIP}">{shown}</span>'
    )


def _merged(text: str, spans: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    whole = [(m.start(), m.end()) for m in PLACEHOLDER.finditer(text)]
    wanted = []
    for start, end in spans:
        touched = [(left, right) for left, right in whole if start < right and left < end]
        span = (
            max(0, min([start, *(left for left, _ in touched)])),
            min(len(text), max([end, *(right for _, right in touched)])),
        )
        if span[0] < span[1]:
            wanted.append(span)
    current: tuple[int, int] | None = None
    for start, end in sorted(wanted):
        if current and start <= current[1]:
            current = current[0], max(current[1], end)
            continue
        if current:
            yield current
        current = start, end
    if current:
        yield current


def _block(block: str) -> str:
    lines = block.split("\n")
    for pattern, tag in ((_BULLET, "ul"), (_NUMBER, "ol")):
        first = next((i for i, line in enumerate(lines) if pattern.match(line)), None)
        if first is not None and all(pattern.match(line) for line in lines[first:]):
            items = "".join(f"<li>{_inline(pattern.sub('', line, count=1))}</li>" for line in lines[first:])
            head = _block("\n".join(lines[:first])) if first else ""
            return f"{head}<{tag}>{items}</{tag}>"
    return "<p>" + "<br>".join(_inline(line) for line in lines) + "</p>"


def _inline(line: str) -> str:
    out, at = [], 0
    for found in _INLINE.finditer(line):
        out.append(escape(line[at : found.start()]))
        if found["bold"]:
            out.append(f"<strong>{plain(found['bold'])}</strong>")
        elif found["placeholder"]:
            out.append(plain(found["placeholder"]))
        else:
            href, label = found["href"] or found["bare"], found["label"] or found["bare"]
            out.append(f'<a href="{escape(href)}" target="_blank" rel="noopener noreferrer">{escape(label)}</a>')
        at = found.end()
    return "".join([*out, escape(line[at:])])


def upper(text: str) -> str:
    """With a capital to begin."""
    return text[:1].upper() + text[1:]


def initials(name: str) -> str:
    """The first letters of a name's first two words: `Larch & Loom` gives `LL`. Escaped."""
    words = re.findall(r"[^\W_][^\s.]*", name)
    return escape("".join(word[0] for word in words[:2]).upper())
