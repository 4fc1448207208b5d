"""Knowledge articles: sections under their headings, with links back."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.articles import article_files, article_tickets
from retrieval.articles.html import html_sections
from retrieval.articles.markdown import markdown_sections
from retrieval.articles.section import LONGEST, SHORTEST, pieces
from retrieval.articles.text import text_sections
from retrieval.errors import SourceError
from retrieval.passage import Ticket
from retrieval.sources import BadRow
from tests.retrieval.pdf import pdf

MARKDOWN = """---
title: 'Returns'
---
Everything about [returns](https://shop.example/r).

## Sending it back

1. Print the label.
2. Pack the chair.

### By post

| Where | How long |
|---|---|
| UK | 30 days |

```
# not a heading
```

## Sending it back

![picture](x.png) Twice.
"""
HTML = """<html><head><title>x</title><style>p{}</style></head><body><nav>Home</nav><main>
<h1>Lamps</h1><p>Care for   your
lamp.</p><h2 id="bulbs">Bulbs</h2><ul><li>LED only</li><li>4 W</li></ul><script>evil()</script>
<p>Ask <a href="https://shop.example/ask">us</a> &amp; wait.</p></main><footer>Imprint</footer></body></html>"""
TEXT = """OPENING HOURS

We are open daily.

Sundays
-------
Closed.
"""


def seen(sections) -> list[tuple[str, str, str]]:
    return [(" › ".join(section.headings), section.text, section.anchor) for section in sections]


def test_markdown_is_split_by_heading_with_anchors_that_lead_back() -> None:
    assert seen(markdown_sections(MARKDOWN, "file")) == [
        ("Returns", "Everything about returns (https://shop.example/r).", ""),
        ("Sending it back", "1. Print the label.\n2. Pack the chair.", "sending-it-back"),
        ("Sending it back › By post", "Where | How long\nUK | 30 days\n\n# not a heading", "by-post"),
        ("Sending it back", "Twice.", "sending-it-back-1"),
    ]


def test_html_gives_what_a_reader_reads() -> None:
    assert seen(html_sections(HTML, "file")) == [
        ("Lamps", "Care for your lamp.", "lamps"),
        ("Lamps › Bulbs", "- LED only\n- 4 W\n\nAsk us (https://shop.example/ask) & wait.", "bulbs"),
    ]


def test_text_has_headings_in_capitals_or_underlined() -> None:
    assert seen(text_sections(TEXT, "file")) == [
        ("OPENING HOURS", "We are open daily.", ""),
        ("OPENING HOURS › Sundays", "Closed.", ""),
    ]


def test_a_pdf_is_split_where_its_letters_are_larger(tmp_path: Path) -> None:
    file = tmp_path / "guide.pdf"
    file.write_bytes(
        pdf([(20, "Care guide"), (11, "Dust it weekly with a dry cloth.")], [(16, "Stains"), (11, "Soap.")])
    )
    assert [(t.question, t.answer, t.link) for t in article_tickets(tmp_path, file)] == [
        ("Care guide", "Dust it weekly with a dry cloth.", "guide.pdf#page=1"),
        ("Care guide › Stains", "Soap.", "guide.pdf#page=2"),
    ]


def test_a_pdf_without_headings_is_split_by_page(tmp_path: Path) -> None:
    file = tmp_path / "terms-of_sale.pdf"
    file.write_bytes(pdf([(11, "First page.")], [(11, "Second page.")]))
    assert [(t.question, t.answer, t.link) for t in article_tickets(tmp_path, file)] == [
        ("Terms of sale", "First page.", "terms-of_sale.pdf#page=1"),
        ("Terms of sale", "Second page.", "terms-of_sale.pdf#page=2"),
    ]


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("broken.pdf", b"%PDF-1.4 nonsense", "a PDF that cannot be read"),
        ("empty.pdf", b"", "a PDF that cannot be read"),
        ("scanned.pdf", pdf([]), "no text in it"),
        ("latin.txt", "Café".encode("cp1252"), "is not utf-8"),
        ("bare.md", b"# Heading alone\n", "no text in it"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(name: str, content: bytes, reason: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    found = article_tickets(tmp_path, tmp_path / name)
    assert isinstance(found, BadRow)
    assert found.file == name
    assert reason in found.reason


def test_links_lead_to_where_the_folder_is_published(tmp_path: Path) -> None:
    file = tmp_path / "how to" / "send back.md"
    file.parent.mkdir()
    file.write_text("# Send it back\nPrint the label.")
    (ticket,) = article_tickets(tmp_path, file, "https://help.shop.example/")
    assert ticket == Ticket(
        "", "Send it back", "Print the label.", origin="how to/send back.md", kind="article",
        link="https://help.shop.example/how%20to/send%20back.md#send-it-back",
    )  # fmt: skip


def test_hidden_files_and_other_kinds_are_left_out(tmp_path: Path) -> None:
    for name in ("b.md", "a.HTML", ".hidden.md", ".git/c.md", "picture.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    assert [file.name for file in article_files(tmp_path)] == ["a.HTML", "b.md"]


@pytest.mark.parametrize(("folder", "says"), [("missing", "is no folder"), (".", "holds no article")])
def test_a_folder_without_articles_is_named(folder: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=says):
        article_files(tmp_path / folder)


@given(st.text(alphabet="ab .\n", max_size=9000))
def test_pieces_hold_all_words_and_are_short_enough(text: str) -> None:
    parts = list(pieces(text))
    assert " ".join(parts).split() == text.split() or "".join(parts).split() == "".join(text.split()).split()
    longest_word = max(map(len, text.split()), default=0)
    assert all(len(part) <= LONGEST + max(SHORTEST, longest_word) for part in parts)
