"""The words of a piece of HTML, without style, script and what it quotes."""

from html.parser import HTMLParser

HIDDEN = ("style", "script", "head", "blockquote")
BREAKS = ("br", "p", "div", "li", "tr")


def text_of_html(html: str) -> str:
    """Plain text, with a line end where a browser would begin a new line."""
    parser = _Html()
    parser.feed(html)
    parser.close()
    return "".join(parser.parts).strip()


class _Html(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.hidden = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.hidden += tag in HIDDEN
        if tag in BREAKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in HIDDEN:
            self.hidden = max(0, self.hidden - 1)

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.parts.append(data)
