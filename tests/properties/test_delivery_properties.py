"""Valid JSON reaches the session byte for byte, by whatever way it was typed."""

import asyncio
import os
from collections.abc import AsyncIterator

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from bot.sandbox.slack._views import View
from tests.conversations.conftest import MakeWorld, World
from tests.forked import Forked
from tests.properties.test_json_properties import written

HOW = settings(
    max_examples=8,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
LETTERS = "\u2028\u2029\u00a0\u200b\ufeff\u202e\x7f\U0001f600e\u0301"
STRANGE = (
    "[1e400, -0, -0.0, 1E+2, 0.10000000000000000001, 123456789012345678901234567890, 9007199254740993]",
    '{"b": 1, "a": 2, "b": {"b": 3, "\\u0062": 4}, "": null, "  ": []}',
    '["\\ud800", "\\udfff\\ud800", "\\u0000", "\\/", "\\u003c", "\\b\\f\\n\\r\\t", "\\\\u0041", "\\uD83D\\uDE00"]',
    f'{{"{LETTERS}": "{LETTERS}", "curly": "it\u2019s \u201cfine\u201d \u2013 \u2026 \u00ab\u00bb"}}',
    '["&lt;", "&amp;lt;", "<", ">", "&", "<@U1>", "<!channel>", "<https://x.dev|x.dev>", "&#39;", "&quot;"]',
    '["https://x.dev/a?b=1&c=_2_", "a@b.dev", "+49 30 901820", "*b*", "_i_", "`c`", "@nobody", "#nowhere", ":smile:"]',
    '{ "spaces" :\t[ 1 ,2,  3 ] ,"lines": [1,\n 2\n] }',
    "[" * 60 + "]" * 60,
)
"""JSON that other tools round, sort, unescape, escape, link, straighten or pack."""


@pytest.fixture
async def running(make_world: MakeWorld) -> AsyncIterator[World]:
    """Return a world with one session that runs."""
    async with make_world() as world:
        await world.started()
        yield world


async def delivered(world: World, before: int) -> bytes:
    """Wait for one delivery more; return its body."""
    await world.until(lambda: len(world.platform.deliveries) > before, "a delivery")
    assert len(world.platform.deliveries) == before + 1
    return world.platform.deliveries[-1].body


async def editor_of_ann(world: World) -> View:
    """Open the form, and again where this machine was busy for longer than the 3 s in which Slack opens one."""

    def too_late() -> int:
        return sum("not opened in time" in each.text for each in world.ann.ephemerals(world.ops))

    def editor() -> View | None:
        return next(
            (each for each in world.ann.modals if each.title == "Send to #1" and "obedient" in each.plain()), None
        )

    await world.until(lambda: not world.ann.modals, "the form before to be closed")
    while True:
        late = too_late()
        assert (await world.ann.slash(world.ops, "send 1")).acked
        await world.until(lambda: editor() or too_late() > late, "the form, or that it came too late")  # noqa: B023 - asked within this turn
        if (opened := editor()) is not None:
            return opened


async def by_each_way(world: World, text: str) -> list[bytes]:
    """Send a text by a command, a mention and the form, each of its own person; return what arrived."""
    arrived, sent = [], world.platform.deliveries
    before = len(sent)
    assert (await world.ann.slash(world.ops, f"send 1 {text}")).acked
    arrived.append(await delivered(world, before))
    assert (await world.bob.mention(world.ops, f"send 1 {text}")).acked
    arrived.append(await delivered(world, before + 1))
    editor = await editor_of_ann(world)
    assert (await world.ann.submit(editor, {"JSON": text})).acked
    arrived.append(await delivered(world, before + 2))
    return arrived


async def test_any_json_arrives_byte_for_byte(running: World) -> None:
    """A document of any kind, in any spacing, is the same bytes at the session: by command, by mention, by form."""
    loop, seen = asyncio.get_running_loop(), set[str]()

    @HOW
    @given(written())
    def look(document: str) -> None:
        text = document.strip(" \t\r\n")  # what stands around a line is no part of it
        if text in seen:
            return  # the same once more is a double press
        seen.add(text)
        arrived = asyncio.run_coroutine_threadsafe(by_each_way(running, text), loop).result()
        assert arrived == [text.encode()] * 3

    await asyncio.to_thread(look)


async def test_strange_json_arrives_byte_for_byte(running: World) -> None:
    """Numbers, escapes, repeated keys, Slack's own signs and letters that nobody sees stay as typed, by every way."""
    environ = {**running.environ, "SSL_CERT_FILE": os.environ["SSL_CERT_FILE"]}
    for text in STRANGE:
        assert await by_each_way(running, text) == [text.encode()] * 3, text
        before = len(running.platform.deliveries)
        assert await Forked(["send", "1", text], environ=environ, cwd=running.folder).ended() == 0
        assert await delivered(running, before) == text.encode()


async def test_what_slack_changed_beyond_repair_is_refused(running: World) -> None:
    """A name that became a mention is not sent as an id that nobody typed; by the command it arrives as it was."""
    text = '{"say": "ask @ann"}'
    for line in (f"send 1 {text}", "send 1 --text ask @ann", "start obedient ask @ann"):
        assert (await running.bob.mention(running.ops, line)).acked
        await running.told(running.bob, "what you typed is not known any more")
        assert not running.platform.deliveries
    assert len(running.platform.starts()) == 1
    assert (await running.bob.slash(running.ops, f"send 1 {text}")).acked
    assert await delivered(running, 0) == text.encode()
