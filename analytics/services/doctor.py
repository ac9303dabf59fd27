"""What is wrong with this set-up? Every thing that it stands on, looked at without changing any."""

import http.client
import ipaddress
import os
import socket
import stat
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import analytics
from analytics import logs
from analytics.access import FILE, Register, secrets
from analytics.errors import (
    AnalyticsError,
    NoDataError,
    NoTeamSecretError,
    OlderWorkspaceError,
    UnfitSecretError,
    WeakSecretError,
    WorkspaceBusyError,
)
from analytics.services import backups, hosting, machine, serving, workspaces
from analytics.services.host_settings import Hosting, refuse_unsafe, source_of_secret
from analytics.services.machine import Finding, Level
from analytics.store import Store
from analytics.store.backups import DATABASE

__all__ = ["Finding", "Level", "examination"]

_LATE = timedelta(days=2)  # that the newest backup may be older than the newest change
_SECRET_FILES = ("LEEWAY_SECRET_FILE", "LEEWAY_OIDC_CLIENT_SECRET_FILE")
_ILL = {(503, b"store"): "server_ill", (503, b"disk"): "server_full"}
_PATIENCE = 3.0  # seconds that a server is given to answer


def examination(
    folder: Path, *, host: str = "127.0.0.1", port: int = 8501, now: datetime
) -> Iterator[Finding]:
    """Look at a set-up, and yield what was found, one thing after the other.

    Parameters
    ----------
    folder : Path
        The workspace.
    host, port
        Where the server listens, or is to listen.
    now : datetime
        With a time zone.
    """
    yield machine.python()
    yield from machine.packages(Path(analytics.__file__).parents[1] / "requirements.txt")
    for found in (machine.memory(), machine.open_files(), machine.user()):
        if found is not None:
            yield found
    yield machine.scratch()
    yield machine.room(folder, _size(folder / DATABASE))
    yield machine.clock(now, _written(folder))
    yield workspace(folder)
    yield backup(folder, now)
    yield from access(host)
    yield server(host, port)


def workspace(folder: Path) -> Finding:
    """Return whether the workspace opens, without changing anything of it."""
    facts: dict[str, object] = {"folder": str(folder)}
    if not os.access(machine.nearest(folder), os.W_OK):
        return Finding("workspace_closed", Level.PROBLEM, facts)
    try:
        with workspaces.reader(folder) as store:
            return _opened(store, facts | {"imports": len(store.imports())})
    except NoDataError:
        return Finding("workspace_none", facts=facts)
    except OlderWorkspaceError:
        return Finding("workspace_older", Level.WARNING, facts)
    except WorkspaceBusyError:  # just begun: there is no copy yet
        return Finding("workspace_held", facts=facts)
    except AnalyticsError as problem:
        return Finding("workspace_refused", Level.PROBLEM, {"problem": problem})


def _opened(store: Store, facts: dict[str, object]) -> Finding:
    if store.recovery is not None:  # somebody has to read it, here or on a page
        return Finding("workspace_mended", Level.WARNING, {"told": store.recovery})
    is_copy = store.snapshot_time is not None
    return Finding("workspace_served" if is_copy else "workspace_opens", facts=facts)


def backup(folder: Path, now: datetime) -> Finding:
    """Return whether what changed lately is in a backup."""
    changed = _written(folder)
    zips = [copy for copy in backups.copies(folder) if copy.path.suffix == ".zip"]
    if changed is None:  # whoever finds a workspace lost is told so by `workspace`
        return Finding("backup_needless") if not zips else _fresh(zips[0].taken_at)
    if not zips:
        young = now - changed < _LATE
        return Finding("backup_missing", Level.OK if young else Level.WARNING)
    taken = zips[0].taken_at
    late = changed - taken > _LATE and now - taken > _LATE
    return Finding("backup_old", Level.WARNING, {"time": taken}) if late else _fresh(taken)


def _fresh(taken: datetime) -> Finding:
    return Finding("backup_fresh", facts={"time": taken})


