"""Is this machine fit? Python, packages, memory, room, clock: what a set-up stands on."""

import importlib.metadata
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from packaging.markers import Marker

LEAST_PYTHON = (3, 11)
LEAST_MEMORY = 2 << 30  # bytes: the server itself, one file being parsed and one forecast at a time
LEAST_FILES = 1024  # open files: sixteen workspaces and a hundred visitors
LEAST_ROOM = 200 << 20  # bytes below which nothing can be imported safely
EASY_ROOM = 2 << 30  # bytes below which backups will soon fill the disk
LEAST_SCRATCH = 512 << 20  # bytes that a file being parsed may need beside its workspace
_SLACK = 120.0  # seconds that two clocks may differ
_PIN = re.compile(r"^([A-Za-z0-9][\w.-]*)==([^\s;\\]+)\s*(?:;\s*(.*?))?\s*\\?$")
_CGROUP = Path("/sys/fs/cgroup/memory.max")


class Level(StrEnum):
    """How bad a finding is."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes
    ----------
    code : str
        Its words are ``doctor.<code>``, which say what to do where something is to be done.
    level : Level
        A problem keeps the app from working, or from being safe.
    facts : mapping
        What fills the words: texts, numbers, times, or the error that was met.
    """

    code: str
    level: Level = Level.OK
    facts: Mapping[str, object] = field(default_factory=dict)


def python(version: tuple[int, int, int] | None = None) -> Finding:
    """Return whether this Python is new enough.

    >>> python((3, 9, 2)).code
    'python_old'
    """
    found = version or sys.version_info[:3]
    fits = found[:2] >= LEAST_PYTHON
    facts = {"version": ".".join(map(str, found))}
    return Finding("python_fits", facts=facts) if fits else _problem("python_old", **facts)


def packages(lock: Path) -> Iterator[Finding]:
    """Return whether the installed packages are those of the lock file for this machine."""
    if not lock.is_file():
        yield _warning("lock_missing", folder=str(lock.parent))
        return
    wanted = pins(lock.read_text("utf-8"))
    found = {name: _installed(name) for name in wanted}
    missing = [name for name, version in found.items() if version is None]
    other = [
        f"{name} {version} ({wanted[name]})"
        for name, version in found.items()
        if version not in (None, wanted[name])
    ]
    if missing:
        yield _problem("packages_missing", names=", ".join(missing))
    if other:
        yield _warning("packages_differ", names=", ".join(other))
    if not (missing or other):
        yield Finding("packages_fit", facts={"count": len(wanted)})


def pins(text: str) -> dict[str, str]:
    r"""Return the versions that a lock file names for this machine.

    >>> pins('numpy==2.3.1 \\\n    --hash=sha256:0\nold==1 ; python_version < "3" \\')
    {'numpy': '2.3.1'}
    """
    found = (_PIN.match(line) for line in text.splitlines())
    return {pin[1]: pin[2] for pin in found if pin and (not pin[3] or Marker(pin[3]).evaluate())}


def _installed(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def memory(size: int | None = None) -> Finding | None:
    """Return whether there is memory enough; None where the system does not say.

    Parameters
    ----------
    size : int, optional
        Bytes; else what the machine has, or the container may use.
    """
    found = size or _memory()
    if found is None:
        return None
    facts = {"gigabytes": found / (1 << 30)}
    enough = found >= LEAST_MEMORY * 0.95  # a machine of two gigabytes shows a little less
    return Finding("memory_enough", facts=facts) if enough else _warning("memory_little", **facts)


def _memory() -> int | None:
    try:
        whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):  # Windows
        return None
    try:
        return min(whole, int(_CGROUP.read_text()))
    except (OSError, ValueError):  # no container, or one without a limit
        return whole


def room(folder: Path, needed: int = 0, *, free: int | None = None) -> Finding:
    """Return whether the disk of a folder has room.

    Parameters
    ----------
    folder : Path
        It need not be there yet.
    needed : int
        Bytes that the workspace has now: an import writes up to three times as many.
    free : int, optional
        Bytes; else what the disk has.
    """
    left = free_on_disk(folder) if free is None else free
    facts = {"folder": str(folder), "free": left >> 20}
    if left < LEAST_ROOM:
        return _problem("room_none", **facts)
    if left < max(EASY_ROOM, 3 * needed):
        return _warning("room_little", **facts)
    return Finding("room_enough", facts=facts)


def free_on_disk(folder: Path) -> int:
    """Return the bytes that are free on the disk of a folder, which need not be there yet."""
    return shutil.disk_usage(nearest(folder)).free


def nearest(folder: Path) -> Path:
    """Return the folder itself, or the nearest above it that is there."""
    folder = folder.expanduser().absolute()
    return next(place for place in (folder, *folder.parents) if place.exists())


def scratch(folder: Path | None = None) -> Finding:
    """Return whether files can be unpacked where this system puts what is temporary."""
    place = folder or Path(tempfile.gettempdir())
    free = shutil.disk_usage(place).free
    facts = {"folder": str(place), "free": free >> 20}
    if not os.access(place, os.W_OK):
        return _problem("scratch_closed", **facts)
    if free < LEAST_SCRATCH:
        return _warning("scratch_little", **facts)
    return Finding("scratch_fits", facts=facts)


def clock(now: datetime, newest: datetime | None) -> Finding:
    """Return whether the clock is behind what was written already.

    Parameters
    ----------
    now : datetime
        What this machine says it is, with a time zone.
    newest : datetime, optional
        When the youngest file of the workspace was written.
    """
    if newest is not None and (newest - now).total_seconds() > _SLACK:
        return _warning("clock_behind", now=now.astimezone(UTC), newest=newest.astimezone(UTC))
    return Finding("clock_fits", facts={"now": now.astimezone(UTC)})


def open_files(limit: int | None = None) -> Finding | None:
    """Return whether enough files may be open at once; None where the system does not say."""
    found = limit or _file_limit()
    if found is None:
        return None
    if found < LEAST_FILES:
        return _warning("files_few", limit=found, least=LEAST_FILES)
    return Finding("files_enough", facts={"limit": found})


def _file_limit() -> int | None:
    try:
        import resource  # noqa: PLC0415 - not on Windows
    except ImportError:
        return None
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def user(number: int | None = None) -> Finding | None:
    """Return whether the server would run as the one who may do everything; None on Windows."""
    found = os.geteuid() if number is None and hasattr(os, "geteuid") else number
    if found is None:
        return None
    return _warning("user_root") if found == 0 else Finding("user_plain")


def _warning(code: str, **facts: object) -> Finding:
    return Finding(code, Level.WARNING, facts)


def _problem(code: str, **facts: object) -> Finding:
    return Finding(code, Level.PROBLEM, facts)
