"""Puts the chat at / and the console at /staff beside the service's own routes."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

import gradio as gr
from fastapi import FastAPI
from starlette.datastructures import MutableHeaders
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.desk import Desk
from bot.engine import Bot
from bot.settings import Settings
from ui import chat, console
from ui.bridge import ASSETS
from ui.login import HOME, add_door, staff_of
from ui.visitor import Visitors

# Gradio's pages need inline scripts and `new Function`; nothing may be asked of, or sent to, another host.
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; worker-src 'self' blob:; object-src 'none'; "
    "base-uri 'self'; form-action 'self'; frame-ancestors 'self'"
)


def mount(app: FastAPI, bot: Bot, desk: Desk, settings: Settings) -> FastAPI:
    """Add both pages, the staff's log-in and the assets to `app`, whose own routes stay as they are.

    Call it once, after all other routes: the chat takes every address that nothing else has.
    """
    app.mount("/ui", _Assets(directory=ASSETS))
    add_door(app, bot.store, settings.session_secret, secure=settings.secure_cookies)
    _mount(app, console.build(bot.store, desk), "/staff", staff_only=True)
    _mount(app, chat.build(bot, desk, settings.max_chars), "/")
    app.add_middleware(Visitors, secure=settings.secure_cookies)
    chat_dress = Dress("chat", "ui", str(bot.shop.get("name", "Chat")), chat.frame(bot.shop))
    console_dress = Dress("console", "../ui", "Handrail console", console.frame())
    app.add_middleware(Dressed, pages={"/": chat_dress, HOME: console_dress})
    return app


@dataclass(frozen=True, slots=True)
class Dress:
    """What a page wears: its style sheet and script `name` in the folder `assets`, its title, and the frame (HTML)
    that is seen until its script has taken over."""

    name: str
    assets: str
    title: str
    frame: str


class Dressed:
    """ASGI middleware. Dresses Gradio's pages before they are first painted, and guards every page by its headers."""

    def __init__(self, app: ASGIApp, pages: Mapping[str, Dress]) -> None:
        self._app = app
        self._pages = pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and dress what comes back."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        page = self._pages.get(scope["path"]) if scope["method"] == "GET" else None
        if page:  # a compressed page could not be dressed
            scope = {**scope, "headers": [h for h in scope["headers"] if h[0] != b"accept-encoding"]}
        start: Message = {}
        body = b""

        async def dressed(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start":
                _guard(MutableHeaders(scope=message))
                start = message
                if page is None:
                    await send(message)
            elif page is None or message["type"] != "http.response.body":
                await send(message)
            else:
                body += message.get("body", b"")
                if not message.get("more_body"):
                    whole = dress(body.decode(), page).encode() if start["status"] == 200 else body
                    MutableHeaders(scope=start)["Content-Length"] = str(len(whole))
                    await send(start)
                    await send({"type": "http.response.body", "body": whole})

        await self._app(scope, receive, dressed)


def dress(html: str, wear: Dress) -> str:
    """Gradio's page with our head and frame: its social-media tags and web manifest go, ours come."""
    html = re.sub(r"<meta\s+(?:property|name)=\"(?:og|twitter):[^>]*>", "", html)
    html = re.sub(r"<link rel=\"(?:manifest|icon)\"[^>]*>", "", html)
    head = [
        f"<title>{escape(wear.title)}</title>",
        f'<link rel="icon" href="{wear.assets}/icon.svg" type="image/svg+xml">',
        '<meta name="color-scheme" content="light dark">',
        *(f'<link rel="stylesheet" href="{wear.assets}/{sheet}.css">' for sheet in ("theme", "base", wear.name)),
        f'<link rel="modulepreload" href="{wear.assets}/{wear.name}.js">',
    ]
    html = html.replace("</head>", "".join(head) + "</head>", 1)
    frame = re.sub(r' (?:id|for|aria-controls)="[^"]*"', "", wear.frame)  # the real page brings the same names
    splash = f'<div class="hr {wear.name} splash" inert aria-hidden="true">{frame}</div>'
    return html.replace("<gradio-app", f"{splash}<gradio-app", 1)


class _Assets(StaticFiles):
    """Our style sheets and scripts; a browser asks each time whether they are still fresh."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = "no-cache"
        return response


def _mount(app: FastAPI, blocks: gr.Blocks, path: str, staff_only: bool = False) -> None:
    gr.mount_gradio_app(
        app, blocks, path=path, footer_links=[], run_history=False, ssr_mode=False, pwa=False, mcp_server=False,
        enable_monitoring=False, show_error=False, max_file_size=0,
        theme=gr.themes.Base(font=["system-ui"], font_mono=["monospace"]),  # a named font would be asked of Google
        auth_dependency=(lambda request: staff_of(request.scope)) if staff_only else None,
    )  # fmt: skip


def _guard(headers: MutableHeaders) -> None:
    headers.setdefault("Content-Security-Policy", POLICY)
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
