"""What goes off a text and what stays."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.cleaning import clean_answer, clean_question, without_signature


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("@WmPowellJr Hey Bill, thanks for checking in! Have you tried the web?", "Thanks for checking in! Have you tried the web?"),  # noqa: E501
        ("@Rmincher HI Richard, sorry to hear about this. Try again. Thanks, ^AK", "Sorry to hear about this. Try again."),  # noqa: E501
        ("@weedieyan Hey there. We’d love to have it. We're a tweet away /TF", "We’d love to have it. We're a tweet away"),  # noqa: E501
        ("@Elin_136 Please follow this link: https://support.x.com/c/2 *TB", "Please follow this link: https://support.x.com/c/2"),
        ("@Mari Contact AT&amp;T for that. -MD", "Contact AT&T for that."),
        ("@sam Public health guidance. Thanks. -Cyn", "Public health guidance."),
        ("(1/2) @sam Restart the box.", "Restart the box."),
        ("Hello Ruth,\n\nIt is on its way.\n\nWarm wishes,\nPriya", "It is on its way."),
        ("Dear Mr or Mrs Lanyon, the bracket is there. Yours sincerely, Margaret", "The bracket is there."),
        ("All done.\n\nKind regards,\nPriya Shah\nLantern & Loom\n020 7946 0000 | www.x.com", "All done."),
        ("All done. Yours sincerely, Margaret, Larch & Loom", "All done."),
        ("All done.\nWarm wishes, Priya (Larch & Loom)", "All done."),
        ("All done.\n\nYours sincerely,\nMargaret\nLarch & Loom Customer Care", "All done."),
        ("Try a new bulb.\n\n-- \nTom\nSupport", "Try a new bulb."),
        ("Hi Amir. Thanks for reaching out to us. Reset it here.", "Reset it here."),
        ("See https://hulu.com/help?id=7&utm_source=tw&utm_medium=x.", "See https://hulu.com/help?id=7."),
        ("See https://web.archive.org/web/20200401/https://x.com/a for more", "See https://x.com/a for more"),
        ("More here: https://t.co/Ab12 or ask.", "More here: or ask."),
        ("See https://t.co/Ab12 for details. Hold the button.", "Hold the button."),
        ("Hold the button. Learn more here: https://t.co/Ab12 https://t.co/Ab13", "Hold the button."),
        ("Hold the button, see https://t.co/Ab12.", "Hold the button."),
        ("Sign in at https://t.co/Ab12 and choose Reset.", "Sign in and choose Reset."),
        ("Thanks for reaching out to us today, Sarah! Hold the button.", "Hold the button."),
        ("Thank you for your message. Sarah is the name of the lamp.", "Sarah is the name of the lamp."),
    ],
)  # fmt: skip
def test_an_answer_is_freed_of_what_belongs_to_one_agent_or_customer(written: str, kept: str) -> None:
    assert clean_answer(written) == kept


@pytest.mark.parametrize(
    ("agent", "written", "kept"),
    [
        ("Tom", "Works until it's packed.\nTom", "Works until it's packed."),
        ("Olu", "Then I can release a new one. Olu", "Then I can release a new one."),
        ("Dee", "Right, bag it. Dee x", "Right, bag it."),
        ("Priya Shah", "It is on its way. Priya", "It is on its way."),
        ("Tom", "Ask for Tom at the desk.", "Ask for Tom at the desk."),
        ("Olu", "Hello, Olu here. You need no account.\nOlu", "You need no account."),
        ("Ann Lee", "Hi Bo, it's Ann here - try a new bulb. Ann", "Try a new bulb."),
        ("Tom", "Tom here is the one to ask.", "Tom here is the one to ask."),
    ],
)
def test_a_known_agents_name_goes_off_both_ends_only(agent: str, written: str, kept: str) -> None:
    assert clean_answer(written, agent) == kept


@pytest.mark.parametrize(
    "promise",
    [
        "The money follows within 5 working days.",
        "We will refund you tomorrow",
        "Thanks\nWe will refund you tomorrow",
        "I have taken one of the two £29s off.",
        "Best to wait until Monday.",
        "Dearest is the sofa, at £640.",
        "Regards the sofa: it comes on the 3rd.",
        "Write to help@shop.com.",
        "Both come in M10 - ask for that",
        "It is 70 x 240 cm",
        "Ring 1/2 an hour before.",
    ],
)
def test_promises_stay_word_for_word(promise: str) -> None:
    assert clean_answer(promise) == promise


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("@Photoshop my account renews in April @bob", "Photoshop my account renews in April"),
        ("Hello, is it stuck? Kind regards, Ruth Adeyemi", "is it stuck?"),
        ("Good morning. Where is it?\n\nSent from my iPhone", "Where is it?"),
        ("write to me at ann@shop.com", "write to me at ann@shop.com"),
        ("hi", "hi"),
        ("(1/2) @Photoshop I'm not receiving it", "Photoshop I'm not receiving it"),
    ],
)
def test_a_question_keeps_the_names_of_public_accounts_alone(written: str, kept: str) -> None:
    assert clean_question(written, {"photoshop"}) == kept


@given(st.text(max_size=300))
def test_any_text_can_be_cleaned_and_nothing_unstorable_remains(text: str) -> None:
    for cleaned in (clean_answer(text, "Tom"), clean_question(text)):
        cleaned.encode("utf-8")
        assert "\x00" not in cleaned


def test_a_very_long_text_takes_no_long_time() -> None:
    for filler in ("word ", "a. ", "\n", "Hi Bob, ", "- ", "x@", "^A ", "Thanks, "):
        clean_answer(filler * 20_000, "Tom")
        clean_question(filler * 20_000)


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("Please help. Kind regards, [NAME_1]", "Please help."),
        ("please help kind regards tom", "please help"),
        ("Where is it?\n\nYours sincerely\n[NAME_1]\n[PHONE_1]", "Where is it?"),
        ("I want to return it.\nRegards,\nAnn Lee", "I want to return it."),
        ("Best wishes to the team, and where is it?", "Best wishes to the team, and where is it?"),
        ("It works. Thank you, [NAME_1]", "It works. Thank you, [NAME_1]"),  # thanks may be what is meant
        ("Kind regards, [NAME_1]", "Kind regards, [NAME_1]"),  # nothing else is said
        ("a question with regards to my order", "a question with regards to my order"),
    ],
)
def test_a_formal_signature_goes_off_what_is_read_and_thanks_stay(said: str, read: str) -> None:
    assert without_signature(said) == read
