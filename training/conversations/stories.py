"""Test conversations as files: what a customer writes, and what the bot must make of it. Knows no bot."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from bot.errors import ContentError
from bot.turn import Kind


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Handover(StrEnum):
    """How near a person is after a reply."""

    NO = "no"
    OFFERED = "offered"  # a button below the reply calls one
    GIVEN = "given"  # one has been called


class Exchange(_Strict):
    """One message of a customer and what is due.

    `intent` are the readings that are right, "oos" for none of those known, null where it does not matter; with
    `all` each of them must be answered, in this order. `kind` are the kinds of reply that are right. The reply must
    hold every part of `must` and none of `must_not`, in any case. `slots` are those that must be known by then, with
    their values, null for unknown. `handover` and `mood` are those of which one is due; with none, any.
    """

    customer: str = Field(min_length=1, repr=False)
    intent: tuple[str, ...] | None
    all: bool = False
    kind: tuple[Kind, ...]
    must: tuple[str, ...] = ()
    must_not: tuple[str, ...] = ()
    slots: dict[str, str | None] = {}
    handover: tuple[Handover, ...] = ()
    mood: tuple[str, ...] = ()

    @field_validator("intent", "kind", "handover", "mood", mode="before")
    @classmethod
    def _several(cls, value: object) -> object:
        if value is False:  # YAML reads a bare no as one
            return ("no",)
        return (value,) if isinstance(value, str) else value


class Story(_Strict):
    """A conversation from its first message to its last."""

    name: str = Field(min_length=1)
    turns: tuple[Exchange, ...] = Field(min_length=1)


class _File(_Strict):
    conversations: tuple[Story, ...]


def read_stories(paths: Iterable[Path]) -> dict[str, Story]:
    """The stories of YAML files, and of all YAML files of folders and theirs, by "folder/file: name" in their order;
    the folder is that within the one given.

    Raises ContentError, with file, line and place, for an unknown or missing key, and for a name given twice.
    """
    stories: dict[str, Story] = {}
    for place, file in _files(paths):
        for story in _read(file):
            name = f"{place}: {story.name}"
            if name in stories:
                raise ContentError(f"{file}: two conversations are called '{story.name}'; give one another name")
            stories[name] = story
    if not stories:
        raise ContentError(
            "there is no conversation in the files given; write one as in demo/conversations/development/orders.yaml"
        )
    return stories


def folder_of(story: str) -> str:
    """The folder of a story, within the one given, by its name as `read_stories` gives it; "" for none."""
    return story.partition(": ")[0].rpartition("/")[0]


def _files(paths: Iterable[Path]) -> Iterator[tuple[str, Path]]:
    """Files with how they are called: by their place in the folder that was given."""
    for path in paths:
        if path.is_dir():
            yield from ((file.relative_to(path).as_posix(), file) for file in sorted(path.rglob("*.yaml")))
        else:
            yield path.name, path


def _read(file: Path) -> tuple[Story, ...]:
    try:
        text = file.read_text(encoding="utf-8-sig")
        tree = yaml.compose(text, Loader=yaml.SafeLoader)
        return _File.model_validate(yaml.safe_load(text)).conversations
    except FileNotFoundError:
        raise ContentError(f"{file} does not exist") from None
    except UnicodeDecodeError as error:
        raise ContentError(f"{file}: byte {error.start} is not UTF-8; save the file as UTF-8") from None
    except yaml.YAMLError as error:
        raise ContentError(f"{file} is not YAML: {' '.join(str(error).split())}") from None
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False)
        first = min(found, key=lambda e: e["type"] != "extra_forbidden")  # a misspelt key is missing as well
        place = ".".join(str(part) for part in first["loc"])
        line = _line(tree, first["loc"])
        known = ", ".join(Exchange.model_fields)
        raise ContentError(f"{file}, line {line}: {place}: {first['msg']}; a turn has the keys {known}") from None


def _line(node: yaml.Node | None, place: Sequence[int | str]) -> int:
    """The line, from 1, of the deepest part of `place` that the file holds."""
    line = node.start_mark.line + 1 if node else 1
    for part in place:
        if isinstance(node, yaml.MappingNode):
            key, node = next(((k, v) for k, v in node.value if k.value == part), (None, None))
            line = key.start_mark.line + 1 if key else line
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int):
            node = node.value[part]
            line = node.start_mark.line + 1
    return line
