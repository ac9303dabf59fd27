"""How a server lets people in: what the environment says, and whether that is safe to serve."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import urlsplit

import platformdirs

from analytics.errors import (
    BadSettingError,
    MissingSettingError,
    NotLoopbackError,
    OwnerShutOutError,
    PlainAddressError,
    UnknownModeError,
    UnreadableSecretError,
)
from analytics.services.serving import is_loopback

MODES = ("open", "password", "oidc")
_EXAMPLES = {
    "LEEWAY_PUBLIC_URL": "https://leeway.example.com",
    "LEEWAY_TRUSTED_PROXIES": "127.0.0.1, 10.0.0.0/8",
    "LEEWAY_ALLOWED": "@example.com, name@example.com",
    "LEEWAY_OWNER": "name@example.com",
    "LEEWAY_OIDC_ISSUER": "https://login.example.com/",
}
_LONGEST_SECRET = 1 << 12  # bytes of a file that holds one
_ADDRESS = re.compile(r"[^@\s,]*@[^@\s,]+\.[^@\s,]+|[^@\s,]*@localhost")


@dataclass(frozen=True, slots=True)
class Hosting:
    """How a server lets people in.

    Attributes
    ----------
    mode : str
        One of `MODES`: whoever reaches it; whoever knows a team secret; whoever an identity
        provider knows and a workspace has as a member.
    home : Path
        Folder of the register and of every workspace but the first.
    public_url : str
        What people type, without a slash at the end; may be empty.
    trusted_proxies : tuple of str
        Addresses and networks whose word on the client's address counts.
    allowed : tuple of str
        Who may sign in with an identity: whole addresses, or ``@example.com``; in lower case.
    owner : str
        Who is the first owner, by address; in lower case.
    oidc_issuer, oidc_client_id, oidc_client_secret : str
        Of the identity provider.
    team_secret : str
        The owner's secret of the first workspace, as a variable or a file says; may be empty, and
        is wherever no secret lets in.
    """

    mode: str = "open"
    home: Path = Path()
    public_url: str = ""
    trusted_proxies: tuple[str, ...] = ()
    allowed: tuple[str, ...] = ()
    owner: str = ""
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: str = field(default="", repr=False)
    team_secret: str = field(default="", repr=False)

    @property
    def is_open(self) -> bool:
        """Whether nobody is asked who they are."""
        return self.mode == "open"

    def admits(self, address: str) -> bool:
        """Return whether somebody with this checked address may sign in at all.

        Examples
        --------
        >>> hosting = Hosting("oidc", allowed=("@example.com", "ann@other.org"))
        >>> [hosting.admits(who) for who in ("Bo@Example.com", "ann@other.org", "bo@other.org")]
        [True, True, False]
        >>> hosting.admits("bo@evil-example.com"), hosting.admits("@example.com")
        (False, False)
        """
        name, at, domain = address.casefold().rpartition("@")
        return bool(name and at) and not {address.casefold(), f"@{domain}"}.isdisjoint(self.allowed)


def home_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Return ``LEEWAY_HOME``, else a folder beside the first workspace, else one of the user's.

    Examples
    --------
    >>> home_folder({"LEEWAY_WORKSPACE": "data/shop"}).as_posix()
    'data/shop.host'
    """
    if named := environ.get("LEEWAY_HOME"):
        return Path(named).expanduser()
    if workspace := environ.get("LEEWAY_WORKSPACE"):
        path = Path(workspace).expanduser()
        return path.with_name(f"{path.name}.host")
    return Path(platformdirs.user_data_dir("leeway", appauthor=False))


def settings(environ: Mapping[str, str] = os.environ) -> Hosting:
    """Return what the environment says of how people get in.

    Raises
    ------
    UnknownModeError
        There is no such mode.
    BadSettingError
        An address or a network is none.
    UnreadableSecretError
        A file that is to hold a secret that this mode needs cannot be read, or is empty.
    """

    def said(name: str) -> str:
        return environ.get(f"LEEWAY_{name}", "").strip()

    def held(name: str) -> str:
        return _held(f"LEEWAY_{name}_FILE", said(f"{name}_FILE"))

    mode = said("ACCESS") or "open"
    if mode not in MODES:
        raise UnknownModeError(mode=mode)
    return Hosting(
        mode=mode,
        home=home_folder(environ).absolute(),
        public_url=_public(said("PUBLIC_URL")),
        trusted_proxies=_networks(said("TRUSTED_PROXIES")),
        allowed=_addresses("LEEWAY_ALLOWED", said("ALLOWED")),
        owner=(_addresses("LEEWAY_OWNER", said("OWNER")) or ("",))[0],
        oidc_issuer=said("OIDC_ISSUER"),
        oidc_client_id=said("OIDC_CLIENT_ID"),
        oidc_client_secret=said("OIDC_CLIENT_SECRET") or held("OIDC_CLIENT_SECRET"),
        team_secret=(said("SECRET") or held("SECRET")) if mode == "password" else "",
    )


