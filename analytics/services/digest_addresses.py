"""Where the daily message may go: what of an address is let through to what sends it.

What counts is what Apprise will make of an address, not what it looks like: it splits parameters
at ``;`` as at ``&``, knows no fragment, and strips the names of parameters.
"""

import ipaddress
import re
import socket
from collections.abc import Sequence
from typing import Any, NamedTuple
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from analytics.errors import BadAddressError, OutOfBoundsError

MOST = 10  # addresses
LONGEST = 2_000  # characters of one
LONGEST_WAIT = 20.0  # seconds for a connection, and for an answer
_MAIL = frozenset({"to", "from", "name", "cc", "bcc", "reply"})
_SMTP = _MAIL | {"smtp", "mode", "user", "pass"}
_CHAT = frozenset({"to", "channel", "mode"})
# Services of Apprise that carry a message to people, and the parameters of each that say to whom.
# None of the others is let through: some write to this machine's log or desktop, read files of it,
# turn off the check of certificates, wait for ever, or run what somebody configured.
PARAMETERS = {
    **dict.fromkeys(("json", "jsons", "feishu", "lark", "schan", "pushdeer", "pushdeers",
                     "wecombot", "discord"), frozenset[str]()),
    **dict.fromkeys(("mailto", "mailtos"), _SMTP),
    **dict.fromkeys(("mailgun", "ses"), _MAIL | {"region"}),
    **dict.fromkeys(("resend", "sendgrid"), _MAIL),
    **dict.fromkeys(("slack", "mmost", "mmosts", "rocket", "rockets", "matrix", "matrixs"), _CHAT),
    **dict.fromkeys(("bark", "barks"), frozenset({"to", "group", "level"})),
    **dict.fromkeys(("gotify", "gotifys"), frozenset({"priority"})),
    **dict.fromkeys(("ntfy", "ntfys"), frozenset({"to", "priority", "mode"})),
    **dict.fromkeys(("line", "whatsapp", "wxpusher", "wxteams", "zulip"), frozenset({"to"})),
    **dict.fromkeys(("workflow", "workflows"), frozenset({"ver", "api-version", "pa"})),
    "dingtalk": frozenset({"to", "secret"}),
    "gchat": frozenset({"thread"}),
    "pover": frozenset({"to", "priority"}),
    "pushplus": frozenset({"to", "topic", "channel"}),
    "tgram": frozenset({"to", "topic", "thread", "silent"}),
}  # fmt: skip
_SAFE_MODES = re.compile(r"(?!insecure)\w{1,20}")  # of sending mail: no other turns ciphers off
# Whose address begins with a machine, and not with a token.
_OF_HOST = frozenset(
    {"json", "jsons", "mailto", "mailtos", "mmost", "mmosts", "rocket", "rockets", "matrix",
     "matrixs", "bark", "barks", "gotify", "gotifys", "ntfy", "ntfys", "pushdeer", "pushdeers",
     "workflow", "workflows"}
)  # fmt: skip
# Where hosts of other people's computers tell secrets to whatever runs on them.
_METADATA_NAMES = frozenset({"metadata", "metadata.google.internal", "metadata.goog",
                             "metadata.tencentyun.com", "metadata.platformequinix.com",
                             "instance-data"})  # fmt: skip
_METADATA = frozenset(
    map(ipaddress.ip_address, ("100.100.100.200", "192.0.0.192", "168.63.129.16", "fd00:ec2::254"))
)
_NATIVE = (
    ("open.feishu.cn", re.compile(r"/open-apis/bot/v2/hook/([\w-]+)/?$"), "feishu://{0}"),
    ("open.larksuite.com", re.compile(r"/open-apis/bot/v2/hook/([\w-]+)/?$"), "lark://{0}"),
    ("qyapi.weixin.qq.com", re.compile(r"/cgi-bin/webhook/send$"), "wecombot://{key}"),
    ("oapi.dingtalk.com", re.compile(r"/robot/send$"), "dingtalk://{access_token}"),
    ("hooks.slack.com", re.compile(r"/services/(\w+)/(\w+)/(\w+)/?$"), "slack://{0}/{1}/{2}"),
)
_TOKEN = re.compile(r"[\w-]{1,200}")
_NEVER = re.compile(r"[#;\\\s]|://.*://")  # a second address would be sent to unseen
_NUMBER = re.compile(r"(0x)?[0-9a-f]*(\.(0x)?[0-9a-f]*){0,3}", re.ASCII)

