"""The workspace: questions to its data, and the few ways to change them."""

import logging
import shutil
import weakref
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from analytics.actor import Actor
from analytics.errors import (
    DamagedWorkspaceError,
    DiskFullError,
    LostWorkspaceError,
    NoDataError,
    NotUndoneError,
    OlderWorkspaceError,
    UnknownImportError,
    WriteFailedError,
)
from analytics.progress import Progress, silent
from analytics.store import (
    aside,
    deeds,
    durable,
    lake_reading,
    loading,
    private,
    restoring,
    settling,
    snapshots,
    sql_files,
)
from analytics.store.backups import DATABASE as FILE
from analytics.store.database import Database, retire
from analytics.store.days import days_of
from analytics.store.lakes import Lakes
from analytics.store.opening import exists
from analytics.store.recovery import is_lost
from analytics.store.sheets import SheetAccount, SheetLoad
from analytics.store.stopping import stoppable
from analytics.store.version import renew

RAW_DAYS = 30
# An import writes its lines, its share of what stands, the log of both, and a copy of the whole.
ROOM_FACTOR = 3
ROOM_RESERVE = 64 << 20  # bytes that an import leaves free for everybody else

_log = logging.getLogger(__name__)


class Store(Lakes):
    """One workspace: a folder with one DuckDB file, the raw uploads, and copies for readers.

    A store may be shared between threads; every call has a cursor of its own.

    Examples
    --------
    >>> with Store.open(getfixture("tmp_path")) as store:
    ...     store.is_empty, list(store.imports())[:3]
    (True, ['import_id', 'file', 'sheet'])
    """

    def __init__(self, database: Database, folder: Path, *, read_only: bool) -> None:
        self._database = database
        self._is_open = True
        self.folder = folder
        self.read_only = read_only
        self.snapshot_time: datetime | None = None
        self._leaving: weakref.finalize[[], Self] | None = None

    @classmethod
    def open(cls, folder: Path, *, read_only: bool = False, rests: bool = False) -> Self:
        """Open the workspace in ``folder``; unless ``read_only``, make it if there is none.

        Of those that ``rests``, one of many on a host, only the most recently used are kept open.

        Raises
        ------
        WorkspaceBusyError
            Another process holds it.
        WorkspaceUnusableError
            It is damaged, out of reach, or of a newer version; nothing was changed.
        NoDataError
            It is to be read only, and does not exist.
        LostWorkspaceError
            Its file is gone, and it is to be read only or nothing whole was found beside it.
        """
        folder = folder.expanduser().absolute()
        path = folder / FILE
        if read_only and not exists(path):
            raise LostWorkspaceError(folder=str(folder)) if is_lost(path) else NoDataError
        database = Database.shared(path.resolve(), read_only=read_only, rests=rests)
        return cls(database, folder, read_only=read_only)

    @classmethod
    def open_snapshot(cls, folder: Path) -> Self | None:
        """Open the newest readable copy that was taken of the workspace in ``folder``, if any."""
        folder = folder.expanduser().absolute()
        for path in snapshots.newest_first(folder / "backup"):
            try:
                database = Database.shared(path.resolve(), read_only=True)
            except (DamagedWorkspaceError, OlderWorkspaceError):
                continue
            store = cls(database, folder, read_only=True)
            store.snapshot_time = snapshots.taken_at(path)
            return store
        return None

    def as_reader(self) -> Self:
        """Return the same workspace for a guest: every change of it is refused, and every copy.

        It is a store of its own, to be closed by itself.
        """
        return self._lent(self.actor, read_only=True)

    def acting_for(self, actor: Actor) -> Self:
        """Return the same workspace in somebody's hands: what is done is theirs, and recorded.

        Who may change nothing gets it as a guest does. It is a store of its own; it need not be
        closed, but counts as one until it is, or is forgotten.
        """
        lent = self._lent(actor, read_only=self.is_lent or not actor.may("editor"))
        lent._leaving = weakref.finalize(lent, lent._database.leave)
        lent._leaving.atexit = False
        return lent

    def _lent(self, actor: Actor, *, read_only: bool) -> Self:
        lent = type(self)(
            self._database.borrow(), self.folder, read_only=self.read_only or read_only
        )
        lent.snapshot_time, lent.is_lent, lent.actor = self.snapshot_time, read_only, actor
        return lent

    @classmethod
    def retire(cls, folder: Path) -> None:
        """Close the workspace in ``folder`` for good: every store on it is refused from now on."""
        retire((folder.expanduser().absolute() / FILE).resolve())

    def close(self) -> None:
        """Let go of the workspace; the file is closed with the last store of the process."""
        if self._is_open:
            self._is_open = False
            if self._leaving is not None:
                self._leaving.detach()
            self._database.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    # What a workspace is

    @property
    def busy_with(self) -> str:
        """Whose change is being made, and waited for; empty if nobody's."""
        return self._database.turnstile.holder

    @property
    def is_retired(self) -> bool:
        """Whether it was closed for good: it answers nothing any more."""
        return self._database.is_retired

    # Changes

    @deeds.deed("keep_raw", is_told=False)
    def keep_raw(self, source: bytes | Path) -> tuple[str, Path]:
        """Keep an upload as it came, before anybody reads it; return its SHA-256 and its path."""
        size = source.stat().st_size if isinstance(source, Path) else len(source)
        self._refuse_without_room(size)
        return durable.keep(self.folder / "raw", source)

    @deeds.deed("sweep_raw", is_told=False)
    def sweep_raw(self, today: date) -> None:
        """Delete uploads that were kept longer than the setting ``raw_days`` says, 30 by default.

        Two looks, more than a day apart, have to find them so. A disk that refuses is logged: what
        was imported stands.
        """
        days = days_of(self.settings().get("raw_days", ""), RAW_DAYS)
        oldest = date.fromordinal(max(today.toordinal() - days, 1))
        try:
            durable.sweep(self.folder / "raw", oldest, today=today)
        except WriteFailedError as fault:
            _log.warning("Old uploads could not be deleted: %s", fault)

    @deeds.deed("load", about=deeds.loaded)
    def load(
        self, sheets: Sequence[SheetLoad], *, dry_run: bool = False, progress: Progress = silent
    ) -> list[SheetAccount]:
        """Load ``sheets``, all of them or none; return what became of their rows.

        Parameters
        ----------
        sheets : sequence of SheetLoad
            Each becomes an import of its own, numbered in this order.
        dry_run : bool
            Do the same, then take everything back.
        progress : Progress
            Told the file in hand, or whom the load waits for; may raise `Cancelled`.

        Raises
        ------
        ReadOnlyWorkspaceError
            The workspace only reads.
        WriteFailedError
            The disk refused, or has too little room; nothing was changed.
        """
        if not dry_run:
            self._refuse_without_room(sum(sheet.rows.nbytes for sheet in sheets))
        who = sheets[0].who or sheets[0].file if sheets else ""
        with self._database.turnstile.held(who, progress):
            with (
                self._database.transaction(keep=not dry_run) as cursor,
                stoppable(cursor, progress) as step,
            ):
                accounts = loading.load(cursor, sheets, step, only_account=dry_run)
                changed = {account.kind for account in accounts if account.same_as is None}
                is_changed = bool(changed)
                if is_changed and not dry_run:
                    step(len(sheets), len(sheets) + 1, "")
                    settling.settle(cursor, sales_changed="sales" in changed)
                    renew(cursor)
            if is_changed and not dry_run:
                self._snapshot_or_warn()
        return accounts

    @deeds.deed("undo", about=deeds.number("import_id"))
    def undo(self, import_id: int, *, who: str = "") -> None:
        """Take an import back, wherever it stands in the history.

        Raises
        ------
        UnknownImportError
            There is no such import, or it was taken back already.
        """
        facts = {"import_id": import_id, "who": who}
        if not self._reverse("undo", facts, who):
            raise UnknownImportError(import_id=import_id)

    @deeds.deed("redo", about=deeds.number("import_id"))
    def redo(self, import_id: int, *, who: str = "") -> None:
        """Bring back an import that was taken back, to its old place in the history.

        Raises
        ------
        NotUndoneError
            There is no such import, or it was not taken back.
        """
        if not self._reverse("redo", {"import_id": import_id}, who):
            raise NotUndoneError(import_id=import_id)

    @deeds.deed("save_mapping")
    def save_mapping(self, fingerprint: str, choice: str) -> None:
        """Remember what a person chose for files of one shape."""
        facts = {"fingerprint": fingerprint, "choice": choice}
        with self._database.turnstile.held("mapping"), self._database.transaction() as cursor:
            cursor.execute(sql_files.step("save_mapping"), facts)

    @deeds.deed("forget_mapping")
    def forget_mapping(self, fingerprint: str) -> None:
        """Forget what was chosen for files of one shape."""
        with self._database.turnstile.held("mapping"), self._database.transaction() as cursor:
            cursor.execute(sql_files.step("forget_mapping"), {"fingerprint": fingerprint})

    @deeds.deed("save_setting", about=deeds.text("name"))
    def save_setting(self, name: str, value: str) -> None:
        """Keep a decision of the seller."""
        with self._database.turnstile.held(name), self._database.transaction() as cursor:
            cursor.execute(sql_files.step("set_setting"), {"name": name, "value": value})
            renew(cursor)

    @deeds.deed("save_private", by="owner", about=deeds.text("name"))
    def save_private(self, name: str, work: Callable[[Any], Any]) -> None:
        """Keep under ``name`` what ``work`` makes of what is kept there (None = nothing yet).

        Only this machine may know it: it is in no copy, and no backup.

        Raises
        ------
        WriteFailedError
            The disk refused.
        """
        private.change(self.folder, name, work)

    # Back from a copy

    @classmethod
    def restore_closed(cls, folder: Path, source: Path) -> Path | None:
        """Let a backup take the place of a workspace that does not exist, or does not open.

        Raises
        ------
        BadBackupError
            It is no whole backup, or was written by a newer version; nothing was changed.
        """
        folder = folder.expanduser().absolute()
        with restoring.unpacked(source, folder) as (database, raw), aside.alone(folder):
            restoring.keep_raw(raw, folder)
            kept = restoring.exchange(database, (folder / FILE).resolve())
        with cls.open(folder) as store:
            store._snapshot_or_warn()
        return kept

    # Parts of a change

    def _reverse(self, act: str, facts: dict[str, object], who: str) -> bool:
        """Take an import back or bring it back; return whether there was anything to do."""
        import_id = facts["import_id"]
        with self._database.turnstile.held(who):
            with self._database.transaction() as cursor:
                lake_reading.refuse_reversal(cursor, facts["import_id"])
                if cursor.execute(sql_files.step(f"{act}_import"), facts).fetchone() is None:
                    return False
                noted = {"import_id": import_id, "act": act, "who": who}
                cursor.execute(sql_files.step("record_act"), noted)
                settling.rebuild(cursor)
                renew(cursor)
            self._snapshot_or_warn()
        return True

    def _refuse_without_room(self, size: int) -> None:
        """Refuse an import that the disk has no room for, before anything is written."""
        held = self._database.path.stat().st_size
        needed = ROOM_FACTOR * size + held + ROOM_RESERVE
        free = shutil.disk_usage(self.folder).free
        if free < needed:
            folder = str(self.folder)
            raise DiskFullError(folder=folder, free=free >> 20, needed=needed >> 20)
