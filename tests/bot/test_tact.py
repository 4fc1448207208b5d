"""How a draft is put so that it fits the moment."""

from dataclasses import replace

import pytest

from bot import phrases
from bot.dialogue import Dialogue, Move, mark
from bot.draft import Draft
from bot.mood import Mood
from bot.tact import PERSON, news, sentences_of, tactful
from bot.turn import Kind, Option, Reply, Source, Turn
from guardrails.verdict import Action, Verdict

ANSWER = (
    'I am sorry about that. Parcels take 3 days. Furniture takes two weeks, and "My orders" shows the day. '
    "If it is late, call us."
)
SOURCE = Source("intent", "delivery_time", "how long delivery takes")
DRAFT = Draft(Reply(Kind.ANSWER, ANSWER, (SOURCE,), (Option("Cost", "Cost"),)), "sure", (ANSWER,), ANSWER, (ANSWER,))


def turn(text: str = "how long?", told: tuple[str, ...] = (), **changes: object) -> Turn:
    dialogue = changes.pop("dialogue", Dialogue(told=tuple(map(mark, told)), question="how long?"))
    return Turn("c", inbound=Verdict(Action.ALLOW, text), dialogue=dialogue, **changes)  # type: ignore[arg-type]


def put(draft: Draft, turn: Turn) -> Draft:
    return tactful(draft, turn, hours="every day", courtesies=("thanks",))


def test_what_was_not_said_before_is_said_as_it_is() -> None:
    assert put(DRAFT, turn()) == DRAFT


def test_the_same_answer_is_given_shorter_with_a_person_offered() -> None:
    said = put(DRAFT, turn(told=(ANSWER,)))
    assert said.reply.text.startswith("In short: ")
    assert said.reply.text.endswith(phrases.OFFER_AGAIN)
    assert len(said.told) == 1
    assert said.told[0] in ANSWER
    assert said.reply.options[0] == PERSON
    assert said.evidence == (ANSWER, ANSWER, phrases.AGAIN, phrases.ONCE_MORE, phrases.UNHELPED, phrases.OFFER_AGAIN)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("how long?", ("Parcels take 3 days.",)),  # the first when in doubt
        ("parcels?", ("Parcels take 3 days.",)),
        (
            "parcels and furniture?",
            ("Parcels take 3 days.", 'Furniture takes two weeks, and "My orders" shows the day.'),
        ),
        ("what if they come late, whom do I call?", ("Parcels take 3 days.", "If it is late, call us.")),
    ],
)
def test_the_sentences_that_say_most_about_the_question_are_chosen(text: str, told: tuple[str, ...]) -> None:
    assert put(DRAFT, turn(text, told=(ANSWER,))).told == told


@pytest.mark.parametrize(
    ("text", "move", "alike"),
    [
        ("how long?", Move.ASKS, 0.0),  # the same words
        ("so when is it here?", Move.ASKS, 0.6),  # others, to the same effect
        ("what do you mean?", Move.REPHRASES, 0.0),
        ("LL-123456", Move.FILLS, 0.0),  # details that were named before
    ],
)
def test_what_is_asked_again_is_told_shorter_with_a_person_offered_and_then_by_a_person(
    text: str, move: Move, alike: float
) -> None:
    near = lambda text, sentences: [alike * (sentence == "how long?") for sentence in sentences]  # noqa: E731
    told, said = [ANSWER], []
    for _ in range(3):
        draft = tactful(DRAFT, turn(text, tuple(told), move=move), hours="every day", courtesies=(), near=near)
        told += draft.told
        said.append(draft.reply)
    assert [reply.kind for reply in said] == [Kind.ANSWER, Kind.HANDOFF, Kind.HANDOFF]
    assert said[0].text.startswith("In short") is (not alike)  # others may ask for more than that
    assert phrases.OFFER_AGAIN in said[0].text
    assert [reply.text for reply in said[1:]] == [
        form.format(hours="every day") for form in (phrases.TOLD_ALL, phrases.CALLED)
    ]


def test_who_asks_anew_what_a_person_can_only_say_once_more_gets_one() -> None:
    told = (ANSWER, "Parcels take 3 days.")
    near = lambda text, sentences: [float(sentence == "Parcels take 3 days.") for sentence in sentences]  # noqa: E731
    said = tactful(DRAFT, turn("and when?", told, move=Move.ASKS), hours="every day", courtesies=(), near=near)
    assert said.reply.text == phrases.TOLD_ALL.format(hours="every day")


