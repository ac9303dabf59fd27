"""From a backup to a workspace, and back: copies are opened and proved before they count."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from analytics.errors import BadBackupError
from analytics.store import backups, durable, opening, proving, recovery, scratch, snapshots
from analytics.store.aside import forget_old, place, set_aside
from analytics.store.cursors import named

RAW = "raw"


def pack(copy: Path, target: Path, raw: Path | None) -> backups.Manifest:
    """Write ``copy``, a copy of a database that nobody else uses, as a backup; return what it is.

    Parameters
    ----------
    copy : Path
        With its log beside it, if it has one.
    target : Path
        The zip; replaced if there is one.
    raw : Path or None
        Folder of kept uploads that go along.

    Raises
    ------
    DamagedWorkspaceError
        The database is damaged; nothing was written.
    WriteFailedError
        The disk refused; there is no half file.
    """
    recovery.settled(copy)
    connection = opening.connect(copy, read_only=True)
    try:
        facts = named(connection, "backup_facts", {})
    finally:
        connection.close()
    uploads = sorted(raw.glob("??/*")) if raw is not None else []
    facts["taken_at"] = datetime.now(UTC).isoformat(timespec="seconds")
    return backups.write(copy, target, facts, uploads)


@contextmanager
def unpacked(source: Path, folder: Path) -> Iterator[tuple[Path, tuple[Path, ...]]]:
    """Lend the database of a backup or snapshot, proved and up to date, and its uploads.

    Raises
    ------
    BadBackupError
        It is none of ours, damaged, or was written by a newer version.
    WriteFailedError
        The disk refused.
    """
    with durable.refused_by_disk(folder):
        durable.make_folder(folder)
        home = Path(tempfile.mkdtemp(dir=folder, prefix=scratch.prefix("restoring")))
    try:
        if source.suffix == ".duckdb":
            found = backups.Unpacked(None, _copied(source, home), ())
        else:
            found = backups.unpack(source, home)
        _prove(source, found)
        yield found.database, found.raw
    finally:
        shutil.rmtree(home, ignore_errors=True)


def exchange(database: Path, path: Path, *, is_sound: bool = False) -> Path | None:
    """Let ``database`` take the place of the one at ``path``; return where that is kept.

    Of those that were sound, and that somebody wanted replaced, the newest few stay.
    """
    folder = set_aside(path, is_sound=is_sound) if path.exists() else None
    recovery.forget_history(path.parent)  # what comes may hold less, and be right
    place(database, path)
    forget_old(path.parent, folder)
    return folder


def keep_raw(raw: tuple[Path, ...], folder: Path) -> None:
    """Keep the uploads of a backup as if they had been uploaded."""
    for path in raw:
        durable.keep(folder / RAW, path)


def _copied(source: Path, home: Path) -> Path:
    target = home / backups.DATABASE
    try:
        shutil.copyfile(source, target)
        if snapshots.log_of(source).exists():
            shutil.copyfile(snapshots.log_of(source), snapshots.log_of(target))
    except FileNotFoundError as fault:
        raise BadBackupError(file=source.name, reason=fault.strerror or "") from fault
    return target


def _prove(source: Path, found: backups.Unpacked) -> None:
    """Refuse a database that is no workspace, or not the one that the manifest speaks of."""
    facts = proving.prove(found.database, source.name)
    if found.manifest is None:
        return
    for name, fact in facts.items():
        if getattr(found.manifest, name) != fact:
            raise BadBackupError(file=source.name, reason=f"{backups.MANIFEST}: {name}")


def snapshot_outline(path: Path) -> tuple[datetime, int]:
    """Return when a snapshot was taken, and how many imports it holds.

    Raises
    ------
    BadBackupError
        It is none of ours, or damaged.
    """
    with unpacked(path, path.parent) as (database, _):
        connection = opening.connect(database, read_only=True)
        try:
            imports = int(named(connection, "backup_facts", {})["imports"])
        finally:
            connection.close()
    try:
        return snapshots.taken_at(path), imports
    except ValueError:  # renamed by hand
        return datetime.fromtimestamp(path.stat().st_mtime, UTC), imports
