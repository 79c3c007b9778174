"""Doctor, on the way out: the proxy, and the addresses of session hosts, seen from this machine.

Nothing is sent to a session: every request to its URL has an effect in its scenario.
"""

import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Final
from urllib.parse import urlsplit

from bot.cli.doctor._findings import Finding, ok, problem, warning
from bot.config import Settings
from bot.life import host_rules, sealing_keys
from bot.process.network import PUBLIC_IPV4, Address, address_of
from bot.voximplant import HostRules, NotASessionUrl, SessionUrl
from bot.voximplant.errors import AddressRefused, CannotConnect
from storage import sessions
from storage.errors import StorageUnavailable
from storage.opening import reading
from storage.sealing import BadKey, CannotOpen, Sealer

_LOOKED_AT: Final = 3
_HTTPS: Final = 443
_OF_OTHERS: Final = frozenset({"https_proxy", "http_proxy", "all_proxy"})
_NAMELESS: Final = (
    "None is known before the first session: the platform names a session's host when it starts. Look again then."
)


@dataclass(frozen=True)
class _Host:
    """A host to check, and the reason for this one."""

    host: str
    port: int
    why: str


async def examine_network(
    settings: Settings, environ: Mapping[str, str], hosts: HostRules | None = None
) -> AsyncIterator[Finding]:
    """Yield the findings on the proxy, and on session hosts with the addresses the bot would use."""
    yield _proxy(settings, environ)
    yield _authorities(environ)
    rules = hosts or host_rules(settings)
    places = _known(settings, rules)
    for place in places:
        yield await _check_host(place, rules)
    if not places:
        yield ok("session host", _NAMELESS)


def _proxy(settings: Settings, environ: Mapping[str, str]) -> Finding:
    """Return the finding on the proxy in use, or on one that the environment names; never its user and password."""
    if settings.way_out is not None:
        without = f", except {', '.join(settings.no_proxy)}" if settings.no_proxy else ""
        says = f"Slack, the platform and session hosts are reached through {settings.way_out.place}{without}."
        return ok("proxy", f"{says} It must allow CONNECT to all of them, and to any port of a session host.")
    if named := [name for name in environ if name.lower() in _OF_OTHERS and environ[name].strip()]:
        says = f"{' and '.join(sorted(named))} in the environment is not used: the bot connects directly."
        return warning("proxy", f"{says} If this machine has no direct way out, set SESSION_BOT_PROXY.")
    if settings.no_proxy:
        return warning("proxy", "SESSION_BOT_NO_PROXY means nothing without SESSION_BOT_PROXY.")
    return ok("proxy", "None is set: the bot connects directly to Slack, the platform and session hosts.")


def _authorities(environ: Mapping[str, str]) -> Finding:
    """Return the finding on trusted certificate authorities; their paths are checked with the settings."""
    named = [f"{name} ({environ[name]})" for name in ("SSL_CERT_FILE", "SSL_CERT_DIR") if name in environ]
    whose = f"Those of {' and '.join(named)}" if named else "Those of this machine"
    return ok("authorities", f"{whose} are believed.")


async def _check_host(place: _Host, rules: HostRules) -> Finding:
    who = f"{place.host}, {place.why},"
    if not rules.matches(place):
        says = f"{who} is not allowed by VOXIMPLANT_SESSION_HOSTS: what runs there can be neither sent to nor stopped."
        return problem("session host", says)
    if rules.is_behind_proxy(place):
        says = f"{who} is allowed, and reached through the proxy: where it is cannot be seen from here."
        return ok("session host", says)
    if address_of(place.host):
        return ok("session host", f"{who} is an address, and allowed: there is nothing to resolve.")
    return await _resolved(place, who, rules)


async def _resolved(place: _Host, who: str, rules: HostRules) -> Finding:
    try:
        found = await rules.resolved(place)
        used = rules.usable(place, found)
    except AddressRefused as refused:
        return problem("session host", refused.sentence)
    except CannotConnect:
        return problem("session host", f"{who} cannot be resolved from here. Check this machine's name server.")
    says = f"{who} is at {_shown(used, rules)}."
    if left_out := tuple(each for each in found if each not in used):
        not_used = _shown(left_out, rules)
        return warning("session host", f"{says} The name server also says {not_used}: not public, and not used.")
    return ok("session host", says)


def _shown(addresses: tuple[Address, ...], rules: HostRules) -> str:
    """Return the addresses in words; for a translated one also the IPv4 host behind it."""
    return ", ".join(
        f"{each} ({host} by NAT64)" if (host := rules.ipv4_behind(each)) else str(each) for each in addresses
    )


def _known(settings: Settings, rules: HostRules) -> list[_Host]:
    """Return the hosts to check: those of stored sessions, else names of the setting, else a name its pattern fits."""
    stored = {url.host: _Host(url.host, url.port, "of a stored session") for url in _stored(settings)}
    if stored:
        return list(islice(stored.values(), _LOOKED_AT))
    names = [
        _Host(each, _HTTPS, "of VOXIMPLANT_SESSION_HOSTS")
        for each in settings.voximplant_session_hosts
        if not (each.startswith("*") or each == PUBLIC_IPV4 or address_of(each))
    ]
    api = urlsplit(settings.voximplant_api_url).hostname or ""
    stand_in = _Host(api, _HTTPS, "in the place of a session's host, of which none is known yet")
    return names or ([stand_in] if not address_of(api) and rules.matches(stand_in) else [])


def _stored(settings: Settings) -> list[SessionUrl]:
    """Return the stored URLs, the newest first; an unreadable one is another finding's."""
    urls = []
    with contextlib.suppress(StorageUnavailable, OSError, BadKey):
        with reading(settings.database) as db:
            held = sessions.with_urls(db)
        sealer = Sealer(sealing_keys(settings, may_make=False))
        for session in reversed(held):
            for sealed in (session.secure_url, session.plain_url):
                if sealed is not None:
                    with contextlib.suppress(CannotOpen, NotASessionUrl):
                        urls.append(SessionUrl(sealer.open(sealed)))
    return urls
