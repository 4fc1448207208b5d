"""Answer templates: Jinja2 in a sandbox, with the shop's facts and the slots of the conversation."""

import re
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from itertools import chain, combinations
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateError
from jinja2.exceptions import SecurityError
from jinja2.meta import find_undeclared_variables
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from bot.errors import ContentError

SLOTS = ("order", "email", "product", "size", "colour", "date", "amount")  # what a template may use beside `shop`


class _Sandbox(ImmutableSandboxedEnvironment):
    """Facts stay as they are, and no expression can grow without bound."""

    intercepted_binops = frozenset({"*", "**"})

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        raise SecurityError(f"'{operator}' is not allowed in an answer")


class SlotUnsaid(ContentError):
    """An answer would print a detail that the customer has not named: ask for `slot` first."""

    def __init__(self, slot: str) -> None:
        super().__init__(
            f"the answer needs the {slot}: ask for it, or put it between {{% if {slot} %}} and {{% endif %}}"
        )
        self.slot = slot


class _Unsaid:
    """A slot that is not known: false in a condition, and not to be printed."""

    def __init__(self, slot: str) -> None:
        self._slot = slot

    def __bool__(self) -> bool:
        return False

    def __str__(self) -> str:
        raise SlotUnsaid(self._slot)


_environment = _Sandbox(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)


@lru_cache(maxsize=1024)
def _compiled(source: str) -> Template:
    return _environment.from_string(source)


@lru_cache(maxsize=1024)
def _names(source: str) -> frozenset[str]:
    return frozenset(find_undeclared_variables(_environment.parse(source)))


def check(source: str) -> None:
    """Raise jinja2.TemplateError when the template cannot be compiled."""
    _compiled(source)


def wording(source: str, shop: Mapping[str, Any], slots: Mapping[str, str]) -> str:
    """The answer with the names of the slots in place of their values.

    Order numbers and products come from the shop's own pattern and catalogue, and an e-mail address is a placeholder,
    so a wording that was screened once need not be screened again for each of them.
    """
    return render(source, shop, {slot: slot.upper() for slot in SLOTS if slots.get(slot)})


def wordings(source: str, shop: Mapping[str, Any]) -> set[str]:
    """All wordings of a template: with each slot that it uses, and without where it can do without."""
    used = uses(source)
    chosen = chain.from_iterable(combinations(used, count) for count in range(len(used) + 1))
    found = set()
    for slots in chosen:
        with suppress(SlotUnsaid):  # asked for before the answer is given
            found.add(wording(source, shop, dict.fromkeys(slots, "x")))
    return found


def uses(source: str) -> tuple[str, ...]:
    """The slots that a template uses."""
    names = _names(source)
    return tuple(slot for slot in SLOTS if slot in names)


def render(source: str, shop: Mapping[str, Any], slots: Mapping[str, str]) -> str:
    """The answer, with facts and slots filled in.

    Raises SlotUnsaid where it would print a slot that is not known, and ContentError for a fact that the shop does
    not have.
    """
    values = {slot: slots.get(slot) or _Unsaid(slot) for slot in SLOTS}
    try:
        text = _compiled(source).render(shop=shop, **values)
    except SlotUnsaid:
        raise
    except TemplateError as error:
        raise ContentError(f"an answer template cannot be filled in: {error}") from None
    except Exception as error:  # an expression may fail in any way that Python knows
        raise ContentError(f"an answer template cannot be filled in: {type(error).__name__}") from None
    return re.sub(r"[ \t]+", " ", text).strip()
