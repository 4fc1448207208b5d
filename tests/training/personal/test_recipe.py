"""Texts with personal data: made, read, turned into tags and back, measured."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from guardrails.verdict import Span
from models.folder import ModelFolder
from models.runtime import Reading, Runtime
from models.tagging import tagged
from models.tokens import WordPieces
from models.trunk import Trunk
from training.errors import TrainingError
from training.personal.messages import KINDS, Marked, messages, seeds, stories
from training.personal.ner_sets import sentences, tidied, turns
from training.personal.personas import HELD_OUT, TRAIN, cities, countries, towns
from training.personal.press import PRINTED, Press
from training.personal.recast import recast
from training.personal.recipe import LABELS, TASK, pii_corpus, targets_of, train_pii
from training.personal.spans import span_report
from training.personal.world import ORDINARY, World, world

UNTAGGED = -100


@pytest.mark.train
@pytest.mark.parametrize("part", ["train", "dev", "news", "headlines", "scores", "held_out", "stories"])
def test_messages_know_where_their_personal_data_stands(part: str) -> None:
    people = Press(HELD_OUT[:3], 1)
    said = ["Where is my order?"]
    for message in stories(150, people, said) if part == "stories" else messages(part, 150, people):
        ends = [0, *(span.end for span in message.spans)]
        assert all(before <= span.start < span.end for before, span in zip(ends, message.spans, strict=False))
        assert {span.label for span in message.spans} <= set(KINDS)
        assert "{" not in message.text


@pytest.mark.train
def test_messages_are_repeatable_and_differ_by_seed() -> None:
    one, same, other = (list(messages("train", 20, World(TRAIN[:3], seed))) for seed in (1, 1, 2))
    assert one == same != other


@pytest.mark.train
def test_messages_are_the_same_in_every_process() -> None:
    made = (
        "from training.personal.world import World; people = World(('it_IT', 'en_GB', 'tr_TR'), 1);"
        "print([people.draw(kind) for kind in ('PLACE', 'ADDRESS', 'FULL', 'ORG') * 60])"
    )
    one, other = (
        subprocess.run(
            [sys.executable, "-c", made],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    )
    assert one == other != b""


def test_what_measures_never_teaches() -> None:
    assert not set(TRAIN) & set(HELD_OUT)
    taught, *others = (set(seeds()[part]) for part in ("train", "dev", "held_out"))
    assert not any(taught & other for other in others)


@pytest.mark.train
def test_what_measures_is_drawn_from_other_locales_alone() -> None:
    alone = World(HELD_OUT[:3], 1, share=0.0)
    names = {alone.draw("LAST") for _ in range(200)} - set(world()["family"])
    assert len(names) > 100
    listed = World(HELD_OUT[:3], 1, share=1.0)
    assert {listed.draw("LAST") for _ in range(50)} <= set(world()["family"])


@pytest.mark.train
@pytest.mark.parametrize("kind", sorted(ORDINARY))
def test_a_value_that_is_nobodys_is_left_unmarked(kind: str) -> None:
    drawn = World(TRAIN[:2], 3).draw(kind)
    assert drawn.strip() == drawn != ""


@pytest.mark.train
@pytest.mark.parametrize("kind", sorted({*PRINTED, "LAST", "ORG", "CLUB", "CLUBTOWN", "COUNTRY", "CITY", "TOWN"}))
def test_what_is_printed_is_drawn_anew_each_time(kind: str) -> None:
    press = Press(TRAIN[:2], 3)
    drawn = {press.draw(kind) for _ in range(80)}
    assert len(drawn) > 5
    assert all(value.strip() == value != "" for value in drawn)


@pytest.mark.train
def test_some_towns_and_names_are_coined_for_texts_that_teach_and_none_for_those_that_choose() -> None:
    taught, chosen = Press(TRAIN[:2], 3), World(TRAIN[:2], 3, share=0.0)
    known = {*towns(), *cities(), *countries()}
    assert any(taught.draw("TOWN") not in known for _ in range(60))
    assert all(chosen.draw("TOWN") in known for _ in range(60))


@pytest.mark.train
def test_stories_are_of_several_sentences_and_hold_what_others_said() -> None:
    texts = [story.text for story in stories(60, World(TRAIN[:2], 3), ["qqq zzz"])]
    assert sum("qqq zzz" in text.lower() for text in texts) > 10


def test_tagged_files_are_read_with_marks_as_they_are_printed(tmp_path: Path) -> None:
    rows = "-DOCSTART- O\n\nBut\tO\nAnna\tB-PER\nLee\tI-PER\nBo\tB-PER\n,\tO\nof\tO\nOslo\tI-LOC\n.\tO\n\n"
    (tmp_path / "a.conll").write_text(rows)
    (read,) = sentences(tmp_path, ["a.conll", "absent.conll"])
    assert read.text == "But Anna Lee Bo, of Oslo."
    assert [(read.text[s.start : s.end], s.label) for s in read.spans] == [
        ("Anna Lee", "NAME"),
        ("Bo", "NAME"),
        ("Oslo", "PLACE"),
    ]


@pytest.mark.parametrize(
    ("text", "marked", "told"),
    [
        ("see @anna", ["@", "anna"], []),
        ("see @anna and #Oslo", ["@anna", "#Oslo"], ["Oslo"]),
        ("President Lee met Dr. Ann Ho", ["President Lee", "Dr. Ann Ho"], ["Lee", "Ann Ho"]),
        ("the King said", ["King"], ["King"]),
    ],
)
def test_names_of_tweets_are_those_without_handles_hashes_and_titles(
    text: str, marked: list[str], told: list[str]
) -> None:
    spans = tuple(Span(text.index(name), text.index(name) + len(name), "NAME") for name in marked)
    tidy = tidied(Marked(text, spans))
    assert tidy.text == text
    assert [text[span.start : span.end] for span in tidy.spans] == told


@pytest.mark.train
def test_a_sentence_is_told_again_of_other_people_and_places() -> None:
    people = World(TRAIN[:3], 5)
    told = [Marked("we met Ann Lee in Oslo , he said", (Span(7, 14, "NAME"), Span(18, 22, "PLACE")))] * 40
    again = list(recast([*told, Marked("nothing to see", ())], people))
    assert len(again) == len(told)
    kinds = [[span.label for span in text.spans] for text in again]
    assert {tuple(found) for found in kinds} == {("NAME", "PLACE"), ("NAME", "PLACE", "NAME")}
    assert len({text.text[span.start : span.end] for text in again for span in text.spans}) > 60


@pytest.mark.train
def test_values_told_again_are_written_as_those_before_them() -> None:
    people = World(TRAIN[:3], 5)
    lower = Marked("its ann 12 elm rd 90210", (Span(4, 7, "NAME"), Span(8, 17, "ADDRESS"), Span(18, 23, "ADDRESS")))
    for text in recast([lower] * 30, people):
        name, address, code = (text.text[span.start : span.end] for span in text.spans)
        assert text.text.islower() or text.text.isupper()
        assert " " not in name or len(name.split()) > 1
        assert "," not in address + code


def test_turns_of_customers_are_read_once_and_with_their_slots(tmp_path: Path) -> None:
    (tmp_path / "multidogo" / "airline").mkdir(parents=True)
    lines = [
        "utterance\tslot-labels",
        *["its ann lee\tO name name"] * 2,
        "bad\tO O",
        "12 elm rd\taddress address address",
    ]
    (tmp_path / "multidogo" / "airline" / "train.tsv").write_text("\n".join(lines))
    assert list(turns(tmp_path, "train")) == [
        Marked("its ann lee", (Span(4, 11, "NAME"),)),
        Marked("12 elm rd", (Span(0, 9, "ADDRESS"),)),
    ]


def test_tags_of_a_text_give_its_spans_back(trunk: Trunk) -> None:
    text = Marked(
        "where is my order late , the lamp ? it broke", (Span(6, 11, "NAME"), Span(18, 22, "NAME"), Span(25, 33, "DOB"))
    )
    pieces = WordPieces(trunk.tokenizer)
    targets = targets_of([text], pieces, UNTAGGED)
    tokens = pieces(text.text)
    assert len(targets) == len(tokens.ids) + 2
    logits = np.zeros((len(tokens.ids), len(LABELS)), np.float32)
    for place, label in enumerate(targets[1:-1]):
        logits[place, label if label != UNTAGGED else 0] = 9.0
    reading = Reading(tokens.offsets, tokens.words, {}, {}, tags={TASK: logits})
    found = tagged(text.text, reading, TASK, LABELS)
    assert tuple(Span(t.start, t.end, t.kind) for t in found) == text.spans
    assert all(t.score > 0.9 for t in found)
    assert tagged(text.text, reading, TASK, LABELS, lean=dict.fromkeys(KINDS, -30.0)) == []


def test_a_stretch_counts_when_both_ends_and_the_kind_are_right() -> None:
    wanted = [[Span(0, 3, "NAME"), Span(5, 9, "ADDRESS")], [Span(0, 4, "NAME")]]
    found = [[Span(0, 3, "NAME"), Span(5, 8, "ADDRESS")], [Span(0, 4, "PLACE")]]
    both, name = (span_report(kind, wanted, found) for kind in ("NAME+ADDRESS", "NAME"))
    assert (both.wanted, both.precision, both.recall) == (3, 0.5, 0.3333)
    assert (name.precision, name.recall, name.f2) == (1.0, 0.5, 0.5556)


@pytest.mark.train
def test_the_recipe_writes_a_branch_that_the_runtime_serves(tmp_path: Path, trunk: Trunk) -> None:
    result = train_pii(tmp_path / "no data", tmp_path / "pii", epochs=1, depth=1, share=0.005, quiet=True, trunk=trunk)
    assert result.examples == len(pii_corpus(tmp_path / "no data", 0, 0.005))
    runtime = Runtime.from_folders({TASK: result.out}, tmp_path, trunk=trunk)
    reading = runtime.read("where is my order ?")
    assert reading.tags[TASK].shape == (5, len(LABELS))
    assert TASK not in reading.outputs
    assert runtime.encode(["where"]).shape == (1, trunk.hidden)


@pytest.mark.train
def test_only_a_part_of_the_way_from_the_branch_before_is_gone_where_one_is_asked_for(
    tmp_path: Path, trunk: Trunk
) -> None:
    def trained(name: str, **kwargs: Any) -> np.ndarray:
        brief = {"epochs": 1, "depth": 1, "share": 0.005, "quiet": True, "trunk": trunk}
        made = train_pii(tmp_path / "no data", tmp_path / name, **brief, **kwargs)
        return ModelFolder.load(made.out).tensors()["head.weight"]

    before = trained("first")
    half, after = (trained("on", start=tmp_path / "first", way=way) for way in (0.5, 1.0))
    assert np.abs(after - before).max() > 0.001
    assert np.allclose(half, (before + after) / 2, atol=0.02)
    with pytest.raises(TrainingError, match="needs a model to start from"):
        trained("none", way=0.5)