_IP = ipaddress.IPv4Address | ipaddress.IPv6Address


class _Parts(NamedTuple):
    """What an address says: one answer of ours, and one of Apprise."""

    scheme: str
    host: str
    asked: dict[str, str]


def checked(addresses: Sequence[str]) -> tuple[str, ...]:
    """Return addresses as they are kept, each once.

    Raises
    ------
    BadAddressError
        One cannot be sent to: too long, of a service that carries no message to people, to a
        machine that nobody's group is on, or with a part that says anything but to whom.
    OutOfBoundsError
        They are too many.
    """
    found: dict[str, None] = {}
    for line, text in enumerate(addresses, start=1):
        if text.strip():
            found[_spelled(text.strip(), line)] = None
    if len(found) > MOST:
        raise OutOfBoundsError(name="digest_addresses", value=len(found), low=0, high=MOST)
    return tuple(found)


def _spelled(text: str, line: int) -> str:
    """Return an address as Apprise spells it."""
    if len(text) > LONGEST or not text.isprintable() or _NEVER.search(text):
        raise BadAddressError(line=line)
    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        raise BadAddressError(line=line) from None
    if parts.scheme == "https":
        return _native(host, parts.path, parse_qs(parts.query, keep_blank_values=True), line)
    if not parts.netloc or not _is_let_through(_own(parts, host)):
        raise BadAddressError(line=line)
    return text


def _own(parts: SplitResult, host: str) -> _Parts:
    pairs = [pair.partition("=") for pair in parts.query.split("&") if pair]
    return _Parts(parts.scheme, host, {unquote(name): unquote(value) for name, _, value in pairs})


def _is_let_through(said: _Parts) -> bool:
    """Return whether an address asks for nothing but to be sent to, on a machine that may be."""
    known = PARAMETERS.get(said.scheme)
    if known is None or not known.issuperset(said.asked):
        return False
    if "mail" in said.scheme and not _SAFE_MODES.fullmatch(said.asked.get("mode", "ssl")):
        return False
    hosts = [said.asked.get("smtp", "")] + [said.host] * (said.scheme in _OF_HOST)
    return not any(map(is_forbidden, hosts))


def is_forbidden(host: str) -> bool:
    """Return whether nothing is ever sent to a machine: link-local, metadata, or many at once.

    This machine itself is allowed: some run their own group's server on it.

    >>> [is_forbidden(h) for h in ("169.254.169.254", "2852039166", "example.com", "127.0.0.1")]
    [True, True, False, False]
    """
    name = host.strip("[]").rstrip(".").casefold()
    if name in _METADATA_NAMES:
        return True
    number = _number(name)
    return number is not None and _is_forbidden(number)


def _number(name: str) -> _IP | None:
    """Return the number that a name spells, in any way that a socket understands."""
    try:
        if _NUMBER.fullmatch(name) and name:
            return ipaddress.IPv4Address(socket.inet_aton(name))
        return ipaddress.ip_address(name.partition("%")[0])
    except (OSError, ValueError):
        return None


def _is_forbidden(number: _IP) -> bool:
    inner = getattr(number, "ipv4_mapped", None) or getattr(number, "sixtofour", None) or number
    is_odd = inner.is_link_local or inner.is_multicast or inner.is_unspecified
    return is_odd or inner in _METADATA or int(inner) == 2**32 - 1


