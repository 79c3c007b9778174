"""A world for the model: the real bot and a terminal on one database, between edges of the platform and of Slack."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final, TypeVar, cast

from bot.cli.terminal._actor import FileRights, RecordingBoard
from bot.config._loading import load_settings
from bot.dispatch import Dispatch
from bot.life import OtherProcesses, ProcessParts, build_services, read_credentials, sealing_keys
from bot.life._recovery import recover
from bot.life.app._wiring import BotParts, ConnectedParts, build
from bot.ports import Intent, Request, Response, Services
from bot.process import RemoteClock, Tasks, repeat_forever
from bot.process.metrics import Metrics
from bot.slack.api import Workspace
from bot.voximplant import Lanes
from bot.watch import Watch
from storage import Connection, workspaces
from storage.membership import Membership
from storage.sealing import Sealer
from storage.workspaces import Known
from tests.model.databases import OnFile, OnServer
from tests.model.platform_edge import PlatformEdge
from tests.model.slack_edge import EdgeClient, SlackEdge
from tests.model.virtual_time import InlineStore, VirtualLoop, WorldClock
from tests.postgres.databases import Database

T = TypeVar("T")

TEAM: Final = "T1"
_ALWAYS: Final = SimpleNamespace(is_held=lambda: True)
ENVIRON: Final = {
    "SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1", "VOXIMPLANT_ACCOUNT_ID": "1",
    "VOXIMPLANT_API_KEY": "platform-key", "VOXIMPLANT_SESSION_HOSTS": "127.0.0.1",
    "SESSION_BOT_SECRET_KEY": "x2ZRcRx4vAEdqWIk8kFHzgmvqWF2fZ4u6U1b6hN2mUY=",
}  # fmt: skip
CONFIG: Final = """
[rules.obedient]
id = 1001

[rules.strict]
id = 1002
expect = "2m"
max = "5m"

