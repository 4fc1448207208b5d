"""The pages in a real browser, as a customer and as staff use them."""

import re

import pytest

from tests.ui.fakes import PASSWORD, STAFF

pytestmark = pytest.mark.e2e
NASTY = "<img src=x onerror=\"document.title='owned'\"> refund"

# Every field and button must have a name that a screen reader can say.
NAMELESS = """() => [...document.querySelectorAll('.hr:not(.splash) :is(button, input, select, textarea, a[href])')]
    .filter(e => e.offsetParent)
    .filter(e => !(e.textContent.trim() || e.getAttribute('aria-label') || e.labels?.length))
    .map(e => e.outerHTML)"""

# The words of a reply that can be seen at four moments of their animations, which are held there: machines may be slow.
GROWING = """() => {
    const words = [...document.querySelectorAll('.theirs .word')];
    const moving = document.querySelector('.theirs').getAnimations({ subtree: true });
    for (const one of moving) one.pause();
    const whole = Math.max(...moving.map(one => one.effect.getComputedTiming().endTime));
    const shown = [0, .25, .5, 1].map(share => {
        for (const one of moving) one.currentTime = share * whole;
        return words.map(word => getComputedStyle(word).opacity > 0);
    });
    for (const one of moving) one.finish();
    const in_order = shown.every(row => !row.includes(true, row.includes(false) ? row.indexOf(false) : row.length));
    return { words: words.length, shown: shown.map(row => row.filter(Boolean).length), in_order };
}"""


def chat(page):
    page.goto("/")
    page.wait_for_selector(".welcome, .turn")
    page.wait_for_selector(".splash", state="detached")


def say(page, text):
    turns = page.locator(".turn[data-turn]").count()
    page.fill("#message", text)
    page.press("#message", "Enter")
    page.locator(".turn[data-turn]").nth(turns).wait_for()
    return page.locator(".turn[data-turn]").last


def log_in(page):
    page.goto("/staff/")
    page.fill("#name", STAFF)
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")
    page.wait_for_selector(".row")
    page.wait_for_selector(".splash", state="detached")


def test_a_customer_asks_looks_behind_the_answer_and_finds_it_again(page):
    chat(page)
    assert page.title() == "Larch & Loom"
    page.get_by_role("button", name="When do I get my refund?").click()
    page.get_by_text("within 5 working days").wait_for()
    page.get_by_role("button", name="Why this answer?").click()
    page.locator("[data-panel=why] mark", has_text="refund").first.wait_for()
    page.get_by_role("button", name="2 sources").click()
    assert page.locator("[data-panel=why]").is_hidden()
    assert page.locator("[data-panel=sources] li").count() == 2
    assert page.evaluate(NAMELESS) == []
    page.reload()
    page.get_by_text("within 5 working days").wait_for()
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("menuitem", name="Start over").click()
    page.wait_for_selector(".welcome")


def test_what_a_customer_types_is_shown_as_text_and_redacted(page):
    chat(page)
    turn = say(page, NASTY + " ruth@example.com")
    assert turn.locator(".mine").inner_text() == NASTY + " e-mail address"
    assert page.locator(".mine .placeholder").get_attribute("data-placeholder") == "EMAIL_1"
    turn.get_by_role("button", name="Why this answer?").click()
    turn.locator("blockquote").wait_for()
    assert page.locator(".log img").count() == 0
    assert page.title() == "Larch & Loom"


def test_empty_messages_do_nothing_and_long_ones_get_a_calm_line(page):
    chat(page)
    page.fill("#message", "   ")
    page.press("#message", "Enter")
    assert page.locator(".turn").count() == 0
    page.fill("#message", "x" * 4001)
    assert "4,001 characters" in page.locator(".note").inner_text()
    page.press("#message", "Enter")
    assert page.locator(".turn").count() == 0
    assert len(page.input_value("#message")) == 4001


def test_a_thumb_down_asks_for_reasons_and_keeps_them(page, shop):
    chat(page)
    turn = say(page, "where is my order")
    turn.get_by_role("button", name="Not helpful").click()
    turn.get_by_label("It is not what I asked").check()
    turn.get_by_label("Anything else").fill("The other one")
    turn.get_by_role("button", name="Send feedback").click()
    turn.get_by_text("Thank you.").wait_for()
    kept = shop.bot.store.chats.turn(turn.get_attribute("data-turn")).feedback
    assert (kept.helpful, kept.reasons, kept.comment) == (
        False,
        ("It is not what I asked",),
        "The other one",
    )


@pytest.mark.parametrize("broken", ["bot", "network"])
def test_a_message_that_did_not_get_through_is_kept_and_can_be_sent_again(page, shop, broken):
    chat(page)
    shop.bot.broken = broken == "bot"
    if broken == "network":
        page.route("**/component_server/**", lambda route: route.abort())
    page.fill("#message", "When do I get my refund?")
    page.press("#message", "Enter")
    page.get_by_role("button", name="Try again").wait_for()
    assert page.locator(".mine").inner_text() == "When do I get my refund?"
    shop.bot.broken = False
    page.unroute_all()
    page.get_by_role("button", name="Try again").click()
    page.get_by_text("within 5 working days").wait_for()
    assert page.locator(".turn").count() == 1


