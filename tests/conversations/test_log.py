"""log: the platform's log in the session's thread, without URLs, keys and whole phone numbers."""

import pytest

from bot.sandbox.slack import Channel, Error
from bot.sandbox.slack import Message as SlackMessage
from bot.sandbox.voximplant import Account, Edit, default_account
from bot.sandbox.voximplant import Error as ApiFault
from storage.command import CommandState
from tests.quick_clock import QuickClock

from .conftest import MakeWorld, World

GRANT = '[[policy.grant]]\nverbs = ["look", "start", "send", "stop", "log"]\n'
CANARY = """
VoxEngine.addEventListener(AppEvents.Started, (e) => {
  Logger.write(`My address is ${e.accessSecureURL} and ${e.accessURL}`);
  Logger.write(JSON.stringify({ url: e.accessSecureURL }).replace(/\\//g, "\\\\/"));
  Logger.write(`encoded: ${encodeURIComponent(e.accessSecureURL)}`);
  Logger.write(`only the key: ${e.accessSecureURL.split("/").pop()}`);
  Logger.write(`my log is at ${e.logURL}`);
  Logger.write("token=hush-hush-123 Authorization: Bearer abcdefghijklmnop");
  Logger.write("calling +15550100 and 8 (800) 555-35-35, at 2026-01-31 02:14:00.123456 from 203.0.113.5");
  VoxEngine.callPSTN("+15550100", "+15550199");
});
"""


def canary() -> Account:
    """Set up an account whose rule `canary` logs its own URL, keys and phone numbers."""
    account = default_account()
    account.add_rule(account.applications[0], "canary", CANARY)
    return account


def secrets_of(world: World) -> list[str]:
    """Return what must not be seen: the URLs of all sessions, and the parts of their paths."""
    running = list(world.platform._engine.started.values())
    urls = [url for each in running for url in (each.access_url, each.access_secure_url, each.log_url)]
    parts = [part for url in urls for part in url.split("/")[4:]]
    return [*urls, *parts]


async def log_of(world: World, channel: Channel | None = None) -> SlackMessage:
    """Wait for the file under the first card."""
    replies = lambda: (each for each in world.replies(channel=channel) if each.files)  # noqa: E731 - asked again and again
    return await world.slack.until(lambda: next(replies(), None), "the log in the thread")


async def runs_and_logs(world: World, rule: str = "obedient") -> None:
    """Start a session, and wait until its scenario has written its first line."""
    await world.started(rule)
    *_, newest = world.platform.started.values()
    await world.platform.changes.until(lambda: newest.session.log, 30)


async def test_a_log_comes_into_the_thread_without_secrets(make_world: MakeWorld) -> None:
    """A scenario that logs its own URL in every spelling, keys and numbers shows none of them in the thread."""
    async with make_world(account=canary(), config=GRANT) as world:
        await runs_and_logs(world, "canary")
        told = await world.says(world.ann, "log 1", expect="The log of #1")
        assert "is in its thread" in told.text
        reply = await log_of(world)
        assert "asked for by ann" in reply.text
        (file,) = reply.files
        assert file.name == "session-1.log"
        text = file.content.decode()
        assert "My address is" in text
        assert "only the key: [hidden]" in text
        assert "2026-01-31 02:14:00.123456 from 203.0.113.5" in text
        assert "calling …0100 and …3535," in text
        for secret in (*secrets_of(world), "hush-hush-123", "abcdefghijklmnop", "15550100"):
            assert secret not in text
            assert secret not in reply.text
        assert [each.authorized for each in world.platform.log_reads] == [False]


async def test_whole_numbers_are_a_setting(make_world: MakeWorld) -> None:
    """How many digits of a phone number stay is a setting; fifteen are all of them."""
    config = f"{GRANT}[limits]\nlog_phone_digits = 15\n"
    async with make_world(account=canary(), config=config) as world:
        await runs_and_logs(world, "canary")
        await world.says(world.ann, "log 1", expect="The log of #1")
        assert b"calling +15550100 and 8 (800) 555-35-35" in (await log_of(world)).files[0].content


async def test_a_log_needs_its_grant(world: World) -> None:
    """Without a grant nobody gets a log, and the answer names the grant."""
    await runs_and_logs(world)
    told = await world.says(world.ann, "log 1", expect="grant")
    assert "grant of log" in told.text
    assert "Nothing was done" in told.text
    assert world.commands()[-1].state is CommandState.denied
    assert world.platform.log_reads == []


