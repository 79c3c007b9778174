"""A world whose process is killed at one point after another: the next one recovers, and is the next to be killed."""

import asyncio
import contextlib
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from bot.process import FAILPOINT_VARIABLE, Failpoint
from bot.sandbox._certificates import Certificates
from bot.sandbox.slack import LocalSlack, SlackOptions
from bot.sandbox.voximplant import Account, Platform, PlatformOptions, default_account
from tests.conversations.conftest import KEY, World
from tests.faults.conftest import Process, bury
from tests.forked import Forked
from tests.nothing_lost import assert_nothing_lost, in_slack, until_settled
from tests.postgres.databases import Database as ServerDatabase
from tests.quick_clock import QuickClock

Act = Callable[[], Awaitable[object]]

_WITHIN_S: Final = 60
_LOOKS_S: Final = 0.03
_QUIET_S: Final = 0.25
_SETTINGS: Final = {
    "SESSION_BOT_WATCH_SECONDS": "1",
    "SESSION_BOT_DIRECTORY_SECONDS": "60",
    "SESSION_BOT_OPS_PORT": "0",
    "VOXIMPLANT_START_TIMEOUT": "60",
    "VOXIMPLANT_SESSION_TIMEOUT": "60",
}
"""What is waited for comes soon, and what takes long is a busy machine, and no fault of the platform."""


class Successor(StrEnum):
    """The process that goes on after one was killed."""

    restart = "restart"
    """It is started when the other is dead, as a supervisor does."""
    standby = "standby"
    """It was waiting while the other ran, and takes over. On a server nobody waits: the others are replicas."""


@dataclass
class Crashes:
    """A world with a real process; `crash` kills it and waits until its successor has nothing left to do."""

    world: World
    settings: Mapping[str, str]
    _repeated: Counter[int] = field(default_factory=Counter)
    """How often each message may stand in Slack beside itself by now."""
    _started: list[Process] = field(default_factory=list)
    _standby: Process | None = None

    @property
    def process(self) -> Process:
        """Return the process that runs."""
        return next(each for each in reversed(self._started) if each is not self._standby)

    async def up(self) -> None:
        """Start a process."""
        await (await self._start()).logs("connected to")

    async def crash(self, order: str, act: Act, successor: Successor, *, then: str = "") -> None:
        """Kill the process at this point on the way of an act; `then` kills the one after it at another."""
        if successor is Successor.standby:
            self._standby = await self._start()
            await self._standby.logs("waiting to take over")
        self._order.write_text(f"{order} {then}".strip())
        acting = asyncio.ensure_future(act())
        for each in filter(None, (order, then)):
            await self._killed(each)
            bury(self.world)
            self._repeated.update(await self._posted_unmarked())
            if self._standby is None:
                await self._start()
            self._standby = None
        await self.process.logs("connected to")
        with contextlib.suppress(AssertionError):  # nobody answered a person whose bot is dead
            await acting
        await self.settled()

    async def trace(self, act: Act) -> set[Failpoint]:
        """Return the points that are reached on the way of an act, until nothing is left to do."""
        self._reached.unlink(missing_ok=True)
        await act()
        await self.settled()
        return {Failpoint(each) for each in self._reached.read_text().split()}

    def times(self, point: Failpoint) -> int:
        """Return how often a point was reached."""
        return self._reached.read_text().split().count(point) if self._reached.exists() else 0

    async def quiet(self) -> None:
        """Wait until no point is reached for a moment: what is on record has said so, and what said it is done."""
        before = -1
        while before != (now := self._reached.stat().st_size if self._reached.exists() else 0):
            before = now
            await asyncio.sleep(_QUIET_S)

    async def settled(self) -> None:
        """Wait until nothing is under way, and assert that nothing is lost."""
        await until_settled(self.world)
        await self.quiet()
        await until_settled(self.world)
        assert_nothing_lost(self.world, repeated=self._repeated)
        assert not any("Traceback" in each.log for each in self._started)

    def found(self, sql: str, *values: object) -> list[Any]:
        """Return the first column of what a query finds in the database."""
        with self.world.database() as db:
            return [row[0] for row in db.execute(sql, values).fetchall()]

    async def until(self, condition: Callable[[], object], what: str) -> None:
        """Wait until this is so; raise TimeoutError with the log where it does not become so."""
        try:
            async with asyncio.timeout(_WITHIN_S):
                while not condition():  # noqa: ASYNC110 - neither a file nor a database sets an event
                    await asyncio.sleep(_LOOKS_S)
        except TimeoutError:
            raise TimeoutError(f"waited for {what}:\n{self.process.log}") from None

    def end(self) -> None:
        """End what runs."""
        for each in self._started:
            each.process.kill()

    @property
    def _order(self) -> Path:
        return self.world.folder / "kill-at"

    @property
    def _reached(self) -> Path:
        return self._order.with_suffix(".reached")

    async def _killed(self, order: str) -> None:
        try:
            async with asyncio.timeout(_WITHIN_S):
                assert await self.process.process.ended() == -signal.SIGKILL, self.process.log
        except TimeoutError:
            raise AssertionError(f"{order} was not reached:\n{self.process.log}") from None

    async def _posted_unmarked(self) -> set[int]:
        """Return the messages that the killed process had posted, and of which its database does not know that."""
        unmarked = self.found("select id from messages where ts is null")  # at once: a standby takes over soon
        slack = self.world.slack
        await self.until(lambda: not slack.is_connected, "Slack to notice, and to have what had left before")
        return {*unmarked} & in_slack(slack).keys()

    async def _start(self) -> Process:
        folder = self.world.folder
        log_file = folder / f"bot-{len(self._started)}.log"
        environ = {**self.settings, FAILPOINT_VARIABLE: str(self._order)}
        with log_file.open("wb") as stderr:
            forked = await asyncio.to_thread(Forked, ["run"], environ=environ, cwd=folder, stderr=stderr.fileno())
        self._started.append(Process(forked, log_file))
        return self._started[-1]


