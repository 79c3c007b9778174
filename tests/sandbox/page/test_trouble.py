"""Trouble on the page: switches that stay on, blows, and a clock that is put on for all at once."""

from collections.abc import Sequence

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.page import BotControl
from bot.sandbox.slack import LocalSlack
from bot.sandbox.voximplant import Hang, Html, Side, Slow, Status
from tests.sandbox.page.world import Frame, a_world, open_tab


class Bot(BotControl):
    """A process that only records what is done to it."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.runs = True

    @property
    def state(self) -> str:
        """Return a sentence."""
        return "It runs." if self.runs else "It does not run."

    @property
    def running(self) -> bool:
        """Return whether it runs."""
        return self.runs

    async def kill(self) -> None:
        """Record it."""
        self.runs = False

    async def start(self) -> None:
        """Record it."""
        self.runs = True

    async def put_on(self, seconds: float) -> None:
        """Record it."""
        self.done.append(f"on {seconds:g}")


FAULTS = {"slow": Slow(2), "hang": Hang(), "429": Status(429, "Too many requests"), "502": Html(502)}


@pytest.mark.parametrize(("what", "side"), [("api", Side.MANAGEMENT), ("sessions", Side.SESSIONS)])
async def test_a_switch_stays_until_it_is_switched_off(what: str, side: Side) -> None:
    """A trouble of the platform stands, is shown as it is, leaves the other side alone, and ends."""
    async with a_world() as (tab, platform, _):
        for kind, fault in FAULTS.items():
            await tab.does("trouble", what=what, kind=kind, seconds=2)
            await tab.until("trouble", lambda each, kind=kind: each[what] and each[what]["kind"] == kind)
            assert {each: platform.faults.standing(each) for each in Side} == dict.fromkeys(Side) | {side: fault}
        await tab.does("trouble", what=what, kind="off")
        await tab.until("trouble", lambda each: each[what] is None)
        assert platform.faults.standing(side) is None


async def call(slack: LocalSlack) -> int:
    """Post a message as the app; return the status."""
    client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url)
    try:
        return (await client.chat_postMessage(channel=slack.channel("night-shift").id, text="hello")).status_code
    except SlackApiError as error:
        return int(error.response.status_code)


async def test_slack_limits_messages_or_is_down(monkeypatch: pytest.MonkeyPatch) -> None:
    """Either is on at a time, the page says which, and messages arrive when it is off."""
    monkeypatch.setenv("NO_PROXY", "*")
    async with a_world() as (tab, _, slack):
        answered = []
        for kind in ("limited", "down", "off"):
            await tab.does("trouble", what="slack", kind=kind, seconds=1)
            await tab.until("trouble", lambda each, kind=kind: (each["slack"] or {"kind": "off"})["kind"] == kind)
            answered.append(await call(slack))
        assert answered == [429, 503, 200]


async def test_calm_down_ends_everything() -> None:
    """One act ends all that stands or waits, on either side, and opens the channels that were archived."""
    async with a_world() as (tab, platform, slack):
        channel = slack.channel("night-shift")
        await tab.does("trouble", what="api", kind="429")
        await tab.does("trouble", what="sessions", kind="hang")
        await tab.does("trouble", what="slack", kind="down")
        await tab.does("archive", channel=channel.id)
        await tab.until("trouble", lambda each: each["archived"] == [channel.id] and each["slack"])
        await tab.does("calm")
        calm = await tab.until("trouble", lambda each: each["archived"] == [])
        assert [calm["api"], calm["sessions"], calm["slack"]] == [None, None, None]
        assert [slack.is_down, channel.archived, platform.faults.pending] == [False, False, []]


async def test_the_clock_is_put_on_for_all() -> None:
    """Slack, the platform and the bot go on by the same time, and the page is told by how much."""
    bot = Bot()
    async with a_world(bot) as (tab, platform, slack):
        message = slack.person("ann").say(slack.channel("night-shift"), "before")
        await tab.does("clock", seconds=300)
        await tab.until("platform", lambda each: each["ahead_s"] == 300)
        later = slack.person("ann").say(slack.channel("night-shift"), "after")
        assert float(later.ts) - float(message.ts) >= 300
        session = platform.start(platform.account.rules[0])
        assert session.started_at.timestamp() >= float(message.ts) + 300
        assert bot.done == ["on 300"]


async def test_the_bots_process_is_killed_and_started() -> None:
    """The bot is killed while it runs and started while it does not; anything else gets a sentence."""
    bot = Bot()
    async with a_world(bot) as (tab, _, _):
        assert "runs already" in await tab.refused("bot", kind="start")
        await tab.does("bot", kind="kill")
        assert not bot.runs
        assert "does not run" in await tab.refused("bot", kind="kill")
        await tab.does("bot", kind="start")
        assert bot.runs


async def test_what_this_world_has_not_is_told() -> None:
    """Without a bot, a clock or a connection, and for a direct conversation, a sentence says so."""
    async with a_world() as (_, platform, slack), open_tab(platform, slack) as tab:
        assert "cannot be put on" in await tab.refused("clock", seconds=60)
        assert "does not run the bot" in await tab.refused("bot", kind="kill")
        assert "nothing to cut" in await tab.refused("cut")
        assert "cannot be archived" in await tab.refused("archive", channel=slack.person("ann").dm.id)


MALFORMED: Sequence[tuple[str, Frame]] = (
    ("trouble", {"what": "api", "kind": "on fire"}),
    ("trouble", {"what": "weather", "kind": "slow"}),
    ("trouble", {"what": "slack", "kind": "502"}),
    ("trouble", {"what": "api", "kind": "slow", "seconds": "3"}),
    ("trouble", {"what": "api", "kind": "slow", "seconds": -1}),
    ("trouble", {"what": "api", "kind": "slow", "seconds": True}),
    ("trouble", {"what": ["api"], "kind": "slow"}),
    ("archive", {"channel": "C0"}),
    ("clock", {"seconds": 0}),
    ("clock", {"seconds": 1e300}),
    ("bot", {"kind": "feed"}),
    ("drill", {"act": "dance"}),
)


async def test_what_no_page_would_send_is_refused() -> None:
    """A request that a page would never send is answered with 400, and changes nothing."""
    async with a_world(Bot()) as (tab, platform, slack):
        for act, body in MALFORMED:
            assert (await tab.post(act, **body))[0] == 400, (act, body)
        assert not slack.is_down
        assert [platform.faults.standing(side) for side in Side] == [None, None]
