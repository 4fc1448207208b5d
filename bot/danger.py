"""Where somebody may come to harm: fire, a shock, gas, an injury. Its words stand in `tables/danger.yaml`."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from bot.clauses import clauses
from guardrails.rules import Table

EMERGENCY = "the emergency services"  # whom to call where the shop names no number


def dangers_in(text: str) -> tuple[str, ...]:
    """The dangers that a redacted message speaks of, the gravest first; none in an ordinary one."""
    plain = text.replace("’", "'")
    found = {rule.label for rule in Table.load("danger", "bot.tables").rules if rule.matches(plain)}
    return tuple(label for label in _says() if label in found)


def asked_beside(text: str) -> str:
    """What a message asks in clauses that speak of no danger, in its place; blank where it asks nothing else."""
    kept = " " * len(text)
    for clause in clauses(text):
        if clause.asks and not dangers_in(clause.text):
            at = text.find(clause.text)
            kept = kept[:at] + clause.text + kept[at + len(clause.text) :]
    return kept


def advice(dangers: tuple[str, ...], shop: Mapping[str, Any]) -> str:
    """What to do at once, with the numbers that the shop's facts give: `emergency`, and `gas_emergency`."""
    emergency = str(shop.get("emergency", EMERGENCY))
    gas = str(shop.get("gas_emergency", emergency))
    return " ".join(_says()[danger].format(emergency=emergency, gas=gas) for danger in dangers)


@cache
def _says() -> Mapping[str, str]:
    table = yaml.safe_load(files("bot.tables").joinpath("danger.yaml").read_text(encoding="utf-8"))
    return {label: str(text) for label, text in table["says"].items()}
