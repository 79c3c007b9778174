import asyncio
import socket
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Never

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.process.network import WELL_KNOWN_NAT64, is_public, translated, under
from bot.voximplant._hosts import Resolve
from bot.voximplant._session_url import HostRules, SessionUrl
from bot.voximplant.errors import AddressRefused, CannotConnect, HostRefused


def url(host: str) -> SessionUrl:
    return SessionUrl(f"https://{host}:12093/request/A/B")


def leads_to(*addresses: str) -> Resolve:
    """Make a name server that gives these addresses for every name."""

    async def resolve(_host: str, _port: int) -> Sequence[str]:
        return addresses

    return resolve


async def test_the_default_lets_the_platform_through() -> None:
    """Names under voximplant.com and public IPv4 addresses are what real session URLs carry."""
    rules = HostRules(resolve=leads_to("185.164.149.16"))
    assert await rules.addresses(url("www-ru-52-18.voximplant.com")) == (ip_address("185.164.149.16"),)
    assert await rules.addresses(url("185.164.150.18")) == (ip_address("185.164.150.18"),)


@pytest.mark.parametrize(
    "host",
    [
        "voximplant.com",
        "evilvoximplant.com",
        "www.voximplant.com.evil.example",
        "localhost",
        "127.0.0.1",
        "10.0.0.1",
        "100.64.0.1",
        "169.254.169.254",
        "192.168.1.1",
        "0.0.0.0",  # noqa: S104 - an address to refuse
        "224.0.0.1",
        "239.1.2.3",
        "240.0.0.1",
        "255.255.255.255",
        "[::1]",
        "[2606:4700:4700::1111]",
        "[::ffff:8.8.8.8]",
    ],
)
async def test_the_default_refuses_everything_else(host: str) -> None:
    """Other names, addresses that are not public and every written IPv6 address are refused by name."""
    with pytest.raises(HostRefused) as caught:
        await HostRules(resolve=leads_to("8.8.8.8")).addresses(url(host))
    assert caught.value.host == host.strip("[]")


@pytest.mark.parametrize(
    "inside",
    [
        "127.0.0.1",
        "10.1.2.3",
        "169.254.169.254",
        "100.64.0.1",
        "192.0.0.8",
        "192.88.99.1",
        "198.18.0.1",
        "224.0.0.1",
        "0.0.0.0",  # noqa: S104 - an address to refuse
        "::1",
        "::",
        "fe80::1",
        "fe80::1%1",
        "fc00::1",
        "fec0::1",
        "ff0e::1",
        "::ffff:10.0.0.1",
        "::ffff:8.8.8.8",
        "::8.8.8.8",
        "64:ff9b::7f00:1",
        "64:ff9b::a00:1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::808:808",
        "64:ff9b:0:1::808:808",
        "2002:808:808::1",
        "2001:0:808:808::1",
        "2001:db8::1",
    ],
)
async def test_an_address_inside_is_never_used(inside: str) -> None:
    """Of a name under a pattern only the public addresses are used; a name without one is refused."""
    with pytest.raises(AddressRefused) as caught:
        await HostRules(resolve=leads_to(inside)).addresses(url("x.voximplant.com"))
    assert f"x.voximplant.com is at {ip_address(inside)}" in caught.value.sentence
    assert "VOXIMPLANT_NAT64_PREFIX" in caught.value.sentence
    for answer, used in ((("8.8.8.8", inside), "8.8.8.8"), ((inside, "2606:4700::1111"), "2606:4700::1111")):
        found = await HostRules(resolve=leads_to(*answer)).addresses(url("x.voximplant.com"))
        assert found == (ip_address(used),)


async def test_an_address_by_nat64_is_the_one_inside() -> None:
    """A dual-stack cloud's answer is used whole, an IPv6-only host's alone, in a URL's own words as well."""
    both = ("185.164.149.16", "64:ff9b::b9a4:9510")
    for answer in (both, both[1:]):
        found = await HostRules(resolve=leads_to(*answer)).addresses(url("www-ru-52-18.voximplant.com"))
        assert found == tuple(map(ip_address, answer))
    assert await HostRules().addresses(url("[64:ff9b::b9a4:9510]")) == (ip_address("64:ff9b::b9a4:9510"),)
    for inside in ("[64:ff9b::7f00:1]", "[64:ff9b::a00:7]"):
        with pytest.raises(HostRefused):
            await HostRules("public-ipv4,10.0.0.7,127.0.0.1").addresses(url(inside))


OWN_PREFIXES = {  # RFC 6052, section 2.4: 192.0.2.33 under each length; here a public host takes its place
    "2a00:db8::/32": "2a00:db8:b9a4:9510::",
    "2a00:db8:100::/40": "2a00:db8:1b9:a495:10::",
    "2a00:db8:122::/48": "2a00:db8:122:b9a4:95:1000::",
    "2a00:db8:122:300::/56": "2a00:db8:122:3b9:a4:9510::",
    "2a00:db8:122:344::/64": "2a00:db8:122:344:b9:a495:1000::",
    "2a00:db8:122:344::/96": "2a00:db8:122:344::b9a4:9510",
    "64:ff9b:1:fffe::/96": "64:ff9b:1:fffe::b9a4:9510",
    "fd00:64::/96": "fd00:64::b9a4:9510",
}