@pytest.mark.parametrize(("wanted", "form"), [("", phrases.STILL_UNCLEAR), ("order", phrases.STILL_NEEDED)])
def test_a_question_is_not_asked_twice_in_the_same_words(wanted: str, form: str) -> None:
    draft = Draft(Reply(Kind.QUESTION, "Which one?", options=(PERSON,)), "unsure", wanted=wanted)
    first = put(draft, turn("eh"))
    assert first.reply == draft.reply
    assert put(draft, turn("eh", told=first.told)).reply.text == form.format(question="Which one?")


def test_a_thank_you_may_be_answered_for_ever() -> None:
    text = "You are welcome. Just write here."
    draft = Draft(Reply(Kind.ANSWER, text, (Source("intent", "thanks", "t"),)), "sure", (text,), text, (text,))
    assert put(draft, turn(told=(text,))).reply.text == "You are welcome."
    assert put(draft, turn(told=(text, "You are welcome."))).reply.text == text


def test_who_has_been_passed_on_is_not_passed_on_in_the_same_words_and_details_are_noted() -> None:
    draft = Draft(Reply(Kind.HANDOFF, "I pass you on."), "asked for a person", told=("I pass you on.",))
    assert put(draft, turn(told=("I pass you on.",))).reply.text == phrases.CALLED.format(hours="every day")
    noted = put(draft, turn(move=Move.FILLS, named={"order": "LL-123456"}))
    assert noted.reply.text == phrases.NOTED.format(details="LL-123456")
    given_up = replace(draft, reason="the bot could not find an answer", told=())
    assert put(given_up, turn(move=Move.FILLS, named={"order": "LL-123456"})).reply.text == "I pass you on."


@pytest.mark.parametrize(
    ("frustration", "mood", "offered", "kind", "ends"),
    [
        (0.0, Mood(), (), Kind.ANSWER, ANSWER),
        (0.3, Mood(-0.8), (), Kind.ANSWER, phrases.OFFER),
        (0.3, Mood(0.8), (), Kind.ANSWER, ANSWER),
        (0.0, Mood(0, 0.9), (), Kind.ANSWER, phrases.OFFER_URGENT),
        (0.9, Mood(-0.8), (), Kind.ANSWER, phrases.OFFER),  # offered before it is called
        (0.9, Mood(-0.8), (phrases.PERSON,), Kind.HANDOFF, phrases.HANDOFF_UPSET.format(hours="every day")),
    ],
)
def test_a_person_is_offered_where_it_presses_and_called_where_patience_is_gone(
    frustration: float, mood: Mood, offered: tuple[str, ...], kind: Kind, ends: str
) -> None:
    said = put(DRAFT, turn(mood=mood, dialogue=Dialogue(frustration=frustration, offered=offered)))
    assert said.reply.kind is kind
    assert said.reply.text.startswith(ANSWER)
    assert said.reply.text.endswith(ends)
    assert all(text in said.reply.text for text in said.evidence)
    assert (PERSON in said.reply.options) == (ends in (phrases.OFFER, phrases.OFFER_URGENT))


def test_a_question_to_who_has_had_enough_becomes_a_person() -> None:
    draft = Draft(Reply(Kind.QUESTION, "Which?"), "unsure")
    upset = turn(mood=Mood(-0.8), dialogue=Dialogue(frustration=0.9, offered=(phrases.PERSON,)))
    assert put(draft, upset).reply.kind is Kind.HANDOFF
    assert put(replace(draft, reply=Reply(Kind.REFUSAL, "No.")), upset).reply.kind is Kind.REFUSAL


@pytest.mark.parametrize(
    ("nearest", "told", "kind"),
    [
        ("If it is late, call us.", (ANSWER,), Kind.ANSWER),
        ("Parcels take 3 days.", (ANSWER,), Kind.ANSWER),
        ("Parcels take 3 days.", (ANSWER, "Parcels take 3 days."), Kind.ANSWER),  # once more
    ],
)
def test_who_asks_on_gets_the_nearest_sentence_and_never_one_that_is_beside_the_point(
    nearest: str, told: tuple[str, ...], kind: Kind
) -> None:
    asks_on = turn("and what with mine?", told=told, move=Move.CONTINUES, asked="and what with mine?\nhow long?")
    near = lambda text, sentences: [float(sentence == nearest) for sentence in sentences]  # noqa: E731
    said = tactful(DRAFT, asks_on, hours="every day", courtesies=(), near=near)
    assert said.reply.kind is kind
    assert (nearest in said.reply.text) is (kind is Kind.ANSWER)
    assert "sorry" not in said.reply.text
    assert not said.reply.text.startswith("In short")


