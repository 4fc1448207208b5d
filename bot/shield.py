"""The outermost layer of the service: bounds what comes in, and keeps what failed out of the log."""

import logging
from collections.abc import Callable

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = logging.getLogger("handrail.service")
LARGEST_BODY = 2_000_000  # bytes
SORRY = "Something went wrong on our side. Your message was not lost; please send it again."


class _TooLarge(Exception):
    """More came in than the service takes."""


class Shield:
    """ASGI middleware. A request over the bound gets 413; an error that nobody handled gets 500 and one log line
    with its class alone, since its message and traceback may quote a customer.
    """

    def __init__(self, app: ASGIApp, on_error: Callable[[Exception], None] = lambda error: None) -> None:
        self._app = app
        self._on_error = on_error

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        seen, started = 0, False

        async def bounded() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > LARGEST_BODY:
                raise _TooLarge
            return message

        async def noted(message: Message) -> None:
            nonlocal started
            if seen <= LARGEST_BODY:  # what the application makes of a cut body is not sent
                started = True
                await send(message)

        failure: Exception | None = None
        try:
            await self._app(scope, bounded, noted)
        except Exception as error:  # the last line: nothing above may break the server
            failure = error
        if seen > LARGEST_BODY:
            answer = JSONResponse({"error": f"a request may hold {LARGEST_BODY:,} bytes at most"}, 413)
        elif failure:
            self._on_error(failure)
            route = getattr(scope.get("route"), "path", "an unknown path")  # the pattern: a path may quote too
            log.error("%s failed with %s", route, type(failure).__name__)
            answer = JSONResponse({"error": SORRY}, 500)
        else:
            return
        if not started:
            await answer(scope, receive, send)
