from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.trunk import Trunk
from training.dataset import Examples
from training.intents.noise import NOISES, noisy
from training.intents.robustness import CLEAN, evaluate_robustness

TEXT = "Where is my parcel? Please tell me what you're going to do about it."


@pytest.mark.parametrize("name", NOISES)
def test_each_noise_changes_a_text_and_is_repeatable(name: str) -> None:
    first, second = (noisy([TEXT] * 5, NOISES[name], seed=3) for _ in range(2))
    assert first == second
    assert all(text != TEXT for text in first)


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("slang", "Please tell me what you are going to do.", "pls tell me wat u r gonna do"),
        ("slang", "THANK YOU, right now!", "ty rn"),
        ("missing spaces", "a b", "ab"),
        ("typos", "a is it", "a is it"),
    ],
)
def test_what_a_noise_makes_of_a_text(name: str, text: str, expected: str) -> None:
    assert NOISES[name](text, Random(0)) == expected


def test_a_tenth_of_the_words_is_mistyped() -> None:
    text = " ".join(["parcel"] * 30)
    assert sum(word != "parcel" for word in NOISES["typos"](text, Random(1)).split()) == 3


def test_speech_has_no_marks_and_a_filler() -> None:
    heard = NOISES["speech"]("My card, it's due: now!", Random(0))
    assert not set(heard) & set(",:!")
    assert len(heard.split()) >= 6


@given(st.text(max_size=60), st.sampled_from(sorted(NOISES)), st.integers(0, 5))
def test_no_text_is_left_empty_or_breaks_a_noise(text: str, name: str, seed: int) -> None:
    (made,) = noisy([text], NOISES[name], seed)
    assert made or not text.strip()


@pytest.mark.train
def test_a_model_is_measured_under_every_noise(tmp_path: Path, trunk: Trunk, trained: Path, examples: Examples) -> None:
    report = evaluate_robustness(trained, examples, cache=tmp_path, trunk=trunk, quiet=True)
    assert list(report.shares) == [CLEAN, *NOISES]
    assert {share.of for share in report.shares.values()} == {int(examples.in_scope.sum())}
    assert report.lost(CLEAN) == 0
    noise, share, lost = list(report.rows())[1]
    assert noise == "typos"
    assert report.to_dict()["noises"]["typos"]["points_lost"] == pytest.approx(lost, abs=0.06)
    assert " of 36" in share
