"""Past answers against the demo shop's templates, with the encoder that serves."""

from pathlib import Path

import pytest

from bot.content import read_intents, read_shop
from bot.paths import DEMO
from bot.templates import wording
from models.runtime import Runtime
from retrieval.cases import for_others
from retrieval.contradiction import contradictions
from retrieval.extraction import extract
from retrieval.passage import Ticket
from retrieval.sources import RawTicket, open_source


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Runtime:
    return Runtime.from_folders({}, Path(tmp_path_factory.mktemp("cache")), 1)


@pytest.fixture(scope="module")
def current() -> dict[str, str]:
    """The answers that hold now, by intent."""
    shop = read_shop(DEMO / "shop.yaml")
    return {spec.name: wording(spec.answer, shop, {}) for spec in read_intents(DEMO / "intents")}


@pytest.mark.parametrize(
    ("intent", "answer", "what"),
    [
        ("warranty_terms", "The guarantee on furniture is two years.", {"number of days"}),
        ("warranty_terms", "The guarantee on furniture lasts 12 months.", {"number of days"}),
        ("warranty_terms", "Furniture is guaranteed for five years.", set()),
        ("warranty_terms", "The guarantee on a lamp is two years.", set()),
        ("delivery_cost", "Delivery costs 4.95 pounds.", {"amount"}),
        ("delivery_cost", "Standard delivery costs £3.95 and is free from £40.", {"amount"}),
        ("delivery_cost", "Express is £9.95 and delivery to Ireland £12.", {"amount"}),
        ("delivery_cost", "Delivery of large furniture costs £29.", set()),
        ("delivery_cost", "Standard delivery is free from £50 after the code, so £52 less 10 % is £46.80.", set()),
        ("delivery_express", "Express is not available.", {"reply (yes or no)"}),
        ("delivery_express", "Yes, large furniture can go by express.", {"reply (yes or no)"}),
        ("delivery_express", "Order before 4 pm on a working day and it goes out that day.", {"time"}),
        ("delivery_abroad", "Yes, we deliver to France.", {"reply (yes or no)"}),
        ("delivery_abroad", "No, we do not deliver to France.", set()),
        ("order_cancel", "You cannot cancel an order once placed.", {"reply (yes or no)"}),
        ("order_cancel", "You cannot cancel an order once it is packed.", set()),
        ("showroom_visit", "The showrooms are open Monday to Saturday 9 am to 6 pm.", {"opening time"}),
        ("showroom_visit", "The showrooms are open on Sunday 11 am to 4 pm.", set()),
    ],
)
def test_what_differs_from_the_template_is_told_and_nothing_else(
    intent: str, answer: str, what: set[str], encoder: Runtime, current: dict[str, str]
) -> None:
    assert {found.what for found in contradictions(answer, current[intent], encoder)} == what


def test_no_past_ticket_of_the_demo_that_others_are_told_contradicts_its_template(
    encoder: Runtime, current: dict[str, str]
) -> None:
    rows = [row for file in sorted((DEMO / "tickets").glob("*.jsonl")) for row in open_source(file, "jsonl")]
    tickets = [extract(row, str(row.line)) for row in rows if isinstance(row, RawTicket)]
    told = [one for one in tickets if isinstance(one, Ticket) and for_others(one)]
    assert len(told) > 50
    found = {one.answer: contradictions(one.answer, current[one.intent or ""], encoder) for one in told}
    assert {answer: differs for answer, differs in found.items() if differs} == {}
