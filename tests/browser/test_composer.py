"""The composer as a person uses it: suggestions, what was typed before, threads, one's own messages, dropped files."""

import re

import pytest

from .conftest import OpenTab, Served
from .tab import Tab, expect

pytestmark = pytest.mark.asyncio(loop_scope="session")

ENDS = "VoxEngine.addEventListener(AppEvents.Started, () => VoxEngine.terminate());"
DROP = """files => {
  const dataTransfer = new DataTransfer();
  for (const [name, source] of files) dataTransfer.items.add(new File([source], name));
  for (const kind of ["dragenter", "dragover", "drop"])
    document.body.dispatchEvent(new DragEvent(kind, { dataTransfer, bubbles: true, cancelable: true }));
}"""


async def presses(tab: Tab, *keys: str) -> None:
    """Press keys where the focus is; several letters are typed."""
    for key in keys:
        if key in {"Enter", "Tab", "Escape", "ArrowUp", "ArrowDown", "Shift+Enter"}:
            await tab.page.keyboard.press(key)
        else:
            await tab.page.keyboard.type(key)


async def test_a_command_is_completed_as_it_is_typed(served: Served, open_tab: OpenTab) -> None:
    """Enter and Tab complete the command, its verb and its rule, Enter sends the line, and Escape leaves it alone."""
    tab = await open_tab("ann", served.channel())
    await tab.composer.click()
    await presses(tab, "/", "Enter", "sta", "Tab", "obe", "Enter")
    await expect(tab.composer).to_have_value("/session start obedient ")
    await presses(tab, "Enter")
    await expect(tab.message(re.compile(r"#\d+ obedient – running"))).to_be_visible()
    await expect(tab.composer).to_have_value("")
    await presses(tab, "/session stop ")
    options = tab.main.get_by_role("listbox", name="Suggestions").get_by_role("option")
    await expect(options.first).to_have_text(re.compile(r"^#\d+ obedient – running"))
    await presses(tab, "ArrowDown", "Enter")
    await expect(tab.composer).to_have_value(re.compile(r"^/session stop \d+ $"))
    await presses(tab, "x", "Escape", "Shift+Enter", "y")
    await expect(tab.composer).to_have_value(re.compile(r"^/session stop \d+ x\ny$"))


async def test_what_was_typed_comes_back(served: Served, open_tab: OpenTab) -> None:
    """↑ and ↓ go through what this person typed; what is half typed is kept, by person and over a reload."""
    channel = served.channel()
    tab = await open_tab("ann", channel)
    await tab.types("first of ann")
    await tab.types("second of ann")
    await presses(tab, "half")
    for key, text in (("ArrowUp", "second of ann"), ("ArrowUp", "first of ann"), ("ArrowDown", "second of ann")):
        await presses(tab, key)
        await expect(tab.composer).to_have_value(text)
    await presses(tab, "ArrowDown")
    await expect(tab.composer).to_have_value("half")
    await tab.acts_as("bob")
    await tab.goes_to(channel.name)
    await expect(tab.composer).to_have_value("")
    await tab.composer.press("ArrowUp")
    await expect(tab.composer).to_have_value("")
    await tab.acts_as("ann")
    await tab.goes_to(channel.name)
    await tab.page.reload()
    await expect(tab.composer).to_have_value("half")


async def test_a_command_in_a_thread_is_answered_and_kept(served: Served, open_tab: OpenTab) -> None:
    """Slack takes no command in a thread: the line stays, and becomes a mention with one press."""
    tab = await open_tab("ann", served.channel())
    card = await tab.starts()
    await card.hover()
    await card.get_by_role("button", name=re.compile("Reply in thread|View thread")).click()
    await tab.types("/session send 1x", tab.reply_box)
    await expect(tab.thread.get_by_role("alert")).to_contain_text("nothing was sent")
    await expect(tab.reply_box).to_have_value("/session send 1x")
    await tab.thread.get_by_role("button", name="Type @session-bot send 1x instead").click()
    await expect(tab.reply_box).to_have_value("@session-bot send 1x")


async def test_ones_own_message_is_edited_and_deleted(served: Served, open_tab: OpenTab) -> None:
    """The menu stands on one's own messages alone; an edit is marked, and a deletion asks first."""
    tab = await open_tab("ann", served.channel())
    await tab.types("a <b> & @bob")
    message = tab.message("a <b> & @bob")
    await message.hover()
    await message.get_by_role("button", name="More actions").click()
    await tab.page.get_by_role("menuitem", name="Edit message").click()
    editor = tab.main.get_by_role("textbox", name="Edit message")
    await expect(editor).to_have_value("a <b> & @bob")
    await editor.fill("other words")
    await editor.press("Enter")
    message = tab.message("other words")
    await expect(message).to_contain_text("(edited)")
    await message.hover()
    await message.get_by_role("button", name="More actions").click()
    await presses(tab, "ArrowDown", "Enter")
    await tab.dialog.get_by_role("button", name="Delete").click()
    await expect(tab.main.get_by_role("article").filter(has_text="other words")).to_have_count(0)


async def test_dropped_files_become_a_rule_with_its_verdict(served: Served, open_tab: OpenTab) -> None:
    """Two files are one rule in the order that is chosen; its verdict stands beside it, and its line starts it."""
    channel = served.channel()
    tab = await open_tab("ann", channel)
    await tab.page.evaluate(DROP, [["<i>broken.js", "let a = ;"]])
    await expect(tab.page.get_by_role("alert").filter(has_text="<i>broken.js does not parse")).to_be_visible()
    await tab.page.evaluate(DROP, [["second.js", "Logger.write('2');"], ["first of mine.js", ENDS]])
    await tab.dialog.get_by_role("button", name="Move first of mine.js up").click()
    await tab.dialog.get_by_role("button", name="Add rule").click()
    rule = tab.other_side.get_by_role("listitem").filter(has_text="first-of-mine → second")
    await expect(rule.get_by_role("status")).to_have_text("Being checked…")
    await expect(rule.get_by_role("status")).to_have_text(re.compile("^cannot tell: "))
    await rule.get_by_role("button", name="/session start first-of-mine").click()
    await tab.composer.press("Enter")
    await expect(tab.message(re.compile(r"#\d+ first-of-mine – "))).to_be_visible()
