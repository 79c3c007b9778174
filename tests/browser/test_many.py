"""Two thousand messages in a channel: only what is seen is drawn, and it can be read to its beginning. And figures."""

import re
import time
from statistics import median

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from .conftest import OpenTab, Served, figure
from .tab import expect

pytestmark = pytest.mark.asyncio(loop_scope="session")

MESSAGES = 2_000
NODES = 5_000
"""The most elements that the page may have, however many messages there are."""


async def test_two_thousand_messages_are_read_smoothly(served: Served, open_tab: OpenTab) -> None:
    """The document stays small at the end, in the middle and at the beginning, and the newest message comes back."""
    channel, ann, bob = served.channel(), served.world.person("ann"), served.world.person("bob")
    for number in range(MESSAGES):
        (ann if number % 3 else bob).say(channel, f"message {number} of many" + " with more to read" * (number % 7))
    tab = await open_tab("ann", channel)
    await expect(tab.message(f"message {MESSAGES - 1} of")).to_be_in_viewport()
    count = "document.querySelectorAll('*').length"
    assert await tab.page.evaluate(count) < NODES
    scroller = tab.main.get_by_role("log").locator("..")
    await scroller.hover()
    for _ in range(5):
        await tab.page.mouse.wheel(0, -2_000)
        assert await tab.page.evaluate(count) < NODES
    await expect(tab.message(f"message {MESSAGES - 1} of")).not_to_be_in_viewport()
    await scroller.evaluate("(each) => (each.scrollTop = 0)")
    await expect(tab.message("message 0 of many")).to_be_visible()
    nodes = await tab.page.evaluate(count)
    assert nodes < NODES
    memory = await tab.page.evaluate("performance.memory.usedJSHeapSize")
    await scroller.evaluate("(each) => (each.scrollTop = each.scrollHeight)")
    await expect(tab.message(f"message {MESSAGES - 1} of")).to_be_in_viewport()
    figure(f"{MESSAGES} messages: {nodes} elements in the document, {memory / 2**20:.0f} MB of JavaScript heap")


async def test_what_the_page_takes_is_shown(served: Served, open_tab: OpenTab) -> None:
    """A message of the bot's comes onto the page; how long that and the page itself took is shown, not judged."""
    channel = served.channel()
    tab = await open_tab("ann", channel)
    await tab.page.goto("about:blank")
    began = time.monotonic()
    await tab.page.goto(served.url)
    await expect(tab.page.locator("body.is-ready")).to_be_visible()
    loaded = time.monotonic() - began
    await tab.opens("ann", channel.name)
    seen = """() => {
      window.seen = {};
      new MutationObserver(() => {
        for (const each of document.querySelectorAll("main article")) {
          const found = /call (\\d+)/.exec(each.textContent);
          if (found && !(found[1] in seen)) seen[found[1]] = Date.now() / 1000;
        }
      }).observe(document.querySelector("main"), { subtree: true, childList: true });
    }"""
    await tab.page.evaluate(seen)
    slack, called = served.world.slack, []
    bot = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url)
    for number in range(20):
        called.append(time.time())
        await bot.chat_postMessage(channel=channel.id, text=f"call {number}", unfurl_links=False, unfurl_media=False)
        await expect(tab.message(re.compile(rf"call {number}\b"))).to_be_visible()
    shown = await tab.page.evaluate("Object.values(seen)")
    took = sorted((each - began) * 1000 for each, began in zip(shown, called, strict=True))
    figure(f"the page is ready in {loaded * 1000:.0f} ms")
    figure(f"from the bot's call to the message on the page: median {median(took):.0f} ms, p95 {took[18]:.0f} ms")
