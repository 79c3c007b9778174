"""A whole world for a conversation: platform, Slack and the real bot, in one event loop, over real HTTP."""

import asyncio
import contextlib
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import pytest
from cryptography.fernet import Fernet

from bot.config._loading import load_settings
from bot.life.app import Bot
from bot.sandbox._certificates import Certificates
from bot.sandbox.slack import Channel, LocalSlack, Message, Person, SlackOptions
from bot.sandbox.voximplant import Account, Platform, PlatformOptions, default_account
from bot.slack.inbound._http import HttpMode
from storage import audit, commands, sessions
from storage.connection import Connection
from storage.membership import Owners, make_membership
from storage.records import Session
from storage.rows import command_of
from storage.stop import Stop
from tests.block_models import objections
from tests.canaries import OURS, Canaries, KeptLog, on_disk, search, secrets_of, sent_to_slack, shown
from tests.factories import opened
from tests.postgres.databases import Database as ServerDatabase
from tests.postgres.databases import connection_to, contents
from tests.quick_clock import TIMES, QuickClock

T = TypeVar("T")


@dataclass
class World:
    """Platform, Slack, bot and what is on disk; `say` types a command and gives what the person then sees."""

    platform: Platform
    slack: LocalSlack
    environ: dict[str, str]
    folder: Path
    clock: QuickClock = field(default_factory=QuickClock)
    bot: Bot | None = None
    server: ServerDatabase | None = None

    @property
    def ann(self) -> Person:
        """A full member."""
        return self.slack.person("ann")

    @property
    def bob(self) -> Person:
        """Another full member."""
        return self.slack.person("bob")

    @property
    def ops(self) -> Channel:
        """A public channel to which the bot was invited."""
        return self.slack.channel("ops", members=[self.ann, self.bob])

    async def start_bot(self) -> Bot:
        """Start the bot on this world's settings and database."""
        self.bot = Bot(load_settings(self.environ, self.folder), self.clock)
        await self.bot.start()
        if isinstance(self.bot.receiver, HttpMode):
            await self.slack.send_to(f"http://127.0.0.1:{self.bot.receiver.port}/slack/events")
        await self.slack.connected()
        if not self.platform.faults.pending:  # what a test orders is for its own commands, not for the first round
            rounds = self.bot.rounds
            await self.until(lambda: rounds is not None and rounds.took_s is not None, "the first round")
        return self.bot

    async def stop_bot(self) -> None:
        """Stop the bot as SIGTERM does."""
        if self.bot is not None:
            bot, self.bot = self.bot, None
            await bot.stop()

    def asked(self) -> list[str]:
        """Return the methods that were called at the platform, but for those of the rounds."""
        rounds = {"GetApplications", "GetKeyValueItems"}
        return [each.method for each in self.platform.requests if each.method not in rounds]

    def database(self) -> contextlib.AbstractContextManager[Connection]:
        """Connect to what is recorded; each statement is committed at once."""
        return opened(self.folder / "session-bot.db") if self.server is None else connection_to(self.server)

    def kept(self) -> bytes:
        """Return all that is kept: what the files of the database hold, or the tables on a server."""
        if self.server is not None:
            return b"".join(content for _, content in contents(self.server))
        return b"".join(file.read_bytes() for file in self.folder.glob("session-bot.db*") if file.is_file())

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the database's write lock, as another program would."""
        if self.server is not None:
            with self.server.locked():
                yield
            return
        with self.database() as other:
            other.execute("begin immediate")
            yield
            other.execute("rollback")

    @contextlib.contextmanager
    def refusing(self, column: str, when: str) -> Iterator[None]:
        """Have the database refuse to write a column of a session where this is so."""
        odd = f"trigger odd before update of {column} on sessions"
        with self.database() as db:
            if self.server is not None:
                refuses = "returns trigger language plpgsql as 'begin raise exception ''odd''; end'"
                db.execute(f"create function odd() {refuses}")
                db.execute(f"create {odd} for each row when ({when}) execute function odd()")
            else:
                db.execute(f"create {odd} when {when} begin select raise(abort, 'odd'); end")
            yield
            db.execute("drop function odd cascade" if self.server is not None else "drop trigger odd")

    def owners(self) -> Owners:
        """Return the owners on the database, as another process sees them."""
        return make_membership(load_settings(self.environ, self.folder).database, "1").owners

    def keys(self) -> list[str]:
        """Return the sealing keys; those of a file are in a file beside it."""
        if self.server is not None:
            return self.environ["SESSION_BOT_SECRET_KEY"].split(",")
        return (self.folder / "session-bot.db.key").read_text().split()

    def session(self, session_id: int = 1) -> Session:
        """Read a session from disk."""
        with self.database() as db:
            found = sessions.get(db, session_id)
        assert found is not None
        return found

    def stop_of(self, session_id: int = 1) -> Stop:
        """Read the facts of a session's stop from disk."""
        stop = self.session(session_id).stop
        assert stop is not None
        return stop

    def commands(self) -> list[commands.Command]:
        """Read every command from disk."""
        with self.database() as db:
            return [command_of(row) for row in db.query("select * from commands order by id")]

    def audit(self) -> list[audit.Line]:
        """Read the audit from disk."""
        with self.database() as db:
            return audit.lines(db)

    def card(self, number: int = 0, channel: Channel | None = None) -> Message:
        """Return a card of the channel, the oldest first."""
        return self._cards(channel)[number]

    def _cards(self, channel: Channel | None) -> list[Message]:
        return [each for each in (channel or self.ops).messages if is_card(each)]

    def replies(self, number: int = 0, channel: Channel | None = None) -> list[Message]:
        """Return the replies under a card; none while there is no such card."""
        cards = self._cards(channel)[number : number + 1]
        return [each for card in cards for each in (channel or self.ops).thread(card)]

    async def says(self, person: Person, text: str, *, channel: Channel | None = None, expect: str = "") -> Message:
        """Type a command; give the first new line with `expect` in it that this person alone sees."""
        place = channel or self.ops
        before = {each.ts: each.text for each in person.ephemerals(place)}
        typed = await person.slash(place, text)
        assert typed.acked, typed
        return await self.told(person, expect, channel=place, before=before)

    async def presses(
        self, person: Person, shown: Message, label: str, *, channel: Channel | None = None, expect: str = ""
    ) -> Message:
        """Press a button, its dialog included; give the first new line with `expect` in it for this person."""
        before = {each.ts: each.text for each in person.ephemerals(channel or self.ops)}
        pressed = await person.click(shown, label)
        assert pressed.acked, pressed
        return await self.told(person, expect, channel=channel, before=before)

    async def told(
        self,
        person: Person,
        expect: str = "",
        *,
        channel: Channel | None = None,
        before: Mapping[str, str] | None = None,
    ) -> Message:
        """Wait for a line to this person with `expect` in it, other than those `before`."""
        known = dict(before or {})

        def new() -> Message | None:
            lines = [each for each in person.ephemerals(channel or self.ops) if known.get(each.ts) != each.text]
            return next((each for each in lines if expect in each.text), None)

        return await self.slack.until(new, f"{person.name} to be told {expect!r}")

    async def started(self, rule: str = "obedient", person: Person | None = None) -> Message:
        """Start a session and wait until its card says that it runs."""
        count = len(self._cards(None))
        await self.says(person or self.ann, f"start {rule}", expect="Started")
        return await self.shows("running", count)

    async def shows(self, word: str, number: int = 0, channel: Channel | None = None) -> Message:
        """Wait until a card says this word."""
        return await self.slack.until(
            lambda: next((each for each in self._cards(channel)[number : number + 1] if word in each.text), None),
            f"card {number} to show {word!r}",
        )

    async def replied(self, word: str, number: int = 0, channel: Channel | None = None) -> Message:
        """Wait until a reply under a card says this word."""
        return await self.slack.until(
            lambda: next((each for each in self.replies(number, channel) if word in each.text), None),
            f"a reply with {word!r}",
        )

    async def until(self, condition: Callable[[], T], what: str) -> T:
        """Wait for something that Slack does not see, by asking again."""
        async with asyncio.timeout(30):
            while not (value := condition()):  # noqa: ASYNC110 - a database sets no event
                await asyncio.sleep(0.01)
        assert value, what
        return value


