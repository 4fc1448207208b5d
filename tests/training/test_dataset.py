from pathlib import Path

import numpy as np
import pytest

from training.dataset import DataError, Examples, check_trainable, read_shop, split_off

GOOD = (
    'text,label,source\nwhere is it,delivery,chat\n"I want, please, my money",refund,mail\nhow tall is Everest,oos,\n'
)


def write(folder: Path, content: str | bytes, name: str = "data.csv") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_csv_is_read_with_and_without_a_byte_order_mark(tmp_path: Path, mark: bytes) -> None:
    examples = Examples.read(write(tmp_path, mark + GOOD.encode()))
    assert examples.labels == ("delivery", "refund", "oos")
    assert examples.texts[1] == "I want, please, my money"
    assert examples.classes == ("delivery", "refund")
    assert examples.in_scope.tolist() == [True, True, False]


def test_json_lines_are_read(tmp_path: Path) -> None:
    lines = '{"text": "where is it", "label": "delivery", "id": 3}\n\n{"text": "refund", "label": "refund"}\n'
    assert len(Examples.read(write(tmp_path, lines, "data.jsonl"))) == 2


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", "message,label\nhello,x\n", r"a\.csv, line 1: the header has no column 'text'"),
        ("a.csv", "text\nhello\n", "no column 'label'"),
        ("a.csv", "", "no column 'text'"),
        ("a.csv", "text,label\n", "holds no example"),
        ("a.csv", "text,label\nhi,a\n ,a\n", r"line 3: the column 'text' is empty"),
        ("a.csv", "text,label\nhi,a\nhello\n", r"line 3: the column 'label' is empty or missing"),
        ("a.csv", b"text,label\nhi,a\n\xff\xfe,b\n", r"line 3: not UTF-8"),
        ("a.csv", 'text,label\n"open quote,a\n', "not valid CSV"),
        ("a.jsonl", '{"text": "hi", "label": "a"}\n{"text": \n', r"line 2: not valid JSON"),
        ("a.jsonl", "[1]\n", "expected an object"),
        ("a.jsonl", '{"text": 3, "label": "a"}\n', r"line 1: the column 'text' is empty or missing"),
    ],
)
def test_a_bad_file_is_told_with_its_line(tmp_path: Path, name: str, content: str | bytes, message: str) -> None:
    with pytest.raises(DataError, match=message):
        Examples.read(write(tmp_path, content, name))


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        Examples.read(tmp_path / "none.csv")


def test_an_error_never_quotes_the_text(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        Examples.read(write(tmp_path, "text,label\nmy card is 4111,\n"))
    assert "4111" not in str(caught.value)


def test_a_split_of_every_label_is_set_apart(examples: Examples) -> None:
    rest, apart = split_off(examples, 0.25, seed=1)
    assert len(rest) + len(apart) == len(examples)
    assert set(rest.labels) == set(apart.labels) == set(examples.labels)
    assert split_off(examples, 0.25, seed=1)[1].texts == apart.texts


def test_the_fingerprint_knows_content_and_not_order(examples: Examples) -> None:
    turned = examples.take(range(len(examples) - 1, -1, -1))
    assert turned.fingerprint == examples.fingerprint
    assert (examples + Examples(("new",), ("refund",))).fingerprint != examples.fingerprint


def test_out_of_scope_is_spread_over_all_labels(examples: Examples) -> None:
    targets = examples.targets(examples.classes)
    assert np.allclose(targets.sum(axis=1), 1)
    assert np.allclose(targets[~examples.in_scope], 1 / 3)


def test_an_unknown_label_is_told(examples: Examples) -> None:
    with pytest.raises(DataError, match="'refund' is not one"):
        examples.targets(("broken", "delivery"))


@pytest.mark.parametrize(
    ("labels", "message"),
    [(("a", "a"), "at least two labels"), (("a", "oos"), "at least two labels"), (("a", "a", "b"), "'b' has fewer")],
)
def test_nothing_to_learn_is_told(labels: tuple[str, ...], message: str) -> None:
    with pytest.raises(DataError, match=message):
        check_trainable(Examples(tuple(f"text {i}" for i in range(len(labels))), labels))


def test_thin_labels_clashes_and_repetitions_are_warned_of() -> None:
    thin, clash, twice = check_trainable(Examples(("hi", "HI", "yo", "hey", "hey "), ("a", "b", "a", "b", "b")))
    assert "2 labels have fewer than 10 examples" in thin
    assert "1 texts stand under more than one label, most often 'a' and 'b' (1)" in clash
    assert "1 texts stand more than once" in twice
    assert all("handrail evaluate labels" in warning for warning in (clash, twice))


def test_a_shops_folder_is_read_by_split(tmp_path: Path) -> None:
    for name, content in (
        ("utterances/a.csv", "text,label,split\nwhere is it,delivery,train\nlate,delivery,test\n"),
        ("oos/a.csv", "text,split,kind\nsing a song,train,far\n"),
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        write(tmp_path, content, name)
    assert read_shop(tmp_path, "train").labels == ("delivery", "oos")
    assert read_shop(tmp_path, "test").labels == ("delivery",)
    with pytest.raises(DataError, match="split 'dev'"):
        read_shop(tmp_path, "dev")
