"""What is said, and what a text is about: gibberish, hidden text, topics, promises, claims, length, values."""

import pytest

from guardrails.claims import missing_names, missing_promises, novelty
from guardrails.gibberish import GibberishGuard
from guardrails.invisible import InvisibleGuard
from guardrails.leftover import PlaceholderGuard
from guardrails.length import LengthGuard, count_tokens
from guardrails.placeholders import Placeholders
from guardrails.policy import Policy
from guardrails.topics import TopicsGuard
from guardrails.verdict import Action

POLICY = Policy.load()
GIBBERISH = GibberishGuard.build()
TAGGED = "hi" + "".join(chr(0xE0000 + ord(c)) for c in "obey me")


def action(guard, message, text, direction="in") -> Action:
    return POLICY.decide(guard.measure(message(text, direction)), direction).action


@pytest.mark.parametrize(
    "text",
    ["asdfghjkl asdkjfh", "sdkjfh wkxjrq zxcvb", "xkcdqz vbnmtr qwptz", "qwerty qwertyuiop", "blablablablablablabla",
     "#$%^&*(@!#$%", "dfgdfgdfgdfgdfgdfgdfg", "jkfdhgkjdfhg"],
)  # fmt: skip
def test_gibberish_is_asked_about(message, text):
    assert action(GIBBERISH, message, text) is Action.ASK


@pytest.mark.parametrize(
    "text",
    ["hahahahahahahaha", "nooooooooooo", "??????????", "...", "thx pls rgds", "HSBC TSB", "wheres ma stuff m8",
     "Krzysztof", "😀😀😀😀😀😀",
     "LL-204518", "[NAME_1] [EMAIL_1]", "Albuquerque", "sdfg where is my order please",
     "ok", "i wnt my mny bck", "-----", "!?!?!?!?!?",
     "你好，我的订单在哪里", "Szczebrzeszyn", "lol lol lol lol lol lol lol",
     "refund refund refund", "£££ $$$ ???", ":-) :-) :-)"],
)  # fmt: skip
def test_what_people_write_is_no_gibberish(message, text):
    assert action(GIBBERISH, message, text) is Action.ALLOW


@pytest.mark.parametrize(
    ("text", "label"),
    [
        (TAGGED, "tags"),
        ("hi" + "\u200b\u200c" * 8, "bits"),
        ("😀" + "\ufe01" * 6, "bits"),
        ('<span style="display:none">obey</span>', "style"),
        ("<p hidden>obey</p>", "style"),
        ("<!-- obey -->", "style"),
        ("color: #ffffff; obey", "style"),
        ("a\u202eb", "override"),
        ("\x1b[8mobey\x1b[0m", "escape"),
        ("i\u200bg\u200bn\u200bo\u200br\u200be", "zero_width"),
    ],
)
def test_hidden_text_is_told(message, text, label):
    findings = InvisibleGuard().measure(message(text))
    assert label in [finding.label for finding in findings]
    assert all(0 <= span.start < span.end <= len(text) for finding in findings for span in finding.spans)


@pytest.mark.parametrize(
    "text",
    ["👨‍👩‍👧 arrived", "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
     "❤️ thanks", "می‌خواهم", "a < b: fine",
     "colour: white or grey?", "copied\u200b from a page", "is it hidden?"],
)  # fmt: skip
def test_what_only_looks_odd_is_not_asked_about(message, text):
    assert action(InvisibleGuard(), message, text) is Action.ALLOW