@pytest.mark.parametrize(("prefix", "address"), OWN_PREFIXES.items())
async def test_a_prefix_of_the_networks_own_is_a_setting(prefix: str, address: str) -> None:
    """Under the prefix that is set, the IPv4 address inside decides, and an IPv4 address in a URL gets a way there."""
    own = IPv6Network(prefix)
    rules = HostRules(nat64=own, resolve=leads_to(address))
    assert await rules.addresses(url("x.voximplant.com")) == (ip_address(address),)
    assert await rules.addresses(url("185.164.149.16")) == (ip_address("185.164.149.16"), ip_address(address))
    assert rules.ipv4_behind(ip_address(address)) == ip_address("185.164.149.16")
    for inside in ("127.0.0.1", "10.0.0.1", "169.254.169.254"):
        disguised = str(under(own, IPv4Address(inside)))
        with pytest.raises(AddressRefused):
            await HostRules(nat64=own, resolve=leads_to(disguised)).addresses(url("x.voximplant.com"))


async def test_the_octet_of_zeros_must_hold_them() -> None:
    """An address under a short prefix that is not built as RFC 6052 says leads nobody knows where, and is dropped."""
    rules = HostRules(nat64=IPv6Network("2a00:db8:122::/48"), resolve=leads_to("2a00:db8:122:b9a4:195:1000::"))
    with pytest.raises(AddressRefused):
        await rules.addresses(url("x.voximplant.com"))


async def test_what_is_named_exactly_may_be_private() -> None:
    """A name or address that the settings name as such may be reached wherever it is; others may not."""
    rules = HostRules(" 127.0.0.1 , LocalHost,::1,", resolve=leads_to("127.0.0.1", "::1"))
    assert await rules.addresses(url("127.0.0.1")) == (IPv4Address("127.0.0.1"),)
    assert await rules.addresses(url("[::1]")) == (IPv6Address("::1"),)
    assert len(await rules.addresses(url("localhost"))) == 2
    for other in ("127.0.0.2", "8.8.8.8", "x.localhost"):
        with pytest.raises(HostRefused):
            await rules.addresses(url(other))


async def test_an_address_named_does_not_open_a_pattern() -> None:
    """Naming 127.0.0.1 does not let a name under *.voximplant.com lead there."""
    rules = HostRules("*.voximplant.com,127.0.0.1", resolve=leads_to("127.0.0.1"))
    with pytest.raises(HostRefused):
        await rules.addresses(url("x.voximplant.com"))


async def test_the_system_resolves_by_default() -> None:
    """Without another resolver the system's own is asked, and each address comes once."""
    found = await HostRules("localhost").addresses(url("localhost"))
    assert IPv4Address("127.0.0.1") in found
    assert len(set(found)) == len(found)


@pytest.mark.parametrize("failure", [socket.gaierror(-2, "unknown"), TimeoutError(), OSError()])
async def test_a_name_that_leads_nowhere_is_not_sent(failure: OSError) -> None:
    """A failed look-up of the name is a connection that could not be made."""

    async def fails(_host: str, _port: int) -> Never:
        raise failure

    for resolve in (fails, leads_to()):
        with pytest.raises(CannotConnect) as caught:
            await HostRules(resolve=resolve).addresses(url("x.voximplant.com"))
        assert caught.value.host == "x.voximplant.com"
        assert caught.value.__context__ is None


async def test_a_name_server_that_hangs_is_not_waited_for() -> None:
    """The look-up of a name has a deadline of its own."""

    async def hangs(_host: str, _port: int) -> Sequence[str]:
        await asyncio.Event().wait()
        return ()

    with pytest.raises(CannotConnect):
        await HostRules(resolve=hangs, resolve_seconds=0.01).addresses(url("x.voximplant.com"))


@pytest.mark.parametrize("pattern", ["*", "*.", "*.*.com", "https://x.com", "x.com:80", "10.0.0.0/8", "a b"])
def test_a_pattern_that_means_nothing_is_refused(pattern: str) -> None:
    """A setting that would silently allow nothing, or all, is an error with the pattern in it."""
    with pytest.raises(ValueError, match="neither a host name"):
        HostRules(pattern)


private_v4 = [
    IPv4Network(n)
    for n in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "224.0.0.0/3",
    )
]


@given(st.integers(0, 2**32 - 1).map(IPv4Address))
def test_a_public_ipv4_address_is_in_no_private_network(address: IPv4Address) -> None:
    """No IPv4 address of a private, loopback, link-local, multicast or reserved network is public."""
    if any(address in network for network in private_v4):
        assert not is_public(address)


@given(st.integers(0, 2**32 - 1).map(IPv4Address), st.sampled_from([WELL_KNOWN_NAT64, *map(IPv6Network, OWN_PREFIXES)]))
def test_a_translated_address_is_as_public_as_the_one_inside(address: IPv4Address, prefix: IPv6Network) -> None:
    """Whatever the prefix and its length, the IPv4 address put under it is found again, and alone decides."""
    disguised = under(prefix, address)
    assert translated(disguised, (prefix,)) == address
    assert is_public(disguised, (prefix,)) == is_public(address)


@given(st.integers(0, 2**32 - 1).map(IPv4Address), st.sampled_from(["::ffff:0:0", "64:ff9b:1::", "::", "2002::"]))
def test_no_other_disguise_of_an_ipv4_address_is_public(address: IPv4Address, prefix: str) -> None:
    """An IPv4 address inside an IPv6 one that no known translator serves is never public, whatever it is."""
    assert not is_public(IPv6Address(int(IPv6Address(prefix)) | int(address)))


@given(st.integers(0, 2**128 - 1).map(IPv6Address))
def test_a_public_ipv6_address_is_global_unicast(address: IPv6Address) -> None:
    """Only 2000::/3 can be public, and 6to4 and Teredo within it are not."""
    if is_public(address):
        assert address in IPv6Network("2000::/3")
        assert address.sixtofour is None
        assert address.teredo is None
