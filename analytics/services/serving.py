"""Where a server is reached."""

import ipaddress
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

SESSION = "leeway_session"  # the cookie of who is signed in
BASE = "STREAMLIT_SERVER_BASE_URL_PATH"  # the environment's name of the sub-path
_TRUSTED = "FORWARDED_ALLOW_IPS"  # whose word on a client's address the server takes


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


def server_settings(
    public_url: str, proxies: Sequence[str], environ: Mapping[str, str]
) -> dict[str, str]:
    """Return what the server's own environment has to say beside what it says.

    Parameters
    ----------
    public_url : str
        Where browsers reach the app; its path is the sub-path, unless the environment names one.
    proxies : sequence of str
        Addresses and networks whose word on a client's address counts; nobody's else does.
    environ : mapping
        The environment as it is.

    Examples
    --------
    >>> server_settings("https://example.com/tools/stock", ["10.0.0.2"], {})
    {'FORWARDED_ALLOW_IPS': '10.0.0.2', 'STREAMLIT_SERVER_BASE_URL_PATH': '/tools/stock'}
    >>> server_settings("", [], {})
    {'FORWARDED_ALLOW_IPS': ''}
    """
    said = {_TRUSTED: ",".join(proxies)}
    path = base_path(urlsplit(public_url).path)
    return said | ({BASE: path} if path and not environ.get(BASE) else {})