[[policy.grant]]
verbs = ["look", "start", "send", "stop", "close", "log", "audit", "adopt", "everywhere"]
"""
SETTLED_S: Final = 900.0
"""Within this time everything that the bot does by itself has an outcome, once its surroundings are well."""


@dataclass
class Process:
    """One process: its services, and the moment at which it is to end."""

    owner: str
    tasks: Tasks
    store: InlineStore
    services: Services | None = None
    dispatch: Dispatch | None = None
    parts: BotParts | None = None
    loops: list["asyncio.Task[None]"] = field(default_factory=list)
    ends_in: int | None = None
    is_over: "asyncio.Event" = field(default_factory=asyncio.Event)


@dataclass
class World:
    """Everything outside the processes, and the two processes; whatever is done is done to the end by `do`."""

    folder: Path
    server: Database | None = None
    """None: it is a file in the folder."""
    loop: VirtualLoop = field(default_factory=VirtualLoop)
    slack: SlackEdge = field(default_factory=SlackEdge)
    set_by: timedelta = timedelta()
    lives: int = 0
    """The number of processes so far."""
    intents: list[tuple[str, Intent | str]] = field(default_factory=list)
    answers: list[tuple[str, Response]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Write the settings, and start the bot."""
        self.platform = PlatformEdge(self.loop.time)
        (self.folder / "session-bot.toml").write_text(CONFIG)
        environ = ENVIRON if self.server is None else {**ENVIRON, "SESSION_BOT_DATABASE": self.server.address}
        self.settings = load_settings(environ, self.folder)
        file = self.folder / "session-bot.db"
        self.database = OnFile(file) if self.server is None else OnServer(self.server)
        self.do(self.database.open())
        self.do(self._start())

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Run work to its end, in the world's own time."""
        asyncio.set_event_loop(None)
        return self.loop.run_until_complete(work)

    def close(self) -> None:
        """End the processes, and the world."""
        self.do(self._kill())
        self.database.close()
        self.loop.close()

    async def _start(self) -> None:
        """Start the bot, which takes up what an earlier process left, and a terminal beside it."""
        self.bot = await self._bot()
        self.terminal = await self._terminal()

    async def crash(self) -> None:
        """End both processes at once; the database is all that is left. The next bot comes up on it."""
        await self._kill()
        await self._start()

    async def _kill(self) -> None:
        for process in (self.bot, self.terminal):
            await process.store.close()  # from here on nothing of it is recorded
            process.is_over.set()
        me = asyncio.current_task()
        while left := {each for each in asyncio.all_tasks() if each is not me}:
            for each in left:
                each.cancel()
            await asyncio.wait(left)

    async def type(self, request: Request, process: Process) -> None:
        """Admit a request, and leave its work to the process, as a listener does."""
        if process.dispatch is None:
            raise AssertionError
        admission = await process.dispatch.admit(request)
        if admission.work is not None:
            process.tasks.work(admission.work)
        if admission.response is not None:
            await request.respond(admission.response)

    async def admits(self, request: Request, process: Process, seconds: float) -> bool:
        """Type a request, and wait for so much time; return whether it was admitted before the process ended."""
        typing = asyncio.ensure_future(self.type(request, process))
        over = asyncio.ensure_future(process.is_over.wait())
        await asyncio.wait([typing, over], return_when=asyncio.FIRST_COMPLETED)
        over.cancel()
        if typing.done():
            typing.result()
        await self.pass_time(seconds)
        return typing.done()

    def request(self, asked: str | Intent, **known: Any) -> Request:
        """Return a request, whose answers the world keeps."""
        key = known["key"]

        async def respond(response: Response) -> None:
            self.answers.append((key, response))

        return Request(team=TEAM, asked=asked, respond=respond, **known)

    async def pass_time(self, seconds: float) -> None:
        """Wait for so much time, or less where a process ends before."""
        over = [asyncio.ensure_future(each.is_over.wait()) for each in (self.bot, self.terminal)]
        await asyncio.wait(over, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        for each in over:
            each.cancel()

    def _reach(self, process: Process) -> Callable[[str], Coroutine[Any, Any, None]]:
        async def reach(_: str) -> None:
            await asyncio.sleep(0)
            if process.ends_in is not None:
                process.ends_in -= 1
                if process.ends_in < 0:
                    process.is_over.set()
            if process.is_over.is_set():
                await asyncio.get_running_loop().create_future()  # until it is cancelled

        return reach

    async def _process(self, kind: str) -> tuple[Process, Mapping[str, Any]]:
        self.lives += 1
        owner, tasks = f"{kind}-{self.lives}", Tasks()
        process = Process(owner, tasks, cast("InlineStore", None))
        reach = self._reach(process)
        process.store = InlineStore(self.database, owner, reach)
        await process.store.open()
        clock = WorldClock(self.loop, self.set_by)
        platform_clock = RemoteClock(clock, "the platform's")
        lanes = Lanes.__new__(Lanes)
        for name in ("platform", "send", "stop", "bulk", "logs", "announcements"):
            setattr(lanes, name, self.platform.lane(name, reach))
        known = {
            "settings": self.settings, "clock": clock, "tasks": tasks, "metrics": Metrics(), "store": process.store,
            "lanes": lanes, "credentials": read_credentials(self.settings, platform_clock),
            "platform_clock": platform_clock, "sealer": Sealer(sealing_keys(self.settings)), "owner": owner,
            "membership": cast("Membership", SimpleNamespace(leadership=_ALWAYS, owners=self._owners(owner))),
        }  # fmt: skip
        return process, known

    def _owners(self, own: str) -> SimpleNamespace:
        def is_alive(_db: Connection, owner: str) -> bool:
            return owner in {own, self.bot.owner, self.terminal.owner}

        return SimpleNamespace(is_alive=is_alive, leases=lambda _: ())

    async def _bot(self) -> Process:
        process, known = await self._process("run")
        clock = known["clock"]
        workspace = Workspace(
            team=TEAM, url="https://x.slack.com/", bot_user="UB", bot_id="B1", bot_name="bot", bot_token=""
        )
        client = EdgeClient(self.slack, self._reach(process))
        connected = ConnectedParts(
            **known,
            http=cast("Any", None),
            client=client,
            slack_clock=RemoteClock(clock, "Slack's"),
            workspace=workspace,
        )
        await process.store.write(lambda db: workspaces.record(db, Known(TEAM, workspace.url), now=clock.now()))
        parts = process.parts = build(connected)
        process.services, process.dispatch = parts.services, parts.dispatch
        living = {process.owner}

        def is_alive(_db: Connection, owner: str) -> bool:
            return owner in living

        await recover(parts.services, parts.dispatch, process.tasks, is_alive)
        other, leading = OtherProcesses(parts.services, parts.board.waiters.look), parts.make_leading()
        parts.board.send_by(leading.messenger)
        rounds = parts.announced.rounds
        steps = (leading.watch.step, rounds.step, *parts.announced.steps, other.step, leading.messenger.step)
        process.loops = [asyncio.create_task(repeat_forever(step, clock)) for step in steps]
        return process

    async def _terminal(self) -> Process:
        process, known = await self._process("cli")
        look, clock = asyncio.Event(), known["clock"]
        services = build_services(
            ProcessParts(**known), FileRights(self.settings, TEAM, process.store), RecordingBoard("https://x.slack.com/"),
            look.set, cast("Any", None), slack_now=clock.now, known_name=lambda _: None,
        )  # fmt: skip
        process.services, process.dispatch = services, Dispatch(services, process.tasks, known["metrics"])
        steps = (Watch(services, look, only=set()).step, OtherProcesses(services).step)
        process.loops = [asyncio.create_task(repeat_forever(step, clock)) for step in steps]
        return process

    def sleep(self, seconds: float) -> None:
        """Put the machine to sleep: nothing happens on it, and all deadlines pass at once."""
        self.loop.now += seconds

    def set_wall(self, by: timedelta) -> None:
        """Set the wall clock of this machine; no time passes."""
        self.set_by += by
        for process in (self.bot, self.terminal):
            if process.services is not None:
                cast("WorldClock", process.services.clock).set_by = self.set_by
