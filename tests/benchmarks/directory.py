"""The cost of sessions that announce themselves, and what acks and stops notice of them.

    python -m tests.benchmarks.directory [sessions] [burst] [watch seconds]

Starts the real process against a platform in another one (`stand_in.py`), over TLS, with this many sessions (10,000),
each of which announces itself, signed, once a minute. Then it types commands and stops for a minute, and again while
a burst of new sessions (2,000) is taken up. Open sessions are looked up in the history every so many seconds (3,600:
so that the figures are those of the announcements alone; in life 15). A hold of the event loop is the longest time
that `/healthz` took, asked every 20 ms; what answering that costs is measured first, with nothing announced. Ends with
1 when a promised number is missed: a steady round of 10,000 2 s of one core without that, 60 MB of memory, and p99 of
an ack 100 ms, the burst included.
"""

import asyncio
import contextlib
import os
import secrets
import sqlite3
import ssl
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import psutil
import trustme

from bot.sandbox.slack import Channel, LocalSlack
from tests.benchmarks._figures import quantile
from tests.factories import free_ports

ROUND_S = 30
LAST_ROUND = "select read_at from announcements"
KNOWN = "select count(*) from sessions"
TYPING_S = 60
STEADY_ROUNDS = 3
PROMISED_CPU_S, PROMISED_MB, PROMISED_ACK_MS = 2.0, 60.0, 100.0


async def until(condition: Callable[[], bool]) -> None:
    """Wait until something outside is so."""
    while not condition():  # noqa: ASYNC110 - another process sets no event
        await asyncio.sleep(0.1)


@dataclass
class Bot:
    """The bot's process, and what can be seen of it from outside."""

    folder: Path
    process: psutil.Process
    platform: str
    http: aiohttp.ClientSession
    health: str
    holds: list[float] = field(default_factory=list)

    @property
    def cpu(self) -> float:
        """Return the seconds of processor time so far."""
        spent = self.process.cpu_times()
        return float(spent.user + spent.system)

    @property
    def memory(self) -> float:
        """Return the memory that it has now, in MB."""
        return float(self.process.memory_info().rss / 2**20)

    @property
    def written(self) -> float:
        """Return what it has written so far, in MB."""
        return float(self.process.io_counters().write_bytes / 2**20)

    def read(self, query: str) -> Any:
        """Return the one value of a query on its database."""
        with contextlib.closing(sqlite3.connect(f"file:{self.folder}/session-bot.db?mode=ro", uri=True)) as connection:
            row = connection.execute(query).fetchone()
            return row[0] if row else None

    async def facts(self) -> Mapping[str, Any]:
        """Return what the platform saw of it."""
        async with self.http.get(f"{self.platform}/facts") as answer:
            return await answer.json()

    async def begin(self, sessions: int) -> None:
        """Begin further sessions at the platform."""
        async with self.http.post(f"{self.platform}/more?sessions={sessions}"):
            pass

    async def rounds(self, count: int) -> None:
        """Wait until so many further rounds are over."""
        for _ in range(count):
            before = self.read(LAST_ROUND)
            await until(lambda before=before: self.read(LAST_ROUND) != before)

    async def watch_holds(self) -> None:
        """Ask again and again whether it is alive, and keep the times of the answers, in milliseconds."""
        while True:
            began = time.perf_counter()
            with contextlib.suppress(aiohttp.ClientError):
                async with self.http.get(self.health):
                    self.holds.append((time.perf_counter() - began) * 1000)
            await asyncio.sleep(0.02)


@dataclass(frozen=True)
class Phase:
    """The cost of one phase."""

    title: str
    seconds: float
    cpu: float
    memory: float
    written: float
    calls: Mapping[str, int]
    hold: float

    def __str__(self) -> str:
        calls = ", ".join(f"{number} {method}" for method, number in self.calls.items() if number)
        return (
            f"{self.title}: {self.seconds:.1f} s, {self.cpu:.2f} s of a core, {self.memory:+.0f} MB of memory,"
            f" {self.written:.1f} MB written, longest hold {self.hold:.0f} ms; {calls or 'no call'}"
        )


@contextlib.asynccontextmanager
async def measured(bot: Bot, title: str, phases: list[Phase], rounds: int = 1) -> AsyncIterator[None]:
    """Measure what happens inside, and add it to the phases, for one of so many rounds."""
    bot.holds.clear()
    began, cpu, memory, written = time.monotonic(), bot.cpu, bot.memory, bot.written
    calls = (await bot.facts())["calls"]
    yield
    after = (await bot.facts())["calls"]
    phases.append(
        Phase(
            title,
            seconds=(time.monotonic() - began) / rounds,
            cpu=(bot.cpu - cpu) / rounds,
            memory=bot.memory - memory,
            written=(bot.written - written) / rounds,
            calls={method: round((after[method] - calls.get(method, 0)) / rounds) for method in after},
            hold=max(bot.holds, default=0),
        )
    )


async def type_for_a_minute(bot: Bot, slack: LocalSlack, ops: Channel, first: int) -> tuple[list[float], list[float]]:
    """Type a look and a stop five times a second; return the milliseconds of each ack, and until each stop arrived."""
    acks: list[float] = []
    typed_at: dict[int, float] = {}
    ann, tasks = slack.person("ann"), []

    async def types(text: str) -> None:
        typed = await ann.slash(ops, text)
        acks.append(typed.ack_seconds * 1000 if typed.acked else 3000.0)

    began = time.monotonic()
    for number in range(TYPING_S * 5):
        session = first + number
        history_id = bot.read(f"select history_id from sessions where id = {session}")  # noqa: S608 - our own number
        typed_at[history_id] = time.time()
        tasks += [asyncio.create_task(types(f"stop {session}")), asyncio.create_task(types("help"))]
        await asyncio.sleep(max(0, began + (number + 1) / 5 - time.monotonic()))
    await asyncio.gather(*tasks)
    await asyncio.sleep(2)
    arrived = (await bot.facts())["stops"]
    return acks, [(arrived[str(each)] - at) * 1000 if str(each) in arrived else 1e9 for each, at in typed_at.items()]


