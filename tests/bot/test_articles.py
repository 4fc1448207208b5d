"""A folder of articles into the store, and again when it has changed."""

import re
from pathlib import Path

import pytest

from bot.articles import import_articles
from bot.errors import ContentError
from bot.store import Store
from guardrails.placeholders import Placeholders
from guardrails.screening import Screened
from guardrails.verdict import Action, Verdict
from tests.bot.test_importing import FakeScreen


def folder(path: Path, **articles: str) -> Path:
    path.mkdir(exist_ok=True)
    for name, text in articles.items():
        (path / f"{name}.md").write_text(text, "utf-8")
    return path


def held(store: Store) -> dict[str, tuple[int, str]]:
    return {ticket.question: (serial, ticket.answer) for serial, ticket in store.tickets.each()}


def test_importing_again_updates_what_changed_and_removes_what_went(store: Store, tmp_path: Path) -> None:
    help_pages = folder(
        tmp_path / "help", returns="# Returns\nIn 30 days.\n## Sofas\nWe fetch them.", lamps="# Lamps\n4 W."
    )
    first = import_articles(help_pages, store, FakeScreen())
    assert (first.files, first.added, first.unchanged, first.removed) == (2, 3, 0, 0)
    before = held(store)
    (help_pages / "lamps.md").unlink()
    folder(help_pages, returns="# Returns\nIn 60 days.\n## Sofas\nWe fetch them.")
    again = import_articles(help_pages, store, FakeScreen())
    assert (again.added, again.unchanged, again.removed) == (1, 1, 2)
    after = held(store)
    assert after.keys() == {"Returns", "Returns › Sofas"}
    assert after["Returns › Sofas"] == before["Returns › Sofas"]
    assert after["Returns"][1] == "In 60 days."
    assert after["Returns"][0] > max(serial for serial, _ in before.values())


def test_two_folders_do_not_touch_each_other(light: Store, tmp_path: Path) -> None:
    for name in ("one", "two"):
        import_articles(folder(tmp_path / name, a=f"# {name}\nText."), light, FakeScreen())
    import_articles(folder(tmp_path / "one", a="# One\nOther."), light, FakeScreen())
    assert held(light).keys() == {"One", "two"}


def test_a_file_that_broke_keeps_its_earlier_sections(light: Store, tmp_path: Path) -> None:
    help_pages = folder(tmp_path / "help", a="# A\nText.", b="# B\nText of b.")
    import_articles(help_pages, light, FakeScreen())
    (help_pages / "b.md").write_bytes(b"\xff\xfe\xff")
    report = import_articles(help_pages, light, FakeScreen())
    assert [row.file for row in report.skipped] == ["b.md"]
    assert report.removed == 0
    assert held(light).keys() == {"A", "B"}
    with pytest.raises(ContentError, match=r"b\.md.*Nothing was imported"):
        import_articles(help_pages, light, FakeScreen(), strict=True)


def test_contact_details_are_taken_out_and_counted(light: Store, tmp_path: Path) -> None:
    report = import_articles(folder(tmp_path / "help", a="# Write\nTo ann@x.com."), light, FakeScreen())
    assert held(light)["Write"][1] == "To [EMAIL_1]."
    assert report.redacted == 1
    assert "never_redact" in report.summary()


def test_an_article_is_known_as_one_and_leads_back(light: Store, tmp_path: Path) -> None:
    import_articles(folder(tmp_path / "help", a="# Returns\nText."), light, FakeScreen(), base_url="https://x.example")
    ((_, ticket),) = light.tickets.each()
    assert (ticket.kind, ticket.link) == ("article", "https://x.example/a.md#returns")


@pytest.mark.parametrize(
    ("text", "question", "anchor"),
    [
        ("# Write to ann@x.com now\nText.", "Write to [EMAIL_1] now", "write-to-email_1-now"),
        ("# ann@x.com\nText.\n## Returns\nText.", "[EMAIL_1] › Returns", "returns"),
        ("# Lamps\nText.\n## ann@x.com\nText.", "Lamps › [EMAIL_1]", "email_1"),
        ("# Returns\nText ann@x.com.", "Returns", "returns"),
        ("<h2 id='ann@x.com'>Returns</h2>\n\nText.", "Returns", "returns"),
        ("<h2 id='of-sofas'>Returns</h2>\n\nText.", "Returns", "of-sofas"),
    ],
)
def test_neither_headings_nor_links_keep_what_is_personal(
    light: Store, tmp_path: Path, text: str, question: str, anchor: str
) -> None:
    import_articles(folder(tmp_path / "help", a=text), light, FakeScreen())
    assert {t.question: t.link for _, t in light.tickets.each()}[question] == f"a.md#{anchor}"


class Naming(FakeScreen):
    """Takes a capitalised word for a name where it stands alone, and "Ann" and "Ann Lee" everywhere."""

    def redact(self, text, memory=None, *, again=False):
        memory = Placeholders.fresh() if memory is None else memory
        safe = super().redact(text, memory, again=again).verdict.text
        pattern = r"[A-Z]\w+" if re.fullmatch(r"[A-Z]\w+", text) else r"Ann(?: Lee)?\b"
        return Screened(Verdict(Action.ALLOW, re.sub(pattern, lambda match: memory.name("NAME", match[0]), safe)))


@pytest.mark.parametrize(
    ("text", "question", "anchor"),
    [
        ("# Guide\n## Care\nWash it.", "Guide › Care", "care"),
        ("# Care\nWash it.", "Care", "care"),
        ("# Care\n## Oak\n### Write to ann@x.com\nText.", "Care › Oak › Write to [EMAIL_1]", "write-to-email_1"),
        ("# Guide\n## Ann\nShe knows all.", "Guide › [NAME_1]", "name_1"),
        ("# Guide\n## Ann Lee\nShe knows all.", "Guide › [NAME_1]", "name_1"),
        ("# Guide\n## ann@x.com\nText.", "Guide › [EMAIL_1]", "email_1"),
    ],
)
def test_a_heading_of_one_word_is_no_name_unless_it_is_one_before_the_text_too(
    light: Store, tmp_path: Path, text: str, question: str, anchor: str
) -> None:
    import_articles(folder(tmp_path / "help", a=text), light, Naming())
    ((_, ticket),) = light.tickets.each()
    assert (ticket.question, ticket.link) == (question, f"a.md#{anchor}")


def test_a_heading_of_one_word_that_the_text_names_as_a_person_is_taken_out(light: Store, tmp_path: Path) -> None:
    class Reading(Naming):
        """Takes Rose for a name in sentences alone."""

        def redact(self, text, memory=None, *, again=False):
            memory = Placeholders.fresh() if memory is None else memory
            safe = super().redact(text, memory, again=again).verdict.text
            told = re.sub("Rose", lambda match: memory.name("NAME", match[0]), safe) if "Ask" in text[:4] else safe
            return Screened(Verdict(Action.ALLOW, told))

    import_articles(folder(tmp_path / "help", a="# Guide\n## Rose\nAsk Rose."), light, Reading())
    assert held(light).keys() == {"Guide › [NAME_1]"}


def test_each_heading_is_read_by_itself(light: Store, tmp_path: Path) -> None:
    class Nearsighted(FakeScreen):
        """Sees an address only where it stands alone."""

        def redact(self, text, memory=None, *, again=False):
            alone = "@" not in text or text.count(" ") == 0
            return super().redact(text if alone else text.replace("@", " at "), memory, again=again)

    import_articles(folder(tmp_path / "help", a="# ann@x.com\n## Returns\nText."), light, Nearsighted())
    assert held(light).keys() == {"[EMAIL_1] › Returns"}
