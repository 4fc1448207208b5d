"""Labelled texts from CSV or JSON lines, checked, with a fingerprint. Knows nothing of models.

A file has the columns `text` and `label`; others are kept out of the way. The label "oos" marks a text
that none of the labels covers. An error names the file and the line, and never quotes the text.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.errors import HandrailError

OOS = "oos"
COLUMNS = ("text", "label")
SEE_LABELS = "see them with: handrail evaluate labels --data FILE"


class DataError(HandrailError):
    """A file of examples cannot be read, or does not hold what training needs."""


@dataclass(frozen=True, slots=True, repr=False)
class Examples:
    """Texts and their labels, side by side."""

    texts: tuple[str, ...]
    labels: tuple[str, ...]

    def __post_init__(self) -> None:
        if len(self.texts) != len(self.labels):
            raise ValueError(f"{len(self.texts)} texts but {len(self.labels)} labels")

    @classmethod
    def read(cls, path: Path, split: str | None = None, label: str | None = None) -> Examples:
        """Read `.csv` or `.jsonl`; with `split`, only the rows whose column `split` says so; with `label`, a
        file without that column, all of whose texts bear this one.

        Raises DataError, with file and line, for a wrong encoding, a missing column, an empty text or label.
        """
        examples = cls._collected(path, split, label)
        if not len(examples):
            raise DataError(f"{path} holds no example{f' of the split {split!r}' if split else ''}.")
        return examples

    @classmethod
    def _collected(cls, path: Path, split: str | None, label: str | None) -> Examples:
        texts: list[str] = []
        labels: list[str] = []
        for line, row in _rows(path, COLUMNS if label is None else COLUMNS[:1]):
            if split is not None and row.get("split") != split:
                continue
            if label is not None:
                row["label"] = label
            for column, into in zip(COLUMNS, (texts, labels), strict=True):
                value = row.get(column)
                if not isinstance(value, str) or not value.strip():
                    raise DataError(f"{path}, line {line}: the column '{column}' is empty or missing.")
                into.append(value.strip())
        return cls(tuple(texts), tuple(labels))

    def __len__(self) -> int:
        return len(self.texts)

    def __add__(self, other: Examples) -> Examples:
        return Examples(self.texts + other.texts, self.labels + other.labels)

    def take(self, indexes: Sequence[int] | np.ndarray) -> Examples:
        """The examples at these places, in this order."""
        return Examples(tuple(self.texts[i] for i in indexes), tuple(self.labels[i] for i in indexes))

    @property
    def classes(self) -> tuple[str, ...]:
        """The labels that occur, sorted, without "oos"."""
        return tuple(sorted(set(self.labels) - {OOS}))

    @property
    def in_scope(self) -> np.ndarray:
        """True where the label is not "oos", shape (examples,)."""
        return np.array([label != OOS for label in self.labels], dtype=bool)

    @property
    def fingerprint(self) -> str:
        """12 hexadecimal digits that change with any text or label, whatever the order."""
        lines = sorted(json.dumps(pair) for pair in zip(self.texts, self.labels, strict=True))
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:12]

    def targets(self, labels: Sequence[str]) -> np.ndarray:
        """Each row's distribution over `labels`, shape (examples, labels): one-hot, or uniform for "oos".

        Raises DataError for a label that is not among them.
        """
        index = {label: place for place, label in enumerate(labels)}
        if unknown := sorted(set(self.labels) - index.keys() - {OOS}):
            raise DataError(f"The label {unknown[0]!r} is not one that the model knows ({len(unknown)} such labels).")
        rows = np.full((len(self), len(labels)), 1 / len(labels), dtype=np.float32)
        for row, label in enumerate(self.labels):
            if label != OOS:
                rows[row] = 0
                rows[row, index[label]] = 1
        return rows


def read_column(path: Path, column: str) -> tuple[str, ...]:
    """One more column of a file of examples, a value for each row in its order; "" where a row has none.

    Raises DataError when the file cannot be read or no row has the column.
    """
    rows = [row for _, row in _rows(path, COLUMNS)]
    if not any(column in row for row in rows):
        raise DataError(f"{path} has no column '{column}'; it has: {', '.join(rows[0] if rows else COLUMNS)}.")
    return tuple("" if (value := row.get(column)) is None else str(value).strip() for row in rows)


def read_shop(folder: Path, split: str) -> Examples:
    """The examples of a shop's folder: `utterances/*.csv` (text,label,split) and, out of scope, `oos/*.csv`
    (text,split), the rows of one split ("train", "dev", "test")."""
    files = [(path, None) for path in sorted((folder / "utterances").glob("*.csv"))]
    beyond = [(path, OOS) for path in sorted((folder / "oos").glob("*.csv"))]
    parts = [Examples._collected(path, split, label) for path, label in files + beyond]
    examples = sum(parts, start=Examples((), ()))
    if not len(examples):
        raise DataError(f"{folder} has no utterances/*.csv with examples of the split {split!r}.")
    return examples


def measured(data: Path | Examples) -> Examples:
    """What a model is measured on: examples as they are, a file of text,label, or a shop's folder: its test split."""
    if isinstance(data, Examples):
        return data
    return read_shop(data, "test") if data.is_dir() else Examples.read(data)


