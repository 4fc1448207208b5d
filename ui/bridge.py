"""The one way from a page's script to Python, and the Gradio page that holds it.

Gradio evaluates what it is given as a component's value or property as a template, in the browser. Nothing that a
person wrote may pass that way: a page's content comes as the answer to a call, as HTML that `ui.render` escaped.
"""

import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import gradio as gr

from bot.errors import Conflict, NotFound

log = logging.getLogger("handrail.ui")

Ask = Mapping[str, Any]
Act = Callable[[str, Ask], dict[str, Any]]

ASSETS = Path(__file__).parent / "assets"
LOST = "That did not work on our side. Nothing was lost; please try again."
GONE = "Please load this page again to go on."


def bridge(acts: Mapping[str, Act], who: Callable[[gr.Request], str | None]) -> Callable[..., dict[str, Any]]:
    """One function for a page's script to call with `{"act": name, ...}`.

    `who` says on whose behalf, None for nobody. The answer holds what the act returned, or `error`: a sentence for
    the person in front of the page.
    """

    def call(ask: Any, request: gr.Request) -> dict[str, Any]:
        person = who(request)
        act = acts.get(str(ask.get("act"))) if isinstance(ask, dict) else None
        if person is None or act is None:
            return {"error": GONE, "gone": True}
        try:
            return act(person, ask)
        except (Conflict, NotFound) as error:
            return {"error": str(error)}
        except Exception as error:  # its text and traceback may quote a customer: the class alone is logged
            log.error("%s failed with %s", ask["act"], type(error).__name__)
            return {"error": LOST}

    return call


def page(title: str, name: str, call: Callable[..., dict[str, Any]], skeleton: str, assets: str) -> gr.Blocks:
    """A Gradio page with one component: `skeleton`, brought to life by `assets/<name>.js`.

    `assets` is where the page finds the folder of scripts, relative to its own address.
    """
    start = (
        f"import(new URL('{assets}/{name}.js', document.baseURI).href)"
        f".then(page => page.start(element.querySelector('.hr'), server.call))"
        f".finally(() => document.querySelector('.splash')?.remove());"
    )
    with gr.Blocks(title=title, analytics_enabled=False, fill_width=True) as blocks:
        gr.HTML(
            html_template=f'<div class="hr {name}">{skeleton}</div>', js_on_load=start, apply_default_css=False,
            server_functions=[call], elem_id="handrail",
        )  # fmt: skip
    return blocks


def text_of(ask: Ask, key: str) -> str:
    """A string that the page sent, "" when it is missing or something else."""
    value = ask.get(key)
    return value if isinstance(value, str) else ""
