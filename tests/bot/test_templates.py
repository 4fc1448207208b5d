"""Answer templates fill in facts and slots, and can do nothing else."""

import pytest
from jinja2 import TemplateError

from bot.errors import ContentError
from bot.templates import check, render

SHOP = {"name": "Larch & Loom", "days": 5}


@pytest.mark.parametrize(
    ("source", "slots", "text"),
    [
        ("Within {{ shop.days }} days.", {}, "Within 5 days."),
        ("Write to {{ shop.name }}.", {}, "Write to Larch & Loom."),  # text, not HTML: the page escapes
        ("{% if order %}Order {{ order }}{% else %}It{% endif %} is here.", {"order": "LL-1"}, "Order LL-1 is here."),
        ("{% if order %}Order {{ order }}{% else %}It{% endif %} is here.", {}, "It is here."),  # a slot is optional
        ("We write to {{ email }}.", {"email": "[EMAIL_1]"}, "We write to [EMAIL_1]."),  # never the address itself
        ("{% if product %}The {{ product }}{% else %}That{% endif %}", {"product": "Wren"}, "The Wren"),
        ("  Two   spaces\tand a tab  ", {}, "Two spaces and a tab"),
        ("One\n\n- two", {}, "One\n\n- two"),  # lines stay
        ("{{ order }}", {"order": "{{ shop.days }}"}, "{{ shop.days }}"),  # what a customer wrote is not a template
    ],
)
def test_facts_and_slots_are_filled_in(source: str, slots: dict[str, str], text: str) -> None:
    assert render(source, SHOP, slots) == text


@pytest.mark.parametrize("source", ["{{ shop.fax }}", "{{ weather }}", "{{ shop.days.nothing }}"])
def test_a_fact_that_the_shop_does_not_have_is_an_error_and_not_a_gap(source: str) -> None:
    with pytest.raises(ContentError, match="cannot be filled in"):
        render(source, SHOP, {})


@pytest.mark.parametrize(
    "source",
    [
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ shop.__class__ }}",
        "{{ shop.__init__.__globals__ }}",
        "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
        "{{ self.__init__.__globals__ }}",
        "{{ lipsum.__globals__['os'] }}",
        "{{ shop|attr('__class__') }}",
        "{{ '{0.__class__}'.format(shop) }}",
        "{{ shop.update({'name': 'x'}) }}",  # the facts stay as they are
        "{{ shop.clear() }}",
        "{{ range(10 ** 9) | list }}",
        "{% include '/etc/passwd' %}",
        "{% import 'os' as os %}",
        "{{ 10 ** 10 ** 10 }}",
        "{{ 'x' * 10 ** 9 }}",
        "{{ 1 / 0 }}",
        "{{ shop.days + 'a' }}",
    ],
)
def test_a_template_that_reaches_out_is_refused(source: str) -> None:
    facts = dict(SHOP)
    with pytest.raises(ContentError):
        render(source, facts, {})
    assert facts == SHOP


@pytest.mark.parametrize("source", ["{% if", "{{ a b }}", "{% endif %}", "{{ x | nothing_such }}"])
def test_a_template_that_does_not_compile_is_found_before_it_is_needed(source: str) -> None:
    with pytest.raises(TemplateError):
        check(source)