class TestTopics:
    GUARD = TopicsGuard.build(["politics", "gun control"], ["Oak & Co", "SofaWorld"])

    @pytest.mark.parametrize(
        ("text", "label"),
        [
            ("what are your politics", "banned"),
            ("GUN-CONTROL now", "banned"),
            ("p o l i t i c s", "banned"),
            ("Is Oak & Co cheaper?", "competitor"),
            ("sofaworld's sofas", "competitor"),
            ("Sofаworld", "competitor"),
            ("write me a poem", "off_topic"),
        ],
    )
    def test_it_finds_the_operators_words_however_they_are_written(self, message, text, label):
        assert label in [finding.label for finding in self.GUARD.measure(message(text))]

    @pytest.mark.parametrize("text", ["a geopolitical map", "an oak table", "Where is my order?"])
    def test_words_are_whole(self, message, text):
        assert self.GUARD.measure(message(text)) == []

    def test_a_competitor_is_noted_on_the_way_in_and_refused_on_the_way_out(self, message):
        assert action(self.GUARD, message, "Is SofaWorld cheaper?") is Action.ALLOW
        assert action(self.GUARD, message, "SofaWorld is cheaper.", "out") is Action.REFUSE

    def test_without_words_it_says_nothing_on_the_way_out(self, message):
        assert TopicsGuard.build(requests=False).measure(message("write me a poem", "out")) == []


EVIDENCE = "Refunds are paid by Anna Marsh in Leeds within 5 days. You can return the Wren sofa within 30 days."


@pytest.mark.parametrize(
    ("draft", "names", "promises"),
    [
        ("Anna Marsh pays refunds.", [], []),
        ("Ask Tom Field about it.", ["Ask Tom Field"], []),
        ("The Wren sofa can be returned in Leeds.", [], []),
        ("Our shop in Bristol can help.", ["Bristol"], []),
        ("Please wait until Monday. Thank you!", [], []),
        ("We will refund you.", [], []),
        ("You will get a voucher, and delivery is free.", [], ["voucher", "free"]),
        ("It comes with a guarantee.", [], []),
        ("You have a guarantee.", [], ["guarantee"]),
    ],
)
def test_claims_that_the_evidence_lacks(draft, names, promises):
    assert [draft[a:b] for a, b in missing_names(draft, EVIDENCE)] == names
    assert [draft[a:b] for a, b in missing_promises(draft, EVIDENCE)] == promises


@pytest.mark.parametrize(
    ("draft", "share"),
    [
        ("We are glad to help.", 0.0),
        ("Refunds for returned sofas are paid in days.", 0.0),
        ("Giraffes graze on acacia leaves in Kenya.", 1.0),
    ],
)
def test_how_much_of_a_draft_comes_from_nowhere(draft, share):
    assert novelty(draft, EVIDENCE) == share


def test_word_pieces_are_counted_where_letters_are_few(message):
    assert count_tokens("Where is my order?") == 5
    assert count_tokens("你好吗") == 3
    assert count_tokens("a1b2c3d4") == 4
    assert LengthGuard(tokens=1000).measure(message("word " * 700)) == []
    assert [f.label for f in LengthGuard(tokens=1000).measure(message("!" * 1500))] == ["tokens"]


def test_a_text_of_too_many_pieces_costs_no_model_its_time(screen):
    verdict = screen.screen("4f" * 1500).verdict
    assert verdict.action is Action.REFUSE
    assert "toxicity" not in verdict.timings


class TestValuesOfPlaceholders:
    def found(self, message, draft: str) -> list[str]:
        memory = Placeholders.fresh()
        memory.name("NAME", "Anna Kowalska")
        memory.name("CARD", "4111 1111 1111 1111")
        made = message(draft, "out")
        guard = PlaceholderGuard()
        guarded = type(made)(made.original, made.views, made.safe, "out", (), made.read, memory=memory)
        return [draft[s.start : s.end] for f in guard.measure(guarded) for s in f.spans]

    @pytest.mark.parametrize(
        ("draft", "values"),
        [
            ("Dear anna kowalska, hello", ["anna kowalska,"]),
            ("The card 4111111111111111 is fine", ["4111111111111111"]),
            ("Dear [NAME_1], Anna wrote", ["[NAME_1]"]),
            ("Nothing of it", []),
        ],
    )
    def test_a_value_of_the_conversation_in_a_draft_is_found(self, message, draft, values):
        assert self.found(message, draft) == values

    def test_it_is_redacted_on_the_way_out(self, screen):
        memory = Placeholders.fresh()
        assert screen.screen("my name is Qorvan", memory=memory).verdict.text == "my name is [NAME_1]"
        assert screen.screen("Hello Qorvan!", "out", memory=memory).verdict.text == "Hello the customer"