async def test_no_log_goes_where_another_workspace_reads(make_world: MakeWorld) -> None:
    """A session's log stays out of a channel that became shared, also when asked for from elsewhere."""
    async with make_world(config=GRANT) as world:
        await runs_and_logs(world)
        world.ops.shared = True
        world.clock.jump(3_600)
        told = await world.says(world.ann, "log 1", channel=world.ann.dm, expect="shared with another workspace")
        assert "Nothing was done" in told.text
        assert world.platform.log_reads == []


async def test_a_long_log_is_cut_and_says_so(make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 20 MB the last megabyte comes, from the beginning of a line on, and the reply says how much is missing."""
    async with make_world(config=GRANT) as world:
        await runs_and_logs(world)
        running = next(iter(world.platform._engine.started.values()))
        lines = "".join(f"line {number}: {running.access_secure_url} {'x' * 100}\n" for number in range(100_000))
        monkeypatch.setattr(world.platform._engine, "log_of", lambda _name: lines)
        await world.says(world.ann, "log 1", expect="The log of #1")
        reply = await log_of(world)
        content = reply.files[0].content
        assert 400_000 < len(content) <= 1_000_000
        assert content.endswith(b"x\n")
        assert content.startswith(b"line ")
        assert b"line 99999: [hidden]" in content
        assert f"of {len(lines) // 1_000} kB" in reply.text
        assert running.access_secure_url.split("/")[-1].encode() not in content


@pytest.mark.parametrize(
    ("log_url", "says"),
    [
        ("https://elsewhere.example.com/log", "the log lies at elsewhere.example.com"),
        ("http://storage-gw-us-1.voximplant.com/log", "no https URL"),
        ("https://127.0.0.1.voximplant.com/log", "VOXIMPLANT_LOG_HOSTS"),
        (None, "names no log"),
    ],
)
async def test_a_log_elsewhere_is_not_fetched(make_world: MakeWorld, log_url: str | None, says: str) -> None:
    """Only the platform's storages and the hosts of the setting are asked, over https."""
    async with make_world(config=GRANT) as world:
        await runs_and_logs(world)
        rows = Edit(lambda answer: answer | {"result": [row | {"log_file_url": log_url} for row in answer["result"]]})
        world.platform.faults.management("GetCallHistory", rows, times=1_000)
        told = await world.says(world.ann, "log 1", expect="log")
        assert says.casefold() in told.text.casefold()
        assert world.commands()[-1].state is CommandState.failed
        assert world.platform.log_reads == []


async def test_what_keeps_a_log_back_is_said(make_world: MakeWorld) -> None:
    """A storage that wants a token which this host does not get, a log that is gone, a history that fails."""
    async with make_world(config=GRANT, secure_logs=True) as world:
        await runs_and_logs(world)
        told = await world.says(world.ann, "log 1", expect="HTTP 401")
        assert "Nothing was posted" in told.text
        assert [each.authorized for each in world.platform.log_reads] == [False]
        running = next(iter(world.platform._engine.started.values()))
        object.__setattr__(running, "log_url", f"{running.log_url}x")
        world.platform.faults.management("GetCallHistory", ApiFault(340, "slow down"), times=1)
        told = await world.says(world.ann, "log 1", expect="could not be read")
        assert world.replies() == []


async def test_without_the_scope_the_sentence_names_it(make_world: MakeWorld) -> None:
    """An app without files:write fetches and posts nothing in the thread, and says what is missing."""
    async with make_world(config=GRANT) as world:
        world.slack.workspace.scopes.remove("files:write")
        await runs_and_logs(world)
        told = await world.says(world.ann, "log 1", expect="files:write")
        assert "not posted" in told.text
        assert world.replies() == []


async def test_a_file_that_slack_does_not_take_at_first_is_sent_again(make_world: MakeWorld) -> None:
    """A limit and a passing error are waited out; the log stands in the thread once."""
    async with make_world(config=GRANT) as world:
        await runs_and_logs(world)
        world.slack.faults.add("files.getUploadURLExternal", Error("internal_error"), times=1)
        await world.says(world.ann, "log 1", expect="is in its thread")
        assert len([each for each in world.replies() if each.files]) == 1


async def test_a_log_asked_for_twice_is_posted_once(make_world: MakeWorld) -> None:
    """The same words within seconds post nothing new, unless they are meant."""
    async with make_world(config=GRANT, clock=QuickClock(times=1)) as world:  # the window is as long as it says
        await runs_and_logs(world)
        await world.says(world.ann, "log 1", expect="is in its thread")
        again = await world.says(world.ann, "log 1", expect="Already posted the log of #1")
        await world.presses(world.ann, again, "Post it again", expect="is in its thread")
        assert len([each for each in world.replies() if each.files]) == 2
