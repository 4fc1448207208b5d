"""HTTP: messages, feedback, health and metrics. A thin shell; what a client sends is never echoed in an error."""

import os
from typing import Annotated, Any, Literal
from uuid import UUID

from anyio import CapacityLimiter, to_thread
from fastapi import FastAPI, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import BaseModel, ConfigDict, Field

from bot.desk import Desk
from bot.engine import Bot
from bot.errors import Conflict, Forbidden, HandrailError, NotFound, StoreUnavailable, TooMany
from bot.gate import Gate
from bot.shield import SORRY, Shield
from bot.wire import wire_passage, wire_reply, wire_verdict

PROBLEMS_TOLD = 20
STATUS: dict[type[Exception], int] = {
    NotFound: 404, Conflict: 409, StoreUnavailable: 503, Forbidden: 403, TooMany: 429,
}  # fmt: skip


class _Wire(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NewConversation(_Wire):
    """`customer` is an opaque token that your page keeps; it should not be a name or an e-mail address."""

    customer: str = Field(min_length=8, max_length=80, pattern=r"^[A-Za-z0-9_.-]+$")


class NewMessage(_Wire):
    """`id` is chosen by the client, so that sending again does no harm; without one the server chooses."""

    text: str
    id: UUID | None = None


class NewFeedback(_Wire):
    """A thumb on one turn."""

    turn: str = Field(pattern=r"^[0-9a-f]{32}$")
    helpful: bool
    reasons: list[str] = []
    comment: str = Field("", max_length=2000)


class NewText(_Wire):
    """A text to screen; `evidence` is what a draft (direction "out") rests on."""

    text: str
    direction: Literal["in", "out"] = "in"
    evidence: list[str] = Field([], max_length=100)
    id: Annotated[str, Field(max_length=200)] | int = ""


def build(bot: Bot, desk: Desk, gate: Gate | None = None) -> FastAPI:
    """The service over a bot: /v1, /healthz, /readyz and /metrics. Pages are mounted beside it by the caller.

    `gate` says who may call and how often; without one nobody has a key, and nothing is counted.
    """
    gate = gate or Gate()
    app = FastAPI(title="Handrail", version="1", openapi_url="/v1/openapi.json", docs_url=None, redoc_url=None)
    app.state.bot = bot
    app.state.desk = desk
    _handle_errors(app, bot)
    app.add_middleware(Shield, on_error=bot.metrics.failed)
    _talk(app, bot, desk, gate)
    _tools(app, bot, gate)
    _operate(app, bot)
    return app


def _talk(app: FastAPI, bot: Bot, desk: Desk, gate: Gate) -> None:
    """What customers' pages call."""

    @app.post("/v1/conversations", status_code=201)
    def start(request: Request, body: NewConversation) -> dict[str, Any]:
        """Open a conversation."""
        gate.count(address_of(request))
        conversation = bot.start(body.customer, channel="api")
        return {"id": conversation.id, "started": conversation.started.isoformat()}

    # Turns compute: more of them at once than cores would only make all of them late. They wait in order.
    at_once = CapacityLimiter((os.cpu_count() or 1) + 1)

    @app.post("/v1/conversations/{conversation}/messages")
    async def message(request: Request, conversation: str, body: NewMessage) -> dict[str, Any]:
        """Send a message; get the reply and the turn's id."""
        gate.count(address_of(request), conversation)
        known = body.id.hex if body.id else None
        turn = await to_thread.run_sync(bot.respond, conversation, body.text, known, limiter=at_once)
        return {"turn": turn.id, "text": turn.text, "reply": wire_reply(turn.reply)}

    @app.get("/v1/conversations/{conversation}")
    def transcript(conversation: str) -> dict[str, Any]:
        """The conversation so far, redacted."""
        chat = bot.store.chats.get(conversation)
        turns = bot.store.chats.transcript(conversation)
        return {
            "id": chat.id,
            "state": chat.state,
            "turns": [
                {"turn": t.id, "at": t.at.isoformat(), "text": t.text, "by": t.by, "kind": t.kind, "reply": t.reply}
                for t in turns
            ],
        }

    @app.get("/v1/turns/{turn}/why")
    def why(turn: str) -> dict[str, Any]:
        """Why a reply was given, in plain sentences."""
        return {"turn": turn, "plain": bot.store.chats.explanation(turn)["plain"]}

    @app.post("/v1/feedback", status_code=204)
    def feedback(request: Request, body: NewFeedback) -> None:
        """Rate a reply."""
        gate.count(address_of(request))
        desk.rate(body.turn, body.helpful, tuple(body.reasons), body.comment)
        bot.metrics.rated(body.helpful)


def _tools(app: FastAPI, bot: Bot, gate: Gate) -> None:
    """What the operator's own programs call, with a key."""

    @app.post("/v1/screen")
    def screen(request: Request, body: NewText) -> dict[str, Any]:
        """Run the guardrails over a text, which is not stored: the same shape as `handrail screen`. Needs a key."""
        gate.admit(request.headers.get("authorization"))
        verdict = bot.serving.screen.screen(body.text, direction=body.direction, evidence=tuple(body.evidence)).verdict
        bot.metrics.screened(body.direction, verdict)
        return wire_verdict(body.id, verdict)

    @app.get("/v1/search")
    def search(
        request: Request, q: Annotated[str, Query(max_length=4000)], k: Annotated[int, Query(ge=1, le=50)] = 5
    ) -> dict[str, Any]:
        """Past tickets like a message; the message itself is not stored. Needs a key."""
        gate.admit(request.headers.get("authorization"))
        screened = bot.serving.screen.screen(q, direction="in")
        if screened.reading is None:
            return {"passages": []}
        found = bot.serving.retriever.search(screened.reading.query, screened.verdict.text, k=k)
        return {"passages": [wire_passage(passage) for passage in found]}


def _operate(app: FastAPI, bot: Bot) -> None:
    """What operators and their tools call."""

    @app.get("/healthz")
    async def health() -> dict[str, str]:
        """Whether the process lives. Waits for no thread of the pool: a busy process is not a dead one."""
        return {"status": "ok"}

    @app.get("/readyz")
    def ready() -> dict[str, Any]:
        """Whether messages can be answered: the database answers and the models are loaded."""
        return {"status": "ready", "tickets": bot.store.tickets.count(), "versions": dict(bot.serving.versions)}

    @app.get("/metrics")
    def metrics() -> Response:
        """For Prometheus."""
        return Response(bot.metrics.page(), media_type=CONTENT_TYPE_LATEST)


def address_of(request: Request) -> str:
    """The caller's address, as a proxy on this machine tells it; "" where there is none."""
    return request.client.host if request.client else ""


def _handle_errors(app: FastAPI, bot: Bot) -> None:
    @app.exception_handler(RequestValidationError)
    async def invalid(_request: Request, error: RequestValidationError) -> JSONResponse:
        # The default handler would send back what was sent in, and log it; so would the name of a key that is not ours.
        problems = [
            {
                "where": ".".join(map(str, e["loc"][:-1] if e["type"] == "extra_forbidden" else e["loc"])),
                "what": e["type"],
            }
            for e in error.errors()[:PROBLEMS_TOLD]
        ]
        return JSONResponse({"error": "the request does not fit", "problems": problems}, 422)

    @app.exception_handler(HandrailError)
    async def ours(_request: Request, error: HandrailError) -> JSONResponse:
        bot.metrics.failed(error)
        status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 400)
        headers = {"Retry-After": "1"} if status == 503 else None
        if isinstance(error, TooMany):
            headers = {"Retry-After": str(int(error.seconds) + 1)}
        return JSONResponse({"error": str(error) if status != 503 else SORRY}, status, headers)