def refuse_unsafe(hosting: Hosting, host: str | None) -> None:
    """Refuse to listen on ``host`` where the settings let in whom they should not.

    Raises
    ------
    HostingError
        One of its kinds, each of which says what to set.
    """
    if hosting.is_open:
        if not is_loopback(host):
            raise NotLoopbackError(host=host or "0.0.0.0")  # noqa: S104 - named, not bound
        return
    is_local = is_loopback(urlsplit(hosting.public_url).hostname)
    if not is_loopback(host) and not hosting.public_url:
        raise MissingSettingError(mode=hosting.mode, name="LEEWAY_PUBLIC_URL")
    if hosting.public_url and not is_local and not hosting.public_url.startswith("https://"):
        raise PlainAddressError(address=hosting.public_url)
    if hosting.mode == "oidc":
        _refuse_half_an_identity(hosting)


def _refuse_half_an_identity(hosting: Hosting) -> None:
    needed = {
        "LEEWAY_PUBLIC_URL": hosting.public_url,
        "LEEWAY_OIDC_ISSUER": hosting.oidc_issuer,
        "LEEWAY_OIDC_CLIENT_ID": hosting.oidc_client_id,
        "LEEWAY_OIDC_CLIENT_SECRET": hosting.oidc_client_secret,
        "LEEWAY_ALLOWED": hosting.allowed,
        "LEEWAY_OWNER": hosting.owner,
    }
    for name, value in needed.items():
        if not value:
            raise MissingSettingError(mode=hosting.mode, name=name)
    if not hosting.admits(hosting.owner):
        raise OwnerShutOutError(owner=hosting.owner)
    issuer = urlsplit(hosting.oidc_issuer)
    if issuer.scheme != "https" and not is_loopback(issuer.hostname):
        raise _bad("LEEWAY_OIDC_ISSUER", hosting.oidc_issuer)


def source_of_secret(environ: Mapping[str, str] = os.environ) -> str:
    """Return the variable that gives the owner's team secret, or names the file that does."""
    return "LEEWAY_SECRET" if environ.get("LEEWAY_SECRET", "").strip() else "LEEWAY_SECRET_FILE"


def _bad(name: str, value: str) -> BadSettingError:
    return BadSettingError(name=name, value=value, example=_EXAMPLES[name])


def _public(address: str) -> str:
    if not address:
        return ""
    try:
        parts = urlsplit(address)
        port_is_one = parts.port is None or parts.port > 0
    except ValueError as fault:
        raise _bad("LEEWAY_PUBLIC_URL", address) from fault
    is_plain = not (parts.query or parts.fragment or parts.username or parts.password)
    if (
        parts.scheme not in {"http", "https"}
        or not parts.hostname
        or not (is_plain and port_is_one)
    ):
        raise _bad("LEEWAY_PUBLIC_URL", address)
    return address.rstrip("/")


def _listed(text: str) -> list[str]:
    return [part for part in re.split(r"[,;\s]+", text) if part]


def _networks(text: str) -> tuple[str, ...]:
    for part in _listed(text):
        try:
            ip_network(part)
        except ValueError as fault:
            raise _bad("LEEWAY_TRUSTED_PROXIES", part) from fault
    return tuple(_listed(text))


def _addresses(name: str, text: str) -> tuple[str, ...]:
    for part in _listed(text):
        if not _ADDRESS.fullmatch(part):
            raise _bad(name, part)
    return tuple(part.casefold() for part in _listed(text))


_read: dict[str, tuple[int, str]] = {}  # what secret files held, and when they were written


def _held(name: str, named: str) -> str:
    """Return the secret in a file, empty if none is named; read again when it was written."""
    if not named:
        return ""
    try:
        written = Path(named).stat().st_mtime_ns
        if _read.get(named, (-1, ""))[0] != written:
            with Path(named).open("rb") as file:
                _read[named] = written, file.read(_LONGEST_SECRET).decode("utf-8").strip()
    except (OSError, ValueError) as fault:
        if named not in _read:
            raise UnreadableSecretError(name=name) from fault
    if not _read[named][1]:
        raise UnreadableSecretError(name=name)
    return _read[named][1]
