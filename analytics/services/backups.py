"""Can everything be brought back? Backups by hand and by night, and the way back from them."""

import logging
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from analytics.errors import (
    DamagedWorkspaceError,
    MissingFileError,
    NoBackupError,
    OutOfBoundsError,
)
from analytics.progress import Progress, silent
from analytics.services import doors, watching, workspaces
from analytics.store import Recovery, SheetAccount, Store, aside, backups, durable
from analytics.store.days import LEAST as LEAST_DAYS
from analytics.store.days import MOST as MOST_DAYS
from analytics.store.days import days_of
from analytics.store.recovery import is_lost
from analytics.store.restoring import snapshot_outline
from analytics.store.workspace import RAW_DAYS

__all__ = [
    "DAYS_KEPT",
    "LEAST_DAYS",
    "MOST_DAYS",
    "Aside",
    "Copy",
    "Nightly",
    "Outline",
    "Recovery",
    "copies",
    "days_kept",
    "described",
    "has_workspace",
    "latest",
    "nightly",
    "outline",
    "put_back",
    "raw_days_kept",
    "restore",
    "set_aside",
    "set_days_kept",
    "set_raw_days_kept",
    "take",
]

DAYS_KEPT = 7  # unless the setting ``backup_days`` says otherwise
_HOUR = 3600.0  # seconds

_log = logging.getLogger(__name__)


class Outline(NamedTuple):
    """When a copy was taken (as text, UTC), and how many imports it holds."""

    taken_at: str
    imports: int


class Copy(NamedTuple):
    """Something that the workspace can be restored from.

    Attributes
    ----------
    path : Path
        A backup (zip), or a snapshot that was taken after an import.
    taken_at : datetime
        UTC.
    size : int
        Bytes.
    """

    path: Path
    taken_at: datetime
    size: int


class Aside(NamedTuple):
    """A workspace that another one took the place of.

    Attributes
    ----------
    path : Path
        Folder with its database.
    taken_at : datetime
        When it was set aside, UTC.
    size : int
        Bytes.
    is_sound : bool
        It was replaced by a backup, and goes once five newer ones were; what was damaged stays.
    """

    path: Path
    taken_at: datetime
    size: int
    is_sound: bool


def take(store: Store, target: Path | None = None, *, raw: bool = False) -> Path:
    """Write the whole workspace into one zip; return its path.

    Of a workspace that another process serves, ``store`` is the newest snapshot, and so is the
    backup. ``raw`` takes along the uploads that are still kept.

    Raises
    ------
    WriteFailedError
        The disk refused; there is no half file.
    DamagedWorkspaceError
        What was copied is not whole; there is no backup of it.
    """
    return store.backup(target, raw=raw)


def described(path: Path) -> backups.Manifest:
    """Return what a backup says it holds.

    Raises
    ------
    BadBackupError
        It is none of ours, or was written by a newer version.
    """
    return backups.read(path)


def outline(path: Path) -> Outline:
    """Return what restoring a backup or a snapshot would bring, in a few facts.

    Raises
    ------
    BadBackupError
        It is none of ours, or was written by a newer version.
    MissingFileError
        There is no such file.
    """
    if not path.is_file():
        raise MissingFileError(file=str(path))
    if path.suffix != ".duckdb":
        made = backups.read(path)
        return Outline(made.taken_at[:16].replace("T", " ") + " UTC", made.imports)
    taken_at, imports = snapshot_outline(path)
    return Outline(f"{taken_at:%Y-%m-%d %H:%M} UTC", imports)


def has_workspace(folder: Path) -> bool:
    """Return whether there is a workspace in ``folder``, be it that its file is gone."""
    path = folder / backups.DATABASE
    return path.exists() or is_lost(path)


def copies(folder: Path | None = None) -> list[Copy]:
    """Return all backups and snapshots of a workspace, newest first."""
    home = (folder or workspaces.default_folder()) / "backup"
    found = ((path, taken_at, _size_of(path)) for path, taken_at in backups.copies(home))
    return [Copy(path, taken_at, size) for path, taken_at, size in found if size is not None]


def set_aside(folder: Path | None = None) -> list[Aside]:
    """Return the workspaces that others took the place of, newest first."""
    found = aside.newest_first(folder or workspaces.default_folder())
    return [
        Aside(path, taken_at, sum(_size_of(file) or 0 for file in path.iterdir()), is_sound)
        for path, taken_at, is_sound in found
    ]


