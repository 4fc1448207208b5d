"""The real bot's page in a real browser: asked, looked behind, rated, corrected by staff."""

from collections.abc import Iterator
from typing import Any

import pytest

from bot.store import Store
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


def test_a_customer_sees_why_and_rates_and_staff_find_and_correct_it(page: Any, server: Server) -> None:
    page.goto("/")
    page.wait_for_selector(".welcome")
    page.wait_for_selector(".splash", state="detached")
    page.fill("#message", "how much is delivery of one mug, write to kit@example.com")
    page.press("#message", "Enter")
    page.get_by_text("£3.95").first.wait_for()
    page.get_by_role("button", name="Why this answer?").click()
    page.locator("[data-panel=why] p", has_text="what delivery costs").first.wait_for()
    page.get_by_role("button", name="Not helpful").click()
    page.get_by_label("It is not what I asked").check()
    page.get_by_label("Anything else").fill("To Cork, and write to kit@example.com")
    page.get_by_role("button", name="Send feedback").click()
    page.get_by_text("Thank you. Someone will read this.").wait_for()
    turn = page.locator(".turn[data-turn]").get_attribute("data-turn")
    page.reload()
    page.get_by_text("£3.95").first.wait_for()
    assert "kit@example.com" not in page.content()

    page.goto("/staff/")
    page.fill("#name", "demo")
    page.fill("#password", "handrail-demo")
    page.press("#password", "Enter")
    page.locator(".row", has_text="delivery of one mug").click()
    page.locator(f"[data-turn='{turn}'] [data-act=turn]").click()
    page.get_by_role("heading", name="Correct it").wait_for()
    assert "To Cork" in page.locator(".context").inner_text()
    page.locator(".correct").get_by_label("Intent", exact=True).select_option("delivery_abroad")
    page.locator(".correct").get_by_label("Note").fill("Cork is abroad; kit@example.com was told")
    page.get_by_role("button", name="Save correction").click()
    page.get_by_text("Saved. The intent counts at the next training.").wait_for()
    assert "kit@example.com" not in page.content()

    store = Store.open(f"sqlite:///{server.home / 'handrail.db'}")
    kept = store.chats.turn(turn)
    store.close()
    assert kept.feedback is not None
    assert kept.correction is not None
    rated, corrected = kept.feedback, kept.correction
    assert (rated.helpful, rated.reasons) == (False, ("It is not what I asked",))
    assert rated.comment == "To Cork, and write to [EMAIL_1]"
    assert (corrected.staff, corrected.intent, corrected.answer) == ("demo", "delivery_abroad", None)
    assert corrected.note == "Cork is abroad; [EMAIL_1] was told"
