"""What is put together of short texts for the injection head to learn."""

from training.guards.contrasts import read_contrasts
from training.guards.injection import LONGEST
from training.guards.long_texts import FRAMES, between_lines, requests_for_code

LETTER = (
    "Dear team, the lamp came on Monday. It flickers a lot, and the shade is torn. Can I have a new one? Yours, Ann"
)


def test_requests_for_code_differ_and_are_the_same_for_one_seed() -> None:
    made = list(requests_for_code(200, 0))
    assert made == list(requests_for_code(200, 0))
    assert len(set(made)) > 190
    assert all(len(text.split()) > 8 for text in made)
    assert max(len(text.split()) for text in made) > 50


def test_a_line_stands_whole_in_its_letter_where_training_does_not_cut_it_off() -> None:
    lines = [contrast.text for contrast in read_contrasts("injection", "train") if len(contrast.text) < 200]
    made = list(between_lines(lines, [LETTER * 9], "order", 300, 0))
    held = [next(line for line in lines if line in text) for text in made]
    assert all(text.index(line) + len(line) < LONGEST * 4 for text, line in zip(made, held, strict=True))
    assert len(set(held)) > 100


def test_orders_and_harmless_lines_share_most_of_their_frames() -> None:
    assert len(set(FRAMES["order"]) & set(FRAMES["line"])) >= 8