def test_a_reply_is_there_at_once(page):
    chat(page)
    say(page, "hello")  # the first one warms the connection
    page.fill("#message", "where is my order")
    waited = page.evaluate("""() => new Promise(done => {
        const count = () => document.querySelectorAll('.turn[data-turn] .theirs').length;
        const before = count(), start = performance.now();
        new MutationObserver(() => { if (count() > before) done(performance.now() - start); })
            .observe(document.querySelector('.log'), { childList: true, subtree: true });
        document.querySelector('.composer form').requestSubmit();
    })""")
    assert waited < 1000  # milliseconds, on a machine that does other things too


def test_a_reply_grows_word_by_word_and_ends_whole(page):
    chat(page)
    say(page, "where is my order")
    seen = page.evaluate(GROWING)
    assert seen["words"] > 30
    assert seen["shown"][0] < seen["words"] / 3
    assert seen["shown"] == sorted(set(seen["shown"]))  # more at each look
    assert seen["shown"][-1] == seen["words"]
    assert seen["in_order"]
    page.wait_for_function(
        "[...document.querySelectorAll('.theirs .word, .later')].every(e => getComputedStyle(e).opacity === '1')"
    )
    grown = page.locator(".theirs").inner_text()
    assert "Furniture takes 2 to 3 weeks" in grown
    page.reload()
    page.locator(".theirs").wait_for()
    assert page.locator(".theirs").inner_text() == grown


def test_who_wants_less_motion_gets_the_reply_at_once(page):
    page.emulate_media(reduced_motion="reduce")
    chat(page)
    turn = say(page, "where is my order")
    assert "Furniture takes 2 to 3 weeks" in turn.locator(".theirs").inner_text()
    assert page.locator(".word, .later").count() == 0
    assert page.evaluate("document.getAnimations().length") == 0


def test_a_person_joins_and_the_customer_sees_them_without_asking(page, chromium, shop):
    chat(page)
    page.get_by_role("button", name="Talk to a person").click()
    page.get_by_text("You are in line for a person").wait_for()
    conversation = shop.bot.store.chats.turn(page.locator(".turn").last.get_attribute("data-turn")).conversation
    shop.desk.take_over(conversation, "Maya")
    shop.desk.say(conversation, "Maya", "Hello, this is Maya.")
    page.get_by_text("Hello, this is Maya.").wait_for()
    assert page.locator(".agent .name").inner_text() == "Maya"
    assert page.locator(".presence").inner_text() == "Maya is answering"


def test_staff_log_in_find_a_conversation_open_a_turn_and_correct_it(page, shop):
    log_in(page)
    assert page.locator(".row").first.inner_text().startswith("Asked for a person")
    page.keyboard.press("/")
    page.keyboard.type("lamp")
    page.wait_for_function("document.querySelectorAll('.row').length === 1")
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.get_by_role("heading", name="Correct it").wait_for()
    page.locator(".context .bar-row.best", has_text="Sending something back").wait_for()
    assert page.evaluate(NAMELESS) == []
    page.keyboard.press("c")
    page.get_by_label("Intent", exact=True).last.select_option("warranty")
    page.get_by_label("Answer", exact=True).fill("Yes, sale items too.")
    page.get_by_role("button", name="Save correction").click()
    page.get_by_text(re.compile("Saved")).wait_for()
    turn = page.locator(".turn.opened").get_attribute("data-turn")
    kept = shop.bot.store.chats.turn(turn).correction
    assert (kept.staff, kept.intent, kept.answer) == (STAFF, "warranty", "Yes, sale items too.")


def test_staff_take_over_reply_and_hand_back(page):
    log_in(page)
    page.locator(".row", has_text="Can I talk to a human").click()
    page.locator(".turns", has_text="blue rug").wait_for()
    page.keyboard.press("t")
    page.get_by_label("Your reply").fill("Hello, Maya here.")
    page.keyboard.press("Enter")
    page.locator(".turns .agent", has_text="Hello, Maya here.").wait_for()
    page.get_by_role("button", name="Hand back to the bot").click()
    page.get_by_role("button", name="Take over").wait_for()
    page.get_by_role("button", name="Log out").click()
    page.wait_for_url("**/staff/login")


def test_a_session_that_ended_leads_back_to_the_log_in(page):
    log_in(page)
    page.context.clear_cookies()
    page.locator(".row").last.click()
    page.wait_for_url("**/staff/login")


def test_a_phone_shows_one_pane_at_a_time_and_nothing_runs_over_the_edge(page):
    page.set_viewport_size({"width": 390, "height": 844})
    log_in(page)
    assert page.locator(".pane:visible").count() == 1
    page.locator(".row", has_text="lamp").click()
    page.get_by_role("button", name="Back to the list").wait_for()
    page.locator(".turn [data-act=turn]").first.click()
    page.get_by_role("button", name="Back to the conversation").click()
    page.get_by_role("button", name="Back to the list").click()
    chat(page)
    say(page, "x" * 300)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.evaluate("document.querySelector('.chat main').scrollWidth") <= 390
