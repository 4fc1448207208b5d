"""Labelled utterances into the store, without personal data."""

import io

import pytest
from rich.console import Console
from rich.progress import Progress

from bot.records import Example
from bot.store import Store
from bot.utterances import UtteranceReport, read_utterances
from tests.bot.test_importing import FakeScreen


def run(store: Store, *texts: str, label: str = "a", **options: object) -> UtteranceReport:
    return keep(store, FakeScreen(), *(Example(text, label) for text in texts), **options)


def keep(store: Store, screen: FakeScreen, *examples: Example, **options: object) -> UtteranceReport:
    found, report = read_utterances(examples, store, screen, **options)
    assert store.content.put_examples(found) == report.new
    return report


def kept(store: Store) -> set[str]:
    return {example.text for example in store.content.examples()}


def test_personal_data_is_taken_out_of_utterances_and_counted(store: Store) -> None:
    report = run(store, "where is it", "I am ann@x.com", "I am [NAME_1], write to bob@x.com")
    assert kept(store) == {"where is it", "I am [EMAIL_1]", "I am [NAME_1], write to [EMAIL_1]"}
    assert report == UtteranceReport(new=3, redacted=2, skipped=0)
    assert "personal data was taken out of 2" in report.summary()


def test_placeholders_that_stand_in_an_utterance_stay_and_new_ones_go_on_after_them(light: Store) -> None:
    report = run(light, "from [EMAIL_2] to bob@x.com", "call [PHONE_1]")
    assert kept(light) == {"from [EMAIL_2] to [EMAIL_3]", "call [PHONE_1]"}
    assert report.redacted == 1


def test_an_utterance_that_cannot_be_read_for_personal_data_is_left_out_and_counted(light: Store) -> None:
    report = run(light, "BROKEN ann@x.com", "where is it")
    assert kept(light) == {"where is it"}
    assert report == UtteranceReport(new=1, redacted=0, skipped=1)
    assert "1 could not be read for personal data" in report.summary()


def test_what_ran_out_of_time_is_read_once_more(light: Store) -> None:
    class Late(FakeScreen):
        texts: list[str] = []  # noqa: RUF012

        def redact(self, text, memory=None, *, again=False):
            self.texts.append(text)
            return super().redact(text if len(self.texts) > 1 else "BROKEN", memory, again=again)

    report = keep(light, Late(), Example("I am ann@x.com", "a"))
    assert kept(light) == {"I am [EMAIL_1]"}
    assert report == UtteranceReport(new=1, redacted=1, skipped=0)


def test_importing_again_adds_nothing_takes_the_new_label_and_reads_only_what_is_not_known(light: Store) -> None:
    run(light, "where is it", "I am ann@x.com")

    class Counting(FakeScreen):
        texts: list[str] = []  # noqa: RUF012

        def redact(self, text, memory=None, *, again=False):
            self.texts.append(text)
            return super().redact(text, memory, again=again)

    screen = Counting()
    report = keep(light, screen, *(Example(text, "b") for text in ("Where is  it", "I am ann@x.com")))
    assert report.new == 0
    assert screen.texts == ["I am ann@x.com"]
    assert {(e.text, e.label) for e in light.content.examples()} == {("where is it", "b"), ("I am [EMAIL_1]", "b")}


@pytest.mark.parametrize("texts", [(), ("where is it",)])
def test_reading_utterances_shows_how_far_it_is(light: Store, texts: tuple[str, ...]) -> None:
    progress = Progress(console=Console(file=io.StringIO()))
    run(light, *texts, progress=progress)
    assert progress.tasks[0].completed == len(texts)