def _size_of(path: Path) -> int | None:
    """Return the bytes of a file; None if it is gone, as old copies go at any time."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return None


def days_kept(store: Store) -> int:
    """Return for how many days the backups of the nights are kept."""
    return days_of(store.settings().get("backup_days", ""), DAYS_KEPT)


def set_days_kept(store: Store, days: int) -> None:
    """Set for how many days the backups of the nights are kept.

    Raises
    ------
    OutOfBoundsError
        It is not between 1 and 3650.
    """
    _set_days(store, "backup_days", days)


def raw_days_kept(store: Store) -> int:
    """Return for how many days uploads are kept as they came."""
    return days_of(store.settings().get("raw_days", ""), RAW_DAYS)


def set_raw_days_kept(store: Store, days: int) -> None:
    """Set for how many days uploads are kept as they came.

    Raises
    ------
    OutOfBoundsError
        It is not between 1 and 3650.
    """
    _set_days(store, "raw_days", days)


def _set_days(store: Store, name: str, days: int) -> None:
    if not LEAST_DAYS <= days <= MOST_DAYS:
        raise OutOfBoundsError(name=name, value=days, low=LEAST_DAYS, high=MOST_DAYS)
    store.save_setting(name, str(days))


def latest(folder: Path | None = None) -> Path:
    """Return the newest backup or snapshot of a workspace.

    Copies are numbered as they are made, so that a clock that was ahead does not decide. Of those
    that older versions made, which have no number, the time in the name does.

    Raises
    ------
    NoBackupError
        There is none.
    """
    found = copies(folder)
    if not found:
        raise NoBackupError(folder=str(folder or workspaces.default_folder()))
    return found[0].path


def restore(source: Path, folder: Path | None = None) -> Path | None:
    """Put a backup in the place of a workspace; return where that one is kept, if there was one.

    It works while this process serves the workspace, and where there is none or a damaged one. What
    root restores belongs to whom the workspace's folder belongs, so that a service can open it.

    Raises
    ------
    BadBackupError
        The file is no whole backup, or of a newer version; nothing was changed.
    WorkspaceBusyError
        Another process holds the workspace.
    """
    folder = (folder or workspaces.default_folder()).expanduser().absolute()
    try:
        return _restored(source, folder)
    finally:
        durable.hand_over(folder)


def _restored(source: Path, folder: Path) -> Path | None:
    if not (folder / backups.DATABASE).exists():
        return Store.restore_closed(folder, source)
    try:
        with doors.at_the_machine(folder) as store:
            return store.restore(source)
    except DamagedWorkspaceError:
        return Store.restore_closed(folder, source)


def put_back(
    store: Store, source: Path, *, who: str = "", progress: Progress = silent
) -> list[SheetAccount]:
    """Restore ``source`` over an open workspace, whoever asks; no account comes of it.

    Raises
    ------
    BadBackupError
        The file is no whole backup, or of a newer version; nothing was changed.
    """
    progress(0, 1, source.name)
    _log.info("%s restores %s", who or "Somebody", source.name)
    store.restore(source)
    workspaces.follow(store, progress)
    return []


def nightly(store: Store, now: datetime) -> Path | None:
    """Take the day's backup unless there is one, or nothing has changed; forget the old ones.

    Backups of the nights are kept for as many days as the setting ``backup_days`` says, 7 by
    default; the newest always stays, and those that were made by hand. Uploads go, too, once they
    have been kept for long enough.

    Parameters
    ----------
    store : Store
        The workspace, open for writing.
    now : datetime
        With a time zone, whose days count.

    Returns
    -------
    Path or None
        The backup that was taken.
    """
    home = store.folder / "backup"
    made = None
    found = backups.newest_first(home)
    if not store.imports().empty and _is_due(found, store, now):
        made = store.backup(backups.path_in(home, store.version, now, nightly=True))
    oldest = now.date() - timedelta(days=days_kept(store))
    for path in backups.newest_first(home, nightly=True)[1:]:
        # What holds all there is stays, however old the clock makes it.
        if _day_of(path, now) < oldest and backups.version_of(path) != store.version:
            path.unlink(missing_ok=True)
    store.sweep_raw(now.date())
    return made


def _is_due(found: Iterable[Path], store: Store, now: datetime) -> bool:
    """Return whether no copy holds what there is now, and none is of this day."""
    return all(
        backups.version_of(path) != store.version and _day_of(path, now) != now.date()
        for path in found
    )


def _day_of(backup: Path, now: datetime) -> date:
    """Return the day on which a backup was taken, where ``now`` is told."""
    return backups.taken_at(backup).astimezone(now.tzinfo).date()


class Nightly(watching.Rounds):
    """Looks every hour, while the server runs, whether the day's backup is due; of each workspace.

    At the end it waits some seconds for a backup that is being written, then leaves it half made.
    What is half made is never taken for a backup, and is swept when the workspace is opened.

    Parameters
    ----------
    open_store : callable
        Opens the first workspace; it is closed again after every look.
    others : callable
        Returns how to open each of the others on this host.
    clock : callable
        Returns the time, with a time zone.
    every : float
        Seconds between two looks.
    """

    def __init__(
        self,
        open_store: watching.Opener = workspaces.open_own,
        *,
        others: Callable[[], Iterable[watching.Opener]] = tuple,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC).astimezone(),
        every: float = _HOUR,
    ) -> None:
        super().__init__(
            "nightly",
            every,
            first=open_store,
            others=others,
            visit=lambda store: nightly(store, clock()),
            what="No nightly backup",
        )
