"""Several people on the page: threads, what each may see and do, tabs beside each other, and a reload."""

import re

import pytest

from .conftest import OpenTab, Served
from .tab import expect

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_mention_in_a_thread_is_answered_there(served: Served, open_tab: OpenTab) -> None:
    """In a card's thread a mention commands its session, and the answer comes there."""
    tab = await open_tab("ann", served.channel())
    card = await tab.starts()
    await card.hover()
    await card.get_by_role("button", name="Reply in thread").click()
    await expect(tab.thread).to_be_visible()
    await tab.types("@session-bot status", tab.reply_box)
    await expect(tab.message("At the platform", tab.thread)).to_be_visible()
    await tab.types("@session-bot stop", tab.reply_box)
    await expect(tab.message("Confirmed", tab.thread)).to_be_visible()


async def test_a_slash_command_in_a_thread_is_refused(served: Served, open_tab: OpenTab) -> None:
    """It is not sent, what was typed stays, the page says so, and offers the mention that does it."""
    tab = await open_tab("ann", served.channel())
    card = await tab.starts()
    await card.hover()
    await card.get_by_role("button", name="Reply in thread").click()
    await tab.types("/session status", tab.reply_box)
    await expect(tab.thread.get_by_role("alert")).to_contain_text("does not work in a thread")
    await expect(tab.reply_box).to_have_value("/session status")
    await tab.thread.get_by_role("button", name="Type @session-bot status instead").click()
    await expect(tab.reply_box).to_have_value("@session-bot status")


async def test_everyone_sees_and_does_only_what_is_theirs(served: Served, open_tab: OpenTab) -> None:
    """A guest and a stranger see their channels, no message of others alone, and may start nothing."""
    channel = served.channel()
    tab = await open_tab("ann", channel)
    await tab.starts()
    await expect(tab.message("Started #")).to_contain_text("Only visible to you")
    await tab.message("Started #").press("t")
    await expect(tab.thread).to_be_hidden()
    await tab.acts_as("gil")
    await tab.goes_to(channel.name)
    await expect(tab.message("running")).to_be_visible()
    await expect(tab.main.get_by_text("Only visible to you")).to_have_count(0)
    await expect(tab.channels.get_by_role("link", name=re.compile("leads|partners"))).to_have_count(0)
    started = len(served.world.platform.starts())
    await tab.types("/session start obedient")
    await expect(tab.message("Only visible to you")).to_contain_text(re.compile("guest|not allowed|may not|only"))
    await tab.acts_as("sam")
    await expect(tab.channels.get_by_role("link", name=re.compile("partners"))).to_have_count(1)
    await expect(tab.channels.get_by_role("link", name=re.compile("night-shift|leads|place-"))).to_have_count(0)
    await tab.goes_to("partners")
    await tab.types("/session start obedient")
    await expect(tab.message("Only visible to you")).to_be_visible()
    assert len(served.world.platform.starts()) == started


async def test_two_tabs_are_two_people(served: Served, open_tab: OpenTab) -> None:
    """One starts a session, the other sees its card at once and stops it, and both see that it ended."""
    channel = served.channel()
    ann, bob = await open_tab("ann", channel), await open_tab("bob", channel)
    await ann.starts()
    card = bob.message("running")
    await card.get_by_role("button", name="Stop", exact=True).click()
    await bob.dialog.get_by_role("button", name="Stop session").click()
    for tab in (ann, bob):
        await expect(tab.message("– ended")).to_be_visible()
    await expect(ann.page.get_by_label("Act as")).to_have_value(served.world.person("ann").id)


async def test_a_reload_keeps_the_place_and_the_draft(served: Served, open_tab: OpenTab) -> None:
    """The person, the channel, the thread and both drafts are there again."""
    tab = await open_tab("ann", served.channel())
    await tab.acts_as("bob")
    await tab.goes_to(served.channel().name)
    await tab.types("Is anybody there?")
    said = tab.message("Is anybody there?")
    await said.hover()
    await said.get_by_role("button", name="Reply in thread").click()
    await tab.composer.fill("a draft for the channel")
    await tab.reply_box.fill("a draft for the thread")
    await tab.page.reload()
    await expect(tab.page.get_by_label("Act as")).to_have_value(served.world.person("bob").id)
    await expect(tab.message("Is anybody there?", tab.thread)).to_be_visible()
    await expect(tab.composer).to_have_value("a draft for the channel")
    await expect(tab.reply_box).to_have_value("a draft for the thread")


async def test_an_edit_and_a_deletion_are_seen(served: Served, open_tab: OpenTab) -> None:
    """A person's own message is edited in its place and marked, and deleted after a question."""
    tab = await open_tab("ann", served.channel())
    await tab.types("Good morming")
    said = tab.message("Good mor")
    await said.hover()
    await said.get_by_role("button", name="More actions").click()
    await tab.page.get_by_role("menuitem", name="Edit message").click()
    await tab.main.get_by_role("textbox", name="Edit message").fill("Good morning")
    await tab.page.keyboard.press("Enter")
    await expect(tab.message("Good morning")).to_contain_text("(edited)")
    await said.hover()
    await said.get_by_role("button", name="More actions").click()
    await tab.page.get_by_role("menuitem", name="Delete message…").click()
    await tab.dialog.get_by_role("button", name="Delete").click()
    await expect(said).to_have_count(0)