def test_a_sentence_that_is_asked_for_again_is_told_once_more_before_a_person_is_called() -> None:
    near = lambda text, sentences: [float(sentence.startswith("Parcels")) for sentence in sentences]  # noqa: E731
    told, texts = [ANSWER], []
    for _ in range(4):
        asks_on = turn(
            "and what with mine?", told=tuple(told), move=Move.CONTINUES, asked="and what with mine?\nhow long?"
        )
        said = tactful(DRAFT, asks_on, hours="every day", courtesies=(), near=near)
        told += said.told
        texts.append(said.reply.text.splitlines()[0])
    assert texts == [
        "Parcels take 3 days.",
        "Once more: Parcels take 3 days.",
        *(form.format(hours="every day") for form in (phrases.TOLD_ALL, phrases.CALLED)),
    ]


def test_a_yes_is_one_sentence_with_what_it_says_yes_to() -> None:
    assert sentences_of("Yes. We take the old one. It costs £25.") == ["Yes. We take the old one.", "It costs £25."]


def test_a_shorter_answer_has_the_wording_of_its_sentences_so_that_it_is_cleared_once_for_all_values() -> None:
    text, form = "Order LL-1 is late. Call us.", "Order ORDER is late. Call us."
    draft = Draft(Reply(Kind.ANSWER, text, (SOURCE,)), "sure", (text,), form, (text,))
    said = put(draft, turn(told=(text,)))
    assert said.reply.text == f"In short: Order LL-1 is late.\n\n{phrases.OFFER_AGAIN}"
    assert said.wording == f"In short: Order ORDER is late.\n\n{phrases.OFFER_AGAIN}"


def test_who_asks_for_a_person_beside_a_question_gets_the_answer_and_a_person() -> None:
    draft = put(DRAFT, turn("how long? and please pass me to a human agent"))
    assert draft.reply.kind is Kind.HANDOFF
    assert draft.reply.text == f"{ANSWER}\n\n{phrases.HANDOFF_ASKED.format(hours='every day')}"


@pytest.mark.parametrize(
    ("answer", "told", "kind", "says"),
    [
        (ANSWER, (), Kind.ANSWER, phrases.UNHELPED.format(answer="If it is late, call us.")),  # the way out it names
        ("Parcels take 3 days. They do.", (), Kind.QUESTION, phrases.UNHELPED_OFFER),
        (ANSWER, ("Parcels take 3 days.",), Kind.HANDOFF, phrases.TOLD_ALL),  # told twice
        (ANSWER, (phrases.UNHELPED,), Kind.HANDOFF, phrases.TOLD_ALL),
    ],
)
def test_who_was_not_helped_is_told_the_way_out_and_then_gets_a_person(
    answer: str, told: tuple[str, ...], kind: Kind, says: str
) -> None:
    draft = Draft(Reply(Kind.ANSWER, answer, (SOURCE,)), "sure", (answer,), answer, (answer,))
    said = put(draft, turn("I did that already", (answer, *told), move=Move.DOUBTS))
    assert (said.reply.kind, said.reply.text.split("\n\n")[0]) == (kind, says.format(hours="every day"))


def test_who_asks_nothing_is_not_told_the_same_once_more() -> None:
    told = (ANSWER, *sentences_of(ANSWER))
    grumbles = turn("well, good for you", told, move=Move.CONTINUES, asked="well, good for you\nhow long?")
    assert put(DRAFT, grumbles).reply.kind is Kind.HANDOFF


@pytest.mark.parametrize(
    ("text", "before", "new"),
    [
        ("So it is. Order X is late. Call us.", "So it is. It is late. Call us.", "Order X is late."),
        ("I am sorry that X is late. Call us.", "I am sorry that it is late. Call us.", "Call us."),
    ],
)
def test_what_is_new_in_an_answer_is_no_regret(text: str, before: str, new: str) -> None:
    assert news(text, before) == new


@pytest.mark.parametrize(
    ("move", "topics", "shorter"),
    [
        (Move.ASKS, ("delivery_time",), True),
        (Move.CONTINUES, ("delivery_time",), True),
        (Move.CORRECTS, ("delivery_time",), False),  # what was wrong is said anew
        (Move.ASKS, ("delivery_time", "refund"), False),  # it was not talked about last
    ],
)
def test_an_answer_with_other_details_is_the_same_answer(move: Move, topics: tuple[str, ...], shorter: bool) -> None:
    other = turn("and to Leeds?", ("Parcels to York take 3 days.",), move=move, asked="and to Leeds?\nto York?")
    said = put(DRAFT, replace(other, dialogue=replace(other.dialogue, topics=topics)))
    assert (phrases.OFFER_AGAIN in said.reply.text) is shorter
