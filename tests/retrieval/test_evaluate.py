"""Retrieval measured on questions whose right document is known."""

import json
from pathlib import Path

import numpy as np
import pytest

from retrieval.errors import SourceError
from retrieval.evaluate import Ranking, evaluate_retrieval
from retrieval.protocols import Case, Split, conversation_splits, faq_splits

FAQ = """question,answer
Where is my parcel?,The carrier shows it.
How do I send a chair back?,Print the label.
Do you ship to France?,"Yes, in five days."
Can I pay later?,No.
"""
ASKED = """question_1,question_2,similar
Where is my parcel?,parcel has not come where is it,1
How do I send a chair back?,send back this chair,1
Do you ship to France?,is france shipped to,1
Can I pay later?,pay later please,1
Can I pay later?,where is my chair,0
An entry that there is not,something,1
"""


@pytest.fixture
def faq(tmp_path: Path) -> tuple[Path, Path]:
    for name, text in (("faq.csv", FAQ), ("asked.csv", ASKED)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path / "faq.csv", tmp_path / "asked.csv"


def conversations(path: Path, count: int) -> Path:
    path.write_text(json.dumps([
        {
            "agentURL": {"doc_id": str(n % 3), "tweet_ID": str(n), "url_utterance": f"Please read page {n % 3}"},
            "dialogContent": [{"client": f"c{n}", "datetime": "2020-04-01", "message": f"thing {n % 3} broke {n}"}],
        }
        for n in range(count)
    ]))  # fmt: skip
    return path


def test_each_conversation_is_held_out_in_one_part_and_searched_in_the_others(tmp_path: Path) -> None:
    splits = conversation_splits(conversations(tmp_path / "talks.json", 13), 5, range(5))
    assert [len(split.asked) for split in splits] == [2, 2, 2, 2, 5]
    assert len({case.question for split in splits for case in split.asked}) == 13
    for split in splits:
        assert len(split.past) + len(split.asked) == 13
        assert not set(split.past) & set(split.asked)
    assert {ticket.intent for ticket in splits[0].lessons()} <= {"0", "1", "2"}


OURS = {"id": 1, "turns": [{"role": "customer", "text": "it broke"}, {"role": "agent", "text": "Turn it off and on."}]}


@pytest.mark.parametrize(
    "content",
    ["", "[]", "[3]", '{"a": 1}', "text,label\nit broke,broken\n", json.dumps([OURS]), json.dumps(OURS) + "\n{}\n"],
    ids=["empty", "no conversation", "a number", "another object", "a table", "no document", "lines"],
)
def test_a_file_of_which_no_ticket_can_be_used_is_told(tmp_path: Path, content: str) -> None:
    file = tmp_path / "talks.json"
    file.write_text(content)
    with pytest.raises(SourceError, match=r"talks\.json holds 0 conversations.*too few for 5 parts: give another file"):
        conversation_splits(file, 5, [0])


def test_parts_that_would_be_empty_are_told(faq: tuple[Path, Path], tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"holds 4 conversations .*, too few for 5 parts"):
        conversation_splits(conversations(tmp_path / "talks.json", 4), 5, [0])
    with pytest.raises(SourceError, match=r"asked\.csv holds 4 entries that are asked for, too few for 5 parts"):
        faq_splits(*faq, 5, [0])


def test_all_entries_of_an_faq_are_searched_and_only_the_other_parts_questions_taught(faq: tuple[Path, Path]) -> None:
    first, second = faq_splits(*faq, 2, (0, 1))
    assert len(first.asked) == len(second.asked) == 2
    assert first.taught == second.asked
    assert second.taught == first.asked
    assert [case.document for case in first.past] == [case.question for case in first.past]
    assert len(first.past) == 4
    assert len(first.lessons()) == 6


def test_an_faq_whose_entries_nobody_asks_for_is_refused(faq: tuple[Path, Path], tmp_path: Path) -> None:
    other = tmp_path / "other.csv"
    other.write_text("text,question\nhello,An entry that there is not\n")
    with pytest.raises(SourceError, match="asks for no entry"):
        faq_splits(faq[0], other, 2, [0])
    other.write_text("text,wanted\nhello,Can I pay later?\n")
    with pytest.raises(SourceError, match="needs the columns text and question"):
        faq_splits(faq[0], other, 2, [0])


def test_a_report_compares_words_the_plain_encoder_and_ours(encoder, faq: tuple[Path, Path]) -> None:
    report = evaluate_retrieval(faq_splits(*faq, 2, (0, 1)), encoder, {"tuned": [encoder, encoder]})
    assert [ranking.name for ranking in report.rankings] == ["bm25", "untuned encoder", "handrail", "tuned"]
    assert (report.questions, report.tickets, report.ceiling) == (4, 4, 1.0)
    assert report.rankings[1].recall(1).mean >= 0.75
    assert np.array_equal(report.rankings[2].before, report.rankings[3].before)
    assert json.loads(json.dumps(report.to_dict()))["handrail"]["recall_at_10"]["mean"] == 1.0


def test_a_document_that_no_ticket_has_is_not_found_and_lowers_the_ceiling(encoder) -> None:
    past = (Case("lamp flickers", "Turn it.", "a"), Case("lamp flickers", "Turn it.", "a"))
    asked = (Case("lamp flickers", "", "a"), Case("lamp is dark", "", "b"))
    report = evaluate_retrieval([Split(asked, past)], encoder)
    assert report.ceiling == 0.5
    assert all(ranking.before.tolist() == [0, np.inf] for ranking in report.rankings)


def test_gains_are_of_the_same_questions() -> None:
    plain, ours = Ranking("plain", np.array([0, 5, 9, np.inf])), Ranking("ours", np.array([0, 0, 9, np.inf]))
    assert ours.gain(1, plain).mean == 0.25
    assert ours.gain(1, ours) == plain.gain(1, plain)
    assert plain.mrr().mean == pytest.approx((1 + 1 / 6 + 1 / 10) / 4)