@contextlib.asynccontextmanager
async def crashes(
    folder: Path,
    certificates: Certificates,
    *,
    account: Account | None = None,
    environ: Mapping[str, str] | None = None,
    config: str = "",
    server: ServerDatabase | None = None,
) -> AsyncIterator[Crashes]:
    """Make a world in this folder, with a platform and a Slack of its own and a process that runs."""
    folder.mkdir()  # noqa: ASYNC240 - in no time
    account, clock = account or default_account(), QuickClock(times=1)
    certificates.write_ca(folder / "ca.pem")
    async with (
        Platform(certificates, PlatformOptions(clock=clock.true), account) as platform,
        LocalSlack(SlackOptions(clock=clock.true)) as slack,
    ):
        settings = {
            **{name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ},
            **_SETTINGS,
            "SSL_CERT_FILE": str(folder / "ca.pem"),
            "SLACK_BOT_TOKEN": slack.bot_token,
            "SLACK_APP_TOKEN": slack.app_token,
            "SLACK_API_URL": slack.api_url,
            "VOXIMPLANT_API_URL": platform.api_url,
            "VOXIMPLANT_ACCOUNT_ID": str(account.account_id),
            "VOXIMPLANT_API_KEY": account.api_key,
            "VOXIMPLANT_SESSION_HOSTS": "127.0.0.1",
            **({} if server is None else {"SESSION_BOT_DATABASE": server.address, "SESSION_BOT_SECRET_KEY": KEY}),
            **(environ or {}),
        }
        world = World(platform, slack, settings, folder, clock, server=server)
        (folder / "session-bot.toml").write_text(config.replace("{ops}", world.ops.id))
        made = Crashes(world, settings)
        try:
            await made.up()
            yield made
        finally:
            made.end()
            platform.faults.release()
