"""History as a lake: written for other machines and readers, and read in place by a workspace."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from analytics.errors import LakeMissingError, NotLinkedError
from analytics.progress import Progress, silent
from analytics.store import Store, lake
from analytics.store.lake import Manifest

__all__ = ["Linked", "Manifest", "check", "export", "link", "linked", "unlink"]


@dataclass(frozen=True, slots=True)
class Linked:
    """The lake that a workspace reads.

    Attributes
    ----------
    folder : Path
        Where it lies.
    manifest : Manifest
        What it holds.
    """

    folder: Path
    manifest: Manifest


def export(
    store: Store, folder: Path, *, now: datetime | None = None, progress: Progress = silent
) -> Manifest:
    """Write a workspace's sales and small tables as Parquet into the new folder ``folder``.

    Raises
    ------
    WriteFailedError
        The disk refused, or something is in the folder; there is no half lake.
    ReadOnlyWorkspaceError
        The workspace is shown to a guest.
    """
    return store.export_lake(folder, now=now, progress=progress)


def link(store: Store, folder: Path, progress: Progress = silent) -> None:
    """Let a workspace read its history from a lake.

    Raises
    ------
    BadLakeError
        The folder is no whole lake; nothing was changed.
    OtherLakeError
        The workspace holds other data; nothing was changed.
    """
    store.link_lake(folder, progress=progress)


def unlink(store: Store) -> int:
    """Bring the lake's lines back into the workspace; return how many lines stand.

    Raises
    ------
    NotLinkedError
        It reads no lake.
    LakeMissingError
        The lake is not at hand; nothing was changed.
    """
    return store.unlink_lake()


def linked(store: Store) -> Linked:
    """Return the lake that a workspace reads.

    Raises
    ------
    NotLinkedError
        It reads none.
    LakeMissingError
        Nobody said where it lies on this machine.
    BadLakeError
        A file of it is missing, or of another size.
    """
    found = store.linked_lake()
    if found is None:
        raise NotLinkedError(workspace=str(store.folder))
    folder, known = found
    if folder is None:
        raise LakeMissingError(workspace=str(store.folder), folder="?", reason="-")
    manifest = lake.read(folder)
    if manifest.identity != known.identity:
        reason = f"{lake.MANIFEST}: sha256"
        raise LakeMissingError(workspace=str(store.folder), folder=str(folder), reason=reason)
    return Linked(folder, manifest)


def check(found: Linked, progress: Progress = silent) -> None:
    """Read every file of a lake to its end and compare its SHA-256.

    Raises
    ------
    BadLakeError
        A file does not hold what was written to it.
    """
    lake.check(found.folder, found.manifest, progress)
