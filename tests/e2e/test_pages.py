"""The real bot's page in a real browser: asked, looked behind, rated, corrected by staff."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.server import Server
from tests.ui.conftest import CHROMIUM, FLAGS

pytestmark = pytest.mark.e2e


@pytest.fixture
def page(server: Server) -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield browser.new_context(viewport={"width": 390, "height": 844}, base_url=server.url).new_page()
        browser.close()


def test_a_customer_sees_why_and_rates_and_staff_find_it(page: Any) -> None:
    page.goto("/")
    page.wait_for_selector(".welcome")
    page.wait_for_selector(".splash", state="detached")
    page.fill("#message", "how much is delivery, write to kit@example.com")
    page.press("#message", "Enter")
    page.get_by_text("£3.95").first.wait_for()
    page.get_by_role("button", name="Why this answer?").click()
    page.locator("[data-panel=why] p", has_text="what delivery costs").first.wait_for()
    page.reload()
    page.get_by_text("£3.95").first.wait_for()
    assert "kit@example.com" not in page.content()

    page.goto("/staff/")
    page.fill("#name", "demo")
    page.fill("#password", "handrail-demo")
    page.press("#password", "Enter")
    page.locator(".row", has_text="how much is delivery").first.wait_for()
    assert "kit@example.com" not in page.content()