def is_card(message: Message) -> bool:
    """Return whether a message is a card: a sign, and then the session's number."""
    return message.text.partition(" ")[2].startswith("#")


KEY = Fernet.generate_key().decode()
"""The sealing key of worlds on a server, where it must come from the settings."""

MakeWorld = Callable[..., "contextlib.AbstractAsyncContextManager[World]"]


@pytest.fixture(scope="session")
def certificates() -> Certificates:
    """One CA for all tests of this process: keys are slow to make."""
    return Certificates()


@pytest.fixture
def mode(request: pytest.FixtureRequest) -> str:
    """Return the way into Slack: `socket`, or what `BOTH_MODES` asks for."""
    return str(getattr(request, "param", "socket"))


BOTH_MODES = pytest.mark.parametrize("mode", ["socket", "http"], indirect=True)
"""The pytestmark of conversations that must come out the same in Socket Mode and in HTTP mode."""


def objected(slack: LocalSlack) -> list[str]:
    """Return what the second judge objects to in all that was sent or shown."""
    messages = [entry for channel in slack.workspace.channels.values() for entry in channel.entries]
    payloads = [*(call.arguments for call in slack.calls), *({"blocks": each.blocks} for each in messages)]
    return [each for payload in payloads for each in objections(payload)]


@pytest.fixture
def at_world_end() -> list[Callable[[], Awaitable[None]]]:
    """Return a list of what is to be ended before the world is: who goes on connecting leaves connections behind."""
    return []


