"""Fetching a log: who gets the token, what is kept of it, and what keeps it back."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from bot.voximplant._credentials import ApiKey, ServiceAccount
from bot.voximplant._hosts import HostRules
from bot.voximplant._lanes import Lanes
from bot.voximplant._logs import LOG_HOSTS, TAIL_BYTES, LogFiles
from bot.voximplant._management import LogUrl
from bot.voximplant.errors import (
    AddressRefused,
    CannotConnect,
    ConnectionBroken,
    LogGone,
    LogHostRefused,
    LogNotGiven,
    PlatformError,
    TimedOut,
)

from .conftest import HANGS_S

STORAGE = "storage-gw-eu-1.voximplant.com"
PATH = "/voximplant-logs/2026/secret-name"


async def here(_host: str, _port: int) -> Sequence[str]:
    """Return this machine's address for every name."""
    return ["127.0.0.1"]


@pytest.fixture
def account(rsa_key: RSAPrivateKey) -> ServiceAccount:
    """Return a service account."""
    return ServiceAccount("1", "key", rsa_key)


def log_files(lanes: Lanes, account: ServiceAccount | ApiKey, timeout: float = 60, storages: str = STORAGE) -> LogFiles:
    """Make what is tested; every name leads to this machine, which only an exact pattern allows."""
    hosts = HostRules(storages, resolve=here), HostRules("logs.example.com", resolve=here)
    return LogFiles(lanes.logs, account, storages=hosts[0], others=hosts[1], timeout=timeout)


async def test_the_token_goes_to_the_storages_only(
    lanes: Lanes, serve: Callable[..., Any], certified: Callable[..., Any], account: ServiceAccount
) -> None:
    """A storage of the platform gets the Bearer token; a host of the setting gets none."""
    server = await serve(certified(STORAGE, "logs.example.com"))
    server.says(200, "a log\n")
    logs = log_files(lanes, account)
    assert (await logs.fetch(LogUrl(server.url(STORAGE, PATH)))).tail == b"a log\n"
    assert (await logs.fetch(LogUrl(server.url("logs.example.com", PATH)))).size == 6
    first, second = server.requests
    assert first.line == f"GET {PATH} HTTP/1.1"
    assert first.headers["authorization"].startswith("Bearer ey")
    assert "authorization" not in second.headers


async def test_an_api_key_is_never_sent_for_a_log(
    lanes: Lanes, serve: Callable[..., Any], certified: Callable[..., Any]
) -> None:
    """Where there is no service account, a log is asked for without any proof: the key does not leave."""
    server = await serve(certified(STORAGE))
    server.says(200, "a log\n")
    await log_files(lanes, ApiKey(1, "hush-key")).fetch(LogUrl(server.url(STORAGE, PATH)))
    (request,) = server.requests
    assert "hush-key" not in f"{request}"


async def test_of_a_long_log_the_end_is_kept(
    lanes: Lanes, serve: Callable[..., Any], certified: Callable[..., Any], account: ServiceAccount
) -> None:
    """However long it is, only its end is in memory, and its whole size is known."""
    server = await serve(certified(STORAGE))
    body = b"".join(b"line %d\n" % number for number in range(2_000_000))
    server.says(200, body)
    file = await log_files(lanes, account).fetch(LogUrl(server.url(STORAGE, PATH)))
    assert (file.size, file.tail, file.is_cut) == (len(body), body[-TAIL_BYTES:], True)
    assert "line" not in repr(file)


@pytest.mark.parametrize(
    "url",
    [
        f"http://{STORAGE}{PATH}",
        f"https://me@{STORAGE}{PATH}",
        f"https://{STORAGE}.example.com{PATH}",
        f"https://api.voximplant.com{PATH}",
        f"https://127.0.0.1{PATH}",
        f"https://{STORAGE}:99999999{PATH}",
        "secret-name",
    ],
)
async def test_other_addresses_are_refused_unseen(
    lanes: Lanes, account: ServiceAccount, told: Callable[[BaseException], str], url: str
) -> None:
    """What is no https address of a storage is not asked, and its path is not shown."""
    with pytest.raises(LogHostRefused) as caught:
        await log_files(lanes, account).fetch(LogUrl(url))
    assert "secret-name" not in told(caught.value)
    assert "VOXIMPLANT_LOG_HOSTS" in caught.value.sentence


async def test_a_storage_with_a_private_address_is_refused(lanes: Lanes, account: ServiceAccount) -> None:
    """A name of the platform that leads inside gets neither a connection nor the token, and no advice about hosts."""
    with pytest.raises(AddressRefused):
        await log_files(lanes, account, storages=LOG_HOSTS).fetch(LogUrl(f"https://{STORAGE}{PATH}"))


@pytest.mark.parametrize(
    ("status", "kind"),
    [(404, LogGone), (410, LogGone), (302, LogNotGiven), (401, LogNotGiven), (403, LogNotGiven), (500, LogNotGiven)],
)
async def test_what_is_no_log_is_told_apart(  # noqa: PLR0917 - the fixtures, and the case
    lanes: Lanes, serve: Callable[..., Any], certified: Callable[..., Any], account: ServiceAccount,
    status: int, kind: type[PlatformError],
) -> None:  # fmt: skip
    """Gone is gone; everything else is not a log, and no redirect is followed."""
    server = await serve(certified(STORAGE))
    server.says(status, "page", Location=server.url(STORAGE, "/elsewhere"))
    with pytest.raises(kind):
        await log_files(lanes, account).fetch(LogUrl(server.url(STORAGE, PATH)))
    assert len(server.requests) == 1


async def test_half_a_log_is_none(
    lanes: Lanes, serve: Callable[..., Any], certified: Callable[..., Any], account: ServiceAccount,
    told: Callable[[BaseException], str],
) -> None:  # fmt: skip
    """A log that breaks off, does not come in time or from nowhere is an error without its address."""
    server = await serve(certified(STORAGE))
    logs = log_files(lanes, account, timeout=HANGS_S)
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"
    server.resets(head)
    with pytest.raises(ConnectionBroken) as broken:
        await logs.fetch(LogUrl(server.url(STORAGE, PATH)))
    server.hangs(head)
    with pytest.raises(TimedOut) as late:
        await logs.fetch(LogUrl(server.url(STORAGE, PATH)))
    await server.stop()
    with pytest.raises(CannotConnect) as nowhere:
        await logs.fetch(LogUrl(server.url(STORAGE, PATH)))
    for caught in (broken, late, nowhere):
        assert "secret-name" not in told(caught.value)
