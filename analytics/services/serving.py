"""Where a server is reached."""

import ipaddress


def is_loopback(host: str | None) -> bool:
    """Return whether a server that listens on ``host`` is out of the network's reach.

    >>> [is_loopback(host) for host in ("127.0.0.1", "::1", "localhost", "0.0.0.0", None)]
    [True, True, True, False, False]
    """
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return host == "localhost"


def base_path(configured: str | None) -> str:
    """Return the sub-path that the server runs under, as addresses begin with it.

    >>> base_path("tools/stock/"), base_path("")
    ('/tools/stock', '')
    """
    path = (configured or "").strip("/")
    return f"/{path}" if path else ""
