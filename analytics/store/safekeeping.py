"""The copies of a workspace: taken, looked at, and put in its place."""

import logging
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from analytics.errors import DamagedWorkspaceError, WriteFailedError
from analytics.store import (
    backups,
    deeds,
    durable,
    recovery,
    restoring,
    scratch,
    snapshots,
    sql_files,
)
from analytics.store.checking import Finding, copy_findings, raw_findings
from analytics.store.questions import Questions

_log = logging.getLogger(__name__)


class Safekeeping(Questions):
    """What keeps a workspace whole, and brings it back."""

    def check(self) -> list[Finding]:
        """Return what is wrong with the workspace as codes and facts; nothing is an empty list."""
        try:
            self._database.verify()
        except DamagedWorkspaceError as damage:
            return [("check.damaged", {"detail": damage.params["detail"]})]
        numbers = self.unbalanced()["import_id"]
        found: list[Finding] = [("check.unbalanced", {"import_id": int(n)}) for n in numbers]
        if not self.is_settled:
            found.append(("check.unsettled", {}))
        digests = self.imports()["sha256"].unique()
        found += raw_findings(self.folder / "raw", digests)
        return [*found, *copy_findings(self.folder)]

    @deeds.deed("snapshot", is_told=False)
    def snapshot(self) -> Path:
        """Copy the workspace for readers while this process holds it; return the copy.

        Raises
        ------
        WriteFailedError
            The disk refused.
        """
        with self._database.turnstile.held("snapshot"):
            return self._snapshot()

    @deeds.deed("backup", reads=True, about=deeds.path("target"))
    def backup(self, target: Path | None = None, *, raw: bool = False) -> Path:
        """Write the whole workspace into one zip, that `restore` takes; return its path.

        Parameters
        ----------
        target : Path, optional
            The zip; default: among the workspace's backups, named by time and data version.
        raw : bool
            Kept uploads go along.

        Raises
        ------
        WriteFailedError
            The disk refused; there is no half file.
        ReadOnlyWorkspaceError
            The workspace is shown to a guest.
        """
        now = datetime.now(UTC)
        target = target or backups.path_in(self.folder / "backup", self.version, now)
        with durable.refused_by_disk(target):
            durable.make_folder(target.parent)
            home = Path(tempfile.mkdtemp(dir=target.parent, prefix=scratch.prefix("backup")))
        try:
            self._copy(home / backups.DATABASE)
            restoring.pack(home / backups.DATABASE, target, self.folder / "raw" if raw else None)
        finally:
            shutil.rmtree(home, ignore_errors=True)
        return target

    @deeds.deed("restore", by="owner", about=deeds.path("source"))
    def restore(self, source: Path) -> Path | None:
        """Let the workspace of a backup take this one's place; return where this one is kept.

        It works while the workspace is served: questions that are being answered meanwhile raise
        `WorkspaceReplacedError`, and are answered anew when asked again.

        Raises
        ------
        BadBackupError
            It is no whole backup, or was written by a newer version; nothing was changed.
        WorkspaceBusyError
            A question could not be broken off; nothing was changed.
        """
        kept: list[Path | None] = []

        def exchange(database: Path) -> Path | None:
            return restoring.exchange(database, self._database.path, is_sound=True)

        with restoring.unpacked(source, self.folder) as (database, raw):
            restoring.keep_raw(raw, self.folder)
            with self._database.turnstile.held("restore"):
                self._database.checkpoint()
                self._database.replace(lambda: kept.append(exchange(database)))
                self._snapshot_or_warn()
        return kept[0]

    @deeds.deed("forget_recovery")
    def forget_recovery(self) -> None:
        """Note that somebody has read what was wrong with the file."""
        with self._database.turnstile.held("recovery"), self._database.transaction() as cursor:
            cursor.execute(sql_files.step("forget_fact"), {"name": "recovery"})

    # Parts of these

    def _snapshot_or_warn(self) -> None:
        """Copy what was saved; the change stands even if no copy could be made of it."""
        try:
            with self._database.cursor() as cursor:
                recovery.note_reach(cursor, self.folder)
            self._snapshot()
        except WriteFailedError as fault:
            _log.warning("No snapshot after the change: %s", fault)

    def _snapshot(self) -> Path:
        copies = self.folder / "backup"
        if not snapshots.newest_first(copies):
            # Emptying the log writes over the file: without a copy, who loses power then has none.
            snapshots.take(self._database.path, copies, self.version)
        self._database.checkpoint()
        return snapshots.take(self._database.path, copies, self.version)

    def _copy(self, target: Path) -> None:
        """Copy the database and its log while nobody writes."""
        if self._database.read_only:
            snapshots.copy_database(self._database.path, target)
            return
        with self._database.turnstile.held("backup"):
            self._database.checkpoint()
            snapshots.copy_database(self._database.path, target)
