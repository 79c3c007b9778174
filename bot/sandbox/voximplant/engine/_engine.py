"""All sessions of a sandbox run: they are started, found by their URLs, and ended here."""

import asyncio
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from types import MappingProxyType

from bot.sandbox._changes import Changes
from bot.sandbox.voximplant._account import Account, Rule
from bot.sandbox.voximplant._call_settings import InboundCall
from bot.sandbox.voximplant._options import PlatformOptions
from bot.sandbox.voximplant.engine._facts import FinishReason, SessionFacts
from bot.sandbox.voximplant.engine._http import Http, HttpRequestMade
from bot.sandbox.voximplant.engine._pool import Pool, Workers
from bot.sandbox.voximplant.engine._session import ScenarioSession
from bot.sandbox.voximplant.engine._source import Source
from bot.sandbox.voximplant.engine._storage import Storage
from bot.sandbox.voximplant.engine._world import world

_FIRST_HISTORY_ID = 4202753936  # past 32 bits, as the real ones are
_CLOSE_SECONDS = _SETTLE_SECONDS = 2.0  # longer than a turn may take


class Origin(StrEnum):
    """The one that started a session, as far as the platform knows it."""

    CLIENT = "a client of the API"
    BACK_END = "the back-end"
    CALL = "a call"


@dataclass(frozen=True, kw_only=True)
class Addresses:
    """The base URLs of the sandbox, without a slash at the end."""

    api: str
    media: str
    media_tls: str


@dataclass(frozen=True, kw_only=True, repr=False)
class RunningScenario:
    """A session with its rule and its URLs, which are secrets: hence no repr."""

    session: ScenarioSession
    rule: Rule
    access_url: str
    access_secure_url: str
    log_url: str
    http: Sequence[HttpRequestMade]
    """The scenario's own requests that have an outcome, oldest first."""
    origin: Origin
    inbound: InboundCall | None = None
    conference_name: str | None = None


class Engine:
    """Owns the sessions and their threads, or other `workers` in their place. Built in the event loop."""

    def __init__(
        self, account: Account, options: PlatformOptions, addresses: Addresses, workers: Workers | None = None
    ) -> None:
        self._account = account
        self._options = options
        self._addresses = addresses
        self._pool = workers or Pool()
        self._started: dict[int, RunningScenario] = {}
        self._sessions: dict[int, ScenarioSession] = {}
        self._by_path: dict[str, ScenarioSession] = {}
        self.changes = Changes()
        """Hears of every session that starts, and of whatever changes in one."""

    @property
    def started(self) -> Mapping[int, RunningScenario]:
        """Every session ever started, by history id, oldest first."""
        return MappingProxyType(self._started)

    @property
    def sessions(self) -> Mapping[int, ScenarioSession]:
        """Every session ever started, by history id, without rule and URLs."""
        return MappingProxyType(self._sessions)

    def at_path(self, path: str) -> ScenarioSession | None:
        """Return the session whose URL begins so, an ended one included: what follows is for its scenario (facts)."""
        return self._by_path.get("/".join(path.split("/", 4)[:4]))

    def log_of(self, name: str) -> str | None:
        """Return the log at a `log_file_url`, each line with its time (UTC); None for an unknown one."""
        url = self._log_url(name)
        for running in self._started.values():
            if running.log_url == url:
                lines = running.session.record.log_lines
                return "".join(f"{line.at:%Y-%m-%d %H:%M:%S.%f} {line.text}\n" for line in lines)
        return None

    def conference(self, name: str) -> RunningScenario | None:
        """Return the running session of a conference by its name."""
        for running in self._started.values():
            if running.conference_name == name and running.session.running:
                return running
        return None

    def start(
        self,
        rule: Rule,
        custom_data: str,
        conference_name: str | None = None,
        inbound: InboundCall | None = None,
        origin: Origin = Origin.CLIENT,
    ) -> RunningScenario:
        """Start a session of `rule`, by a call with `inbound`; its Started event is queued when this returns."""
        history_id = _FIRST_HISTORY_ID + len(self._started)
        path = _session_path(history_id)
        access_url, access_secure_url = self._addresses.media + path, self._addresses.media_tls + path
        log_url = self._log_url(secrets.token_hex(16))
        sources = tuple(Source(each.name, each.source) for each in self._account.scenarios_of(rule))
        http = Http(self._options.answers, clock=self._options.clock, sends=self._options.loopback)
        session = ScenarioSession(
            SessionFacts(
                history_id=history_id,
                sources=sources,
                custom_data=custom_data,
                idle_seconds=self._options.idle_seconds,
                queued_idle_seconds=self._options.queued_idle_seconds,
                http_wait_seconds=self._options.http_wait_seconds,
                calls=rule.calls or self._options.calls,
                inbound=inbound,
                clock=self._options.clock,
                time=self._options.time,
                changes=self.changes,
                services={
                    "http": http.answer,
                    "storage": Storage(
                        self._account.key_values(rule.application), self._options.clock, self.changes
                    ).answer,
                },
                world=world(
                    texts=(*(each.text for each in sources), custom_data),
                    secrets={**self._options.secrets, **self._account.secret_values(rule.application)},
                    playback_seconds=self._options.playback_seconds,
                    now=self._options.clock(),
                ),
                started={
                    "accessURL": access_url,
                    "accessSecureURL": access_secure_url,
                    "accountId": self._account.account_id,
                    "applicationId": rule.application.application_id,
                    "logURL": log_url,
                    "sessionId": history_id,
                    "conference_name": conference_name or "",
                },
            ),
            self._pool,
        )
        running = RunningScenario(
            session=session,
            rule=rule,
            access_url=access_url,
            access_secure_url=access_secure_url,
            log_url=log_url,
            http=http.made,
            conference_name=conference_name,
            origin=Origin.CALL if inbound else origin,
            inbound=inbound,
        )
        self._started[history_id] = running
        self._sessions[history_id] = session
        self._by_path[path] = session
        self.changes.notify()
        return running

    async def settle(self) -> None:
        """Wait until every session has done what is due, some seconds at most: one may be in a long turn, or end."""
        running = [session for session in self._sessions.values() if session.running]
        settling = [asyncio.ensure_future(session.settled()) for session in running]
        if settling:
            _, late = await asyncio.wait(settling, timeout=_SETTLE_SECONDS)
            for each in late:
                each.cancel()

    async def close(self) -> None:
        """End every running session and stop the threads."""
        for session in self._sessions.values():
            session.end(FinishReason.ADMINISTRATIVE)
        endings = [asyncio.ensure_future(session.closed()) for session in self._sessions.values()]
        if endings:
            _, late = await asyncio.wait(endings, timeout=_CLOSE_SECONDS)
            for session in self._sessions.values() if late else ():
                await session.abandon()
            await asyncio.wait(endings)
        self._pool.close()

    def _log_url(self, name: str) -> str:
        return f"{self._addresses.api}/logs/{name}"


def _session_path(history_id: int) -> str:
    """Return a path of the real ones' form (facts); the path is the only secret of a session."""
    now = int(datetime.now(UTC).timestamp())
    sequence = history_id - _FIRST_HISTORY_ID + 1
    return f"/request/{_hex16()}.{now}.{sequence}_127.0.0.1/{_hex16()}"


def _hex16() -> str:
    return secrets.token_hex(8).upper()
