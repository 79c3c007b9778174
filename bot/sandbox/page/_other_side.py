"""The other side of the page: the platform and its sessions, trouble, the clock, and the drill."""

import asyncio
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Final

from bot.sandbox import Changes
from bot.sandbox.page._drill_run import Drills
from bot.sandbox.page._extension import Handler
from bot.sandbox.page._options import PageOptions
from bot.sandbox.page._platform import Sessions, kept
from bot.sandbox.page._platform_acts import PlatformActs
from bot.sandbox.page._trouble import Trouble
from bot.sandbox.slack import Json, LocalSlack, Person
from bot.sandbox.voximplant import Platform

PAUSE_S: Final = 0.2
"""The pause between two looks at the platform: a scenario may log a thousand lines in a second."""


class OtherSide:
    """The extension of the page that shows and does what happens behind Slack."""

    def __init__(self, slack: LocalSlack, platform: Platform, options: PageOptions) -> None:
        self.changes = Changes()
        self._platform = platform
        self._clock = options.clock
        self._sessions = Sessions(platform)
        self._trouble = Trouble(slack, platform, options)
        self._drills = Drills(slack, platform, options.command, self.changes)
        self._single: dict[str, Json] = {}

    def routes(self) -> Mapping[str, Handler]:
        """Return the handlers of `POST /world/<name>`; after each the tabs get what has changed at once."""
        acts = PlatformActs(self._platform, self._sessions).routes()
        routes = {**acts, **self._trouble.routes(), **self._drills.routes()}
        return {name: partial(self._handle, handler) for name, handler in routes.items()}

    def frames(self, _viewer: Person) -> Iterable[Json]:
        """Return the frames, which are the same for everybody."""
        for frame in (self._platform_frame(), self._trouble.frame(), self._drills.frame()):
            self._single[frame["type"]] = kept(self._single.get(frame["type"]), frame)
        return [*self._single.values(), *self._sessions.frames]

    async def run(self) -> None:
        """Look at the platform after its changes, until this is cancelled."""
        try:
            while True:
                change = self._platform.changes.upcoming
                self._look()
                await asyncio.sleep(PAUSE_S)
                await change.wait()
        finally:
            await self._drills.close()

    def _look(self) -> None:
        if self._sessions.look():
            self.changes.notify()

    async def _handle(self, handler: Handler, person: Person | None, body: Json) -> Json:
        answer = await handler(person, body)
        self._sessions.look()
        self.changes.notify()
        return answer

    def _platform_frame(self) -> Json:
        rules = [
            {"id": rule.rule_id, "name": rule.rule_name} for rule in self._platform.account.rules if rule.scenario_ids
        ]
        return {"type": "platform", "rules": rules, "ahead_s": self._clock.ahead_s if self._clock is not None else 0}
