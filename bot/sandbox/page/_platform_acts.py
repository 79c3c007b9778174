"""The acts on the platform's sessions, as `POST /world/<name>`: look, ring, start, end, hang, crash."""

import contextlib
from collections.abc import Mapping
from typing import Final

from bot.sandbox.page._bodies import text
from bot.sandbox.page._extension import Handler, Malformed, Problem
from bot.sandbox.page._platform import Sessions
from bot.sandbox.slack import Json, Person
from bot.sandbox.voximplant import InboundCall, Platform, Rule, RunningScenario

_NUMBER_LENGTH_MAX: Final = 60
_CRASH_SECONDS: Final = 2.0  # longer than a turn may take


class PlatformActs:
    """The acts on the sessions of one platform."""

    def __init__(self, platform: Platform, sessions: Sessions) -> None:
        self._platform = platform
        self._sessions = sessions

    def routes(self) -> Mapping[str, Handler]:
        """Return the handlers by name."""
        return {
            "session": self._session,
            "ring": self._ring,
            "start": self._start,
            "end": self._end,
            "hang": self._hang,
            "crash": self._crash,
        }

    async def _session(self, _: Person | None, body: Json) -> Json:
        return self._sessions.detail(self._found(body))

    async def _ring(self, _: Person | None, body: Json) -> Json:
        """Ring a rule's number: a call comes in, and a session begins with it."""
        rule, number = self._rule(body), text(body, "number", optional=True).strip() or InboundCall().caller_id
        if len(number) > _NUMBER_LENGTH_MAX:
            raise Problem(f"A number has {_NUMBER_LENGTH_MAX} characters at most. Nothing was started.")
        return {"id": self._platform.ring(rule, InboundCall(caller_id=number)).history_id}

    async def _start(self, _: Person | None, body: Json) -> Json:
        """Start a session as a back-end does, by the API and past everybody in Slack."""
        rule, data = self._rule(body), text(body, "data", optional=True)
        size, limit = len(data.encode()), self._platform.options.custom_data_limit_bytes
        if size > limit:
            raise Problem(f"The data has {size} bytes, and the platform takes {limit}. Nothing was started.")
        return {"id": self._platform.start(rule, data).history_id}

    async def _end(self, _: Person | None, body: Json) -> Json:
        """End a session as the platform's console does, whatever its scenario does about it."""
        self._running(body).session.end()
        return {}

    async def _hang(self, _: Person | None, body: Json) -> Json:
        running = self._running(body)
        if running.session.hangs:
            raise Problem(f"h{running.session.history_id} hangs already.")
        running.session.hang()
        return {}

    async def _crash(self, _: Person | None, body: Json) -> Json:
        session = self._running(body).session
        if session.hangs:
            raise Problem(f"h{session.history_id} hangs: nothing runs in it that could fail. It can be ended.")
        session.crash()
        with contextlib.suppress(TimeoutError):  # it is in a long turn: the error comes after that
            await self._platform.changes.until(lambda: not session.running, _CRASH_SECONDS)
        return {}

    def _found(self, body: Json) -> RunningScenario:
        history_id = body.get("id")
        running = self._platform.started.get(history_id) if isinstance(history_id, int) else None
        if running is None:
            msg = "There is no such session."
            raise Malformed(msg)
        return running

    def _running(self, body: Json) -> RunningScenario:
        running = self._found(body)
        if not running.session.running:
            raise Problem(f"h{running.session.history_id} has ended already.")
        return running

    def _rule(self, body: Json) -> Rule:
        name = text(body, "rule")
        rule = self._platform.account.rule_that_rings(name)
        if rule is None:
            raise Problem(f"No rule, or more than one, is called {name!r}, with a scenario. Nothing was started.")
        return rule
