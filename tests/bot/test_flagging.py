"""Past answers against the templates that hold now."""

from bot.flagging import flag_tickets
from bot.records import IntentSpec
from bot.store import Store
from retrieval.passage import Ticket
from tests.retrieval.conftest import HashingEncoder


def test_an_answer_with_another_number_than_the_template_is_flagged_until_the_template_agrees(light: Store) -> None:
    spec = IntentSpec("returns", "returns", "Returns", "", "You can return a lamp within {{ shop.days }} days.")
    light.content.put_intents([spec])
    with light.tickets.importing("csv", "a.csv") as batch:
        answers = ("You can return a lamp within 14 days.", "You can return a lamp within 30 days.")
        batch.add([Ticket(f"t{n}", "q", answer, intent="returns") for n, answer in enumerate(answers)])
        batch.add([Ticket("t2", "q", "You can return a lamp within 7 days.")])
    assert flag_tickets(light, {"days": 30}, HashingEncoder()) == 1
    ((ticket),) = light.tickets.flagged()
    assert ticket.id == "t0"
    assert "14 days" in ticket.flag
    assert flag_tickets(light, {"days": 14}, HashingEncoder()) == 1
    assert [t.id for t in light.tickets.flagged()] == ["t1"]


def test_what_was_said_of_one_case_is_not_held_against_the_template_unless_staff_wrote_it_for_all(light: Store) -> None:
    light.content.put_intents(
        [IntentSpec("returns", "returns", "Returns", "", "You can return a lamp within 30 days.")]
    )
    said = "I have extended it: you can return a lamp within 60 days."
    with light.tickets.importing("csv", "a.csv") as batch:
        batch.add([Ticket("t0", "q", said, intent="returns")])
        batch.add([Ticket("t1", "r", said, intent="returns", conversation="c")])
    assert flag_tickets(light, {}, HashingEncoder()) == 1
    assert [t.id for t in light.tickets.flagged()] == ["t1"]
