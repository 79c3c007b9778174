"""Load and soak: minutes of commands under bad luck, judged from outside. Exit with 1 when something did not hold.

    python -m tests.soak

`_platform` is a platform of eleven thousand sessions that hangs and errs, in a process of its own; `_world` starts it
and the bot, and Slack lives in the process of the run; `_people` type; `_samples` are the memory, the descriptors
and the queues of the bot's process over time; `_judgement` reads at the end what Slack, the platform and the database
have of each command, and `_report` writes it to RESULTS.md.

`_proof` runs three replicas (`_replicas`) on a server; `_crowd` are the people there, on every side, `_harm` comes to
the replicas, `_ways` lead the leader to the points at which it dies, and `_together` judges what is theirs.

Of the environment: SOAK_PARTS (`load luck replicas`), SOAK_MINUTES (10) of the first two, SOAK_SESSIONS (10,000)
announced in their background, SOAK_STARTS (1,000) and stops of the last one, and SOAK_SEED (1). A run with others than
these is a try, and leaves RESULTS.md alone. The first two take their minutes and about three: all announced sessions
are taken up before, and what is under way ends after. The last one takes about twelve.
"""

import asyncio
import contextlib
import os
import random
import signal
import sqlite3
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Final

from bot.sandbox.slack import Channel, Message
from tests.benchmarks._worlds import Program
from tests.soak import _judgement as judge
from tests.soak._judgement import Verdict
from tests.soak._people import People
from tests.soak._platform import BULK
from tests.soak._proof import STARTS, replicas
from tests.soak._report import print_verdicts, write_results
from tests.soak._samples import Samples
from tests.soak._world import SoakWorld, soak_world

MINUTES = float(os.environ.get("SOAK_MINUTES", "10"))
SESSIONS = int(os.environ.get("SOAK_SESSIONS", "10000"))
PARTS = os.environ.get("SOAK_PARTS", "load luck replicas").split()
SEED = int(os.environ.get("SOAK_SEED", "1"))
WANTED = int(os.environ.get("SOAK_STARTS", str(STARTS)))
IS_TRY = bool({"SOAK_MINUTES", "SOAK_SESSIONS", "SOAK_SEED", "SOAK_STARTS"} & set(os.environ))

PER_SECOND, BURST, BULK_SIZE, HANGING = 20.0, 500, 1_000, 0.05
LUCK_PER_SECOND: Final = 10.0
KILLED_EVERY_S, CUT_EVERY_S = 20.0, 7.0
"""The mean pauses between two kills of the bot, and between two cuts of its connection to Slack."""

SETTLED_WITHIN_S: Final = 120.0
_PREVIEW_WITHIN_S: Final = 60.0
AROUND_S: Final = 600.0
"""The limit of a part beside its minutes: ten thousand sessions are taken up before, and it settles after."""


async def load() -> list[Verdict]:
    """Type 20 commands a second while the platform is unlucky, with a burst and a bulk stop, and judge what came."""
    samples = Samples()
    async with _world(bulk=BULK_SIZE) as world:
        async with world.bot() as bot:
            await _ready(world, SESSIONS + BULK_SIZE)
            people, seconds, before_s = People(world, SEED), MINUTES * 60, bot.cpu_s
            await world.tell("luck", on="1")
            sampling = asyncio.create_task(samples.take_forever(world, bot.process.pid))
            typing = asyncio.create_task(people.type_for(seconds, PER_SECOND))
            await asyncio.sleep(seconds * 0.3)
            hang = await world.tell("hang", rule=BULK, share=HANGING)
            await _stop_all(world, people, world.bulk_room)
            await asyncio.sleep(seconds * 0.2)
            people.burst(BURST)
            await typing
            await _settled(world)
            sampling.cancel()
            metrics, spent_s = await _text(world), bot.cpu_s - before_s
            ended = await _terminated(bot)
        facts = await world.facts()
        return [
            Verdict("commands typed", "–", f"{len(people.acts):,}", None),
            *judge.machine(samples, spent_s, seconds),
            Verdict("answers that hung or were errors", "–", f"{sum(facts['faults'].values()):,}", None),
            *judge.acks(people.acts, all_acked=True),
            *judge.records(world, people.acts),
            *judge.intents(world, people.acts, facts),
            *judge.bulk(world, facts, hang=hang),
            *judge.leaks(world, metrics),
            *judge.courses(samples, len(people.acts)),
            judge.tracebacks(world),
            Verdict("exit code after SIGTERM", "0", str(ended), ended == 0),
        ]


