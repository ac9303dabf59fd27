"""Putting one database file in the place of another, which is kept beside it.

What was damaged is kept for good; of what was sound and was replaced by a backup, the newest few.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from analytics.store.durable import force_folder, make_folder, refused_by_disk
from analytics.store.snapshots import log_of

HOME = "set-aside"
KEPT = 5
_STAMP = "%Y%m%dT%H%M%S.%fZ"
_SOUND = "-replaced"


def set_aside(path: Path, log: Path | None = None, *, is_sound: bool = False) -> Path:
    """Keep the database at ``path``, and its log, under ``set-aside``; return that folder.

    They also stay where they are, until `place` puts another file there: at no moment is there
    none. ``log`` is a copy of the log as it was before anybody opened it. What is sound is named
    apart.
    """
    now = datetime.now(UTC).strftime(_STAMP)
    folder = path.parent / HOME / (f"{now}{_SOUND}" if is_sound else now)
    with refused_by_disk(folder):
        make_folder(folder)
        if path.exists():
            _link(path, folder / path.name)
        found = log or log_of(path)
        if found.exists():
            _link(found, folder / log_of(path).name)
        force_folder(folder)
    return folder


def newest_first(folder: Path) -> list[tuple[Path, datetime, bool]]:
    """Return what was set aside in a workspace: the folder, when, and whether it was sound."""
    home = folder / HOME
    found = []
    for path in home.iterdir() if home.is_dir() else ():
        try:
            time = datetime.strptime(path.name.removesuffix(_SOUND), _STAMP).replace(tzinfo=UTC)
        except ValueError:  # not ours
            continue
        found.append((path, time, path.name.endswith(_SOUND)))
    return sorted(found, key=lambda kept: kept[1], reverse=True)


def forget_old(folder: Path, just_kept: Path | None) -> None:
    """Delete what was sound when it was replaced: all but ``just_kept`` and the newest of the rest.

    A clock that was ahead may have named others as if they were newer.
    """
    sound = [path for path, _, is_sound in newest_first(folder) if is_sound and path != just_kept]
    for path in sound[KEPT - 1 :]:
        shutil.rmtree(path, ignore_errors=True)


def place(made: Path, path: Path) -> None:
    """Let the database ``made``, which has no log, take the place of the one at ``path``."""
    with refused_by_disk(path):
        with made.open("rb") as file:
            os.fsync(file.fileno())
        make_folder(path.parent)
        log_of(path).unlink(missing_ok=True)  # it belongs to the one that goes
        made.chmod(0o600)
        made.replace(path)
        force_folder(path.parent)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Wait until no other process repairs the workspace in ``folder``."""
    try:
        import fcntl  # noqa: PLC0415 - where the system has it
    except ImportError:
        yield
        return
    with refused_by_disk(folder), (folder / ".repairing").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # the file system knows no links
        shutil.copyfile(source, target)
