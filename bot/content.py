"""The operator's files: intents with their answers, labelled utterances, the shop's facts. Read and checked."""

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import yaml
from jinja2 import TemplateError
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.errors import ContentError
from bot.records import Example, IntentSpec
from bot.store.content import example_key
from bot.templates import check

OUT_OF_SCOPE = "oos"
PART = 0.1  # of a file that names no split is its dev split, and as much its test split
LEAST_PARTED = 4  # utterances of a label, of which two are left to learn from
LISTS = (  # of the shop's facts
    *("banned_topics", "competitors", "courtesies", "dead_links", "link_hosts", "starters", "products"),
    *("never_redact", "always_redact", "personal_kinds", "phone_regions"),
)


class _Intent(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=80)
    title: str = Field(min_length=1)
    option: str = Field(min_length=1, max_length=60)
    description: str = Field(min_length=1)
    answer: str = Field(min_length=1)
    follow_ups: tuple[str, ...] = ()
    handoff: bool = False


class _IntentsFile(BaseModel):
    model_config = ConfigDict(extra="forbid")
    intents: list[_Intent]


def read_shop(path: Path) -> dict[str, Any]:
    """The shop's facts, for templates. Raises ContentError for no mapping with a `name`, or one of LISTS as no list."""
    facts = _yaml(path)
    if not isinstance(facts, dict) or "name" not in facts:
        raise ContentError(f"{path}: must be a YAML mapping with at least the key 'name'")
    for key in LISTS:
        if not isinstance(facts.get(key, []), list):
            raise ContentError(f"{path}: {key} must be a list, such as {key}: [{facts[key] or '...'}]")
    return facts


def read_intents(path: Path) -> list[IntentSpec]:
    """Intents of a YAML file, or of all YAML files of a folder.

    Raises ContentError for an unknown key, a missing one, a broken template, a name given twice, a button given
    twice or a follow-up that names no intent; the message says where.
    """
    found: dict[str, tuple[Path, _Intent]] = {}
    for file in _files(path, "*.yaml", "*.yml"):
        for intent in _validated(file):
            if intent.name in found:
                raise ContentError(f"{file}: the intent '{intent.name}' is already given in {found[intent.name][0]}")
            found[intent.name] = (file, intent)
    options: dict[str, str] = {}
    for name, (file, intent) in found.items():
        lost = [f for f in intent.follow_ups if f not in found]
        if lost:
            raise ContentError(f"{file}: '{name}' has the follow-up '{lost[0]}', which is not an intent")
        twin = options.setdefault(intent.option.casefold(), name)
        if twin != name:
            raise ContentError(
                f"{file}: '{name}' and '{twin}' have the same option '{intent.option}'; buttons must differ"
            )
    return [IntentSpec(**intent.model_dump()) for _, intent in found.values()]


def new_intent(name: str, option: str, answer: str) -> IntentSpec:
    """An intent by its name, button and answer alone. Raises ContentError for a name or template that cannot be."""
    told = option.lower()
    try:
        check(answer)
        intent = _Intent(name=name, title=told, option=option, description=told, answer=answer)
    except (ValidationError, TemplateError) as error:
        why = error.errors(include_input=False, include_url=False)[0] if isinstance(error, ValidationError) else error
        raise ContentError(
            f"the intent {name!r} cannot be added: {why['msg'] if isinstance(why, dict) else why}"
        ) from None
    return IntentSpec(**intent.model_dump())


def read_examples(path: Path) -> Iterator[Example]:
    """Labelled utterances of a CSV or JSON-lines file, or of all such files of a folder.

    Columns `text` and `label`, and `split` (train, dev or test; train where a row has none); a file without a `split`
    is parted by `parted`, one without a `label` holds out-of-scope messages. Raises ContentError with file and line.
    """
    for file in _files(path, "*.csv", "*.jsonl"):
        found, named = [], False
        for line, row in _rows(file):
            text, label = (row.get("text") or "").strip(), row.get("label", OUT_OF_SCOPE)
            split = row.get("split") or "train"
            if not text or not label:
                raise ContentError(f"{file}, line {line}: 'text' and 'label' must not be empty")
            if split not in ("train", "dev", "test"):
                raise ContentError(f"{file}, line {line}: the split must be train, dev or test")
            found.append(Example(text, label, split))
            named = named or "split" in row
        yield from found if named else parted(found)


def parted(examples: Sequence[Example]) -> list[Example]:
    """The examples in their order, a tenth of each label in the split dev and a tenth in test, one each at least where
    a label has `LEAST_PARTED`: those whose words have the lowest hashes, so that a text is where it was next time."""
    keys = [example_key(example.text) for example in examples]
    splits: dict[str, str] = {}
    for label in {example.label for example in examples}:
        mine = sorted({key for key, example in zip(keys, examples, strict=True) if example.label == label})
        count = max(round(len(mine) * PART), 1) if len(mine) >= LEAST_PARTED else 0
        splits |= dict.fromkeys(mine[:count], "test") | dict.fromkeys(mine[count : 2 * count], "dev")
    return [replace(e, split=splits.get(key, "train")) for key, e in zip(keys, examples, strict=True)]


def _rows(file: Path) -> Iterator[tuple[int, dict[str, str]]]:
    lines = StringIO(_text(file), newline="")
    if file.suffix == ".jsonl":
        yield from ((number, _object(file, number, line)) for number, line in enumerate(lines, 1) if line.strip())
        return
    reader = csv.DictReader(lines)
    try:
        if "text" not in (reader.fieldnames or ()):
            raise ContentError(f"{file}: the first line must name the columns; there is no column 'text'")
        yield from ((reader.line_num, row) for row in reader)
    except csv.Error as error:
        raise ContentError(f"{file}, line {reader.line_num}: is not CSV: {error}") from None


def _object(file: Path, number: int, line: str) -> dict[str, str]:
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise ContentError(f"{file}, line {number}: is not JSON: {error.msg}") from None
    if not isinstance(row, dict) or not all(isinstance(row.get(key, ""), str) for key in ("text", "label", "split")):
        raise ContentError(f"{file}, line {number}: must be an object with the strings 'text' and 'label'")
    return row


def _validated(file: Path) -> Iterable[_Intent]:
    try:
        intents = _IntentsFile.model_validate(_yaml(file)).intents
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        allowed = ", ".join(_Intent.model_fields)
        raise ContentError(f"{file}: {place}: {first['msg']}; an intent has the keys {allowed}") from None
    for intent in intents:
        try:
            check(intent.answer)
        except TemplateError as error:
            raise ContentError(f"{file}: the answer of '{intent.name}' is not a template: {error}") from None
    return intents


def _yaml(file: Path) -> Any:
    try:
        return yaml.safe_load(_text(file))
    except yaml.YAMLError as error:
        raise ContentError(f"{file} is not YAML: {' '.join(str(error).split())}") from None


def _text(file: Path) -> str:
    try:
        return file.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise ContentError(f"{file} does not exist") from None
    except UnicodeDecodeError as error:
        raise ContentError(f"{file}: byte {error.start} is not UTF-8; save the file as UTF-8") from None


def _files(path: Path, *patterns: str) -> list[Path]:
    if not path.exists():
        raise ContentError(f"{path} does not exist")
    candidates = sorted(path.iterdir()) if path.is_dir() else [path]
    files = [file for file in candidates if any(file.match(pattern) for pattern in patterns)]
    if not files:
        raise ContentError(f"{path}: must be, or hold, a file of the kind {' or '.join(patterns)}")
    return files
