"""A stream lets out what the screen lets out, whatever the cuts, and nothing too early."""

from base64 import b64encode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guardrails.policy import DEFAULT, Policy
from guardrails.screen import Screen
from guardrails.stream import FAR, REACH, Stream
from guardrails.verdict import Action

PLAIN = [
    "Thank you for waiting so patiently for the parcel.",
    "The Wren sofa is made to order, so it takes a while longer than the others.",
    "You will find the label in the box, under the lid!",
    "Is there anything else?\n\nWe are here every day.",
    "It measures 180 by 90 and weighs 41 kilos.",
]
VALUES = [
    "Write to bob.marsh@example.com or to his colleague.",
    "Call 0117 496 0123 before noon.",
    "The number is four one one one, one one one one, one one one one, one one one one.",
    "Card 4111 1111 1111 1111, please.",
    "Card 4111\n1111\n1111\n1111, please.",
    "The account is GB82 WEST 1234 5698 7654 32.",
    "His mail is bob [at] example [dot] com, he says.",
    "In code: Ym9iLm1hcnNoQGV4YW1wbGUuY29t and so on.",
    "We wrote to [EMAIL_1] and to [NAME_2].",
]
SECRETS = ["bob.marsh", "496 0123", "one one one one", "1111", "WEST", "bob [at]", "Ym9i", "EMAIL_1"]
TEXTS = st.lists(st.sampled_from(PLAIN + VALUES), min_size=1, max_size=9).map(" ".join)


def streamed(stream: Stream, pieces: list[str]) -> str:
    return "".join([*(stream.push(piece) for piece in pieces), stream.close()])


def cut(text: str, places: list[int]) -> list[str]:
    ends = sorted({min(place, len(text)) for place in places})
    return [text[a:b] for a, b in zip([0, *ends], [*ends, len(text)], strict=True)]


@given(TEXTS, st.lists(st.integers(0, 700), max_size=12))
@settings(max_examples=60, deadline=None)
def test_whatever_the_cuts_it_lets_out_what_the_whole_would_be(screen: Screen, text: str, places: list[int]) -> None:
    stream = screen.stream("out")
    assert streamed(stream, cut(text, places)) == screen.screen(text, "out").verdict.text
    assert stream.verdict.text == screen.screen(text, "out").verdict.text


def test_at_every_cut_nothing_redacted_gets_out(screen: Screen) -> None:
    text = " ".join((PLAIN[1], VALUES[0], PLAIN[0], VALUES[4], PLAIN[2], VALUES[7], PLAIN[3]))
    whole = screen.screen(text, "out").verdict.text
    for place in range(len(text) + 1):
        stream = screen.stream("out")
        first = stream.push(text[:place])
        assert whole.startswith(first)
        assert first + stream.push(text[place:]) + stream.close() == whole


def test_letter_by_letter_nothing_redacted_gets_out(screen: Screen) -> None:
    text = " ".join((*PLAIN, VALUES[2], *PLAIN, VALUES[1]))
    stream, out = screen.stream("out"), ""
    for letter in text:
        out += stream.push(letter)
        assert not any(secret in out for secret in SECRETS)
        assert stream.held <= FAR + REACH
    out += stream.close()
    assert out == screen.screen(text, "out").verdict.text


def test_most_of_a_long_answer_is_out_before_it_ends(screen: Screen) -> None:
    text = " ".join(PLAIN * 3)
    stream = screen.stream("out")
    assert len(stream.push(text)) > len(text) - REACH - 150


def test_spans_count_in_the_whole_text(screen: Screen) -> None:
    text = " ".join((*PLAIN, *PLAIN, VALUES[0]))
    stream = screen.stream("out")
    streamed(stream, cut(text, [100, 200, 300]))
    (finding,) = [f for f in stream.verdict.findings if f.guard == "pii"]
    assert text[finding.spans[0].start : finding.spans[0].end] == "bob.marsh@example.com"
    assert stream.verdict.action is Action.REDACT


def test_what_is_refused_stops_the_stream(screen: Screen) -> None:
    text = " ".join((*PLAIN, *PLAIN, "See https://evil.example/x now.", *PLAIN))
    stream = screen.stream("out")
    out = "".join(stream.push(letter) for letter in text) + stream.close()
    assert stream.stopped
    assert "evil" not in out
    assert text.startswith(out)
    assert (stream.push("more"), stream.verdict.action) == ("", Action.REFUSE)


def test_a_private_key_is_held_until_it_ends(screen: Screen) -> None:
    key = "-----BEGIN PRIVATE KEY-----\n" + "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n" * 20 + "-----END PRIVATE KEY-----"
    stream = screen.stream("in")
    out = "".join(stream.push(letter) for letter in f"My key is this.\n{key}\n" + " ".join(PLAIN * 2)) + stream.close()
    assert "MIIE" not in out
    assert "[SECRET_" in out


PACKED = b64encode((f"{PLAIN[1]} " * 3 + "my card is 4111 1111 1111 1111. " + f"{PLAIN[1]} " * 3).encode()).decode()


@pytest.mark.parametrize("width", [36, 60, 76])
@pytest.mark.parametrize("step", [1, 7, 61, 1000])
def test_base64_in_lines_is_held_until_it_ends_however_long(screen: Screen, width: int, step: int) -> None:
    assert len(PACKED) > 2 * REACH
    lines = "\n".join(PACKED[at : at + width] for at in range(0, len(PACKED), width))
    text = f"Here is a note.\n{lines}\nThat is all of it.\n" + " ".join(PLAIN)
    stream, pieces = screen.stream("in"), cut(text, list(range(step, len(text), step)))
    assert streamed(stream, pieces) == screen.screen(text, "in").safe.text
    assert "[CARD_1]" in stream.verdict.text


def test_past_the_limit_it_stops(screen: Screen) -> None:
    outs = []
    for pieces in ([" ".join(PLAIN * 20)], list(" ".join(PLAIN * 20))):
        stream = screen.stream("out")
        outs.append(streamed(stream, pieces))
        assert stream.verdict.action is Action.REFUSE
    assert outs[0] == outs[1]


def test_a_sentence_is_rewritten_once(screen: Screen) -> None:
    rows = DEFAULT.read_text(encoding="utf-8")
    start = rows.index("    grounding:\n")
    row = "    grounding:\n      threshold: 0.75\n      action: rewrite\n      message: 'Ask us. '\n      why: x\n"
    text = " ".join((*PLAIN[:4], "It costs £9 today.", *PLAIN[:4]))
    stream = screen.under(Policy.parse(rows[:start] + row)).stream("out", evidence=(" ".join(PLAIN),))
    assert streamed(stream, list(text)) == text.replace("It costs £9 today. ", "Ask us. ")


@pytest.mark.parametrize("text", ["", " ", "\n" * 400, "x" * 900, "a b " * 300])
def test_odd_texts_come_out_whole(screen: Screen, text: str) -> None:
    assert streamed(screen.stream("out"), list(text)) == text