async def luck() -> list[Verdict]:
    """Kill the bot and cut its connection at random moments while people type, and judge what came."""
    drawn, kills, cuts = random.Random(SEED), 0, 0  # noqa: S311 - moments, no secrets
    async with _world(bulk=0) as world:
        people = People(world, SEED)
        typing: asyncio.Task[None] | None = None
        while typing is None or not typing.done():
            async with world.bot() as bot:
                await world.slack.connected()
                if typing is None:
                    await _ready(world, SESSIONS)
                    await world.tell("luck", on="1")
                    typing = asyncio.create_task(people.type_for(MINUTES * 60, LUCK_PER_SECOND))
                killed_at = time.monotonic() + drawn.expovariate(1 / KILLED_EVERY_S)
                while time.monotonic() < killed_at and not typing.done():
                    await asyncio.wait({typing}, timeout=min(drawn.expovariate(1 / CUT_EVERY_S), KILLED_EVERY_S))
                    cuts += world.slack.cut()
                if not typing.done():
                    bot.process.kill()
                    kills += 1
        async with world.bot() as bot:
            await world.slack.connected()
            await _settled(world)
            metrics = await _text(world)
            ended = await _terminated(bot)
        facts = await world.facts()
        return [
            Verdict("commands typed", "–", f"{len(people.acts):,}", None),
            Verdict("kill -9 · cuts of the connection", "–", f"{kills} · {cuts}", None),
            *judge.acks(people.acts, all_acked=False),
            *judge.records(world, people.acts),
            *judge.intents(world, people.acts, facts),
            *judge.leaks(world, metrics),
            judge.tracebacks(world),
            Verdict("exit code after SIGTERM", "0", str(ended), ended == 0),
        ]


async def main() -> int:
    """Run the parts, one after another."""
    began, results = time.monotonic(), dict[str, Sequence[Verdict]]()
    sys.stdout.write(f"{' and '.join(PARTS)}: about {len(PARTS) * (MINUTES + 3):.0f} minutes.\n")
    sys.stdout.flush()
    for name, part, title in PARTS_BY_NAME:
        if name in PARTS:
            async with asyncio.timeout(MINUTES * 60 + AROUND_S):
                results[title] = await part()
            print_verdicts(title, results[title])
    if not IS_TRY:
        write_results(results, time.monotonic() - began)
    return int(any(each.held is False for verdicts in results.values() for each in verdicts))


@contextlib.asynccontextmanager
async def _world(*, bulk: int) -> AsyncIterator[SoakWorld]:
    with tempfile.TemporaryDirectory() as folder:
        async with soak_world(Path(folder), sessions=SESSIONS, bulk=bulk, seed=SEED) as world:
            yield world


async def _ready(world: SoakWorld, sessions: int) -> None:
    """Wait until the bot is connected and has taken up all that announce themselves."""
    await world.slack.connected()
    while _count(world, "select count(*) from sessions") < sessions:  # noqa: ASYNC110 - a database sets no event
        await asyncio.sleep(0.5)


async def _stop_all(world: SoakWorld, people: People, room: Channel) -> None:
    """Type `stop all` in a channel, and press the button of its preview."""
    person = world.slack.people[0]
    before = len(person.ephemerals(room))
    people.note(await people.slash("stop all", room=room, by=person))

    def previews() -> list[tuple[Message, str]]:
        shown = person.ephemerals(room)[before:]
        return [(each, button.label) for each in shown for button in each.buttons() if button.label.startswith("Stop")]

    shown, label = (await world.slack.until(previews, "the preview of the bulk stop", _PREVIEW_WITHIN_S))[-1]
    people.note(await people.click(shown, label, by=person))


async def _settled(world: SoakWorld) -> None:
    """Wait until every command has its outcome, for two minutes at most: the judgement tells of the others."""
    over = time.monotonic() + SETTLED_WITHIN_S
    open_ = "select count(*) from commands where state in ('accepted', 'calling')"
    told = "select count(*) from bulks where told_at is null"
    while time.monotonic() < over and (_count(world, open_) or _count(world, told)):  # noqa: ASYNC110 - the same
        await asyncio.sleep(0.5)


async def _text(world: SoakWorld) -> str:
    async with world.http.get(f"{world.ops}/metrics") as answer:
        return await answer.text()


async def _terminated(bot: Program) -> int:
    bot.process.send_signal(signal.SIGTERM)
    return await bot.process.wait()


def _count(world: SoakWorld, query: str) -> int:
    with (
        contextlib.suppress(sqlite3.Error),
        contextlib.closing(sqlite3.connect(f"file:{world.database}?mode=ro", uri=True)) as connection,
    ):
        return int(connection.execute(query).fetchone()[0])
    return 0  # it is not there yet


PARTS_BY_NAME: Final = (
    ("load", load, "Load"),
    ("luck", luck, "Kills and cuts"),
    ("replicas", lambda: replicas(SEED, WANTED), "Three replicas on PostgreSQL"),
)

if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