@pytest.fixture
def kept_log() -> Iterator[KeptLog]:
    """Keep all that is logged during a test, at DEBUG."""
    kept, levels = KeptLog(), {name: logging.getLogger(name).level for name in OURS}
    logging.getLogger().addHandler(kept)
    for name in OURS:
        logging.getLogger(name).setLevel(logging.DEBUG)
    yield kept
    logging.getLogger().removeHandler(kept)
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


def leaks(world: World, kept_log: KeptLog, shows: list[tuple[str, bytes]]) -> list[str]:
    """Return each kind of secret that this world's bot left somewhere, with the place."""
    canaries = Canaries(secrets_of(world.platform, world.slack, world.environ, world.folder))
    logged = [("the log", "\n".join(kept_log.lines).encode("utf-8", "backslashreplace"))]
    recorded = iter(()) if world.server is None else contents(world.server)
    return search(canaries, iter(shows), sent_to_slack(world.slack), on_disk(world.folder), recorded, iter(logged))


@pytest.fixture
def make_world(  # noqa: PLR0917 - pytest gives fixtures by name
    certificates: Certificates,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    mode: str,
    database: ServerDatabase | None,
    at_world_end: list[Callable[[], Awaitable[None]]],
    kept_log: KeptLog,
) -> MakeWorld:
    """Return a maker of worlds: `environ` adds settings, `config` is session-bot.toml, `http` the mode.

    Where the ack clock is not the subject it is longer than Slack's 3 s: a busy machine makes no command un-acked.
    """
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    authority = tmp_path / "ca.pem"
    certificates.write_ca(authority)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))

    times = TIMES if database is None else TIMES / 2  # what waits for the server is no idle time
    on_server = {} if database is None else {"SESSION_BOT_DATABASE": database.address, "SESSION_BOT_SECRET_KEY": KEY}

    @contextlib.asynccontextmanager
    async def make(
        *,
        environ: Mapping[str, str] | None = None,
        config: str | None = None,
        account: Account | None = None,
        start: bool = True,
        clock: QuickClock | None = None,
        http: bool = mode == "http",
        ack_seconds: float = 10,
        slack_options: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> AsyncIterator[World]:
        account, ticking = account or default_account(), clock or QuickClock(times)
        async with (
            Platform(certificates, PlatformOptions(**{"clock": ticking.true, **options}), account) as platform,
            LocalSlack(SlackOptions(clock=ticking.true, ack_seconds=ack_seconds, **(slack_options or {}))) as slack,
        ):
            credentials = tmp_path / "service-account.json"
            credentials.write_text(json.dumps(account.service_account()))
            settings = {
                "SLACK_BOT_TOKEN": slack.bot_token,
                "SLACK_APP_TOKEN": slack.app_token,
                "SLACK_API_URL": slack.api_url,
                "VOXIMPLANT_API_URL": platform.api_url,
                "VOXIMPLANT_CREDENTIALS": str(credentials),
                "VOXIMPLANT_SESSION_HOSTS": "127.0.0.1",
                "VOXIMPLANT_LOG_HOSTS": "127.0.0.1",
                "SESSION_BOT_OPS_PORT": "0",
                **on_server,
                **(environ or {}),
            }
            if http:
                del settings["SLACK_APP_TOKEN"]
                settings |= {"SLACK_SIGNING_SECRET": slack.signing_secret, "SESSION_BOT_PORT": "0"}
            if config is not None:
                (tmp_path / "session-bot.toml").write_text(config)
            world = World(platform, slack, settings, tmp_path, ticking, server=database)
            if start:
                await world.start_bot()
            try:
                yield world
            finally:
                shows = [*shown(world.bot)]
                await world.stop_bot()
                for end in at_world_end:
                    await end()
            assert leaks(world, kept_log, shows) == []
            posted = [call.arguments for call in slack.calls if call.method == "chat.postMessage"]
            assert all(each["unfurl_links"] is each["unfurl_media"] is False for each in posted)
            assert not objected(slack)

    return make


@pytest.fixture
async def world(make_world: MakeWorld) -> AsyncIterator[World]:
    """Return a world with the bot running."""
    async with make_world() as made:
        yield made