def _native(host: str, path: str, asked: dict[str, list[str]], line: int) -> str:
    """Return the address behind a webhook as its service shows it."""
    told = {name: values[0] for name, values in asked.items()}
    for known, pattern, spelled in _NATIVE:
        match = pattern.fullmatch(path)
        if host.casefold() != known or match is None:
            continue
        parts = [
            *match.groups(),
            *(value for name, value in told.items() if f"{{{name}}}" in spelled),
        ]
        if parts and all(_TOKEN.fullmatch(part) for part in parts):
            return spelled.format(*match.groups(), **told)
    raise BadAddressError(line=line)


def masked(address: str) -> str:
    """Return enough of an address to tell it from others, and nothing that opens it.

    >>> masked("feishu://0f1e2d3c-aaaa-bbbb-cccc-1234567890ab")
    'feishu …90ab'
    >>> masked("mailtos://me:secret@example.com?to=you@example.com")
    'mailtos example.com'
    """
    scheme, _, rest = address.partition("://")
    if scheme.startswith("mailto"):
        return f"{scheme} {urlsplit(address).hostname or ''}"
    token = re.sub(r"[^\w]", "", rest.partition("?")[0])
    return f"{scheme} …{token[-4:]}" if len(token) >= 12 else f"{scheme} …"


def sender(address: str, line: int = 1) -> Any:  # noqa: ANN401 - Apprise need not be there
    """Return what sends to an address, which keeps nothing on the disk.

    Judged once more: by Apprise's own reading of the address, and by what it made of it.

    Raises
    ------
    BadAddressError
        Apprise makes nothing of it, or what nobody asked for.
    """
    import apprise  # noqa: PLC0415 - optional, and slow to import
    from apprise.utils.parse import parse_url  # noqa: PLC0415

    read = parse_url(address, verify_host=False)  # type: ignore[no-untyped-call]
    if not read or any(read[name] for name in ("qsd+", "qsd-", "qsd:")):
        raise BadAddressError(line=line)
    said = _Parts(read["schema"], read["host"] or "", read["qsd"])
    if not _is_let_through(said):
        raise BadAddressError(line=line)
    asset = apprise.AppriseAsset(
        app_id="Leeway", app_desc="Leeway", app_url="", image_url_mask="", image_url_logo="",
        storage_mode=apprise.PersistentStoreMode.MEMORY, secure_logging=True,
    )  # fmt: skip
    asset.http_redirects = False  # where to would be judged by nobody
    made = apprise.Apprise.instantiate(address, asset=asset, suppress_exceptions=True)
    if not made or not _is_as_said(made):
        raise BadAddressError(line=line)
    found = apprise.Apprise(asset=asset)
    found.add(made)
    return found


def leads_astray(address: str) -> bool:
    """Return whether the name of an address's machine leads to one that is forbidden.

    Asked at the moment of sending, for names lead elsewhere tomorrow.
    """
    parts = urlsplit(address)
    said = _own(parts, parts.hostname or "")
    hosts = {said.asked.get("smtp", ""), said.host if said.scheme in _OF_HOST else ""}
    return any(is_forbidden(number) for host in hosts - {""} for number in _numbers(host))


def _numbers(host: str) -> list[str]:
    try:
        known = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []  # what cannot be found is told as not sent
    return [str(each[4][0]) for each in known]


def _is_as_said(made: Any) -> bool:  # noqa: ANN401
    """Return whether what sends checks certificates, reads no file, and waits for no one long."""
    reads = ("template", "attach", "pgp_key", "pgp_privkey")
    waits = (made.socket_connect_timeout, made.socket_read_timeout)
    return (
        made.verify_certificate is True
        and not made.redirects
        and not any(getattr(made, name, None) for name in reads)
        and all(0 < float(wait) <= LONGEST_WAIT for wait in waits)
    )
