"""Can everything be brought back? Backups by hand and by night, and the way back from them."""

import logging
import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from analytics.errors import (
    AnalyticsError,
    DamagedWorkspaceError,
    MissingFileError,
    NoBackupError,
    OutOfBoundsError,
)
from analytics.progress import Progress, silent
from analytics.services import workspaces
from analytics.store import Recovery, SheetAccount, Store, aside, backups
from analytics.store.days import LEAST as LEAST_DAYS
from analytics.store.days import MOST as MOST_DAYS
from analytics.store.days import days_of
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
_PATIENCE = 5.0  # seconds that the server's end waits for a backup that is being written

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
    """Return whether there is a workspace in ``folder``."""
    return (folder / backups.DATABASE).exists()


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

    It works while this process serves the workspace, and where there is none or a damaged one.

    Raises
    ------
    BadBackupError
        The file is no whole backup, or of a newer version; nothing was changed.
    WorkspaceBusyError
        Another process holds the workspace.
    """
    folder = (folder or workspaces.default_folder()).expanduser().absolute()
    if not has_workspace(folder):
        return Store.restore_closed(folder, source)
    try:
        store = workspaces.open_own(folder)
    except DamagedWorkspaceError:
        return Store.restore_closed(folder, source)
    with store:
        return store.restore(source)


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
    default; the newest always stays, and those that were made by hand.

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
    if not store.imports().empty and (not found or _is_due(found[0], store, now)):
        made = store.backup(home / backups.name_of(store.version, now, nightly=True))
    oldest = now.date() - timedelta(days=days_kept(store))
    for path in backups.newest_first(home, nightly=True)[1:]:
        if _day_of(path, now) < oldest:
            path.unlink(missing_ok=True)
    return made


def _is_due(newest: Path, store: Store, now: datetime) -> bool:
    return _day_of(newest, now) < now.date() and backups.version_of(newest) != store.version


def _day_of(backup: Path, now: datetime) -> date:
    """Return the day on which a backup was taken, where ``now`` is told."""
    return backups.taken_at(backup).astimezone(now.tzinfo).date()


class Nightly:
    """Looks every hour, while the server runs, whether the day's backup is due.

    Parameters
    ----------
    open_store : callable
        Opens the workspace; it is closed again after every look.
    clock : callable
        Returns the time, with a time zone.
    every : float
        Seconds between two looks.
    """

    def __init__(
        self,
        open_store: Callable[[], Store] = workspaces.open_own,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC).astimezone(),
        every: float = _HOUR,
    ) -> None:
        self._open = open_store
        self._clock = clock
        self._every = every
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="nightly", daemon=True)

    def start(self) -> None:
        """Begin to look, now and then every hour."""
        self._thread.start()

    def stop(self, patience: float = _PATIENCE) -> None:
        """End; wait some seconds for a backup that is being written, then leave it half made.

        What is half made is never taken for a backup, and is swept when the workspace is opened.
        """
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join(patience)

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                with self._open() as store:
                    nightly(store, self._clock())
            except (AnalyticsError, OSError) as problem:  # the next hour may be kinder
                _log.warning("No nightly backup: %s", problem)
            except Exception:  # noqa: BLE001 - a bug: told in full; the next hour may do without it
                _log.exception("No nightly backup")
            self._stopped.wait(self._every)
