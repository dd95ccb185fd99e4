"""What the address of a service may look like."""

from urllib.parse import urlsplit


def check_address(text: str) -> str:
    """An address without spaces around it; empty for none. Raises `ValueError`, in whose words
    nothing of the address stands: it may hold a password."""
    address = text.strip()
    if address and not _names_a_host(address):
        raise ValueError("an address is http:// or https://, a host and perhaps a port")
    return address


def _names_a_host(address: str) -> bool:
    try:
        parts = urlsplit(address)
        has_port = parts.port is None or parts.port > 0
    except ValueError:  # brackets that do not close, a port that is no number
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and has_port
