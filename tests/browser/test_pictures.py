"""What is seen of the demo, and its pictures: a card and its thread, the alarm on a phone, the drill to its verdict.

With `--pictures FOLDER` they are written there, as `make screenshots` does. The world begins at a fixed time of day,
and these tests are then the only ones, so that numbers and times are the same again.
"""

import re
from pathlib import Path
from typing import Final

import pytest
from playwright.async_api import Locator

from .conftest import PHONE, OpenTab
from .tab import Tab, expect

pytestmark = pytest.mark.asyncio(loop_scope="session")

WIDE: Final = {"width": 1120, "height": 640}


async def test_a_card_and_its_thread_stand_side_by_side(open_tab: OpenTab, pictures: Path) -> None:
    """The card, which says what happened last, keeps its place while its thread tells the whole story."""
    tab = await open_tab("ann", viewport=WIDE)
    card = await tab.starts(data='{"ticket": 12}')
    await tab.types(f'/session send {await tab.number()} {{"say": "hello"}}')
    await expect(tab.message("Delivered to #")).to_be_visible()
    await card.get_by_role("button", name=re.compile("View thread")).click()
    await expect(tab.message("hello", tab.thread)).to_be_visible()
    await expect(card).to_contain_text("running")
    await tab.message("Started #").get_by_role("button", name="Dismiss").click()
    await tab.composer.click()
    await tab.page.screenshot(path=pictures / "card.png")


async def in_sight(tab: Tab, *shown: Locator) -> None:
    """Check that all of each lies in the window, with nothing over it, and that the page is no wider than that."""
    for each in shown:
        await expect(each).to_be_in_viewport(ratio=1)
        covered = "each => { const { x, y, width, height } = each.getBoundingClientRect();"
        covered += " return each.contains(document.elementFromPoint(x + width / 2, y + height / 2)); }"
        assert await each.evaluate(covered)
    assert await tab.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_a_phone_shows_state_and_stop_without_scrolling(open_tab: OpenTab, pictures: Path) -> None:
    """On 390 pixels a new card, and then the alarm of a stop that is not confirmed, show their state and their Stop."""
    tab = await open_tab("ann", viewport=PHONE, has_touch=True, is_mobile=True)
    card = await tab.starts("stuck")
    await in_sight(tab, card.get_by_text("running"), card.get_by_role("button", name="Stop", exact=True))
    await tab.page.screenshot(path=pictures / "phone-card.png")
    await card.get_by_role("button", name="Stop", exact=True).click()
    await tab.dialog.get_by_role("button", name="Stop session").click()
    alarm = tab.main.get_by_role("article").filter(has=tab.page.get_by_role("button", name=re.compile("^Stop"))).last
    await expect(alarm).to_contain_text("not confirmed")
    await in_sight(
        tab, alarm.get_by_text("not confirmed").last, alarm.get_by_role("button", name=re.compile("^Stop")).first
    )
    await tab.page.get_by_role("button", name="Hide the first steps").click()
    await tab.page.screenshot(path=pictures / "phone-alarm.png")


async def lists_four_that_nobody_started(tab: Tab) -> None:
    """Type the list until the bot's rounds have found the four sessions that were not started in Slack."""
    answer = tab.message(re.compile(r"sessions? (is|are) open|No session is open"))
    shown = ""
    while "4 sessions are open" not in shown:
        await tab.types("/session list origin=elsewhere")
        await expect(answer).to_be_visible()
        read = await answer.element_handle()
        shown = await read.inner_text()
        await answer.get_by_role("button", name="Dismiss").click()
        await read.wait_for_element_state("hidden")


async def test_the_drill_is_played_to_its_verdict(open_tab: OpenTab, pictures: Path) -> None:
    """One click opens twelve lines; a typed stop reaches all, three are named as not confirmed, and words say the rest.

    Four of the lines were not started in Slack.
    """
    tab = await open_tab("bob", color_scheme="dark", viewport=WIDE)
    drill = tab.page.get_by_role("region", name="Drill")
    await drill.get_by_role("button", name="Start the drill").click()
    await expect(drill.get_by_role("timer")).to_be_visible()
    await expect(drill.get_by_role("img", name=re.compile("^12 lines open"))).to_be_visible()
    await lists_four_that_nobody_started(tab)
    await tab.types("/session stop all")
    question = tab.message("Stop 12 sessions, 4 of them not started in Slack?")
    await question.get_by_role("button", name="Stop 12 sessions").click()
    await expect(drill).to_contain_text("The drill is over.")
    await expect(drill.get_by_role("img")).to_have_accessible_name("0 lines open, 9 ended, 3 not confirmed")
    await expect(drill.get_by_role("listitem").first).to_be_visible()
    await tab.page.get_by_role("button", name="Hide the first steps").click()
    await tab.page.screenshot(path=pictures / "drill-dark.png")
    await drill.get_by_role("button", name="Close the drill").click()
    await expect(drill).to_be_hidden()
