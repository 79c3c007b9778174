"""The people of the soak: each act is typed at its moment, whether those before it were answered or not.

What came of an act is kept for the judgement: its ack, the key under which the bot must have recorded it, and the
intent that must reach the platform once at most.
"""

import asyncio
import contextlib
import itertools
import random
import re
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from bot.sandbox.slack import Channel, Message, Person
from bot.sandbox.slack._act_result import ActResult, not_sent
from tests.soak._world import SoakWorld

_STARTED: Final = re.compile(r"Started #(\d+)")
_CARD: Final = re.compile(r"^\S+ #(\d+) ")
_FORM_WITHIN_S: Final = 5.0
_LEARNT_EVERY_S: Final = 0.5
_KEPT_OPEN: Final = 8
"""The number of sessions that are left running for what is sent to sessions and shown of them."""

_STARTS_A_SECOND: Final = 0.3
"""Each session changes its card three times, and Slack takes fifty edits a minute in all."""


@dataclass(frozen=True)
class Act:
    """One act. `via` and `key` are those of its row in the database; a click and a form have no key known here.

    `data` is the custom data of a start, `body` that of a send; `session` is the number of a stopped session.
    """

    via: str
    typed: str
    result: ActResult
    at: float
    key: str | None = None
    data: str | None = None
    body: str | None = None
    session: int | None = None


