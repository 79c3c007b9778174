"""The drawing of texts, files, elements and forms on the page, by frames that no server sent."""

import json
from typing import Any, Final

import pytest

from .conftest import OpenTab
from .tab import Tab, expect

pytestmark = pytest.mark.asyncio(loop_scope="session")


def _link(address: str, label: str) -> str:
    return f'<a class="link" href="{address}" rel="noopener noreferrer" target="_blank">{label}</a>'


def _chip(name: str) -> str:
    return f'<span class="chip"><bdi>{name}</bdi></span>'


CODE: Final = '<code class="code">{}</code>'
MRKDWN: Final = {
    "*bold* _italic_ ~struck~ `code`": f"<strong>bold</strong> <em>italic</em> <s>struck</s> {CODE.format('code')}",
    "_*~all~*_": "<em><strong><s>all</s></strong></em>",
    "my_rule_name 2*3*4 a*_b c_*d": "my_rule_name 2*3*4 a*_b c_*d",
    "*not\nover lines*": "*not\nover lines*",
    "* a list * as typed": "* a list * as typed",
    "**twice**": "**twice**",
    "`*in code*`": CODE.format("*in code*"),
    "*`code` in bold*": f"<strong>{CODE.format('code')} in bold</strong>",
    "&lt;b&gt; &amp;amp; &quot;": "&lt;b&gt; &amp;amp; &amp;quot;",
    "<script>alert(1)</script>": "&lt;script&gt;alert(1)&lt;/script&gt;",
    "<https://a.example/?x=1&amp;y=2|a *label*>": _link("https://a.example/?x=1&amp;y=2", "a *label*"),
    "see https://a.example/my_page_x.": f"see {_link('https://a.example/my_page_x', 'https://a.example/my_page_x')}.",
    "<mailto:a@a.example|mail>": _link("mailto:a@a.example", "mail"),
    "<tel:+49301|call>": _link("tel:+49301", "call"),
    "<javascript:alert(1)|run>": "&lt;javascript:alert(1)|run&gt;",
    "<data:text/html,x|run>": "&lt;data:text/html,x|run&gt;",
    "&gt; one\n> two\nthree": '<blockquote class="quote">one\ntwo</blockquote>three',
    "a\n&gt;&gt;&gt;all\nthe rest": 'a<blockquote class="quote">all\nthe rest</blockquote>',
    "a\n```\n{&lt;\n  *b*\n```\nc": 'a<pre class="code-block" tabindex="0">{&lt;\n  *b*</pre>c',
    "``` is never closed": "``` is never closed",
    "<!here>": '<span class="chip chip-me">@here</span>',
    "<!subteam^S9|@night>": _chip("@night"),
    "<@U0NOBODY|someone> <#C0NOWHERE|there>": f"{_chip('@someone')} {_chip('#there')}",
    "<#C0NOWHERE>": _chip("a private channel"),
    ":tada: :no_such_name: 12:30:15": "🎉 :no_such_name: 12:30:15",
    "🟢 runs, constructor": '<span class="sign sign-circle-green">🟢</span> runs, constructor',
    "a\0b": "a␀b",
}
DATES: Final = {
    "{date_num} {time}": "2014-02-18 15:39",
    "Posted {date} at {time_secs}": "Posted February 18th, 2014 at 15:39:42",
    "{date_short}; {date_long}": "Feb 18, 2014; Tuesday, February 18th, 2014",
    "{date_pretty}, {date_short_pretty}": "February 18th, 2014, Feb 18, 2014",
    "{nothing_known}": None,
}
MOMENT: Final = 1392734382
CSV: Final = {
    "a,b\r\n1,2\r\n": [["a", "b"], ["1", "2"]],
    '"x ""y""","one\nline"\n': [['x "y"', "one\nline"]],
    "a,\n,b": [["a", ""], ["", "b"]],
    '"never closed': [["never closed"]],
    "": [],
}


async def _call(tab: Tab, module: str, function: str, arguments: list[Any]) -> list[Any]:
    """Call a function of the page once for each list of arguments; nodes come back as their markup."""
    source = """async ([module, name, all]) => {
        const called = (await import(`/static/js/${module}.js`))[name];
        const markup = (node) => { const box = document.createElement("div"); box.append(node); return box.innerHTML; };
        return all.map((each) => called(...each)).map((found) => found instanceof Node ? markup(found) : found);
    }"""
    answer: list[Any] = await tab.page.evaluate(source, [module, function, arguments])
    return answer


async def test_texts_are_drawn_as_slack_draws_them(open_tab: OpenTab) -> None:
    """Marks, code, quotes, links and mentions have their meaning, the rest is text; dates are those of the reader."""
    tab = await open_tab()
    drawn = await _call(tab, "text/mrkdwn", "drawMrkdwn", [[typed] for typed in MRKDWN])
    assert dict(zip(MRKDWN, drawn, strict=True)) == MRKDWN
    dates = await _call(tab, "text/dates", "formatMoment", [[MOMENT, template] for template in DATES])
    assert dict(zip(DATES, dates, strict=True)) == DATES
    rows = await _call(tab, "timeline/csv", "rowsOf", [[text] for text in CSV])
    assert dict(zip(CSV, rows, strict=True)) == CSV


