"""A tab of the page as a person uses it: by the names of what they see, and by keys."""

import re
from dataclasses import dataclass

from playwright.async_api import Locator, Page, expect

__all__ = ["Tab", "expect"]

expect.set_options(timeout=20_000)


@dataclass
class Tab:
    """One tab; what is on it is found by role and name, as a person or a screen reader reads it."""

    page: Page
    url: str

    async def opens(self, person: str = "ann", channel: str = "night-shift") -> None:
        """Open the page, become this person, and go to this channel."""
        await self.page.goto(self.url)
        await expect(self.page.locator("body.is-ready")).to_be_visible()
        await self.acts_as(person)
        await self.goes_to(channel)

    async def acts_as(self, person: str) -> None:
        """Choose the person to act as."""
        await self.lists_channels()
        switch = self.page.get_by_label("Act as")
        if await switch.evaluate("each => each.selectedOptions[0].textContent.split(' ')[0]") != person:
            label = await switch.evaluate(
                "(each, name) => [...each.options].find((one) => one.textContent.startsWith(name)).label", person
            )
            await switch.select_option(label=label)

    async def lists_channels(self) -> None:
        """Open the list of channels, where it is not there all the time."""
        menu = self.page.get_by_role("button", name=re.compile("^Channels"))
        if await menu.is_visible() and await menu.get_attribute("aria-expanded") == "false":
            await menu.click()

    async def goes_to(self, channel: str) -> None:
        """Open a channel by its name in the list, which a phone has behind a button."""
        await self.lists_channels()
        await self.channels.get_by_role("link", name=re.compile(rf"\b{re.escape(channel)}\b")).click()
        await expect(self.composer).to_be_visible()

    @property
    def channels(self) -> Locator:
        """The list of channels."""
        return self.page.get_by_role("navigation", name="Channels")

    @property
    def main(self) -> Locator:
        """The conversation."""
        return self.page.get_by_role("main")

    @property
    def thread(self) -> Locator:
        """The thread beside it."""
        return self.page.get_by_role("complementary", name="Thread")

    @property
    def other_side(self) -> Locator:
        """The drawer with the platform."""
        return self.page.get_by_role("complementary", name="The other side")

    @property
    def composer(self) -> Locator:
        """The box in which a message to the channel is written."""
        return self.main.get_by_role("textbox", name=re.compile("^Message "))

    @property
    def reply_box(self) -> Locator:
        """The box in which a reply is written."""
        return self.thread.get_by_role("textbox", name="Reply in thread")

    @property
    def dialog(self) -> Locator:
        """The form or the question on top."""
        return self.page.locator("dialog[open]").last

    async def types(self, text: str, box: Locator | None = None) -> None:
        """Type a line into the channel or another box, key by key, and send it."""
        await (box or self.composer).click()
        await self.page.keyboard.type(text)
        await self.page.keyboard.press("Enter")

    async def starts(self, rule: str = "obedient", data: str = "") -> Locator:
        """Type the start of a session; return its card, which says that it runs."""
        await self.types(f"/session start {rule} {data}".strip())
        card = self.message(re.compile(rf"#\d+ {rule} – running"))
        await expect(card).to_be_visible()
        return card

    async def number(self) -> str:
        """Read the number of the newest session that runs from its card."""
        (number,) = re.findall(r"#(\d+) \S+ – running", await self.message("– running").inner_text())
        return str(number)

    def message(self, text: str | re.Pattern[str], inside: Locator | None = None) -> Locator:
        """Return the newest message that has this text."""
        return (inside or self.main).get_by_role("article").filter(has_text=text).last
