"""Who is in front of the chat page: an opaque token in a cookie that scripts cannot read."""

import re
from http.cookies import CookieError, SimpleCookie
from secrets import token_hex

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE = "handrail_visitor"
HALF_A_YEAR = 182 * 24 * 3600  # seconds
_TOKEN = re.compile(r"[0-9a-f]{32}")


class Visitors:
    """ASGI middleware. Gives a newcomer to the page at `path` a token: 128 random bits, known to nobody else.

    Only the page itself gives one, so that the many requests of one page cannot give several.
    """

    def __init__(self, app: ASGIApp, path: str = "/", *, secure: bool = False) -> None:
        """With `secure` the cookie goes over HTTPS only, also where a proxy ends TLS and hides it."""
        self._app = app
        self._path = path
        self._secure = secure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and see to the cookie."""
        new = scope["type"] == "http" and scope["method"] == "GET" and scope["path"] == self._path
        if not new or token_of(Headers(scope=scope).get("cookie", "")):
            await self._app(scope, receive, send)
            return
        secure = "; Secure" if self._secure or scope.get("scheme") == "https" else ""
        cookie = f"{COOKIE}={token_hex(16)}; Path=/; Max-Age={HALF_A_YEAR}; HttpOnly; SameSite=Lax{secure}"

        async def with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).append("Set-Cookie", cookie)
            await send(message)

        await self._app(scope, receive, with_cookie)


def token_of(cookies: str) -> str | None:
    """The visitor's token in a Cookie header, or None."""
    try:
        found = SimpleCookie(cookies).get(COOKIE)
    except CookieError:
        return None
    return found.value if found and _TOKEN.fullmatch(found.value) else None
