"""Tags of words become stretches of text, chosen together."""

import numpy as np
import pytest

from models.runtime import Reading
from models.tagging import best_path, tagged
from models.tokens import WordPieces
from models.trunk import Trunk

LABELS = ("O", "B-ADDRESS", "I-ADDRESS", "B-NAME", "I-NAME")
SURE = {label: [9.0 if label == other else 0.0 for other in LABELS] for label in LABELS}


def test_a_word_that_is_unsure_goes_with_the_stretch_about_it() -> None:
    unsure = [1.0, 0.0, 0.8, 1.2, 0.0]
    path = best_path(np.array([SURE["O"], SURE["B-ADDRESS"], unsure, SURE["I-ADDRESS"], SURE["O"]]), LABELS)
    assert [LABELS[tag] for tag in path] == ["O", "B-ADDRESS", "I-ADDRESS", "I-ADDRESS", "O"]


def test_a_stretch_begins_with_its_first_word() -> None:
    path = best_path(np.array([SURE["I-NAME"], SURE["I-NAME"]]), LABELS)
    assert not LABELS[path[0]].startswith("I-")


def test_pieces_of_a_word_stay_together_and_neighbours_of_two_kinds_are_two_stretches() -> None:
    tags = np.array([SURE["B-NAME"], SURE["O"], SURE["I-NAME"], SURE["B-ADDRESS"], SURE["O"]])
    offsets = ((0, 3), (3, 5), (6, 9), (10, 12), (13, 16))
    reading = Reading(offsets, (0, 0, 1, 2, 3), {}, {}, tags={"pii": tags})
    found = tagged("Jo9an Mo 12 High", reading, "pii", LABELS)
    assert [(tag.start, tag.end, tag.kind) for tag in found] == [(0, 9, "NAME"), (10, 12, "ADDRESS")]
    assert all(tag.score > 0.99 for tag in found)
    assert tagged("Jo9an Mo 12 High", reading, "pii", LABELS, lean=dict.fromkeys(("NAME", "ADDRESS"), -30.0)) == []


@pytest.mark.parametrize(
    ("text", "named", "told"),
    [
        ("sarah-louise called", "sarah", ["sarah-louise"]),
        ("it is 82353-9121 or 7/3 .", "82353 7", ["82353-9121", "7/3"]),
        ("the oslo-based firm", "based", []),
        ("ann - bo and bo", "ann", ["ann"]),
        ("from ann- no", "ann", ["ann"]),
        ("-ann", "ann", ["ann"]),
    ],
)
def test_what_hangs_together_by_a_hyphen_or_a_slash_is_one_word_and_has_the_tag_of_its_first(
    trunk: Trunk, text: str, named: str, told: list[str]
) -> None:
    tokens = WordPieces(trunk.tokenizer)(text)
    begins = {text.index(word) for word in named.split()}
    tags = np.array([SURE["B-NAME" if start in begins else "O"] for start, _ in tokens.offsets])
    reading = Reading(tokens.offsets, tokens.words, {}, {}, tags={"pii": tags})
    assert [text[tag.start : tag.end] for tag in tagged(text, reading, "pii", LABELS)] == told


@pytest.mark.parametrize(
    ("text", "tags", "told"),
    [
        ("is ann lee in", "OBBO", ["ann lee"]),
        ("ann\nlee", "BB", ["ann", "lee"]),
        ("ann / lee", "BII", ["ann", "lee"]),
        ("is lee , or", "OBIO", ["lee"]),
        ("is - lee ! in", "OBIIO", ["lee"]),
        ("ann - lee", "BII", ["ann - lee"]),
        ("ann j. in", "BIIO", ["ann j."]),
        ("is / in", "OBO", []),
    ],
)
def test_names_side_by_side_are_one_and_marks_that_stand_alone_are_none(
    trunk: Trunk, text: str, tags: str, told: list[str]
) -> None:
    tokens = WordPieces(trunk.tokenizer)(text)
    logits = np.array([SURE["O" if tag == "O" else f"{tag}-NAME"] for tag in tags])
    reading = Reading(tokens.offsets, tokens.words, {}, {}, tags={"pii": logits})
    assert [text[tag.start : tag.end] for tag in tagged(text, reading, "pii", LABELS)] == told


def test_a_text_without_words_has_no_stretch() -> None:
    assert tagged("", Reading((), (), {}, {}, tags={"pii": np.zeros((0, 5))}), "pii", LABELS) == []
