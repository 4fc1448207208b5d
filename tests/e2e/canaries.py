"""Personal values that are planted through every door, and the search for them in what was written."""

from collections.abc import Iterable, Mapping
from pathlib import Path

CANARIES = {
    "e-mail": "quokka.zephyr91@example.org",
    "phone": "07700 900417",
    "card": "4929 1234 5678 9015",
    "Mastercard of the 2-series": "2223 0031 2200 3222",
    "IBAN": "GB33BUKB20201555555555",
    "national insurance": "QQ123456C",
    "password": "Xylophone!77kestrel",
    "IP address": "203.0.113.77",
    "API key": "sk-live-9f8e7d6c5b4a39281706f5e4d3c2b1a0",
    "name": "Thaddeus Quillfeather",
    "address": "27 Marchbank Crescent, Leeds LS6 3QT",
}
SENTENCES = {
    "e-mail": "please write to {} about my parcel",
    "phone": "call me on {} about the sofa",
    "card": "I paid with {} and want my refund",
    "Mastercard of the 2-series": "the card was {}",
    "IBAN": "send the money to {}",
    "national insurance": "my national insurance number is {}",
    "password": "my password is {} and it does not work",
    "IP address": "I connect from {}",
    "API key": "my api key is {}",
    "name": "my name is {} and my lamp flickers",
    "address": "please deliver it to {} on Monday",
}
PARTS = {"name": ("Thaddeus", "Quillfeather"), "address": ("Marchbank", "LS6 3QT")}  # of which each alone tells, too


def messages() -> list[str]:
    """One sentence for each value, in the form in which a customer would say it."""
    return [SENTENCES[kind].format(value) for kind, value in CANARIES.items()]


def traces(kind: str) -> set[bytes]:
    """How a value may lie about: as typed, without its separators, as an anchor or an address has it, in another
    encoding, or a part of it."""
    value = CANARIES[kind]
    forms = {value, value.replace(" ", ""), value.replace(" ", "-"), value.replace(" ", "%20"), *PARTS.get(kind, ())}
    forms |= {form.lower() for form in forms}
    return {form.encode(code) for form in forms for code in ("utf-8", "utf-16-le")}


def kinds_in(data: bytes) -> list[str]:
    """The kinds of the values of which `data` holds a trace."""
    return [kind for kind in CANARIES if any(trace in data for trace in traces(kind))]


def found_in(files: Iterable[Path]) -> Mapping[str, list[str]]:
    """The kinds whose traces lie in each file, by its name; files without any are left out."""
    return {path.name: kinds for path in files if path.is_file() and (kinds := kinds_in(path.read_bytes()))}
