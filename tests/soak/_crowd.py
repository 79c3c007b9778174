"""The people of the proof: they start and stop sessions on every side that there is, as many as are wanted.

By slash, mention, form and terminal they start; by slash, card, mention and terminal they stop one, by lists and for a
channel they stop several, and two stop the same at once. A limit stops some, and some stops are kept for a late answer.
"""

import asyncio
import os
import re
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, TypeVar

import psycopg

from bot.sandbox.slack import Channel, Message, Person
from bot.sandbox.slack._act_result import not_sent
from tests.soak._people import Act, People, mentioned
from tests.soak._platform import LIMITED, SLOW, STUBBORN
from tests.soak._world import SoakWorld

T = TypeVar("T")

_NUMBER: Final = re.compile(r"#(\d+)")
_SHOWN_WITHIN_S: Final = 6.0
_SEVERAL: Final = 4
_LOOK_S: Final = 0.1


class Crowd(People):
    """People at every side; `environ` are the settings of a terminal, `address` is that of the database."""

    def __init__(
        self, world: SoakWorld, seed: int, *, a_second: float, environ: Mapping[str, str], address: str
    ) -> None:
        super().__init__(world, seed, starts_a_second=a_second)
        self.at_terminal: list[Act] = []
        """The starts and stops at a terminal: no envelope, so no ack."""
        self.sides = Counter[str]()
        """How often each side was used, tried in vain or not."""
        self.have_started_enough = False
        """Whether they only stop sessions from now on."""
        self.is_crowded = False
        """Whether so much is under way that they wait: a busy machine takes what it takes."""
        self.bulks = 0
        """How often the button of a stop of several was pressed."""
        self._environ = environ
        self._address = address
        self._typing_at_terminal = False
        self._mix = [each for each in self._mix if each[1] != self._mention]
        """They mention the bot to start, send and stop: Slack takes a hundred answers to mentions a minute."""
        self._starts: Sequence[tuple[int, Callable[[], Awaitable[Act | None]]]] = (
            (62, self._start_by_slash), (15, self._start_by_mention), (8, self._start_by_form),
            (3, self._start_at_terminal), (8, self.start_limited), (2, self.keep_a_stop), (2, self.stop_stubborn),
        )  # fmt: skip
        self._stops: Sequence[tuple[int, Callable[[], Awaitable[Act | None]]]] = (
            (60, self._stop_one), (15, self._stop_twice), (8, self.stop_several), (3, self._stop_here),
            (3, self._stop_at_terminal),
        )  # fmt: skip

    def _next(self) -> Callable[[], Awaitable[Act | None]]:
        if self.is_crowded:
            return self._rest
        if self._owed >= 1 and self.have_started_enough:
            self._owed -= 1
            return self._one_of(self._stops) if self.open else self._status
        return super()._next()

    async def _rest(self) -> None:
        """Do nothing."""

    async def start_and_send(self) -> Act | None:
        """Start a session, and send to one that runs: what is on everybody's way."""
        self.note(await self._start_by_slash())
        return await self._send()

    async def _start(self) -> Act | None:
        return await self._one_of(self._starts)()

    async def _stop(self) -> Act | None:
        return await self._one_of(self._stops)()

    async def _start_by_slash(self) -> Act:
        self.sides["start by slash"] += 1
        return await super()._start()

    async def _start_by_mention(self) -> Act:
        self.sides["start by mention"] += 1
        room, data, at = self._random.choice(self._world.rooms), self._data(), time.time()
        result = await self._random.choice(self._people).mention(room, f"start obedient {data}")
        return mentioned(room, "start", result, at, data=data)

    async def _start_by_form(self) -> Act | None:
        async def submit(person: Person) -> Act | None:
            if (view := await self._until(lambda: [each for each in person.modals if "Rule" in each.plain()])) is None:
                return None
            data, at = self._data(), time.time()
            with suppress(LookupError):
                found = next((each for each in await person.search(view, "Rule", "obedient")), None)
                if found is not None:
                    self.sides["start by form"] += 1
                    result = await person.submit(view, {"Rule": found, "Data": data})
                    return Act("modal", "start", result, at, data=data)
            await person.close(view)
            return None

        return await self._filled(self._random.choice(self._world.rooms), "start", submit)

    async def _start_at_terminal(self) -> None:
        data, room, at = self._data(), self._random.choice(self._world.rooms), time.time()
        said = await self._terminal("start", "obedient", data, "--channel", room.id)
        if said is not None:
            self.at_terminal.append(Act("terminal", "start", not_sent(), at, data=data))
            for number in map(int, _NUMBER.findall(said)[:1]):
                self._homes[number] = room
                self.open.append(number)

    async def start_limited(self) -> Act:
        """Start a session that the bot itself stops, being over its limit."""
        self.sides["start of one with a limit"] += 1
        data = self._data()
        return await self.slash(f"start {LIMITED} {data}", data=data)

    async def keep_a_stop(self) -> Act | None:
        """Start a session whose answer comes late, and stop it before."""
        self.sides["start with a kept stop"] += 1
        data, room = self._data(SLOW), self._random.choice(self._world.rooms)
        starting = asyncio.create_task(self.slash(f"start obedient {data}", room=room, data=data))
        number = await self._recorded("select id from sessions where custom_data = %s", data)
        self.note(await starting)
        return None if number is None else await self.slash(f"stop {number}", room=room, session=number)

    async def stop_stubborn(self) -> Act | None:
        """Start a session that takes a stop and goes on, and stop it."""
        self.sides["start of a stubborn one"] += 1
        data, room = self._data(), self._random.choice(self._world.rooms)
        self.note(await self.slash(f"start {STUBBORN} {data}", room=room, data=data))
        number = await self._recorded("select id from sessions where custom_data = %s and state = 'running'", data)
        return None if number is None else await self.slash(f"stop {number}", room=room)

    async def close_unconfirmed(self) -> Act | None:
        """Close the record of a session whose stop was not confirmed; where there is none, make one."""
        unconfirmed = "select id, channel from sessions where stop_state = %s and state = 'stopping'"
        for number, channel in await self.rows(unconfirmed, "unconfirmed"):
            room = next((each for each in self._world.rooms if each.id == channel), None)
            if room is not None:
                return await self.slash(f"close {number} nobody knows", room=room)
        return await self.stop_stubborn()

    async def _stop_one(self) -> Act | None:
        self.sides["stop of one"] += 1
        return await super()._stop()

    async def _stop_twice(self) -> Act | None:
        """Have two people stop the same session at once, by different ways."""
        self.sides["stop by two at once"] += 1
        session = self.open.pop(0)
        room, card = self._cards.get(session, (self._homes[session], None))
        other = self.slash(f"stop {session}", room=room, session=session)
        if card is None:
            return await other
        first, second = await asyncio.gather(other, self._pressed(card, session))
        self.note(first)
        return second

    async def _pressed(self, card: Message, session: int) -> Act | None:
        at = time.time()
        with suppress(LookupError):
            return Act(
                "button", "stop", await self._random.choice(self._people).click(card, "Stop"), at, session=session
            )
        return None

    async def stop_several(self) -> Act | None:
        """Stop some sessions by one line and the button of its preview."""
        some, self.open = self.open[:_SEVERAL], self.open[_SEVERAL:]
        if len(some) < 2:
            self.open = some + self.open
            return await self._start_by_slash()
        self.sides["stop of several"] += 1
        return await self._previewed(f"stop {' '.join(map(str, some))}", self._homes[some[0]])

    async def _stop_here(self) -> Act | None:
        """Stop all sessions of a channel."""
        self.sides["stop of a channel"] += 1
        room = self._homes[self.open.pop(0)]
        self.open = [each for each in self.open if self._homes[each] is not room]
        return await self._previewed("stop all channel=here", room)

    async def _previewed(self, line: str, room: Channel) -> Act | None:
        person, at = self._random.choice(self._people), time.time()
        before = len(person.ephemerals(room))
        self.note(await self.slash(line, room=room, by=person))

        def previews() -> Sequence[tuple[Message, str]]:
            shown = person.ephemerals(room)[before:]
            return [(each, one.label) for each in shown for one in each.buttons() if one.label.startswith("Stop")]

        if (found := await self._until(previews)) is None:
            return None
        self.bulks += 1
        with suppress(LookupError):
            return Act("button", line, await person.click(*found), at)
        return None

    async def _stop_at_terminal(self) -> None:
        session, at = self.open.pop(0), time.time()
        if await self._terminal("stop", str(session)) is not None:
            self.at_terminal.append(Act("terminal", "stop", not_sent(), at, session=session))
        else:
            self.open.append(session)

    async def _terminal(self, verb: str, *words: str) -> str | None:
        """Run a command at a terminal, one at a time, and return its words; None where one runs."""
        if self._typing_at_terminal:
            return None
        self.sides[f"{verb} at a terminal"] += 1
        self._typing_at_terminal = True
        everyone = {"PATH": os.environ["PATH"], "PYTHONPATH": str(Path.cwd())}
        try:
            with (self._world.folder / "terminal.log").open("ab") as errors:
                process = await asyncio.create_subprocess_exec(
                    sys.executable, "-m", "bot", verb, *words, "--yes",
                    cwd=self._world.folder, env={**everyone, **self._environ}, stdout=-1, stderr=errors,
                )  # fmt: skip
            return (await process.communicate())[0].decode()
        finally:
            self._typing_at_terminal = False

    async def rows(self, query: str, *values: str) -> list[tuple[Any, ...]]:
        """Return the rows that a query finds; none while the database is away."""

        def read() -> list[tuple[Any, ...]]:
            with suppress(psycopg.Error), psycopg.connect(self._address, connect_timeout=2) as connection:
                return connection.execute(query.encode(), values).fetchall()
            return []

        return await asyncio.to_thread(read)

    async def _recorded(self, query: str, value: str) -> int | None:
        """Return the number that a query finds, or None where it finds none in time."""
        over = time.monotonic() + _SHOWN_WITHIN_S
        while time.monotonic() < over:
            if found := await self.rows(query, value):
                return int(found[-1][0])
            await asyncio.sleep(_LOOK_S)
        return None

    async def _until(self, look: Callable[[], Sequence[T]]) -> T | None:
        """Return the last thing that a look finds, or None where it finds none in time."""
        over = time.monotonic() + _SHOWN_WITHIN_S
        while time.monotonic() < over:
            if found := look():
                return found[-1]
            await asyncio.sleep(_LOOK_S)
        return None

    def _one_of(
        self, weighed: Sequence[tuple[int, Callable[[], Awaitable[Act | None]]]]
    ) -> Callable[[], Awaitable[Act | None]]:
        weights, acts = zip(*weighed, strict=True)
        return self._random.choices(acts, weights)[0]
