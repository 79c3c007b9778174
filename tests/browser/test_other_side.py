"""The platform behind the page: a dropped scenario, a bot that dies and returns, and a session seen from there."""

import re

import pytest

from .conftest import OpenTab, Served
from .tab import Tab, expect

pytestmark = pytest.mark.asyncio(loop_scope="session")

LISTENS = """\
VoxEngine.addEventListener(AppEvents.Started, () => VoxEngine.callPSTN("+15550100", "+15550101"));
VoxEngine.addEventListener(AppEvents.HttpRequest, () => VoxEngine.terminate());
"""
DROP = """([name, source]) => {
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File([source], name));
  for (const kind of ["dragenter", "dragover", "drop"])
    document.body.dispatchEvent(new DragEvent(kind, { dataTransfer, bubbles: true, cancelable: true }));
}"""


async def drops(tab: Tab, name: str, source: str) -> None:
    """Drop a file onto the page."""
    await tab.page.evaluate(DROP, [name, source])


async def test_a_dropped_scenario_becomes_a_rule_with_a_verdict(served: Served, open_tab: OpenTab) -> None:
    """Its rule is in the drawer with what the check found, its line is in the composer, and it starts."""
    tab = await open_tab("ann", served.channel())
    await drops(tab, "ring-back.voxengine.js", LISTENS)
    await expect(tab.composer).to_have_value("/session start ring-back")
    rules = tab.other_side.get_by_role("list", name="Rules")
    rule = rules.get_by_role("listitem").filter(has_text="ring-back")
    await tab.other_side.get_by_role("tab", name="Rules").click()
    await expect(rule.get_by_role("status")).to_have_text(re.compile("^stops"))
    await tab.composer.press("Enter")
    await expect(tab.message(re.compile(r"#\d+ ring-back – running"))).to_be_visible()


async def test_a_bot_that_died_is_missed_and_returns(served: Served, open_tab: OpenTab) -> None:
    """The page says that the bot is not there; started from there, it knows the session that it had."""
    tab = await open_tab("ann", served.channel())
    card = await tab.starts()
    await tab.page.get_by_role("button", name="The other side").click()
    await tab.other_side.get_by_role("tab", name="Trouble and time").click()
    await tab.other_side.get_by_role("button", name="Kill the bot").click()
    await expect(tab.page.get_by_text("session-bot is not connected.")).to_be_visible()
    await tab.page.get_by_role("button", name="Start it again").click()
    await expect(tab.page.get_by_text("session-bot is not connected.")).to_be_hidden()
    await card.get_by_role("button", name="Stop", exact=True).click()
    await tab.dialog.get_by_role("button", name="Stop session").click()
    await expect(tab.message("– ended")).to_be_visible()


async def test_a_session_is_looked_into_and_ended_from_outside(served: Served, open_tab: OpenTab) -> None:
    """The drawer shows a session's data, its log and its requests; ended there, its card says so.

    In the list it then stands behind those that run, with the focus where it was.
    """
    tab = await open_tab("ann", served.channel())
    card = await tab.starts(data='{"ticket": 77}')
    await tab.page.get_by_role("button", name="The other side").click()
    await tab.other_side.get_by_role("tab", name="Sessions").click()
    await tab.other_side.get_by_role("button", name=re.compile("ticket.*77")).first.click()
    await expect(tab.other_side.get_by_role("tabpanel").last).not_to_be_empty()
    await tab.other_side.get_by_role("button", name="End", exact=True).click()
    await tab.dialog.get_by_role("button", name="End it").click()
    await expect(tab.other_side.get_by_text("It has ended")).to_be_visible()
    await card.get_by_role("button", name="Refresh").click()
    await expect(tab.message("– ended")).to_be_visible()
    await tab.starts("stuck")
    await tab.starts(data='{"ticket": 78}')
    await tab.other_side.get_by_role("button", name="All sessions").click()
    rows = tab.other_side.get_by_role("list", name="Sessions at the platform").get_by_role("listitem")
    await expect(rows.nth(0)).to_contain_text("78")
    await rows.nth(0).get_by_role("button").focus()
    list(served.world.platform.started.values())[-1].session.end()
    await expect(rows.nth(0)).to_contain_text("stuck")
    await expect(rows.nth(1).get_by_role("button")).to_be_focused()