def _written(folder: Path) -> datetime | None:
    """Return when the workspace was last written; None if there is none."""
    try:
        seconds = (folder / DATABASE).stat().st_mtime
    except OSError:
        return None
    return datetime.fromtimestamp(seconds, UTC)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def access(host: str) -> Iterator[Finding]:
    """Yield whether the server would start with these settings, and who could come in."""
    try:
        chosen = hosting.settings()
        refuse_unsafe(chosen, host)
        _refuse_without_secret(chosen)
    except AnalyticsError as problem:
        yield Finding("access_refused", Level.PROBLEM, {"problem": problem})
        return
    yield Finding(f"access_{chosen.mode}", facts={"url": chosen.public_url or f"http://{host}"})
    yield from _kept_private(chosen)
    yield from _proxies(chosen)
    if not chosen.is_open and os.environ.get(logs.VARIABLE) == "full":
        yield Finding("log_full", Level.WARNING)


def _refuse_without_secret(chosen: Hosting) -> None:
    """Refuse a team without a secret, as the server would, but leave the register as it is."""
    if chosen.mode != "password":
        return
    if chosen.team_secret:
        try:
            secrets.checked(chosen.team_secret)
        except WeakSecretError as fault:
            raise UnfitSecretError(name=source_of_secret()) from fault
    elif not Register.exists(chosen.home) or "owner" not in hosting.register(chosen).secrets(
        hosting.MAIN
    ):
        raise NoTeamSecretError


def _kept_private(chosen: Hosting) -> Iterator[Finding]:
    """Yield which files with secrets other users of this machine can read."""
    named = (os.environ.get(name) for name in _SECRET_FILES)
    for path in (chosen.home / FILE, *(Path(name) for name in named if name)):
        if os.name == "posix" and path.exists() and path.stat().st_mode & stat.S_IRWXO:
            yield Finding("file_readable", Level.WARNING, {"path": str(path)})


def _proxies(chosen: Hosting) -> Iterator[Finding]:
    """Yield whether the server knows its visitors apart, and believes nobody else about them."""
    for named in chosen.trusted_proxies:
        if ipaddress.ip_network(named).prefixlen == 0:
            yield Finding("proxy_any", Level.PROBLEM, {"value": named})
    outside = urlsplit(chosen.public_url).hostname
    if chosen.is_open or serving.is_loopback(outside):
        return
    if chosen.trusted_proxies:
        yield Finding("proxies_named", facts={"proxies": ", ".join(chosen.trusted_proxies)})
    else:
        yield Finding("proxies_none", Level.WARNING)


def server(host: str, port: int) -> Finding:
    """Return who answers where the server is to listen: it, somebody else, or nobody."""
    base = serving.base_path(os.environ.get(serving.BASE) or _path_of(os.environ))
    near = "127.0.0.1" if host in {"0.0.0.0", "::"} else host  # noqa: S104 - compared, not bound
    facts = {"host": near, "port": str(port)}
    answer = _asked(near, port, f"{base}/healthz")
    if answer == (200, b"ok"):
        return Finding("server_well", facts=facts)
    if answer in _ILL:
        return Finding(_ILL[answer], Level.PROBLEM, facts)
    if answer is None and _is_free(host, port):
        return Finding("port_free", facts=facts)
    return Finding("port_taken", Level.PROBLEM, facts)


def _path_of(environ: Mapping[str, str]) -> str:
    """Return the path of the public address; empty if it is none."""
    try:
        return urlsplit(environ.get("LEEWAY_PUBLIC_URL", "")).path
    except ValueError:  # which another line says
        return ""


def _asked(host: str, port: int, path: str) -> tuple[int, bytes] | None:
    """Return status and body of an answer; None where nobody answers in this tongue."""
    connection = http.client.HTTPConnection(host, port, timeout=_PATIENCE)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read(100)
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def _is_free(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError:
            return False
    return True
