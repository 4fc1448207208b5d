"""The pages before anything is known: files of HTML, with drawings and a few escaped values put in."""

from pathlib import Path
from string import Template

from ui.render import icons

_FOLDER = Path(__file__).parents[1] / "skeletons"
_ICONS = {
    "icon_back": icons.BACK, "icon_logo": icons.LOGO, "icon_more": icons.MORE, "icon_search": icons.SEARCH,
    "icon_send": icons.SEND,
}  # fmt: skip


def skeleton(name: str, /, **values: str) -> str:
    """The file `ui/skeletons/<name>.html`; `values` are HTML."""
    return Template((_FOLDER / f"{name}.html").read_text(encoding="utf-8")).substitute(_ICONS | values)


def inert(html: str) -> str:
    """Escaped HTML that Gradio's templates, which are evaluated in the browser, leave as it is."""
    return "".join(f"&#{ord(c)};" if c in "`${}\\" else c for c in html)
