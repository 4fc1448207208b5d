"""Answer templates: Jinja2 in a sandbox, with the shop's facts and the slots of the conversation."""

import re
from collections.abc import Mapping
from functools import lru_cache
from itertools import chain, combinations
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateError
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from bot.errors import ContentError

SLOTS = ("order", "product")  # what a template may use beside `shop`; None when the customer has not said it


class _Sandbox(ImmutableSandboxedEnvironment):
    """Facts stay as they are, and no expression can grow without bound."""

    intercepted_binops = frozenset({"*", "**"})

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        raise SecurityError(f"'{operator}' is not allowed in an answer")


_environment = _Sandbox(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)


@lru_cache(maxsize=1024)
def _compiled(source: str) -> Template:
    return _environment.from_string(source)


def check(source: str) -> None:
    """Raise jinja2.TemplateError when the template cannot be compiled."""
    _compiled(source)


def wording(source: str, shop: Mapping[str, Any], slots: Mapping[str, str]) -> str:
    """The answer with the names of the slots in place of their values.

    Order numbers and products come from the shop's own pattern and catalogue, so a wording that was screened once
    need not be screened again for each of them.
    """
    return render(source, shop, {slot: slot.upper() for slot in SLOTS if slots.get(slot)})


def wordings(source: str, shop: Mapping[str, Any]) -> set[str]:
    """All wordings of a template: with each slot, and without."""
    chosen = chain.from_iterable(combinations(SLOTS, count) for count in range(len(SLOTS) + 1))
    return {wording(source, shop, dict.fromkeys(slots, "x")) for slots in chosen}


def render(source: str, shop: Mapping[str, Any], slots: Mapping[str, str]) -> str:
    """The answer, with facts and slots filled in. Raises ContentError for a fact that the shop does not have."""
    values = {slot: slots.get(slot) for slot in SLOTS}
    try:
        text = _compiled(source).render(shop=shop, **values)
    except TemplateError as error:
        raise ContentError(f"an answer template cannot be filled in: {error}") from None
    except Exception as error:  # an expression may fail in any way that Python knows
        raise ContentError(f"an answer template cannot be filled in: {type(error).__name__}") from None
    return re.sub(r"[ \t]+", " ", text).strip()
