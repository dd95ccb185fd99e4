"""Where a request really comes from."""

from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediant.access.addresses import LOCAL, Neighbourhood, Origin, find_address
from mediant.errors import Invalid

PROXIES = ["10.0.0.1", "fd00::/64"]
addresses = st.ip_addresses().map(str)
near = st.one_of([st.ip_addresses(network=str(network)) for network in LOCAL]).map(str)
proxies = st.sampled_from(["10.0.0.1", "fd00::7", "::ffff:10.0.0.1"])
strangers = addresses.filter(
    lambda text: (
        not any(find_address(text) in ip_network(network, strict=False) for network in PROXIES)
    )
)
chains = st.lists(st.one_of(addresses, proxies, st.text(max_size=8)), max_size=4).map(", ".join)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("192.168.1.1", "192.168.1.1"),
        ("192.168.1.1:4711", "192.168.1.1"),
        ("[fe80::1%eth0]:443", "fe80::1"),
        ("[::1]", "::1"),
        ("::ffff:10.0.0.1", "10.0.0.1"),
        ('"203.0.113.9"', "203.0.113.9"),
        (" 10.0.0.1 ", "10.0.0.1"),
    ],
)
def test_addresses_are_read_as_proxies_write_them(text: str, address: str) -> None:
    assert find_address(text) == ip_address(address)


@pytest.mark.parametrize("text", ["", "unknown", "_hidden", "1.2.3", "localhost", "[", "1.2.3.4.5"])
def test_what_is_no_address_is_none(text: str) -> None:
    assert find_address(text) is None


@given(near)
def test_near_peers_are_local(peer: str) -> None:
    assert Neighbourhood(()).is_local(Origin(peer))
    assert Neighbourhood(()).is_local(Origin(f"::ffff:{peer}" if "." in peer else peer))


@given(addresses)
def test_far_peers_are_not(peer: str) -> None:
    address = find_address(peer)
    expected = any(address in network for network in LOCAL)
    assert Neighbourhood(()).is_local(Origin(peer)) == expected


@given(strangers, chains)
def test_headers_of_a_stranger_never_make_local(peer: str, chain: str) -> None:
    place = Neighbourhood(PROXIES)
    origin = Origin(peer, forwarded=True, forwarded_for=chain)
    assert place.find_client(origin) is None
    assert not place.is_local(origin)


@given(proxies, strangers, st.lists(proxies, max_size=3), chains)
def test_the_last_stranger_before_our_proxies_is_the_client(
    peer: str, client: str, hops: list[str], lies: str
) -> None:
    chain = ", ".join([part for part in (lies, client, *hops) if part])
    origin = Origin(peer, forwarded=True, forwarded_for=chain)
    assert Neighbourhood(PROXIES).find_client(origin) == find_address(client)


@given(chains)
def test_what_a_client_writes_in_front_changes_nothing(lies: str) -> None:
    place = Neighbourhood(PROXIES)
    plain = Origin("10.0.0.1", True, "203.0.113.9")
    forged = Origin("10.0.0.1", True, f"{lies}, 203.0.113.9")
    assert place.is_local(forged) == place.is_local(plain) is False
    assert place.name_client(forged) == place.name_client(plain)


@given(st.text(max_size=20), chains, st.booleans())
def test_nothing_breaks_it(peer: str, chain: str, forwarded: bool) -> None:
    place = Neighbourhood(PROXIES)
    origin = Origin(peer, forwarded, chain)
    place.is_local(origin)
    assert isinstance(place.name_client(origin), str)


def test_an_ipv6_household_counts_as_one() -> None:
    place = Neighbourhood(())
    first, second = Origin("2001:db8:1:2::1"), Origin("2001:db8:1:2:ffff::9")
    assert place.name_client(first) == place.name_client(second) == "2001:db8:1:2::/64"
    assert place.name_client(Origin("2001:db8:1:3::1")) != place.name_client(first)


@pytest.mark.parametrize("text", ["router", "10.0.0.0/99", "", "*"])
def test_a_network_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        Neighbourhood([text])