class People:
    """Types at a rate, and learns the numbers of the sessions from what the bot answers."""

    def __init__(
        self, world: SoakWorld, seed: int, *, starts_a_second: float = _STARTS_A_SECOND, kept_open: int = _KEPT_OPEN
    ) -> None:
        self.acts: list[Act] = []
        self.open: list[int] = []
        """The numbers of the started sessions that nobody has stopped, the oldest first."""
        self._starts_a_second = starts_a_second
        self._kept_open = kept_open
        self._world = world
        self._random = random.Random(seed)  # noqa: S311 - a mix, no secret
        self._people = world.slack.people
        self._numbers = itertools.count()
        self._cards: dict[int, tuple[Channel, Message]] = {}
        self._homes: dict[int, Channel] = {}
        self._owed = 0.0
        self._running: set[asyncio.Task[None]] = set()
        self._filling: set[Person] = set()
        """Those with a form before them: one who submits it twice has one command."""
        self._mix: Sequence[tuple[int, Callable[[], Awaitable[Act | None]]]] = (
            (30, self._send), (15, self._list), (15, self._status), (10, self._mention), (8, self._look),
            (5, self._form), (5, self._thread_send), (12, self._help),
        )  # fmt: skip

    async def type_for(self, seconds: float, per_second: float) -> None:
        """Type for so long; return when the last act has its ack."""
        left = itertools.count(round(seconds * per_second), -1)
        await self.type_until(lambda: next(left) <= 0, per_second)

    async def type_until(self, is_enough: Callable[[], bool], per_second: float) -> None:
        """Type until this is so, which is asked before each act; return when the last act has its ack."""
        began, number = time.monotonic(), 0
        learning = asyncio.create_task(self._learn_forever())
        while not is_enough():
            await asyncio.sleep(max(0.0, began + number / per_second - time.monotonic()))
            number += 1
            self._owed += self._starts_a_second / per_second
            self.begin(self._next())
        await self.finish()
        learning.cancel()

    def burst(self, size: int) -> None:
        """Type so many commands at once."""
        for _ in range(size):
            self.begin(self._random.choice((self._status, self._list, self._send, self._help)))

    async def finish(self) -> None:
        """Wait until every act has its ack, or none in time."""
        while self._running:
            await asyncio.wait(self._running)

    async def slash(self, text: str, *, room: Channel | None = None, by: Person | None = None, **about: object) -> Act:
        """Type a slash command."""
        place, at = room or self._random.choice(self._world.rooms), time.time()
        result = await (by or self._random.choice(self._people)).slash(place, text)
        return Act("slash", text, result, at, key=f"slash:{result.trigger_id}", **about)  # type: ignore[arg-type]

    async def click(self, shown: Message, label: str, *, by: Person) -> Act:
        """Press a button."""
        at = time.time()
        return Act("button", label, await by.click(shown, label), at)

    def note(self, act: Act) -> None:
        """Keep an act for the judgement."""
        self.acts.append(act)

    def _next(self) -> Callable[[], Awaitable[Act | None]]:
        if self._owed >= 1:
            self._owed -= 1
            return self._stop if len(self.open) > self._kept_open else self._start
        weights, acts = zip(*self._mix, strict=True)
        return self._random.choices(acts, weights)[0]

    def begin(self, act: Callable[[], Awaitable[Act | None]]) -> asyncio.Task[None]:
        """Begin an act, which is kept for the judgement when it is done."""

        async def run() -> None:
            if (done := await act()) is not None:
                self.note(done)

        task = asyncio.create_task(run())
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task

    async def _start(self) -> Act:
        data = self._data()
        return await self.slash(f"start obedient {data}", data=data)

    def _data(self, kind: str = "soak") -> str:
        """Return custom data that no other start has."""
        return f"{kind} {next(self._numbers)}"

    async def _send(self) -> Act:
        if not self.open:
            return await self._help()
        body = f'{{"n":{next(self._numbers)}}}'
        session = self._random.choice(self.open)
        return await self.slash(f"send {session} {body}", room=self._homes[session], body=body)

    async def _stop(self) -> Act | None:
        session = self.open.pop(0)
        room, card = self._cards.get(session, (None, None))
        person, way, at = (
            self._random.choice(self._people),
            self._random.choice(("slash", "click", "mention")),
            time.time(),
        )
        if way == "click" and card is not None:
            with contextlib.suppress(LookupError):
                result = await person.click(card, "Stop")
                return Act("button", "stop", result, at, session=session)
        if way == "mention" and card is not None and room is not None:
            result = await person.mention(room, "stop", thread=card)
            return mentioned(room, "stop", result, at, session=session)
        return await self.slash(f"stop {session}", room=self._homes[session], session=session)

    async def _list(self) -> Act:
        return await self.slash(self._random.choice(("list", "list state=any", "list channel=here", "rules")))

    async def _status(self) -> Act:
        return await self.slash(f"status {self._random.choice(self.open)}" if self.open else "status")

    async def _help(self) -> Act:
        return await self.slash(self._random.choice(("help", "help stop", "rules", "satrt x", "audit")))

    async def _look(self) -> Act:
        return await self.slash(f"audit {self._random.choice(self.open)}" if self.open else "list")

    async def _mention(self) -> Act:
        room, text, at = self._random.choice(self._world.rooms), self._random.choice(("status", "list")), time.time()
        return mentioned(room, text, await self._random.choice(self._people).mention(room, text), at)

    async def _thread_send(self) -> Act | None:
        session = self._random.choice(self.open) if self.open else 0
        room, card = self._cards.get(session, (None, None))
        if room is None or card is None:
            return await self._mention()
        body, at = f'{{"n":{next(self._numbers)}}}', time.time()
        result = await self._random.choice(self._people).mention(room, f"send {body}", thread=card)
        return mentioned(room, "send", result, at, body=body)

    async def _form(self) -> Act | None:
        """Open the editor of a send, fill it in and submit it, when it shows in time."""
        if not self.open:
            return await self._help()
        session = self._random.choice(self.open)
        return await self._filled(self._homes[session], f"send {session}", self._submitted)

    async def _filled(self, room: Channel, typed: str, submit: Callable[[Person], Awaitable[Act | None]]) -> Act | None:
        """Type the line that opens a form, and submit it, as somebody who has none open."""
        free = [each for each in self._people if each not in self._filling]
        if not free:
            return await self._help()
        person, at = self._random.choice(free), time.time()
        self._filling.add(person)
        try:
            result = await person.slash(room, typed)
            self.note(Act("slash", typed, result, at, key=f"slash:{result.trigger_id}"))
            return await submit(person)
        finally:
            self._filling.discard(person)

    async def _submitted(self, person: Person) -> Act | None:
        over = time.monotonic() + _FORM_WITHIN_S
        while time.monotonic() < over:
            await asyncio.sleep(0.1)
            for view in person.modals:
                if "JSON" not in view.plain():
                    continue
                body, at = f'{{"n":{next(self._numbers)}}}', time.time()
                with contextlib.suppress(LookupError):
                    return Act("modal", "send", await person.submit(view, {"JSON": body}), at, body=body)
        for view in person.modals:
            await person.close(view)
        return None

    async def _learn_forever(self) -> None:
        read = self._world.slack.workspace.revision
        while True:
            await asyncio.sleep(_LEARNT_EVERY_S)
            since, read = read, self._world.slack.workspace.revision
            for room in self._world.rooms:
                for each in room.changed_since(since):
                    self._learn(room, each)

    def _learn(self, room: Channel, message: Message) -> None:
        if message.ephemeral_for is None and (card := _CARD.match(message.text)):
            self._cards[int(card[1])] = (room, message)
        for started in _STARTED.finditer(message.text):
            if (number := int(started[1])) not in self._homes:
                self._homes[number] = room
                self.open.append(number)


def mentioned(room: Channel, typed: str, result: ActResult, at: float, **about: object) -> Act:
    ts = result.message.ts if result.message is not None else ""
    sent = result if result.message is not None else not_sent()
    return Act("mention", typed, sent, at, key=f"mention:{room.id}:{ts}", **about)  # type: ignore[arg-type]
