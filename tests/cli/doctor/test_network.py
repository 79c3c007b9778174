"""What `session-bot doctor` says of the way out."""

import contextlib
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from sqlite_utils import Database

from bot.cli.doctor import _network as examine_network
from bot.cli.doctor._findings import Finding, Level
from bot.config._loading import load_settings
from bot.config._settings import Settings
from bot.voximplant._hosts import HostRules
from storage import sessions
from storage.records import State
from storage.sealing import Sealer
from storage.sqlite.migrations import migrations
from tests.factories import new_session

_IPV4 = "185.164.149.16"
KEY = Fernet.generate_key().decode()


def settings_in(folder: Path, **others: str) -> Settings:
    """Make settings that look at a database in this folder."""
    least = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1", "SESSION_BOT_SECRET_KEY": KEY}
    return load_settings({**least, "VOXIMPLANT_ACCOUNT_ID": "1", "VOXIMPLANT_API_KEY": "k", **others}, folder)


def at(*addresses: str, patterns: str = "*.voximplant.com,public-ipv4") -> HostRules:
    """Make rules whose name server knows only these addresses."""

    async def resolve(_host: str, _port: int) -> Sequence[str]:
        return addresses

    return HostRules(patterns, resolve=resolve)


async def found(settings: Settings, hosts: HostRules) -> list[tuple[Level, str]]:
    """Look, and give what is said of session hosts."""
    seen: list[Finding] = [each async for each in examine_network.examine_network(settings, {}, hosts)]
    return [(each.level, each.says) for each in seen if each.what == "session host"]


def remember(settings: Settings, *urls: str) -> None:
    """Put a running session for each URL into the database."""
    db, now, sealer = Database(settings.database), datetime(2026, 3, 1, tzinfo=UTC), Sealer([KEY])
    with contextlib.closing(db.conn):
        migrations.apply(db)
        for url in urls:
            session = sessions.add(db, new_session(), now=now)
            sessions.move(
                db, session.id, State.running, by="U1", event="Started.", now=now, secure_url=sealer.seal(url)
            )


async def test_the_host_of_a_stored_session_is_resolved(tmp_path: Path) -> None:
    """The newest session's host is said with its addresses, each NAT64 one with the IPv4 host behind it."""
    settings = settings_in(tmp_path)
    remember(settings, "https://185.164.150.18:12093/request/A/B", "https://www-ru-1.voximplant.com/request/A/B")
    assert await found(settings, at(_IPV4, "64:ff9b::b9a4:9510")) == [
        (
            Level.ok,
            f"www-ru-1.voximplant.com, of a stored session, is at {_IPV4}, 64:ff9b::b9a4:9510 ({_IPV4} by NAT64).",
        ),
        (
            Level.ok,
            "185.164.150.18, of a stored session, is an address, and allowed: there is nothing to resolve.",
        ),
    ]


async def test_what_keeps_a_stop_from_leaving_is_a_problem(tmp_path: Path) -> None:
    """A host without a public address, one that cannot be resolved and one that is not allowed are told apart."""
    settings = settings_in(tmp_path)
    remember(settings, "https://www-ru-1.voximplant.com/request/A/B")
    for hosts, says in (
        (at("64:ff9b::7f00:1"), "64:ff9b::7f00:1, which is no public address"),
        (at(), "cannot be resolved from here"),
        (at("8.8.8.8", patterns="10.0.0.7"), "is not allowed by VOXIMPLANT_SESSION_HOSTS"),
    ):
        ((level, told),) = await found(settings, hosts)
        assert level is Level.problem
        assert says in told
    ((level, told),) = await found(settings, at("8.8.8.8", "10.0.0.1"))
    assert level is Level.warning
    assert "is at 8.8.8.8. The name server also says 10.0.0.1: not public, and not used." in told


@pytest.mark.parametrize(
    ("others", "says"),
    [
        ({}, "api.voximplant.com, in the place of a session's host, of which none is known yet, is at 8.8.8.8."),
        ({"VOXIMPLANT_SESSION_HOSTS": "media.example,10.0.0.7"}, "media.example, of VOXIMPLANT_SESSION_HOSTS, is at"),
        ({"VOXIMPLANT_SESSION_HOSTS": "10.0.0.7"}, "None is known before the first session"),
    ],
)
async def test_without_a_session_it_says_what_it_looked_at_instead(
    tmp_path: Path, others: dict[str, str], says: str
) -> None:
    """A name that the settings hold, or one that their pattern fits, stands in; without one that is said."""
    settings = settings_in(tmp_path, **others)
    ((level, told),) = await found(settings, at("8.8.8.8", patterns=",".join(settings.voximplant_session_hosts)))
    assert level is Level.ok
    assert told.startswith(says)
