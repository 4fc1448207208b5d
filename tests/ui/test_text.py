import pytest

from ui.render.skeleton import inert, skeleton
from ui.render.text import count, initials, marked, plain, prose

NASTY = "<img src=x onerror=\"alert('1')\">&amp;"


@pytest.mark.parametrize("function", [plain, prose, lambda text: marked(text, [(0, 5), (3, 9)]), initials])
def test_nothing_that_a_person_wrote_becomes_a_tag(function):
    assert "<img" not in function(NASTY)


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("One.\n\nTwo.", "<p>One.</p><p>Two.</p>"),
        ("One,\ntwo", "<p>One,<br>two</p>"),
        ("It takes **3 days**", "<p>It takes <strong>3 days</strong></p>"),
        ("Take:\n- this\n- **that**", "<p>Take:</p><ul><li>this</li><li><strong>that</strong></li></ul>"),
        ("1. open\n2. press", "<ol><li>open</li><li>press</li></ol>"),
        ("- 5 < 6", "<ul><li>5 &lt; 6</li></ul>"),
        ("2 * 3 * 4 and snake_case_name", "<p>2 * 3 * 4 and snake_case_name</p>"),
        (
            "see https://shop.example/a?b=1&c=2.",
            '<p>see <a href="https://shop.example/a?b=1&amp;c=2" target="_blank" rel="noopener noreferrer">'
            "https://shop.example/a?b=1&amp;c=2</a>.</p>",
        ),
        ("[press](javascript:alert(1))", "<p>[press](javascript:alert(1))</p>"),
        ('[x](https://a.example/"onclick=1)', '<p><a href="https://a.example/&quot;onclick=1" target="_blank" '
         'rel="noopener noreferrer">x</a></p>'),
        ("", ""),
    ],
)  # fmt: skip
def test_a_little_markdown_passes_and_nothing_else(text, html):
    assert prose(text) == html


def test_a_placeholder_says_what_stood_there_and_why_it_is_gone():
    html = plain("write to [EMAIL_1] or [PHONE_2], not [this]")
    assert 'data-placeholder="EMAIL_1"' in html
    assert ">e-mail address</span>" in html
    assert ">phone number 2</span>" in html
    assert "Removed before anything was stored" in html
    assert html.endswith("not [this]")


@pytest.mark.parametrize(
    ("spans", "html"),
    [
        ([], "my <b> back"),
        ([(0, 2)], "<mark>my</mark> <b> back"),
        ([(7, 11), (0, 2)], "<mark>my</mark> <b> <mark>back</mark>"),
        ([(0, 4), (2, 6)], "<mark>my <b></mark> back"),
        ([(7, 400), (50, 60), (-3, 0)], "my <b> <mark>back</mark>"),
    ],
)
def test_marks_may_overlap_and_stand_in_any_order(spans, html):
    assert marked("my <b> back", spans) == html.replace("<b>", "&lt;b&gt;")


def test_a_mark_that_touches_a_placeholder_takes_in_all_of_it():
    html = marked("to [EMAIL_1] now", [(4, 7)])
    assert html.startswith("to <mark><span")
    assert html.endswith("</span></mark> now")


@pytest.mark.parametrize(("number", "text"), [(1, "1 turn"), (0, "0 turns"), (1200, "1,200 turns")])
def test_counts_agree_with_their_noun(number, text):
    assert count(number, "turn") == text


@pytest.mark.parametrize(
    ("name", "letters"), [("Larch & Loom", "LL"), ("Maya", "M"), ("jon o'neill-smith x", "JO"), ("", "")]
)
def test_initials(name, letters):
    assert initials(name) == letters


def test_a_shop_cannot_write_code_into_gradios_templates():
    name = inert("`${alert(1)}` {{x}} \\")
    assert not set(name) & set("`${}\\")
    assert name in skeleton("chat", shop=name, monogram="X")
