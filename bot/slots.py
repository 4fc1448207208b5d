"""Details that customers name: found in a redacted message, carried on, and forgotten when they have grown old.

Order numbers and products come from the shop's own pattern and catalogue, the rest from patterns of English. What is
personal stands here as its placeholder only.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

LASTING = ("order", "email")  # what is true of the whole conversation; the rest belongs to what is being talked about
TURNS_KEPT = 4

_MONTH = r"(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]{0,6}"
_DAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_LENGTH = r"(?:cm|mm|m|metres?|inch(?:es)?|ft|feet|tog|litres?)"
_COLOURS = (
    r"black|white|grey|gray|red|blue|navy|green|yellow|mustard|orange|pink|purple|brown|cream|beige|oak|walnut|charcoal"
)
_PATTERNS = {
    "email": (r"\[EMAIL_\d{1,4}\]",),
    "date": (
        r"\b\d{1,2}/\d{1,2}(?:/\d{2,4})?\b",
        r"\b\d{1,2}\.\d{1,2}\.\d{2,4}\b",
        rf"\b\d{{1,2}}(?:st|nd|rd|th)?(?: of)? {_MONTH}\b",
        rf"\b{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?\b",
        rf"\b(?:(?:next|this|last) )?{_DAY}\b",
        r"\b(?:today|tomorrow|yesterday|(?:next|this|last) (?:week|weekend|month))\b",
    ),
    "amount": (
        r"(?:£|€|\$|\bgbp )\s?\d+(?:,\d{3})*(?:\.\d\d)?",
        r"\b\d+(?:,\d{3})*(?:\.\d\d)? ?(?:pounds|quid|gbp|euros?)\b",
    ),
    "size": (
        rf"\b\d+(?:[.,]\d+)? ?{_LENGTH}\b(?: ?(?:x|by) ?\d+(?: ?{_LENGTH}\b)?)?",
        rf"\b\d+ ?x ?\d+(?: ?{_LENGTH}\b)?",
        r"\b(?:(?:super[- ]?)?king|queen|small double|double|single)[- ]sized?\b",
        r"\bsize [\w/]{1,4}\b",
        r"\b(?:super[- ]king|small double|extra large|extra small)\b",
    ),
    "colour": (rf"\b(?:(?:dark|light|pale) )?(?:{_COLOURS})\b",),
}


_ANOTHER = re.compile(
    r"(?P<new>\b(?:plac|mak|start)(?:e|ed|ing)? (?:an? |my )?)?"
    r"\b(?:other|another|different|second|2nd|third|3rd) (?:(?P<slot>order|e-?mail)\b"
    r"|one (?:that )?i(?:['’]ve| have)? (?:ordered|placed|bought)\b)",
    re.IGNORECASE,
)  # "my other order"; to place one is another matter


@dataclass(frozen=True, slots=True)
class Slot:
    """A detail's value, and how many turns ago it was named."""

    value: str
    age: int = 0


class Slots:
    """Finds the details in redacted messages."""

    def __init__(self, order_pattern: str = "", products: tuple[str, ...] = ()) -> None:
        patterns = {name: "|".join(forms) for name, forms in _PATTERNS.items()}
        if products:
            longest_first = sorted(products, key=len, reverse=True)
            patterns = {"product": rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)", **patterns}
        if order_pattern:
            patterns = {"order": rf"(?<!\w)(?:{order_pattern})(?!\w)", **patterns}
        self._patterns = {name: re.compile(pattern, re.IGNORECASE) for name, pattern in patterns.items()}

    def find(self, text: str) -> dict[str, str]:
        """The details that this message names, the last mention of each."""
        found = {name: [hit[0] for hit in pattern.finditer(text)] for name, pattern in self._patterns.items()}
        return {name: hits[-1].upper() if name == "order" else hits[-1] for name, hits in found.items() if hits}

    @staticmethod
    def others(text: str) -> frozenset[str]:
        """The lasting details of which a message says that it means another: "track my other order"."""
        hits = [hit for hit in _ANOTHER.finditer(text) if not hit["new"]]
        return frozenset((hit["slot"] or "order").casefold().replace("-", "") for hit in hits)

    def beside(self, text: str) -> str:
        """What a message says beside its details."""
        for pattern in self._patterns.values():
            text = pattern.sub(" ", text)
        return text


def carried(earlier: Mapping[str, Slot], found: Mapping[str, str]) -> dict[str, Slot]:
    """The details that hold from now on: those just named, and the earlier ones that are not too old."""
    older = {name: Slot(slot.value, slot.age + 1) for name, slot in earlier.items()}
    kept = {name: slot for name, slot in older.items() if name in LASTING or slot.age <= TURNS_KEPT}
    return {**kept, **{name: Slot(value) for name, value in found.items()}}
