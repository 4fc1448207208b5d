from collections.abc import Sequence

import pytest

from training.dataset import Examples
from training.intents.changes import changes, with_changes

SINGLES = [("where is my order", "status"), ("refund please", "refund"), ("do you deliver to Mars", "oos")]
PAIR = ("and when\nrefund please", "refund")
LONG = (" ".join(["well"] * 20), "status")


def examples(*rows: tuple[str, str]) -> Examples:
    return Examples(tuple(text for text, _ in rows), tuple(label for _, label in rows))


def test_a_change_keeps_its_label_and_follows_a_question_in_scope_about_something_else() -> None:
    every = examples(*SINGLES, PAIR, LONG)
    labels = dict(zip(every.texts, every.labels, strict=True))
    for seed in range(20):
        made = changes(every, 10, seed)
        for text, label in zip(made.texts, made.labels, strict=True):
            said, before = text.split("\n")
            assert labels[said] == label
            assert labels[before] not in (label, "oos")
            assert said != LONG[0]


def test_a_message_out_of_scope_is_no_question_but_may_follow_one() -> None:
    made = changes(examples(SINGLES[0], SINGLES[2]), 10)
    assert [*zip(made.texts, made.labels, strict=True)] == [("do you deliver to Mars\nwhere is my order", "oos")]


@pytest.mark.parametrize(
    ("rows", "added"), [([], 0), (SINGLES, 0), ([SINGLES[0]], 0), ([*SINGLES, PAIR], 1), ([PAIR], 0)]
)
def test_as_many_changes_are_added_as_messages_stand_with_a_question(
    rows: Sequence[tuple[str, str]], added: int
) -> None:
    every = examples(*rows)
    assert len(with_changes(every)) == len(every) + added


def test_the_same_seed_makes_the_same_changes() -> None:
    every = examples(*SINGLES, *[(f"{word} lamp", word) for word in "abcdefgh"])
    assert changes(every, 5, 3) == changes(every, 5, 3)
    assert changes(every, 5, 3) != changes(every, 5, 4)
