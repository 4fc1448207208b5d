"""The operator's files are read whole or refused, with file and place."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.content import OUT_OF_SCOPE, read_examples, read_intents, read_shop
from bot.errors import ContentError


def intent(name: str = "refund", **changes: Any) -> dict[str, Any]:
    return {
        "name": name,
        "title": f"about {name}",
        "option": f"Button {name}",
        "description": "What it is.",
        "answer": "Five days.",
        **changes,
    }


def without(key: str) -> dict[str, Any]:
    return {k: v for k, v in intent().items() if k != key}


def written(tmp_path: Path, *intents: dict[str, Any], name: str = "intents.yaml") -> Path:
    file = tmp_path / name
    file.write_text(yaml.safe_dump({"intents": list(intents)}, allow_unicode=True), encoding="utf-8")
    return file


def test_intents_are_read_in_the_order_of_the_file(tmp_path: Path) -> None:
    file = written(tmp_path, intent("b", follow_ups=["a"]), intent("a", handoff=True))
    b, a = read_intents(file)
    assert (b.name, b.follow_ups, b.handoff) == ("b", ("a",), False)
    assert (a.name, a.follow_ups, a.handoff) == ("a", (), True)


def test_the_files_of_a_folder_are_one_set(tmp_path: Path) -> None:
    written(tmp_path, intent("a", follow_ups=["b"]), name="1.yaml")
    written(tmp_path, intent("b"), name="2.yaml")
    (tmp_path / "notes.txt").write_text("not read")
    assert [i.name for i in read_intents(tmp_path)] == ["a", "b"]


@pytest.mark.parametrize(
    ("intents", "says"),
    [
        ([intent(anwser="typo")], "anwser"),  # an unknown key, and the message lists the known ones
        ([intent(anwser="typo")], "follow_ups, handoff"),
        ([without("answer")], "answer"),
        ([without("option")], "option"),
        ([intent(title="")], "title"),
        ([intent(option="x" * 61)], "option"),
        ([intent("Not A Name")], "name"),
        ([intent(handoff="perhaps")], "handoff"),
        ([intent(follow_ups="refund")], "follow_ups"),
        ([intent("a"), intent("a", option="Other")], "'a' is already given"),
        ([intent("a", option="Help"), intent("b", option="hELP")], "same option"),
        ([intent("a", follow_ups=["lost"])], "'lost', which is not an intent"),
        ([intent("a", answer="{% if order %}never closed")], "'a' is not a template"),
        ([intent("a", answer="{{ order")], "'a' is not a template"),
        ([intent("a", answer="{{ order | nothing_such }}")], "'a' is not a template"),
    ],
)
def test_an_intents_file_with_a_mistake_is_refused_whole(
    tmp_path: Path, intents: list[dict[str, Any]], says: str
) -> None:
    file = written(tmp_path, *intents)
    with pytest.raises(ContentError) as error:
        read_intents(file)
    assert says in str(error.value)
    assert str(file) in str(error.value)


def test_a_name_given_in_two_files_names_both(tmp_path: Path) -> None:
    one, two = (written(tmp_path, intent("a"), name=name) for name in ("1.yaml", "2.yaml"))
    with pytest.raises(ContentError) as error:
        read_intents(tmp_path)
    assert str(one) in str(error.value)
    assert str(two) in str(error.value)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"intents:\n  - name: a\n   title: b", "is not YAML"),
        (b"intents: [", "is not YAML"),
        (b"", "intents"),
        (b"- a\n- b\n", "intents"),
        (b"intents: 5\n", "intents"),
        (b"other: []\n", "intents"),
        (b"intents: []\nmore: 1\n", "more"),
        ("intents:\n- title: Größe\n".encode("latin-1"), "byte 20 is not UTF-8; save the file as UTF-8"),
        ("intents: []\n".encode("utf-16"), "is not UTF-8"),
        (b"!!python/object/apply:os.system ['true']\n", "is not YAML"),  # a file is never code
    ],
)
def test_a_file_that_is_not_a_list_of_intents_is_refused(tmp_path: Path, content: bytes, says: str) -> None:
    file = tmp_path / "intents.yaml"
    file.write_bytes(content)
    with pytest.raises(ContentError, match=says):
        read_intents(file)


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    file = written(tmp_path, intent("a"))
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    assert [i.name for i in read_intents(file)] == ["a"]
    (tmp_path / "u.csv").write_bytes(b"\xef\xbb\xbftext,label\nhello,a\n")
    assert [e.text for e in read_examples(tmp_path / "u.csv")] == ["hello"]


@pytest.mark.parametrize("read", [read_intents, lambda p: list(read_examples(p)), read_shop])
def test_a_missing_file_is_named(tmp_path: Path, read: Any) -> None:
    with pytest.raises(ContentError, match=r"nowhere\.yaml does not exist"):
        read(tmp_path / "nowhere.yaml")


@pytest.mark.parametrize("content", ["- a\n", "hours: late\n", "just words", ""])
def test_a_shop_must_have_a_name(tmp_path: Path, content: str) -> None:
    file = tmp_path / "shop.yaml"
    file.write_text(content)
    with pytest.raises(ContentError, match="'name'"):
        read_shop(file)


# Utterances


def test_utterances_are_read_from_csv_and_json_lines(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('text,label,split\n"Hi, there\nagain",greeting,dev\nbye,goodbye,\n')
    (tmp_path / "b.jsonl").write_text(json.dumps({"text": " Ahoj ", "label": "greeting"}) + "\n\n")
    found = [(e.text, e.label, e.split) for e in read_examples(tmp_path)]
    assert found == [
        ("Hi, there\nagain", "greeting", "dev"),
        ("bye", "goodbye", "train"),
        ("Ahoj", "greeting", "train"),
    ]


def test_a_file_that_names_no_split_gives_a_tenth_of_each_label_to_dev_and_to_test(tmp_path: Path) -> None:
    lines = [f"text {n},{label}" for label, count in (("often", 40), ("seldom", 4), ("rare", 3)) for n in range(count)]
    lines = [line.replace("text", line.split(",")[1]) for line in lines]
    (tmp_path / "u.csv").write_text("\n".join(["text,label", *lines]))
    found = list(read_examples(tmp_path / "u.csv"))
    counts = {label: Counter(e.split for e in found if e.label == label) for label in ("often", "seldom", "rare")}
    assert counts["often"] == {"train": 32, "dev": 4, "test": 4}
    assert counts["seldom"] == {"train": 2, "dev": 1, "test": 1}
    assert counts["rare"] == {"train": 3}
    (tmp_path / "u.csv").write_text(
        "\n".join(["text,label", *(line.replace("often ", "OFTEN  ") for line in lines[39::-1])])
    )
    again = {" ".join(e.text.lower().split()): e.split for e in read_examples(tmp_path / "u.csv")}
    assert again == {e.text: e.split for e in found if e.label == "often"}  # by its words, wherever it stands


def test_a_file_without_labels_holds_what_is_out_of_scope(tmp_path: Path) -> None:
    (tmp_path / "oos.csv").write_text("text,split,kind\nSing!,test,far\n")
    assert [(e.label, e.split) for e in read_examples(tmp_path)] == [(OUT_OF_SCOPE, "test")]


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("u.csv", b"text,label\nhello,a\n,b\n", "line 3: 'text' and 'label' must not be empty"),
        ("u.csv", b"text,label\nhello,\n", "line 2: 'text' and 'label' must not be empty"),
        ("u.csv", b"text,label\nhello\n", "line 2: 'text' and 'label' must not be empty"),  # a column too few
        ("u.csv", b"text,label,split\nhello,a,valid\n", "line 2: the split must be train, dev or test"),
        ("u.csv", b"utterance,label\nhello,a\n", "there is no column 'text'"),
        ("u.csv", b"", "there is no column 'text'"),
        ("u.csv", "text,label\nGröße,a\n".encode("latin-1"), "byte 13 is not UTF-8"),
        ("u.jsonl", b'{"text": "a", "label": "b"}\n{"text": \n', "line 2"),
        ("u.jsonl", b'["text"]\n', "line 1"),  # JSON, but no object
        ("u.jsonl", b'{"text": 5, "label": "a"}\n', "line 1"),
        ("u.jsonl", b'{"text": "a", "label": null}\n', "line 1"),
        ("u.csv", b"text,label\n" + b"a" * 200_000 + b",b\n", "is not CSV"),  # longer than the csv module takes
        ("u.csv", b"text,label\n" + b"hello,a\n" * 5000 + b"\xff,a\n", "byte 40011 is not UTF-8"),
    ],
)
def test_a_bad_row_is_named_by_file_and_line(tmp_path: Path, name: str, content: bytes, says: str) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    with pytest.raises(ContentError) as error:
        list(read_examples(file))
    assert says in str(error.value)
    assert str(file) in str(error.value)


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    (tmp_path / "u.txt").write_text("hello")
    with pytest.raises(ContentError, match=r"u\.txt"):
        list(read_examples(tmp_path / "u.txt"))
    with pytest.raises(ContentError, match=r"u\.txt"):
        read_intents(tmp_path / "u.txt")


def test_an_empty_folder_is_refused_since_it_would_empty_the_shop(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match="yaml"):
        read_intents(tmp_path)
