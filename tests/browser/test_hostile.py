"""Hostile texts in everything that a person or a scenario controls are shown and do nothing; nor does another site."""

import json
import re
from typing import Final

import pytest
from aiohttp import web
from playwright.async_api import Browser

from .conftest import OpenTab, Served
from .tab import Tab, expect
from .test_other_side import drops

pytestmark = pytest.mark.asyncio(loop_scope="session")

IMAGE: Final = "<img src=x onerror=alert(1)>"
SCRIPT: Final = f"<script>alert(1)</script>{IMAGE}"
HOSTILE: Final = (
    f"{SCRIPT} <a href=javascript:alert(1)>x</a> <javascript:alert(1)|here> \u202egnp.exe\u202c {'W' * 400}"
)
TELLS: Final = """\
VoxEngine.addEventListener(AppEvents.Started, () => {
  Logger.write(`<script>alert("log")</script><img src=x onerror=alert(1)>`);
  VoxEngine.callPSTN("<script>alert('number')</script>", "<img src=x onerror=alert(1)>");
  ApplicationStorage.put("key", "<script>alert('stored')</script>", 600);
});
VoxEngine.addEventListener(AppEvents.HttpRequest, () => VoxEngine.terminate());
"""
WITHIN: Final = "document.documentElement.scrollWidth <= innerWidth"


async def does_no_harm(tab: Tab) -> None:
    """Check that no element came of a text, no link runs anything, and the page is no wider than its window."""
    assert await tab.page.locator("img[src=x], body script:not([src]), a[href^=javascript]").count() == 0
    assert await tab.page.evaluate(WITHIN)


async def test_what_people_write_is_text(served: Served, open_tab: OpenTab) -> None:
    """In a message, in a session's data, in a thread and in a file's name and content, all of it is to be read."""
    channel = served.channel()
    tab = await open_tab("ann", channel)
    ann = served.world.person("ann")
    await tab.composer.fill(HOSTILE)
    await tab.page.keyboard.press("Enter")
    await expect(tab.message(SCRIPT)).to_be_visible()
    await tab.composer.fill(f"/session start obedient {json.dumps({'x': SCRIPT})}")
    await tab.page.keyboard.press("Enter")
    card = tab.message(re.compile(r"#\d+ obedient – running"))
    await expect(card).to_contain_text(SCRIPT)
    await card.hover()
    await card.get_by_role("button", name="Reply in thread").click()
    await tab.reply_box.fill(f"@session-bot {HOSTILE}")
    await tab.page.keyboard.press("Enter")
    await expect(tab.message(SCRIPT, tab.thread)).to_be_visible()
    await does_no_harm(tab)
    ann.say(channel, "\x00\x1b[31m" + "y" * 100_000)
    await expect(tab.message("yyyyyyyy")).to_be_visible()
    await does_no_harm(tab)


async def test_what_a_scenario_writes_is_text(served: Served, open_tab: OpenTab) -> None:
    """In a rule's and a file's name, a log, a call's number and a stored value, all of it is to be read."""
    account = served.world.platform.account
    account.add_rule(account.applications[0], IMAGE, TELLS)
    tab = await open_tab("ann", served.channel())
    await drops(tab, f"{SCRIPT.replace('/', '-')}.js", "let a = ;")
    await expect(tab.page.get_by_role("alert").filter(has_text="does not parse")).to_contain_text(IMAGE)
    await tab.page.get_by_role("button", name="The other side").click()
    await tab.other_side.get_by_role("tab", name="Rules").click()
    rules = tab.other_side.get_by_role("list", name="Rules")
    await expect(rules.get_by_role("listitem").filter(has_text=IMAGE)).to_be_visible()
    await does_no_harm(tab)
    await tab.types(f'/session start "{IMAGE}"')
    await expect(tab.message(re.compile("onerror.* – running"))).to_contain_text(IMAGE)
    await tab.other_side.get_by_role("tab", name="Sessions").click()
    await tab.other_side.get_by_role("button", name=re.compile("onerror")).first.click()
    for name, shown in (("Log", 'alert("log")'), ("Stored values", "alert('stored')")):
        await tab.other_side.get_by_role("tab", name=name).click()
        await expect(tab.other_side.get_by_text(shown).first).to_be_visible()
        await does_no_harm(tab)
    await expect(tab.other_side.get_by_text("alert('number')").first).to_be_visible()


async def test_what_is_sent_by_a_form_is_text(served: Served, open_tab: OpenTab) -> None:
    """Data with markup goes through a form to the scenario and into the thread as it was typed."""
    tab = await open_tab("ann", served.channel())
    card = await tab.starts()
    await card.get_by_role("button", name="Send…").click()
    await tab.dialog.get_by_role("textbox", name="JSON").fill(json.dumps({"x": HOSTILE}))
    await tab.dialog.get_by_role("button", name="Send", exact=True).click()
    await expect(tab.dialog).to_be_hidden()
    await expect(tab.message("Delivered to #")).to_be_visible()
    await does_no_harm(tab)


async def test_another_site_drives_nothing(served: Served, browser: Browser) -> None:
    """From a page of another port no act is done, no person's world is read, and the page is in no frame."""
    acts = """async (url) => {
      const body = JSON.stringify({ text: "/session start obedient" });
      const tries = [
        fetch(`${url}acts/slash`, { method: "POST", body }),
        fetch(`${url}acts/slash`, { method: "POST", body, mode: "no-cors", headers: { "Content-Type": "text/plain" } }),
        fetch(`${url}acts/slash`, { method: "POST", body, headers: { "Content-Type": "application/json" } }),
        fetch(url).then((answer) => answer.text()),
      ];
      const ends = await Promise.allSettled(tries);
      const socket = new WebSocket(`${url.replace("http", "ws")}live`);
      const heard = await new Promise((resolve) => {
        socket.onmessage = () => resolve("heard");
        socket.onclose = socket.onerror = () => resolve("refused");
      });
      const frame = document.createElement("iframe");
      frame.src = url;
      document.body.append(frame);
      await new Promise((resolve) => (frame.onload = resolve));
      let inside = null;
      try { inside = frame.contentDocument?.body?.textContent ?? null; } catch { inside = null; }
      return [ends.map((each) => each.status === "rejected" || each.value.type === "opaque"), heard, inside];
    }"""
    app = web.Application()

    async def index(_request: web.Request) -> web.Response:
        return web.Response(text="<!doctype html><title>Another site</title><body>", content_type="text/html")

    app.router.add_get("/", index)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    started = len(served.world.platform.starts())
    page = await browser.new_page()
    try:
        await page.goto(f"http://127.0.0.1:{runner.addresses[0][1]}/")
        refused, heard, inside = await page.evaluate(acts, served.url)
    finally:
        await page.close()
        await runner.cleanup()
    assert refused == [True] * 4
    assert heard == "refused"
    assert not inside
    assert len(served.world.platform.starts()) == started


async def test_the_policy_holds(served: Served, browser: Browser) -> None:
    """A script that got into the page in spite of all would not run: the policy blocks it."""
    blocked = """() => new Promise((resolve) => {
      document.addEventListener("securitypolicyviolation", (event) => resolve(event.effectiveDirective));
      const script = document.createElement("script");
      script.textContent = "document.title = 'it ran'";
      document.body.append(script);
    })"""
    page = await browser.new_page()
    try:
        await page.goto(served.url)
        assert await page.evaluate(blocked) == "script-src-elem"
        assert await page.title() != "it ran"
    finally:
        await page.close()
