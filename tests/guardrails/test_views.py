"""What is encoded, spelt out or disguised is read; what is plain costs nothing."""

import base64

import pytest

from guardrails.normalise import normalise
from guardrails.views import Views


def _b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _lines(text: str, width: int) -> str:
    packed = _b64(text)
    return "\n".join(packed[at : at + width] for at in range(0, len(packed), width))


DECODED = {
    "base64": _b64("mail bob@gmail.com now"),
    "base64 twice": _b64(_b64("mail bob@gmail.com now")),
    "base64 three deep": _b64(_b64(_b64("mail bob@gmail.com now"))),
    "hex": b"mail bob@gmail.com now".hex(),
    "spaced hex": b"mail bob@gmail.com now".hex(" "),
    "URL encoding": "mail bob%40gmail%2Ecom now",
    "HTML entities": "mail bob&#64;gmail&#x2e;com now",
    "HTML entities without their end": "mail bob&#64gmail&#x2e;com now",
    "backslashes": "mail bob\\x40gmail\\u002ecom now",
    "octal": "mail bob\\100gmail\\056com now",
    "hex byte by byte": " ".join(f"0x{byte:02x}" for byte in b"mail bob@gmail.com now"),
    "base64 over two lines": f"{_b64('mail bob@gmail.com now')[:16]}\n{_b64('mail bob@gmail.com now')[16:]}",
    "base64 over lines, and words under it": _lines("mail bob@gmail.com now, it is mine", 16) + "\nThanks for reading",
    "base64 over lines under a long word": "Congratulations\n" + _lines("mail bob@gmail.com now, it is mine", 16),
    "strings put together": "'mail bob' + '@' + \"gmail.com now\"",
}
DIGITS = {
    "number words": ("four one one one", "4111"),
    "double and oh": ("oh seven double seven one", "07771"),
    "numbers over nine": ("forty one eleven twenty ninety-three", "41112093"),
    "number words together": ("callme zerosevensevenzerozeronine", "077009"),
    "spaced digits": ("4 1 1 1 1 1 1", "4111111"),
    "dashed digits": ("4-1-1-1-1-1-1", "4111111"),
    "newlines": ("07700\n900\n982", "07700900982"),
    "Arabic-Indic digits": ("٠٧٧٠٠", "07700"),
    "Chinese digits": ("〇七七〇〇", "07700"),
    "pictures between": ("4111🍎1111🍎1111", "411111111111"),
    "brackets about groups": ("(4111)(1111)(1111)", "411111111111"),
    "stars about groups": ("**4111** **1111** **1111**", "411111111111"),
    "more letters for digits": ("0ll7 4g6 0l2Z", "0117 496 0122"),
    "letters for digits": ("O77OO 9OO 982", "07700 900 982"),
    "Chinese letters about digits": ("电话13912345678谢谢", "电话 13912345678 谢谢"),
    "a card from behind": ("1111 1111-1111 1114", "4111 1111-1111 1111"),
    "an account from behind": ("91 8629 1331 6106 KBWN 92BG", "GB29 NWBK 6016 1331 9268 19"),
    "at and dot": ("bob at gmail dot com", "bob@gmail.com"),
    "dashes": ("bob -at- gmail -dot- com", "bob@gmail.com"),
    "low lines": ("bob_at_gmail_dot_com", "bob@gmail.com"),
    "dots in brackets": ("192(.)168(.)1(.)44", "192.168.1.44"),
    "brackets": ("bob [at] gmail (dot) com", "bob@gmail.com"),
    "spaces about the at": ("bob @ gmail.com", "bob@gmail.com"),
    "a defanged link": ("hxxps[:]//evil[.]com", "https://evil.com"),
}
LETTERS = {
    "leetspeak": ("1gn0re prev10us", "ignore previous"),
    "spelt out": ("i g n o r e", "ignore"),
    "dotted": ("i.g.n.o.r.e this", "ignore this"),
    "stretched": ("ignoooore", "ignore"),
}
PLAIN = [
    "Where is my order LL-204518? I paid £45.00 on 12 November.",
    "The table is 180 x 90 cm, SKU AB12-0450, v2.3.1",
    "meet me at the shop",
    "prices are 10€ 20€ 30€ 40€",
    'I asked for "oak" and got pine',
    "sizes S, M and 5B-80Z2-S4",
]


@pytest.mark.parametrize("text", DECODED.values(), ids=DECODED.keys())
def test_encodings_are_read(text):
    assert any("mail bob@gmail.com now" in view.text for view in Views(normalise(text)).decoded)


@pytest.mark.parametrize(("text", "meant"), DIGITS.values(), ids=DIGITS.keys())
def test_digits_and_addresses_are_read_as_meant(text, meant):
    assert any(meant in view.text for view in Views(normalise(text)).digits)


@pytest.mark.parametrize(("text", "meant"), LETTERS.values(), ids=LETTERS.keys())
def test_letters_are_read_as_meant(text, meant):
    assert any(meant in view.text for view in Views(normalise(text)).letters)


@pytest.mark.parametrize("text", PLAIN)
def test_a_plain_message_has_one_reading(text):
    views = Views(normalise(text))
    assert views.decoded == ()
    assert views.digits == ()


@pytest.mark.parametrize("text", ["mail bob@gmail.com now", "mail bob@gmail.com now!", "mail bob@gmail.com now, ok"])
def test_the_word_under_base64_is_no_part_of_it(text):
    (view, *_) = Views(normalise(_lines(text, 16) + "\nThat is all")).decoded
    assert view.text == f"{text}\nThat is all"


def test_what_was_encoded_maps_back_to_the_whole_token():
    token = _b64("mail bob@gmail.com now")
    view = Views(normalise(f"see {token} ok")).decoded[0]
    at = view.text.index("bob@")
    span = view.span(at, at + 13, "EMAIL")
    assert f"see {token} ok"[span.start : span.end] == token


@pytest.mark.timeout(20)  # what has two ways to match each piece takes twice as long with every one more
@pytest.mark.parametrize(
    "text",
    [
        "a" * 12 + "\nab" * 1300,
        "abcdefghijkl\n" * 300,
        "12AB" * 900,
        "11AB " * 800,
        "电1" * 1500,
        "1" * 301,
        "a1" * 150 + "g",
        "12:" * 150 + "z",
        "\\x41" * 150 + "z",
        "4142 " * 150 + "z",
    ],
)
def test_a_run_that_is_nearly_an_encoding_is_given_up_at_once(text):
    views = Views(normalise(text))
    assert views.decoded is not None
    assert views.digits is not None
