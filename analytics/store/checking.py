"""Is the workspace whole? What could be wrong with it, looked at piece by piece."""

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from analytics.errors import (
    BadBackupError,
    DamagedWorkspaceError,
    OlderWorkspaceError,
    WorkspaceUnusableError,
)
from analytics.store import backups, snapshots
from analytics.store.database import Database

Finding = tuple[str, dict[str, object]]


def raw_findings(folder: Path, digests: Iterable[str]) -> Iterator[Finding]:
    """Yield the kept uploads whose content has changed; one that was deleted is no fault."""
    for digest in digests:
        path = folder / digest[:2] / digest
        if path.exists() and _digest(path) != digest:
            yield "check.raw_changed", {"path": str(path)}


def copy_findings(folder: Path) -> Iterator[Finding]:
    """Yield the snapshots and backups of the workspace in ``folder`` that are not whole."""
    for path in snapshots.newest_first(folder / "backup"):
        if not _is_whole(path):
            yield "check.copy_damaged", {"path": str(path)}
    for path in backups.newest_first(folder / "backup"):
        try:
            backups.prove(path)
        except BadBackupError:
            yield "check.backup_damaged", {"path": str(path)}


def _is_whole(path: Path) -> bool:
    try:
        database = Database.shared(path.resolve(), read_only=True)
    except OlderWorkspaceError:
        return True  # taken before the workspace got its present shape
    except WorkspaceUnusableError:
        return False
    try:
        database.verify()
    except DamagedWorkspaceError:
        return False
    finally:
        database.release()
    return True


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
