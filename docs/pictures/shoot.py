"""Takes the README's pictures, chat.png and console.png, from a running server.

    handrail serve --demo &
    python docs/pictures/shoot.py http://127.0.0.1:7860 demo handrail-demo

Needs Chromium (CHROMIUM names it; /usr/bin/chromium otherwise) and the [dev] extra. It chats as a new customer, and
so leaves conversations in the server's store.
"""

import argparse
import os
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

HERE = Path(__file__).parent
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
ASKED = "I sent my lamp back two weeks ago, when do I get my money back? You can write to ruth@example.com"
NEXT = "thank you. do you deliver to Ireland?"
OTHERS = (
    ["where is my order LL-150233", "let me talk to a person please"],
    ["is the Wren sofa in stock in green"],
    ["my chair wobbles, one leg is loose"],
    ["can I change the delivery address of LL-206611"],
)


def say(page: Any, text: str) -> None:
    """Send a message and wait for its turn."""
    turns = page.locator(".turn[data-turn]").count()
    page.fill("#message", text)
    page.press("#message", "Enter")
    page.locator(".turn[data-turn]").nth(turns).wait_for()
    page.wait_for_timeout(1200)  # until the words have appeared


def shoot_chat(browser: Browser, url: str, dark: bool, size: dict[str, int]) -> bytes:
    """A question answered, and why."""
    page = browser.new_page(viewport=size, color_scheme="dark" if dark else "light", device_scale_factor=2)
    page.goto(url)
    page.wait_for_selector(".welcome")
    say(page, ASKED)
    page.get_by_role("button", name="Why this answer?").last.click()
    page.locator("[data-panel=why] p").first.wait_for()
    page.wait_for_timeout(600)
    picture = page.screenshot()
    say(page, NEXT)
    return picture


def shoot_console(browser: Browser, url: str, name: str, password: str, dark: bool, size: dict[str, int]) -> bytes:
    """The conversation of `shoot_chat`, opened by staff."""
    page = browser.new_page(viewport=size, color_scheme="dark" if dark else "light", device_scale_factor=2)
    page.goto(f"{url}/staff/")
    page.fill("#name", name)
    page.fill("#password", password)
    page.press("#password", "Enter")
    page.locator(".row", has_text=NEXT).first.click()
    page.locator(".turn [data-act=turn]").first.click()
    page.locator(".context mark").first.wait_for()
    page.wait_for_timeout(600)
    return page.screenshot()


def main() -> None:
    """Read the address and the log-in, and write both pictures."""
    read = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    read.add_argument("url")
    read.add_argument("name")
    read.add_argument("password")
    read.add_argument("--dark", action="store_true")
    read.add_argument("--width", type=int, default=1280)
    read.add_argument("--height", type=int, default=800)
    read.add_argument("--out", type=Path, default=HERE)
    told = read.parse_args()
    size = {"width": told.width, "height": told.height}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=FLAGS
        )
        for texts in OTHERS:
            page = browser.new_page()
            page.goto(told.url)
            page.wait_for_selector(".welcome")
            for text in texts:
                say(page, text)
            page.context.close()
        (told.out / "chat.png").write_bytes(shoot_chat(browser, told.url, told.dark, size))
        console = shoot_console(browser, told.url, told.name, told.password, told.dark, size)
        (told.out / "console.png").write_bytes(console)
        browser.close()


if __name__ == "__main__":
    main()
