"""The main job as a person does it in the browser: start, feed and stop a session, typed, pressed or by keys alone."""

import re

import pytest

from .conftest import OpenTab, Served
from .tab import Tab, expect

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_the_main_job_is_typed_with_suggestions(served: Served, open_tab: OpenTab) -> None:
    """Suggestions complete the command, the verb and the rule; the session starts, gets data, and is stopped."""
    tab = await open_tab("ann", served.channel())
    options = tab.main.get_by_role("option")
    await tab.composer.click()
    for typed, offered in (("/se", "/session"), ("sta", "start"), ("obe", "obedient")):
        await tab.page.keyboard.type(typed)
        await expect(options.filter(has_text=offered).first).to_be_visible()
        await tab.page.keyboard.press("Tab")
    await expect(tab.composer).to_have_value("/session start obedient ")
    await tab.page.keyboard.type('{"ticket": 12}')
    await tab.page.keyboard.press("Enter")
    await expect(tab.composer).to_have_value("")
    await expect(tab.message("running")).to_contain_text('{"ticket": 12}')
    number = await tab.number()
    await tab.types(f'/session send {number} {{"say": "hello"}}')
    await expect(tab.message(f"Delivered to #{number}")).to_be_visible()
    await tab.page.keyboard.press("ArrowUp")
    await expect(tab.composer).to_have_value(f'/session send {number} {{"say": "hello"}}')
    await tab.composer.fill("")
    await tab.types(f"/session stop {number}")
    await expect(tab.message(f"Confirmed: #{number} obedient ended")).to_be_visible()
    await expect(tab.message("– ended")).to_be_visible()
    await expect(tab.main.get_by_role("list", name="First steps")).to_be_hidden()  # they are taken as well when typed
    delivered = [each.body for each in served.world.platform.deliveries]
    assert b'{"say": "hello"}' in delivered


async def test_the_first_steps_lead_a_newcomer_once(served: Served, open_tab: OpenTab) -> None:
    """Three steps start, feed and stop a session without a word being typed; then they are gone for good."""
    tab = await open_tab("ann", served.channel())
    steps = tab.main.get_by_role("list", name="First steps")
    for step, outcome in (("Start a session", "– running"), ("Pass data to it", "Delivered to #")):
        await steps.get_by_role("button", name=re.compile(step)).click()
        await tab.page.keyboard.press("Enter")
        await expect(tab.message(outcome)).to_be_visible()
    await steps.get_by_role("button", name=re.compile("Stop it")).click()
    stop = tab.message("– running").get_by_role("button", name="Stop", exact=True)
    await expect(stop).to_be_focused()
    await expect(stop).to_have_css("outline-style", "solid")
    await tab.page.keyboard.press("Enter")
    await tab.dialog.get_by_role("button", name="Stop session").click()
    await expect(tab.message("– ended")).to_be_visible()
    await expect(steps).to_be_hidden()
    await tab.starts()
    await expect(steps).to_be_hidden()


async def test_a_button_asks_before_it_acts(served: Served, open_tab: OpenTab) -> None:
    """Stop asks; a refusal leaves the session running, and a confirmation stops it."""
    tab = await open_tab("ann", served.channel())
    card = await tab.starts()
    for answer in ("Keep running", "Stop session"):
        await card.get_by_role("button", name="Stop", exact=True).click()
        question = tab.page.get_by_role("alertdialog", name=re.compile(r"^Stop session #\d+\?$"))
        await question.get_by_role("button", name=answer).click()
        await expect(question).to_be_hidden()
        if answer == "Keep running":
            await expect(card).to_contain_text("running")
    await expect(tab.message("– ended")).to_be_visible()


async def test_a_form_with_an_error_is_corrected(served: Served, open_tab: OpenTab) -> None:
    """An error stands under its field, which keeps what was typed; corrected, the form is accepted and closes."""
    tab = await open_tab("ann", served.channel())
    card = await tab.starts()
    await card.get_by_role("button", name="Send…").click()
    box = tab.dialog.get_by_role("textbox", name="JSON")
    await box.fill('{"a":')
    await tab.dialog.get_by_role("button", name="Send", exact=True).click()
    await expect(box).to_have_accessible_description(re.compile("Line 1, column 6"))
    await expect(box).to_have_value('{"a":')
    await box.press("End")
    await tab.page.keyboard.type(" 1}")
    await tab.dialog.get_by_role("button", name="Send", exact=True).click()
    await expect(tab.dialog).to_be_hidden()
    await expect(tab.message("Delivered to #")).to_be_visible()


async def test_the_main_job_needs_no_mouse(served: Served, open_tab: OpenTab) -> None:
    """By keys alone: the focus is in the composer, reaches the card's Send and Stop, their form and question."""
    tab = await open_tab("ann", served.channel())
    page = tab.page
    await page.reload()
    await expect(tab.composer).to_be_focused()
    await page.keyboard.type("/session start obedient")
    await page.keyboard.press("Enter")
    await expect(tab.message("running")).to_be_visible()
    await reaches(tab, "Send…")
    await page.keyboard.press("Enter")
    await expect(tab.dialog).to_be_visible()
    await reaches(tab, "JSON", "Tab")
    await page.keyboard.type('{"a": 1}')
    await reaches(tab, "Send", "Tab")
    await page.keyboard.press("Enter")
    await expect(tab.message("Delivered to #")).to_be_visible()
    await reaches(tab, "Stop")
    await page.keyboard.press("Enter")
    await expect(tab.dialog).to_be_visible()
    await reaches(tab, "Stop session", "Tab")
    await page.keyboard.press("Enter")
    await expect(tab.message("– ended")).to_be_visible()


async def reaches(tab: Tab, name: str, key: str = "Shift+Tab") -> None:
    """Press Tab until the element of this name has the focus."""
    named = "document.activeElement.getAttribute('aria-label') || document.activeElement.labels?.[0]?.textContent"
    for _ in range(60):
        if (await tab.page.evaluate(f"({named} || document.activeElement.textContent).trim()")) == name:
            return
        await tab.page.keyboard.press(key)
    pytest.fail(f"{name} was not reached by {key}")
