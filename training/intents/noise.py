"""What hurried thumbs, old keyboards and speech recognition do to a message: for training, and to measure by.

Every noise keeps the meaning for a reader. All are rules over one text, repeatable by their seed; none knows a model.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from random import Random

import numpy as np

Noise = Callable[[str, Random], str]

WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
WORDS = 0.1  # of all words have a slip
LETTERS = 0.1  # of all letters, where typing is bad
SHORTEST = 4  # letters of a word that can be mistyped and still be read
SLANG = {
    "you": "u", "are": "r", "your": "ur", "you're": "ur", "to": "2", "for": "4", "please": "pls", "thanks": "thx",
    "thank you": "ty", "because": "cuz", "why": "y", "be": "b", "see": "c", "great": "gr8", "going to": "gonna",
    "want to": "wanna", "got to": "gotta", "don't know": "dunno", "do not know": "dunno", "people": "ppl",
    "message": "msg", "with": "w/", "without": "w/o", "about": "abt", "tomorrow": "tmrw", "today": "2day",
    "and": "n", "what": "wat", "though": "tho", "through": "thru", "right now": "rn", "as soon as possible": "asap",
    "before": "b4", "someone": "sum1", "really": "rly", "is not": "ain't", "isn't": "ain't", "account": "acct",
    "information": "info", "password": "pw", "number": "no", "payment": "pmt", "delivery": "delivry", "okay": "k",
    "how are you": "hru", "let me": "lemme", "give me": "gimme", "out of": "outta", "kind of": "kinda",
}  # fmt: skip
HEARD = {
    "their": "there", "there": "their", "you're": "your", "your": "you're", "it's": "its", "to": "too", "too": "to",
    "for": "four", "by": "buy", "buy": "by", "right": "write", "write": "right", "know": "no", "here": "hear",
    "mail": "male", "sale": "sail", "piece": "peace", "way": "weigh", "wait": "weight", "week": "weak", "new": "knew",
    "sent": "cent", "order": "odor", "fee": "fi", "would": "wood", "been": "bin", "one": "won", "paid": "payed",
    "cancel": "council", "whether": "weather", "then": "than", "than": "then", "refund": "re fund", "atm": "a t m",
    "pin": "pen", "app": "up", "where": "wear", "due": "do", "cash": "cache", "check": "cheque", "i'm": "im",
}  # fmt: skip
FILLERS = ("um", "uh", "er", "like", "you know", "so")


def typos(text: str, random: Random) -> str:
    """One slip in a tenth of the words, at least one where a word has four letters: a neighbouring key, a letter
    dropped or doubled, two letters swapped."""
    words = [match.span() for match in WORD.finditer(text)]
    places = [(start, end) for start, end in words if end - start >= SHORTEST]
    count = min(len(places), max(1, round(WORDS * len(words))))
    for start, end in sorted(random.sample(places, count), reverse=True):
        text = text[:start] + _slip(text[start:end], random) + text[end:]
    return text


def heavy_typos(text: str, random: Random) -> str:
    """One letter in ten wrong, wherever it stands; about four words in ten."""

    def typed(letter: str) -> str:
        slips = letter.isalpha() and random.random() < LETTERS
        return random.choice((_neighbour(letter, random), "", letter * 2)) if slips else letter

    return "".join(map(typed, text))


def spaces(text: str, random: Random) -> str:
    """Every fourth gap between words lost, at least one."""
    gaps = [match.start() for match in re.finditer(" ", text)]
    lost = set(random.sample(gaps, min(len(gaps), max(1, round(len(gaps) / 4)))))
    return "".join(letter for place, letter in enumerate(text) if place not in lost)


def casing(text: str, random: Random) -> str:
    """All capitals, none, or capitals anywhere."""
    anywhere = "".join(random.choice((letter, letter.swapcase())) for letter in text)
    return random.choice((text.upper(), text.lower(), anywhere))


def elongation(text: str, random: Random) -> str:
    """Two words drawn out, and the end stressed: "pleaaaase help meeee!!!"."""
    places = [match.span() for match in WORD.finditer(text)]
    for start, end in sorted(random.sample(places, min(len(places), 2)), reverse=True):
        word = text[start:end]
        vowels = [place for place, letter in enumerate(word) if letter.lower() in "aeiouy"] or [len(word) - 1]
        place = random.choice(vowels)
        text = text[:start] + word[:place] + word[place] * random.randint(3, 5) + word[place + 1 :] + text[end:]
    return text.rstrip("?!.") + random.choice(("!!!", "???", "......"))


def slang(text: str, random: Random) -> str:
    """Lower case, no marks, and every word that has a short form written in it."""
    return _replaced(re.sub(r"[.,!?;:]+", "", text.lower()), SLANG)


def speech(text: str, random: Random) -> str:
    """As a recogniser writes it: lower case, no marks, two words misheard at most, one filler."""
    words = re.sub(r"[^\w\s'’]+", " ", text.lower()).split()
    misheard = [place for place, word in enumerate(words) if word in HEARD]
    for place in random.sample(misheard, min(len(misheard), 2)):
        words[place] = HEARD[words[place]]
    words.insert(random.randint(0, len(words)), random.choice(FILLERS))
    return " ".join(words)


NOISES: Mapping[str, Noise] = {
    "typos": typos,
    "heavy typos": heavy_typos,
    "missing spaces": spaces,
    "casing": casing,
    "elongation": elongation,
    "slang": slang,
    "speech": speech,
}


def noisy(texts: Sequence[str], noise: Noise, seed: int) -> tuple[str, ...]:
    """Each text under the noise, by its own place and the seed; one that would be left empty stays as it was."""
    made = (noise(text, Random(f"{seed} {place}")).strip() or text for place, text in enumerate(texts))
    return tuple(made)


def noisy_share(texts: Sequence[str], share: float, seed: int) -> tuple[np.ndarray, tuple[str, ...]]:
    """(places of this share of the texts, these texts each under a noise of its own), to learn from beside the clean
    ones."""
    random = Random(seed)
    places = sorted(random.sample(range(len(texts)), round(share * len(texts))))
    kinds = list(NOISES.values())
    made = tuple(random.choice(kinds)(texts[place], random).strip() or texts[place] for place in places)
    return np.array(places, dtype=np.intp), made


def _slip(word: str, random: Random) -> str:
    place = random.randrange(1, len(word))  # the first letter is seldom wrong
    kind = random.randrange(4)
    if kind == 0:
        return word[:place] + _neighbour(word[place], random) + word[place + 1 :]
    if kind == 1:
        return word[:place] + word[place + 1 :]
    if kind == 2:
        return word[:place] + word[place] + word[place:]
    return word[: place - 1] + word[place] + word[place - 1] + word[place + 1 :]


def _neighbour(letter: str, random: Random) -> str:
    """A key beside this one; the letter itself where it stands on no such row."""
    for row in KEYS:
        place = row.find(letter.lower())
        if place >= 0:
            near = random.choice([row[i] for i in (place - 1, place + 1) if 0 <= i < len(row)])
            return near.upper() if letter.isupper() else near
    return letter


def _replaced(text: str, table: Mapping[str, str]) -> str:
    longest_first = sorted(table, key=len, reverse=True)
    pattern = r"(?<![\w'’])(?:" + "|".join(map(re.escape, longest_first)) + r")(?![\w'’])"
    return re.sub(pattern, lambda match: table[match.group()], text)
