"""Where a request really comes from, and whether that is here."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from socket import gethostname

from mediant.errors import Invalid

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

FORWARDED_HEADERS = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip")
"""One of them in a request says that a proxy stands before us."""

LOCAL = tuple(
    ip_network(text)
    for text in (
        "127.0.0.0/8",
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "169.254.0.0/16",
        "::1/128",
        "fc00::/7",
        "fe80::/10",
    )
)
"""Loopback, private and link-local (RFC 1122, 1918, 3927, 4193, 4291). Python's `is_private` also
counts ranges for documentation and benchmarks."""

_IPV6_SITE_BITS = 64


@dataclass(frozen=True, slots=True)
class Origin:
    """What a request tells about where it comes from.

    `peer` is the socket's other end, never a header. `forwarded`: any of `FORWARDED_HEADERS` was
    there. `forwarded_for`: the text of X-Forwarded-For. `remote_user`: the single sign-on header.
    `host`: the text of the Host header, the name under which the client knows this server.
    """

    peer: str
    forwarded: bool = False
    forwarded_for: str | None = None
    remote_user: str | None = None
    host: str = ""


class Neighbourhood:
    """The networks that are local and the proxies that are trusted."""

    def __init__(
        self,
        trusted_proxies: Iterable[str],
        local_networks: Iterable[str] = (),
        allowed_hosts: Iterable[str] = (),
    ) -> None:
        """CIDR texts, and names of this server. Raises `Invalid` for networks that are none."""
        self._trusted = _parse_all(trusted_proxies, "access.trusted_proxies")
        self._local = (*LOCAL, *_parse_all(local_networks, "access.local_networks"))
        names = ("localhost", gethostname(), *allowed_hosts)
        self._names = frozenset(_plain_name(name) for name in names) - {""}

    def is_own_name(self, origin: Origin) -> bool:
        """Whether the client called this server by an address, or by a name that is its own.

        A page of a stranger can let its own name point here (DNS rebinding): then the browser
        sends what the page asks for as if it came from here, but under the stranger's name.
        """
        if find_address(origin.host) is not None:
            return True
        return _plain_name(origin.host.partition(":")[0]) in self._names

    def is_trusted(self, origin: Origin) -> bool:
        """Whether the socket's peer is a proxy whose headers are believed."""
        peer = find_address(origin.peer)
        return peer is not None and _is_in(peer, self._trusted)

    def find_client(self, origin: Origin) -> Address | None:
        """The real client's address; None when it cannot be known.

        Proxies append to X-Forwarded-For, so the last one that is no proxy of ours is the client;
        what stands before it anybody may have written. Headers of a stranger are no evidence, but
        show that the peer is not the client.
        """
        peer = find_address(origin.peer)
        if peer is None or not (origin.forwarded or origin.forwarded_for):
            return peer
        if not _is_in(peer, self._trusted):
            return None
        hops = [hop.strip() for hop in (origin.forwarded_for or "").split(",")]
        for hop in reversed(hops):
            address = find_address(hop)
            if address is None or not _is_in(address, self._trusted):
                return address
        return find_address(hops[0])

    def is_local(self, origin: Origin) -> bool:
        """Whether the real client is known and near."""
        client = self.find_client(origin)
        return client is not None and _is_in(client, self._local)

    def name_client(self, origin: Origin) -> str:
        """A name to count failures under: the client, or the peer where that is unknown.

        One IPv6 household has 2^64 addresses, so its network counts as one.
        """
        client = self.find_client(origin) or find_address(origin.peer)
        if isinstance(client, IPv6Address):
            return str(IPv6Network((client, _IPV6_SITE_BITS), strict=False))
        return str(client or origin.peer)


def find_address(text: str) -> Address | None:
    """An address from text as proxies write it (port, brackets, zone); None when it is none.

    IPv4 inside IPv6 (`::ffff:10.0.0.1`) is the IPv4 address that it means.
    """
    text = text.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _plain_name(name: str) -> str:
    return name.strip().rstrip(".").lower()


def _is_in(address: Address, networks: Sequence[Network]) -> bool:
    return any(address in network for network in networks)


def _parse_all(texts: Iterable[str], setting: str) -> tuple[Network, ...]:
    try:
        return tuple(ip_network(text.strip(), strict=False) for text in texts)
    except ValueError as bad:
        remedy = "Write networks like 192.168.1.0/24, or single addresses."
        raise Invalid(f"{bad}.", asset=f"setting {setting}", remedy=remedy) from bad
