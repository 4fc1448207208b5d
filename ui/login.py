"""The staff's door: a log-in page of our own, a signed session cookie, and a brake on guessing."""

from collections import defaultdict, deque
from collections.abc import Callable
from html import escape
from secrets import token_hex
from threading import Lock
from time import monotonic
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import FastAPI, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.store import Store
from ui.render.skeleton import skeleton
from ui.render.text import count

SESSION_COOKIE = "handrail_staff"
SESSION_SECONDS = 12 * 3600
HOME, LOGIN = "/staff/", "/staff/login"
LEFT = "staff.logout"
WRONG = "That name and password do not belong together."


class Brake:
    """Counts failures by key. After `tries` of them within `window` seconds the key has to wait.

    A try counts as failed from when it begins, so that many at once are braked like one after the other.
    """

    def __init__(self, tries: int = 5, window: float = 300.0, clock: Callable[[], float] = monotonic) -> None:
        self._tries = tries
        self._window = window
        self._clock = clock
        self._failures: dict[str, deque[float]] = defaultdict(deque)
        self._lock = Lock()

    def begin(self, *keys: str) -> float:
        """Begin a try under all of these keys: 0, or the seconds to wait until one may begin."""
        with self._lock:
            wait = max(map(self.wait, keys))
            if wait == 0:
                for key in keys:
                    self.fail(key)
            return wait

    def forgive(self, key: str) -> None:
        """Uncount the key's latest try: it did not fail."""
        with self._lock:
            if self._failures.get(key):
                self._failures[key].pop()

    def wait(self, key: str) -> float:
        """Seconds until this key may try again; 0 when it may now."""
        failures, now = self._failures.get(key), self._clock()
        if failures is None:
            return 0.0
        while failures and failures[0] <= now - self._window:
            failures.popleft()
        if not failures:
            del self._failures[key]
            return 0.0
        return 0.0 if len(failures) < self._tries else failures[0] + self._window - now

    def fail(self, key: str) -> None:
        """Count a failure."""
        self._failures[key].append(self._clock())

    def clear(self, key: str) -> None:
        """Forget a key's failures."""
        self._failures.pop(key, None)


class Door:
    """ASGI middleware over everything below /staff: who is not logged in gets the log-in page, a script gets 401,
    and so does what another site's page sends. A session that `ended` says was logged out is none, whoever copied its
    cookie.
    """

    def __init__(self, app: ASGIApp, ended: Callable[[str], bool]) -> None:
        self._app = app
        self._ended = ended

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or turn it away."""
        path = scope.get("path", "")
        inside = path == "/staff" or path.startswith(HOME)
        if inside and staff_of(scope) and await run_in_threadpool(self._ended, str(scope["session"].get("id", ""))):
            scope["session"].clear()
        if scope["type"] not in ("http", "websocket") or not inside or path == LOGIN or _admitted(scope):
            await self._app(scope, receive, send)
        elif scope["type"] == "http" and scope["method"] == "GET" and path in ("/staff", HOME):
            await RedirectResponse(_address(scope, LOGIN), 303)(scope, receive, send)
        elif scope["type"] == "http":
            await Response(status_code=401)(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1008})


def staff_of(scope: Scope) -> str | None:
    """Who is logged in, or None."""
    name = scope.get("session", {}).get("staff")
    return name if isinstance(name, str) and name else None


def _admitted(scope: Scope) -> bool:
    reads = scope["type"] == "http" and scope["method"] in ("GET", "HEAD")
    return staff_of(scope) is not None and (reads or same_origin(HTTPConnection(scope)))


def add_door(app: FastAPI, store: Store, secret: str, *, secure: bool = False) -> None:
    """Close everything below /staff, and add the log-in, the log-out and the address without its slash.

    `secret` signs the sessions; with `secure` their cookie goes over HTTPS only.
    """
    failures = Brake()
    app.add_middleware(Door, ended=lambda session: not session or store.audit.happened(LEFT, session))
    app.add_middleware(
        SessionMiddleware, secret_key=secret, session_cookie=SESSION_COOKIE, max_age=SESSION_SECONDS, path="/staff",
        same_site="lax", https_only=secure,
    )  # fmt: skip

    @app.get("/staff", include_in_schema=False)
    def without_slash(request: Request) -> Response:
        return RedirectResponse(_address(request.scope, HOME), 303)

    @app.get(LOGIN, include_in_schema=False)
    def ask(request: Request) -> Response:
        if staff_of(request.scope):
            return RedirectResponse(_address(request.scope, HOME), 303)
        return HTMLResponse(form())

    @app.post(LOGIN, include_in_schema=False)
    def enter(request: Request, name: Annotated[str, Form()] = "", password: Annotated[str, Form()] = "") -> Response:
        name = name.strip()[:80]
        refused = _refusal(request, store, failures, name, password)
        if refused:
            return refused
        request.session.clear()
        request.session.update(staff=name, id=token_hex(16))
        store.audit.note(name, "staff.login", name)
        return RedirectResponse(_address(request.scope, HOME), 303)

    @app.post("/staff/logout", include_in_schema=False)
    def leave(request: Request) -> Response:
        name = staff_of(request.scope)
        if same_origin(request) and name:
            store.audit.note(name, LEFT, str(request.session["id"]))
            request.session.clear()
        return RedirectResponse(_address(request.scope, LOGIN), 303)


def _refusal(request: Request, store: Store, failures: Brake, name: str, password: str) -> Response | None:
    if not same_origin(request):
        return HTMLResponse(form("Please log in from this page."), 403)
    keys = (f"name {name}", f"from {request.client.host if request.client else ''}")
    wait = failures.begin(*keys)
    if wait > 0:
        error = f"Too many tries. Please wait {count(max(1, round(wait / 60)), 'minute')}."
        return HTMLResponse(form(error), 429, {"Retry-After": str(int(wait) + 1)})
    if store.staff.check(name, password):
        failures.clear(keys[0])
        failures.forgive(keys[1])
        return None
    store.audit.note("console", "staff.refused", "log-in")
    return HTMLResponse(form(WRONG), 401)


def same_origin(request: HTTPConnection) -> bool:
    """Whether it was sent from our own page; a browser that does not say is taken at the cookie's word."""
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")


def form(error: str = "") -> str:
    """The log-in page. What was typed does not come back: a customer's words may have been pasted."""
    alert = f'<p class="alert" role="alert">{escape(error)}</p>' if error else ""
    return skeleton("login", alert=alert)


def _address(scope: Scope, path: str) -> str:
    return str(scope.get("root_path", "")).rstrip("/") + path
