"""Each table catches its examples and spares their harmless twins."""

import pytest

from guardrails.normalise import normalise
from guardrails.rules import Table
from guardrails.views import Views

TABLES = ("bias", "injection", "leak", "markup", "promises", "secrets", "selfharm", "threat", "topics", "toxicity")
CATCHES = [(name, text) for name in TABLES for text in Table.load(name).catches]
SPARES = [(name, text) for name in TABLES for text in Table.load(name).spares]


@pytest.mark.parametrize(("name", "text"), CATCHES)
def test_a_table_catches(name, text):
    assert Table.load(name).find(name, Views(normalise(text)).letters)


@pytest.mark.parametrize(("name", "text"), SPARES)
def test_a_table_spares(name, text):
    assert not Table.load(name).find(name, Views(normalise(text)).letters)


@pytest.mark.parametrize(("name", "text"), CATCHES)
def test_a_table_catches_it_however_it_is_written_and_spaced(name, text):
    assert Table.load(name).find(name, Views(normalise(text.upper().replace(" ", "  "))).letters) or name == "secrets"
