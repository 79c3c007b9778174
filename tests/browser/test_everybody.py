"""The page for everybody: axe on every view, dark and light and on a phone, and a phone's list of channels."""

import re
from collections.abc import Mapping
from functools import partial

import pytest
from axe_playwright_python.async_playwright import Axe

from .conftest import DESKTOP, PHONE, OpenTab, Served
from .tab import Tab, expect

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def judged(axe: Axe, tab: Tab, view: str, only: Mapping[str, object]) -> list[str]:
    """Return what axe objects to in a view."""
    if not await tab.page.evaluate("'axe' in window"):
        await tab.page.evaluate(axe.axe_script)
    found = await tab.page.evaluate("(options) => axe.run(options)", {"resultTypes": ["violations"], **only})
    return [
        f"{view}: {each['id']} ({each['help']}) at {[node['target'] for node in each['nodes']]}"
        for each in found["violations"]
    ]


@pytest.mark.parametrize(
    ("scheme", "size"),
    [pytest.param("light", DESKTOP, id="light"), pytest.param("dark", DESKTOP, id="dark"),
     pytest.param("light", PHONE, id="phone")],
)  # fmt: skip
async def test_axe_finds_nothing(
    served: Served, open_tab: OpenTab, axe: Axe, scheme: str, size: Mapping[str, int]
) -> None:
    """Channel, suggestions, form, question, thread, Home and each section of the other side have no violation."""
    tab = await open_tab("ann", served.channel(), viewport=size, color_scheme=scheme, has_touch=size is PHONE)
    # In the dark nothing differs but the colours.
    judge = partial(judged, axe, tab, only={"runOnly": ["color-contrast"]} if scheme == "dark" else {})
    card = await tab.starts(data='{"ticket": 12}')
    found = await judge("channel")
    await tab.composer.press_sequentially("/session st")
    found += await judge("suggestions")
    await tab.composer.fill("")
    await card.get_by_role("button", name="Send…").click()
    await tab.dialog.get_by_role("textbox", name="JSON").fill("{")
    await tab.dialog.get_by_role("button", name="Send", exact=True).click()
    await expect(tab.dialog.get_by_text("Line 1")).to_be_visible()
    found += await judge("form with an error")
    await tab.dialog.get_by_role("button", name="Cancel").click()
    await card.get_by_role("button", name="Stop", exact=True).click()
    found += await judge("question")
    await tab.dialog.get_by_role("button", name="Keep running").click()
    await tab.types("/session help")
    await expect(tab.message("Only visible to you")).to_be_visible()
    await card.hover()
    await card.get_by_role("button", name="Reply in thread").click()
    await expect(tab.thread).to_be_visible()
    found += await judge("thread")
    await tab.page.keyboard.press("Escape")
    await tab.page.get_by_role("button", name="The other side").click()
    for section in ("Sessions", "Rules", "Trouble and time"):
        await tab.other_side.get_by_role("tab", name=section).click()
        found += await judge(section)
    await tab.other_side.get_by_role("tab", name="Sessions").click()
    await tab.other_side.get_by_role("button", name=re.compile("obedient")).first.click()
    found += await judge("a session")
    await tab.other_side.get_by_role("button", name="Close the other side").click()
    if size is PHONE:
        await tab.page.get_by_role("button", name=re.compile("^Channels")).click()
        await expect(tab.channels).to_be_in_viewport()
        found += await judge("channels")
    opened: list[str] = []
    tab.page.on("request", lambda request: opened.append(request.url) if "/acts/" in request.url else None)
    await tab.channels.get_by_role("link", name="Home").click()
    await expect(tab.main.get_by_role("button", name="Start a session")).to_be_visible()
    assert len(opened) == 1
    found += await judge("Home")
    assert not found


async def test_the_channels_of_a_phone_are_a_drawer(served: Served, open_tab: OpenTab) -> None:
    """It opens by a button, holds the focus, closes by Escape, and by the choice of a channel."""
    tab = await open_tab("ann", served.channel(), viewport=PHONE, has_touch=True, is_mobile=True)
    button = tab.page.get_by_role("button", name=re.compile("^Channels"))
    await expect(tab.channels).not_to_be_in_viewport()
    await button.click()
    await expect(tab.channels).to_be_in_viewport()
    await tab.page.keyboard.press("Escape")
    await expect(tab.channels).not_to_be_in_viewport()
    await expect(button).to_be_focused()
    await button.click()
    await tab.channels.get_by_role("link", name=re.compile("day-shift")).click()
    await expect(tab.main.get_by_role("heading", name="day-shift", exact=True)).to_be_visible()
    await expect(tab.channels).not_to_be_in_viewport()
