"""Trouble for the bot that is connected: switches that stay on until they are switched off, and single blows."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Final

from bot.sandbox.page._bodies import text
from bot.sandbox.page._extension import Handler, Malformed, Problem
from bot.sandbox.page._options import PageOptions
from bot.sandbox.slack import Json, LocalSlack, Person, RateLimited
from bot.sandbox.voximplant import Hang, Html, Platform, SessionFault, Side, Slow, Status

SLOW_SECONDS: Final = 3.0
RETRY_AFTER_SECONDS: Final = 5.0
_SECONDS_MAX: Final = 600.0
_CLOCK_SECONDS_MAX: Final = 31 * 86_400.0
_POST: Final = "chat.postMessage"

_SIDES: Final = {"api": Side.MANAGEMENT, "sessions": Side.SESSIONS}
_FAULTS: Final[Mapping[str, Callable[[float], SessionFault]]] = {
    "slow": lambda seconds: Slow(seconds or SLOW_SECONDS),
    "hang": lambda _: Hang(),
    "429": lambda _: Status(429, "Too many requests"),
    "502": lambda _: Html(502),
}


class Trouble:
    """The switches of one world; each is read where it takes effect, so that a look tells what is true."""

    def __init__(self, slack: LocalSlack, platform: Platform, options: PageOptions) -> None:
        self._slack = slack
        self._platform = platform
        self._options = options
        self._putting_on = asyncio.Lock()  # two at once would have the API answer before the second one is done

    def routes(self) -> Mapping[str, Handler]:
        """Return the handlers by name."""
        return {
            "trouble": self._switch,
            "archive": self._archive,
            "cut": self._cut,
            "calm": self._calm,
            "bot": self._bot,
            "clock": self._clock,
        }

    def frame(self) -> Json:
        """Return the switches as they stand."""
        limited = self._slack.faults.standing(_POST)
        slack = (
            {"kind": "down", "seconds": None}
            if self._slack.is_down
            else {"kind": "limited", "seconds": limited.retry_after}
            if isinstance(limited, RateLimited)
            else None
        )
        return {
            "type": "trouble",
            **{name: _shown(self._platform.faults.standing(side)) for name, side in _SIDES.items()},
            "slack": slack,
            "archived": [channel.id for channel in self._slack.workspace.channels.values() if channel.archived],
            "clock": self._options.clock is not None,
        }

    async def _switch(self, _: Person | None, body: Json) -> Json:
        what, kind, seconds = text(body, "what"), text(body, "kind"), _seconds(body, _SECONDS_MAX)
        if what == "slack":
            self._trouble_slack(kind, seconds)
        elif what in _SIDES and (kind == "off" or kind in _FAULTS):
            self._platform.faults.stand(_SIDES[what], None if kind == "off" else _FAULTS[kind](seconds))
        else:
            msg = "There is no such trouble."
            raise Malformed(msg)
        return {}

    def _trouble_slack(self, kind: str, seconds: float) -> None:
        if kind not in {"down", "limited", "off"}:
            msg = "There is no such trouble."
            raise Malformed(msg)
        limited = RateLimited(max(round(seconds or RETRY_AFTER_SECONDS), 1)) if kind == "limited" else None
        self._slack.faults.stand(_POST, limited)
        self._slack.set_down(is_down=kind == "down")

    async def _archive(self, person: Person | None, body: Json) -> Json:
        channel = self._slack.workspace.channels.get(text(body, "channel"))
        if channel is None or (person is not None and channel not in person.channels):
            msg = "There is no such channel."
            raise Malformed(msg)
        if channel.im:
            msg = "A direct conversation cannot be archived."
            raise Problem(msg)
        self._slack.archive(channel, archived=body.get("archived") is not False)
        return {}

    async def _cut(self, _: Person | None, _body: Json) -> Json:
        if not self._slack.cut():
            msg = "No bot is connected by Socket Mode, so there is nothing to cut."
            raise Problem(msg)
        return {}

    async def _calm(self, _: Person | None, _body: Json) -> Json:
        """End every trouble: no fault stands or waits, Slack is back, and every channel is open."""
        for side in Side:
            self._platform.faults.stand(side, None)
        self._platform.faults.clear()
        self._slack.faults.clear()
        self._trouble_slack("off", 0)
        for channel in self._slack.workspace.channels.values():
            if channel.archived:
                self._slack.archive(channel, archived=False)
        return {}

    async def _bot(self, _: Person | None, body: Json) -> Json:
        bot, kind = self._options.bot, text(body, "kind")
        if bot is None:
            msg = "This world does not run the bot, so it can neither end nor start it."
            raise Problem(msg)
        if kind not in {"kill", "start"}:
            msg = "There is no such act."
            raise Malformed(msg)
        if (kind == "start") is bot.running:
            raise Problem("The bot runs already." if bot.running else "The bot does not run.")
        await (bot.start() if kind == "start" else bot.kill())
        return {}

    async def _clock(self, _: Person | None, body: Json) -> Json:
        """Put on the clock of Slack and the platform, and the bot's, as when a machine wakes up.

        While that happens the platform's API answers nothing: a client whose clock is on already must not read what
        the sessions wrote before theirs was, and take them for silent.
        """
        clock, seconds = self._options.clock, _seconds(body, _CLOCK_SECONDS_MAX)
        if clock is None:
            msg = "The clock of this world cannot be put on."
            raise Problem(msg)
        if seconds <= 0:
            msg = "A clock is put on, not back."
            raise Malformed(msg)
        async with self._putting_on, self._platform.on_hold():
            if self._options.bot is not None:
                await self._options.bot.put_on(seconds)
            clock.put_on(seconds)
        return {}


def _seconds(body: Json, most: float) -> float:
    """Return the seconds of a request, 0 when there are none. Raises Malformed."""
    seconds = body.get("seconds") or 0
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds <= most:
        raise Malformed(f"seconds is a number from 0 to {most:g}.")
    return float(seconds)


def _shown(fault: SessionFault | None) -> Json | None:
    match fault:
        case Slow(seconds=seconds):
            return {"kind": "slow", "seconds": seconds}
        case Hang():
            return {"kind": "hang", "seconds": None}
        case Status(status=status) | Html(status=status):
            return {"kind": str(status), "seconds": None}
        case _:
            return None
