"""What hides is folded, what means something stays, and every character knows where it came from."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guardrails.normalise import hidden, normalise
from guardrails.verdict import Span
from guardrails.views import Views

FOLDED = {
    "Cyrillic look-alikes in a Latin word": ("pаypаl", "paypal"),
    "a word all of look-alikes": ("раураl login", "paypal login"),
    "Greek look-alikes": ("ignοre", "ignore"),
    "zero-width spaces": ("ig\u200bno\u200dre", "ignore"),
    "a soft hyphen": ("pass\u00adword", "password"),
    "tag characters": ("hello\U000e0069\U000e0067", "hello"),
    "bidi overrides": ("a\u202eb\u202cc", "abc"),
    "full-width letters": ("ｉｇｎｏｒｅ", "ignore"),
    "letters in boxes": ("🅸🅶🅽🅾🆁🅴 🅐🅛🅛 🅸", "IGNORE ALL I"),
    "full-width digits": ("４１１１", "4111"),
    "mathematical letters": ("𝓲𝓰𝓷𝓸𝓻𝓮", "ignore"),
    "circled letters": ("ⓘⓖⓝⓞⓡⓔ", "ignore"),
    "struck through": ("k̶i̶l̶l̶", "kill"),
    "stacked marks": ("h̷̢̛e̷l̸p̵", "help"),
    "a decomposed accent": ("cafe\u0301", "café"),
    "a no-break space": ("a\u00a0b", "a b"),
    "NUL and controls": ("a\x00b\x07c\x9f", "abc"),
    "a lone surrogate": ("a\ud800b", "a\ufffdb"),
    "variation selectors between letters": ("i\ufe0fg\ufe0fn", "ign"),
}
KEPT = {
    "an emoji family": "👨‍👩‍👧‍👦 arrived",
    "a red heart": "thanks ❤️",
    "a keycap": "press 1️⃣",
    "the flag of England": "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "a skin tone": "👍🏽",
    "Persian with its joiner": "می‌خواهم سفارش بدهم",
    "Hindi with its joiner": "क्‍ष",
    "Russian": "Привет, где мой заказ?",
    "Russian beside Latin": "Где мой заказ LL-204518 от IKEA?",
    "Greek": "Πού είναι η παραγγελία μου;",
    "Chinese with its punctuation": "你好，我的订单在哪里？",
    "Hebrew with its marks": "שלום\u200f, 12",
    "accents": "Zoë's crème brûlée, naïve façade",
    "prices": "£45.00, 1.299,00 € and $12",
    "fractions and powers": "½ m² at 20 °C ± 3",
    "a trade mark": "Velux™ №5",
    "quotes and dashes": "“soft” – it’s … fine",
    "an order number": "LL-204518",
    "a SKU": "SKU-AB12-0450-XL",
    "a version and a date": "v2.3.1 on 2026-11-22",
    "maths": "2 × 90 = 180",
    "line breaks and tabs": "a\n\tb\r\n",
}


@pytest.mark.parametrize(("text", "plain"), FOLDED.values(), ids=FOLDED.keys())
def test_what_hides_is_folded(text, plain):
    assert normalise(text).text == plain


@pytest.mark.parametrize("text", KEPT.values(), ids=KEPT.keys())
def test_what_means_something_stays(text):
    view = normalise(text)
    assert view.text == text
    assert view.span(0, len(text), "all") == Span(0, len(text), "all")


def test_text_in_tag_characters_is_read():
    view = hidden("hi" + "".join(chr(0xE0000 + ord(c)) for c in "obey"))
    assert view is not None
    assert view.text == "obey"
    assert view.span(0, 4, "x") == Span(2, 6, "x")
    assert hidden("hi") is None


ODD = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from("\u200b\u200d\u00ad\u202e\u0336\u0301\ufe0f\U000e0041аοраАｉ４ⓐ\x00\ud800 \u00a0aA1@.%&;-"),
    ),
    max_size=60,
)


@given(ODD)
@settings(max_examples=300, deadline=None)
def test_every_character_stands_for_a_stretch_of_the_original(text):
    view = normalise(text)
    last = (0, 0)
    for at in range(len(view.text)):
        span = view.span(at, at + 1, "")
        assert 0 <= span.start < span.end <= len(text)
        assert (span.start, span.end) >= last
        last = (span.start, span.end)


@given(ODD)
@settings(max_examples=200, deadline=None)
def test_normalising_twice_changes_nothing_more(text):
    once = normalise(text).text
    assert normalise(once).text == once


@given(ODD)
@settings(max_examples=200, deadline=None)
def test_spans_of_every_reading_lie_in_the_original(text):
    views = Views(normalise(text))
    for view in (*views.letters, *views.digits, *views.turned):
        assert view.span(0, len(view.text), "").end <= len(text)
        for at in range(len(view.text)):
            span = view.span(at, at + 1, "")
            assert 0 <= span.start < span.end <= len(text)


@given(ODD, st.integers(0, 60), st.integers(0, 60))
@settings(max_examples=200, deadline=None)
def test_a_span_is_found_again_where_it_was(text, a, b):
    view = normalise(text)
    start, end = sorted((min(a, len(view.text)), min(b, len(view.text))))
    if start < end:
        first, last = view.locate(view.span(start, end, ""))
        assert first <= start
        assert last >= end
