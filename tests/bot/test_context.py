"""A message is weighed in the light of the topic before it."""

import pytest

from bot.context import Context
from models.intent import Intent

ALONE = Intent("payment", 0.9, (("refund", 0.05),), oos_score=0.05, words=((0, 3, 0.9),))
PLAIN = Intent("payment", 0.99, oos_score=0.01)
FOREIGN = Intent("payment", 0.2, (("refund", 0.1),), in_scope=False, oos_score=0.96)
TOGETHER = Intent("refund", 0.99, (("payment", 0.01),), oos_score=0.01, words=((4, 8, 0.7),))


def refund(*, near: float = 0.2, follow_ups: tuple[str, ...] = (), points_back: bool = False, own: int = 0) -> Context:
    return Context("refund", follow_ups, points_back, own, lambda label: near if label == "refund" else 0.0)


def test_a_message_stays_with_the_topic_where_it_points_back_and_the_answer_speaks_of_it() -> None:
    intent = refund(near=0.4, points_back=True).weigh(ALONE, TOGETHER)
    assert intent.label == "refund"
    assert intent.words == TOGETHER.words


def test_a_message_with_words_of_its_own_speaks_for_itself() -> None:
    intent = refund(near=0.0, own=4).weigh(ALONE, TOGETHER)
    assert (intent.label, intent.words) == ("payment", ALONE.words)


@pytest.mark.parametrize(
    ("more", "less"),
    [
        (refund(points_back=True), refund()),
        (refund(near=0.5), refund(near=0.1)),
        (refund(own=0), refund(own=3)),
        (refund(), refund(follow_ups=("payment",))),  # what usually comes next needs less to be read
    ],
)
def test_each_sign_of_the_topic_makes_it_likelier(more: Context, less: Context) -> None:
    assert chance("refund", more.weigh(ALONE, TOGETHER)) > chance("refund", less.weigh(ALONE, TOGETHER))


def test_what_is_foreign_alone_belongs_to_the_topic_where_both_together_make_sense() -> None:
    assert refund().weigh(FOREIGN, TOGETHER).label == "refund"
    apart = refund(near=0.0, own=4).weigh(FOREIGN, Intent("refund", 0.4, (), in_scope=False, oos_score=0.9))
    assert not apart.in_scope


def test_chances_are_chances_of_all_that_may_be_meant_and_of_nothing() -> None:
    intent = refund(follow_ups=("exchange",)).weigh(ALONE, TOGETHER)
    every = [intent.confidence, *(chance for _, chance in intent.alternatives), intent.oos_score]
    assert sum(every) == pytest.approx(1)
    assert "exchange" in dict(intent.alternatives)


@pytest.mark.parametrize(("near", "own"), [(near / 10, own) for near in range(-1, 10) for own in range(6)])
def test_only_where_the_reading_together_may_decide_it_is_asked_for(near: float, own: int) -> None:
    context = refund(near=near, own=own)
    if context.settles(ALONE):
        read = {context.weigh(ALONE, other).label for other in (None, TOGETHER, Intent("payment", 1.0))}
        assert len(read) == 1


@pytest.mark.parametrize(
    ("alone", "near", "more", "apart"),
    [
        (PLAIN, {"payment": 0.5, "refund": 0.4}, {}, True),
        (PLAIN, {"payment": 0.38, "refund": 0.4}, {}, True),
        (PLAIN, {"payment": 0.2, "refund": 0.4}, {}, False),
        (PLAIN, {"payment": 0.5, "refund": 0.4}, {"points_back": True}, False),
        (PLAIN, {"payment": 0.5, "refund": 0.4}, {"follow_ups": ("payment",)}, False),
        (ALONE, {"payment": 0.5, "refund": 0.4}, {}, False),
    ],
)
def test_a_plain_question_stands_apart_from_the_topic_where_its_own_answer_comes_as_near(
    alone: Intent, near: dict[str, float], more: dict, apart: bool
) -> None:
    assert Context("refund", near=near.__getitem__, **more).stands_apart(alone) is apart


def chance(label: str, intent: Intent) -> float:
    return dict([(intent.label, intent.confidence), *intent.alternatives]).get(label, 0.0)