def split_off(examples: Examples, share: float, seed: int) -> tuple[Examples, Examples]:
    """(the rest, a share drawn from each label by `seed`); a label keeps at least one example in the rest."""
    random = np.random.default_rng(seed)
    labels = np.array(examples.labels)
    apart: list[int] = []
    for label in sorted(set(examples.labels)):
        places = np.flatnonzero(labels == label)
        count = min(max(round(len(places) * share), 1), len(places) - 1)
        apart.extend(random.permutation(places)[:count].tolist())
    rest = np.setdiff1d(np.arange(len(examples)), apart)
    return examples.take(rest), examples.take(sorted(apart))


def repeated(examples: Examples) -> tuple[dict[str, int], dict[str, tuple[str, ...]]]:
    """(texts that stand more than once under one label, with how often; texts under several labels, with those).

    Texts are the same without regard to case and spacing; the first spelling stands for all.
    """
    seen: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for text, label in zip(examples.texts, examples.labels, strict=True):
        seen[" ".join(text.casefold().split())].append((text, label))
    groups = [(group[0][0], [label for _, label in group]) for group in seen.values() if len(group) > 1]
    alike = {text: len(labels) for text, labels in groups if len(set(labels)) == 1}
    return alike, {text: tuple(sorted(set(labels))) for text, labels in groups if len(set(labels)) > 1}


def check_trainable(train: Examples, least: int = 2) -> list[str]:
    """Raise DataError when nothing can be learnt; return warnings in plain words for what is merely thin."""
    counts = Counter(train.labels)
    if len(train.classes) < 2:
        raise DataError(f"Training needs at least two labels besides '{OOS}'; the file has {len(train.classes)}.")
    thin = [label for label in train.classes if counts[label] < least]
    if thin:
        raise DataError(f"The label {thin[0]!r} has fewer than {least} examples ({len(thin)} such labels): add some.")
    few = [label for label in train.classes if counts[label] < 10]
    warnings = [f"{len(few)} labels have fewer than 10 examples, such as {few[0]!r}."] if few else []
    return warnings + misleading(train)


def misleading(examples: Examples) -> list[str]:
    """In plain words: how many texts stand under more than one label, and which labels those are most often; how many
    are repeated under one."""
    duplicates, contradictions = repeated(examples)
    told = []
    if contradictions:
        labels, count = Counter(contradictions.values()).most_common(1)[0]
        worst = f"most often {' and '.join(map(repr, labels))} ({count})"
        told.append(f"{len(contradictions)} texts stand under more than one label, {worst}; {SEE_LABELS}")
    if duplicates:
        told.append(f"{len(duplicates)} texts stand more than once under their label; {SEE_LABELS}")
    return told


def _rows(path: Path, columns: Sequence[str]) -> Iterator[tuple[int, dict[str, object]]]:
    try:
        content = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise DataError(f"{path}, line {line}: not UTF-8. Save the file as UTF-8 and try again.") from None
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}.") from error
    if path.suffix.lower() in (".jsonl", ".ndjson"):
        yield from _json_lines(path, content)
    else:
        yield from _csv_rows(path, content, columns)


def _json_lines(path: Path, content: str) -> Iterator[tuple[int, dict[str, object]]]:
    for number, line in enumerate(content.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError:
            raise DataError(f"{path}, line {number}: not valid JSON.") from None
        if not isinstance(row, dict):
            raise DataError(f"{path}, line {number}: expected an object with 'text' and 'label'.")
        yield number, row


def _csv_rows(path: Path, content: str, columns: Sequence[str]) -> Iterator[tuple[int, dict[str, object]]]:
    reader = csv.DictReader(io.StringIO(content, newline=""), strict=True)
    try:
        for column in columns:
            if column not in (reader.fieldnames or ()):
                raise DataError(f"{path}, line 1: the header has no column '{column}'. It needs: {','.join(columns)}")
        for row in reader:
            yield reader.line_num, dict(row)
    except csv.Error as error:
        raise DataError(f"{path}, line {reader.line_num}: not valid CSV ({error}).") from None