def _text(words: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": words}


def _option(label: str, value: str) -> dict[str, Any]:
    return {"text": _text(label), "value": value}


def _form(*blocks: dict[str, Any], name: str = "V0FORM", **more: Any) -> dict[str, Any]:
    base = {
        "id": name,
        "hash": "1",
        "type": "modal",
        "title": "A form",
        "submit": "Send",
        "close": "Cancel",
        "errors": {},
    }
    return {**base, "blocks": list(blocks), **more}


def _field(block_id: str, label: str, element: dict[str, Any], **more: Any) -> dict[str, Any]:
    field = {"action_id": block_id, **element}
    return {"type": "input", "block_id": block_id, "label": _text(label), "element": field, **more}


async def _shows(tab: Tab, *modals: dict[str, Any]) -> None:
    """Show these modals on the page, as if its server had sent them."""
    frame = {"type": "views", "modals": modals, "home": None}
    await tab.page.evaluate("async (frame) => (await import('/static/js/state/store.js')).store.receive(frame)", frame)


async def test_a_form_keeps_what_was_typed(open_tab: OpenTab) -> None:
    """An updated field with the same ids keeps its text and the caret; one with another block id is a new field."""
    tab = await open_tab()
    typed = {"type": "plain_text_input", "multiline": True, "focus_on_load": True}
    await _shows(tab, _form(_field("data", "Data", typed)))
    box = tab.dialog.get_by_role("textbox", name="Data")
    await expect(box).to_be_focused()
    await tab.page.keyboard.type('{"a": ')
    await _shows(tab, _form(_field("data", "Data", typed | {"initial_value": "other"}), submit="Send now"))
    await expect(tab.dialog.get_by_role("button", name="Send now")).to_be_visible()
    await expect(box).to_be_focused()
    await tab.page.keyboard.type("1}")
    await expect(box).to_have_value('{"a": 1}')
    await _shows(tab, _form(_field("data:2", "Data", typed | {"action_id": "data", "initial_value": "a preset"})))
    await expect(box).to_have_value("a preset")


async def test_a_form_says_what_is_wrong_under_the_field(open_tab: OpenTab) -> None:
    """Slack's own checks and the bot's errors stand under their field, described by it; typing removes them."""
    tab = await open_tab()
    short = {"type": "plain_text_input", "min_length": 3, "max_length": 5}
    fields = (_field("name", "Name", short), _field("note", "Note", short, optional=True))
    await _shows(tab, _form(*fields))
    box = tab.dialog.get_by_role("textbox", name="Name")
    await tab.dialog.get_by_role("button", name="Send").click()
    await expect(box).to_have_accessible_description("This field is required.")
    await box.fill("ab")
    await expect(box).not_to_have_attribute("aria-invalid", "true")
    await box.press("Enter")
    await expect(box).to_have_accessible_description("Type at least 3 characters; there are 2. 2 of at least 3")
    await _shows(tab, _form(*fields, errors={"note": "Not this one."}))
    await expect(tab.dialog.get_by_role("textbox", name="Note")).to_have_accessible_description("Not this one.")
    await expect(tab.dialog.get_by_role("textbox", name="Note")).to_be_focused()


async def test_the_topmost_form_is_shown(open_tab: OpenTab) -> None:
    """Of a stack of forms one is seen; below it, the others keep what was typed."""
    tab = await open_tab()
    below = _form(_field("data", "Data", {"type": "plain_text_input"}), name="V0BELOW", title="Below")
    await _shows(tab, below)
    await tab.dialog.get_by_role("textbox", name="Data").fill("typed")
    await _shows(tab, below, _form(name="V0ABOVE", title="Above", submit=None, close="Close"))
    await expect(tab.page.get_by_role("dialog", name="Above")).to_be_visible()
    await expect(tab.page.get_by_role("dialog", name="Below")).to_be_hidden()
    await _shows(tab, below)
    await expect(tab.dialog.get_by_role("textbox", name="Data")).to_have_value("typed")
    await _shows(tab)
    await expect(tab.page.get_by_role("dialog")).to_have_count(0)


async def test_a_select_takes_what_is_typed_last(open_tab: OpenTab) -> None:
    """An answer that comes late is dropped, Enter waits for the right one, and nothing found is said."""
    tab = await open_tab()
    queries: list[str] = []
    held: dict[str, Any] = {}

    async def answer(route: Any) -> None:
        query = json.loads(route.request.post_data)["query"]
        queries.append(query)
        if query == "a":
            held["a"] = route
            return
        found = [_option("alarm line", "1"), _option("alpha", "2")] if "al".startswith(query) else []
        await route.fulfill(json={"ok": True, "options": [each for each in found if query in each["text"]["text"]]})

    await tab.page.route("**/acts/search", answer)
    await _shows(tab, _form(_field("rule", "Rule", {"type": "external_select", "min_query_length": 0})))
    box = tab.dialog.get_by_role("combobox", name="Rule")
    await box.press("ArrowDown")
    await expect(tab.dialog.get_by_role("option")).to_have_count(2)
    async with tab.page.expect_request(lambda request: '"query":"a"' in (request.post_data or "")):
        await box.press("a")
    await box.press("l")
    await box.press("Enter")
    await expect(box).to_have_value("alarm line")
    await held["a"].fulfill(json={"ok": True, "options": [_option("too late", "3")]})
    await box.fill("zz")
    await expect(tab.dialog.get_by_text("No results")).to_be_visible()
    await box.press("Escape")
    await expect(box).to_have_value("alarm line")
    await expect(tab.page.get_by_role("dialog")).to_be_visible()


async def test_what_cannot_be_shown_is_named(open_tab: OpenTab) -> None:
    """A block, an element and a part of rich text without a drawing here stand there by name."""
    tab = await open_tab()
    rich = {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [{"type": "canvas"}]}]}
    actions = {"type": "actions", "elements": [{"type": "datepicker", "action_id": "day"}]}
    odd_field = _field("when", "When", {"type": "timepicker"})
    await _shows(tab, _form({"type": "video"}, actions, rich, odd_field))
    for words in ("a video block", "a datepicker element", "a canvas part", "a timepicker element"):
        await expect(tab.dialog).to_contain_text(f"This page cannot show {words}.")
