"""Files that are whole or absent: written aside, forced to disk, moved into place."""

import hashlib
import os
import stat
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import IO

from analytics.errors import WriteFailedError
from analytics.store import scratch

_CHUNK = 1 << 20  # bytes
_LOOKED = ".looked"  # beside kept uploads: when they were last looked through
_CONFIRMED = timedelta(days=2)  # by the calendar, so at least 24 hours


def keep(folder: Path, source: bytes | Path) -> tuple[str, Path]:
    """Keep an upload under the hash of its content, readable by its owner alone.

    The name it was uploaded under is no part of the path.

    Returns
    -------
    sha256 : str
    path : Path
        ``folder/ab/abcd...``, on disk before this returns.

    Raises
    ------
    WriteFailedError
        The disk refused.
    """
    with refused_by_disk(folder):
        make_folder(folder)
        digest = hashlib.sha256()
        descriptor, name = tempfile.mkstemp(dir=folder, prefix=scratch.prefix("new"))  # mode 0600
        made = Path(name)
        try:
            with os.fdopen(descriptor, "wb") as target:
                for chunk in _chunks(source):
                    digest.update(chunk)
                    target.write(chunk)
                target.flush()
                force(target.fileno())
            path = folder / digest.hexdigest()[:2] / digest.hexdigest()
            make_folder(path.parent)
            made.replace(path)
            for changed in (path.parent, folder):  # who made it may have been killed before
                force_folder(changed)
        finally:
            made.unlink(missing_ok=True)
    return digest.hexdigest(), path


def sweep(folder: Path, came_before: date, *, today: date) -> int:
    """Delete kept uploads that came before a day, by this machine's calendar; return how many.

    It takes two looks, more than a day apart, that both find an upload old: a clock that is ahead
    for a while deletes nothing.

    Raises
    ------
    WriteFailedError
        The disk refused.
    """
    if not folder.is_dir():
        return 0
    looked, before = _looked(folder)
    if timedelta(0) <= today - looked < _CONFIRMED:
        return 0
    swept = 0
    with refused_by_disk(folder):
        for path in folder.glob("*/*") if looked <= today else ():
            came = datetime.fromtimestamp(path.stat().st_mtime, UTC).astimezone().date()
            if path.is_file() and came < min(before, came_before):
                path.unlink(missing_ok=True)
                swept += 1
    replaced(folder / _LOOKED, f"{today} {came_before}".encode())
    return swept


def _looked(folder: Path) -> tuple[date, date]:
    """Return the day of the look before, and before which day uploads were old then."""
    try:
        looked, before = (folder / _LOOKED).read_text("ascii").split()
        return date.fromisoformat(looked), date.fromisoformat(before)
    except (OSError, ValueError):  # nobody has looked yet
        return date.min, date.min


@contextmanager
def made_aside(target: Path) -> Iterator[IO[bytes]]:
    """Lend a file that takes the place of ``target`` once it is whole and on the disk.

    Raises
    ------
    WriteFailedError
        The disk refused; ``target`` is as it was.
    """
    with refused_by_disk(target):
        make_folder(target.parent)
        descriptor, name = tempfile.mkstemp(
            dir=target.parent, prefix=scratch.prefix("new")
        )  # mode 0600
        made = Path(name)
        try:
            with os.fdopen(descriptor, "wb") as file:
                yield file
                file.flush()
                force(file.fileno())
            made.replace(target)
            force_folder(target.parent)
        finally:
            made.unlink(missing_ok=True)


def replaced(target: Path, content: bytes) -> None:
    """Let a file hold ``content``: all of it, or what it held before.

    Raises
    ------
    WriteFailedError
        The disk refused.
    """
    with made_aside(target) as file:
        file.write(content)


def force(descriptor: int) -> None:
    """Wait until what was written is on the disk."""
    os.fsync(descriptor)


def make_folder(folder: Path) -> None:
    """Make a folder for its owner alone, and those above it; their names are on the disk."""
    missing = [made for made in (folder, *folder.parents) if not made.exists()]
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    force_names(missing)


def force_names(paths: Iterable[Path]) -> None:
    """Wait until the names of files or folders are on the disk, where we may ask for that."""
    for path in paths:
        with suppress(PermissionError):  # what lies above may be somebody else's
            force_folder(path.parent)


def force_folder(folder: Path) -> None:
    """Wait until the names in ``folder`` are on the disk, where the system can promise that."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def hand_over(folder: Path) -> None:
    """Give what root made in ``folder`` to whom the folder belongs; nothing for anybody else.

    Names that lead elsewhere are left alone, so that nothing outside changes hands.

    Raises
    ------
    WriteFailedError
        The disk refused.
    """
    if os.name != "posix" or os.geteuid() != 0 or not folder.is_dir():
        return
    owner = folder.stat()
    if owner.st_uid == 0:
        return
    with refused_by_disk(folder):
        for _, folders, files, at in os.fwalk(folder.resolve()):
            for name in (*folders, *files):
                found = os.stat(name, dir_fd=at, follow_symlinks=False)
                is_shared = stat.S_ISREG(found.st_mode) and found.st_nlink > 1
                if found.st_uid == 0 and not is_shared:
                    os.chown(name, owner.st_uid, owner.st_gid, dir_fd=at, follow_symlinks=False)


@contextmanager
def refused_by_disk(path: Path) -> Iterator[None]:
    """Say which path could not be written, and why, if the disk refuses."""
    try:
        yield
    except OSError as fault:
        raise WriteFailedError(path=str(path), reason=fault.strerror or str(fault)) from fault


def _chunks(source: bytes | Path) -> Iterator[bytes]:
    if isinstance(source, bytes):
        yield source
        return
    with source.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk
