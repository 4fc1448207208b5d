"""Installations over the fake bot: one in memory of a test, one served for the whole session."""

import os
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI

from bot.desk import Desk
from bot.settings import Settings
from tests.ui.fakes import FakeBot, fake_installation, seed

CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[tuple[FakeBot, Desk, Settings]]:
    parts = fake_installation(tmp_path)
    yield parts
    parts[0].store.close()


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
    """The whole application over seeded conversations, served on a port of its own."""
    from ui.pages import mount

    bot, desk, settings = fake_installation(tmp_path_factory.mktemp("shop"))
    seed(bot, desk)
    app = mount(FastAPI(), bot, desk, settings)  # type: ignore[arg-type]
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.02)
    yield SimpleNamespace(bot=bot, desk=desk, url=f"http://127.0.0.1:{port}")
    server.should_exit = True
    thread.join()
    bot.store.close()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """A real browser. Where there is none the test is skipped, but on CI, where that is a failure."""
    if not CHROMIUM.exists():
        message = f"no Chromium at {CHROMIUM}; install it, or name one in the environment variable CHROMIUM"
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Any, shop: SimpleNamespace) -> Iterator[Any]:
    """A fresh browser profile. Fails a test whose page asked another host for something, or broke."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800}, base_url=shop.url)
    page = context.new_page()
    page.set_default_timeout(30_000)
    outside, broken = [], []
    page.on("request", lambda r: None if r.url.startswith((shop.url, "data:", "blob:")) else outside.append(r.url))
    page.on("pageerror", lambda error: broken.append(str(error)))
    yield page
    context.close()
    assert outside == []
    assert broken == []
