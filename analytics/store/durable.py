"""Files that are whole or absent: written aside, forced to disk, moved into place."""

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import IO

from analytics.errors import WriteFailedError
from analytics.store import scratch

_CHUNK = 1 << 20  # bytes


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
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        digest = hashlib.sha256()
        descriptor, name = tempfile.mkstemp(dir=folder, prefix=scratch.prefix("new"))  # mode 0600
        made = Path(name)
        try:
            with os.fdopen(descriptor, "wb") as target:
                for chunk in _chunks(source):
                    digest.update(chunk)
                    target.write(chunk)
                force(target.fileno())
            path = folder / digest.hexdigest()[:2] / digest.hexdigest()
            path.parent.mkdir(exist_ok=True, mode=0o700)
            made.replace(path)
            force_folder(path.parent)
        finally:
            made.unlink(missing_ok=True)
    return digest.hexdigest(), path


def sweep(folder: Path, came_before: date) -> int:
    """Delete kept uploads that came before a day, by this machine's calendar; return how many.

    Raises
    ------
    WriteFailedError
        The disk refused.
    """
    swept = 0
    with refused_by_disk(folder):
        for path in folder.glob("*/*"):
            came = datetime.fromtimestamp(path.stat().st_mtime, UTC).astimezone().date()
            if path.is_file() and came < came_before:
                path.unlink(missing_ok=True)
                swept += 1
    return swept


@contextmanager
def made_aside(target: Path) -> Iterator[IO[bytes]]:
    """Lend a file that takes the place of ``target`` once it is whole and on the disk.

    Raises
    ------
    WriteFailedError
        The disk refused; ``target`` is as it was.
    """
    with refused_by_disk(target):
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
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


def force_folder(folder: Path) -> None:
    """Wait until the names in ``folder`` are on the disk, where the system can promise that."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


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
