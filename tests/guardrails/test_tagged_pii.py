"""Personal data that a model has tagged, beside what patterns find."""

import base64
from dataclasses import replace

import pytest

from guardrails.model import Unread
from guardrails.pii import PiiGuard
from models.tagging import Tagged


class TestTagged:
    """What a model has tagged, as one more recognizer."""

    TAGS = (
        Tagged(0, 4, "NAME", 0.9),
        Tagged(9, 14, "PLACE", 0.9),
        Tagged(18, 27, "ADDRESS", 0.9),
        Tagged(32, 36, "DOB", 0.5),
    )
    TEXT = "kavi from Leeds at LL-204518 not 1985"

    def guard(self, **changes) -> PiiGuard:
        return PiiGuard.build(tag=lambda text, reading: list(self.TAGS), **changes)

    def test_kinds_that_count_and_are_sure_are_found_and_the_shops_numbers_stay(self, message):
        (found,) = self.guard().measure(message(self.TEXT))
        assert (found.label, found.reason) == ("NAME", "recognizer: model")
        assert [f.label for f in self.guard(kinds=["PLACE"]).measure(message(self.TEXT))] == ["PLACE"]

    def test_the_shops_own_values_stay(self, message):
        assert self.guard(allow=["Kavi"]).measure(message(self.TEXT)) == []

    def test_a_greeting_is_nobodys_name(self, message):
        guard = PiiGuard.build(tag=lambda text, reading: [Tagged(0, 4, "NAME", 0.99)])
        assert guard.measure(message("Hiya, quick one")) == []
        assert guard.measure(message("SKU AB86-0160-XL")) == []
        assert [f.label for f in guard.measure(message("Kavi, quick one"))] == ["NAME"]

    def test_the_letters_before_a_date_of_birth_are_no_name_and_no_part_of_it(self, message):
        guard = PiiGuard.build(tag=lambda text, reading: [Tagged(0, 4, "NAME", 0.9), Tagged(4, 15, "DOB", 0.9)])
        (found,) = guard.measure(message("D.O.B. 3.5.1985"))
        assert (found.label, found.spans[0].start) == ("DOB", 7)
        spelt = PiiGuard.build(tag=lambda text, reading: [Tagged(3, 18, "DOB", 0.9)])
        assert [f.spans[0].start for f in spelt.measure(message("on March 12, 1985 it"))] == [3]
        without = PiiGuard.build(tag=lambda text, reading: [Tagged(3, 9, "DOB", 0.9)])
        assert without.measure(message("my d.o.b. please")) == []

    def test_the_rules_for_names_yield_to_the_model(self, message):
        text = "my name is kavi booking confirmation 4417"
        assert [text[f.spans[0].start : f.spans[0].end] for f in PiiGuard.build().measure(message(text))] != ["kavi"]
        guard = PiiGuard.build(tag=lambda text, reading: [Tagged(11, 15, "NAME", 0.99)])
        assert [text[f.spans[0].start : f.spans[0].end] for f in guard.measure(message(text))] == ["kavi"]

    def test_the_rules_for_names_yield_to_a_town_that_bears_one(self, message):
        text = "I am moving to Saint Martin"
        assert [f.label for f in PiiGuard.build().measure(message(text))] == ["NAME"]
        guard = PiiGuard.build(tag=lambda text, reading: [Tagged(15, 27, "PLACE", 0.99)])
        assert guard.measure(message(text)) == []

    @pytest.mark.parametrize(
        ("text", "told", "address"),
        [
            ("12 Mill Lane, Leeds\n022 337-5945\nthanks", "12 Mill Lane, Leeds\n022", "12 Mill Lane, Leeds"),
            ("12 Mill Lane\n849-547-2857x613", "12 Mill Lane\n849-547-2857x613", "12 Mill Lane"),
            ("452 kambur 5617951230 it is", "452 kambur 5617951230", "452 kambur"),
            ("12 Mill Lane\n65275-5828", "12 Mill Lane\n65275-5828", "12 Mill Lane\n65275-5828"),
            ("12 Mill Lane Leeds 806 86", "12 Mill Lane Leeds 806 86", "12 Mill Lane Leeds 806 86"),
        ],
    )
    def test_an_address_ends_before_the_telephone_number_under_it(self, message, text, told, address):
        guard = PiiGuard.build(tag=lambda text, reading: [Tagged(0, len(told), "ADDRESS", 0.99)])
        found = [f.spans[0] for f in guard.measure(message(text)) if f.label == "ADDRESS"]
        assert [text[span.start : span.end] for span in found] == [address]

    def test_the_end_of_a_number_is_of_the_number_whatever_it_looks_like(self, message):
        guard = PiiGuard.build(tag=lambda text, reading: [Tagged(0, 5, "ADDRESS", 0.99)])
        last = replace(message("80006"), before=("my passport is 5333",))
        assert [f.label for f in guard.measure(last)] == ["ID"]
        assert [f.label for f in guard.measure(message("80006"))] == ["ADDRESS"]

    @pytest.mark.parametrize(
        ("text", "kind", "label"),
        [
            ("14.30", "ADDRESS", None),
            ("3316", "ADDRESS", None),
            ("gate 6", "ADDRESS", None),
            ("room 101", "ADDRESS", None),
            ("flat 6", "ADDRESS", "ADDRESS"),
            ("K1A 0B1", "ADDRESS", "ADDRESS"),
            ("0x1464", "ADDRESS", None),
            ("مرحبا rug رقم 52", "ADDRESS", None),
            ("10115", "ADDRESS", "ADDRESS"),
            ("Привет", "NAME", None),
            ("Łukasz", "NAME", "NAME"),
            ("12.3.1985", "DOB", "DOB"),
        ],
    )
    def test_what_no_name_or_address_is_written_like_is_none(self, message, text, kind, label):
        guard = PiiGuard.build(tag=lambda text, reading: [Tagged(0, len(text), kind, 0.99)])
        assert [f.label for f in guard.measure(message(text))] == ([label] if label else [])

    def test_what_is_encoded_is_tagged_as_it_is_meant(self, message, model):
        packed = base64.b64encode(b"can the sofa be picked up by Kavi").decode()
        read: list[str] = []

        def tag(text, reading):
            read.append(text)
            return [Tagged(len(text) - 4, len(text), "NAME", 0.99)]

        (found,) = PiiGuard.build(tag=tag).measure(message(f"note {packed}", model=model))
        assert read == ["note can the sofa be picked up by Kavi"]
        assert (found.spans[0].start, found.spans[0].end) == (5, 5 + len(packed))

    def test_drafts_are_not_tagged(self, message):
        assert self.guard().measure(message(self.TEXT, "out")) == []

    def test_a_text_that_was_not_read_whole_is_not_called_clean(self, message, model):
        model.complete = False
        with pytest.raises(Unread):
            self.guard().measure(message(self.TEXT, model=model))