async def main(sessions: int, burst: int, watch: int) -> int:
    """Measure, print, and give the exit code."""
    phases: list[Phase] = []
    async with contextlib.AsyncExitStack() as exits:
        folder = Path(exits.enter_context(tempfile.TemporaryDirectory()))
        slack = await exits.enter_async_context(LocalSlack())
        ops = slack.channel("ops", members=[slack.person("ann")])
        bot = await exits.enter_async_context(running(folder, slack, ops, watch))
        async with measured(bot, "nothing announced", phases):
            await asyncio.sleep(ROUND_S)
        idle, idle_cpu = bot.memory, phases[-1].cpu
        async with measured(bot, f"all {sessions:,} are found", phases):
            await bot.begin(sessions)
            await until(lambda: bot.read(KNOWN) >= sessions)
        await bot.rounds(2)
        async with measured(bot, "a steady round", phases, STEADY_ROUNDS):
            await bot.rounds(STEADY_ROUNDS)
        steady, memory = phases[-1], bot.memory - idle
        async with measured(bot, "typing for a minute", phases):
            calm = await type_for_a_minute(bot, slack, ops, 1)
        async with measured(bot, f"typing while {burst:,} new ones are taken up", phases):
            await bot.begin(burst)
            busy = await type_for_a_minute(bot, slack, ops, 1 + TYPING_S * 5)
        found = bot.read(KNOWN)
    lines = [*map(str, phases), f"memory of all of it: {memory:+.0f} MB; sessions found: {found:,}"]
    lines += [typing_line(title, *times) for title, times in (("calm", calm), ("burst", busy))]
    print("\n".join(lines))  # noqa: T201 - a script for whoever runs it
    allowed = max(sessions / 10_000, 1)
    missed = (
        steady.cpu - idle_cpu > PROMISED_CPU_S * allowed
        or memory > PROMISED_MB * allowed
        or quantile(busy[0], 0.99) > PROMISED_ACK_MS
        or found != sessions + burst
    )
    return int(missed)


def typing_line(title: str, acks: list[float], stops: list[float]) -> str:
    """Return the quantiles of a minute's typing."""
    return (
        f"{title}: ack p50 {quantile(acks, 0.5):.1f} ms, p99 {quantile(acks, 0.99):.1f} ms;"
        f" stop at its session p50 {quantile(stops, 0.5):.0f} ms, p99 {quantile(stops, 0.99):.0f} ms"
    )


@contextlib.asynccontextmanager
async def running(folder: Path, slack: LocalSlack, ops: Channel, watch: int) -> AsyncIterator[Bot]:
    """Run the platform and the bot, each as a process of its own."""
    authority, secret, ops_port = trustme.CA(), secrets.token_hex(16), free_ports(1)
    authority.cert_pem.write_to_path(folder / "ca.pem")
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(folder / "platform.pem")
    (folder / "session-bot.toml").write_text(f'[directory]\nchannel = "{ops.id}"\napplications = ["4379001"]\n')
    platform = await asyncio.create_subprocess_exec(
        sys.executable, Path(__file__).with_name("stand_in.py"), folder / "platform.pem", secret,
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert platform.stdout is not None
    base = (await platform.stdout.readline()).decode().strip()
    environ = {
        "PATH": os.environ["PATH"], "SSL_CERT_FILE": str(folder / "ca.pem"),
        "SLACK_BOT_TOKEN": slack.bot_token, "SLACK_APP_TOKEN": slack.app_token, "SLACK_API_URL": slack.api_url,
        "VOXIMPLANT_API_URL": f"{base}/platform_api", "VOXIMPLANT_SESSION_HOSTS": "127.0.0.1",
        "VOXIMPLANT_ACCOUNT_ID": "1", "VOXIMPLANT_API_KEY": "key", "SESSION_BOT_ANNOUNCE_SECRET": secret,
        "SESSION_BOT_OPS_PORT": str(ops_port), "SESSION_BOT_DIRECTORY_SECONDS": str(ROUND_S),
        "SESSION_BOT_WATCH_SECONDS": str(watch), "SESSION_BOT_DATABASE": str(folder / "session-bot.db"),
    }  # fmt: skip
    with (folder / "bot.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "run", cwd=folder, env=environ, stderr=log
        )
    try:
        await slack.connected()
        await slack.person("ann").slash(ops, "help")
        tls = ssl.create_default_context(cafile=str(folder / "ca.pem"))
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=tls)) as http:
            health = f"http://127.0.0.1:{ops_port}/healthz"
            bot = Bot(folder, psutil.Process(process.pid), base, http, health)
            watching = asyncio.create_task(bot.watch_holds())
            yield bot
            watching.cancel()
    finally:
        for each in (process, platform):
            if each.returncode is None:
                each.kill()
            await each.wait()


if __name__ == "__main__":
    given = [int(each) for each in sys.argv[1:4]]
    sys.exit(asyncio.run(main(*given, *(10_000, 2_000, 3_600)[len(given) :])))
