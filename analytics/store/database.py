"""One DuckDB file: opened once per process, shared by all its stores; a cursor per call."""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb

from analytics.errors import (
    DamagedWorkspaceError,
    WorkspaceBusyError,
    WorkspaceReplacedError,
    WriteFailedError,
)
from analytics.store import opening, recovery, sql_files
from analytics.store.cursors import transaction
from analytics.store.gate import Gate
from analytics.store.turnstile import Turnstile

_SECONDS_TO_LEAVE = 10.0  # for questions that are being answered when the file is changed

_opened: dict[Path, "Database"] = {}
_opening = threading.Lock()


class Database:
    """A file that is open; every `Store` on it within the process shares this.

    No other code of the process may open the file itself: on POSIX, closing any handle to it gives
    up the lock that keeps other processes out.
    """

    def __init__(self, path: Path, *, read_only: bool) -> None:
        self.path = path
        self.read_only = read_only
        self.turnstile = Turnstile()
        self.users = 0
        self._gate: Gate[duckdb.DuckDBPyConnection] = Gate()
        connect = opening.connect if read_only else recovery.connect
        self._connection = connect(path, read_only=read_only)

    @classmethod
    def shared(cls, path: Path, *, read_only: bool) -> "Database":
        """Return the database of ``path``, opening it if this process has not yet.

        A damaged file is repaired, or restored from its newest good copy, unless ``read_only``.

        Raises
        ------
        WorkspaceBusyError
            Another process holds the file, or this one holds it for reading only.
        WorkspaceUnusableError
            The file is damaged and there is no copy, is out of reach, or of a newer version.
        """
        with _opening:
            database = _opened.get(path)
            if database is None:
                database = _opened[path] = cls(path, read_only=read_only)
            elif database.read_only and not read_only:
                raise WorkspaceBusyError(folder=str(path.parent), process=os.getpid())
            database.users += 1
            return database

    def release(self) -> None:
        """Close the file when nobody uses it any more."""
        with _opening:
            self.users -= 1
            if self.users == 0:
                # A connection in use refuses to be closed.
                with self._gate.emptied(_SECONDS_TO_LEAVE):
                    if not self.read_only:
                        self._empty_log()
                    self._connection.close()
                _opened.pop(self.path, None)

    def _empty_log(self) -> None:
        """Leave the file alone with everything in it; what cannot be moved there stays safe."""
        with suppress(duckdb.Error):
            self._connection.execute("CHECKPOINT")

    @contextmanager
    def cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Lend a cursor: connections must not be shared between threads, cursors need not be.

        Raises
        ------
        WorkspaceReplacedError
            Another file took this one's place meanwhile.
        DamagedWorkspaceError
            The file does not hold what was written to it.
        """
        with self._gate.passed(self._new_cursor) as cursor:
            try:
                yield cursor
            except duckdb.FatalException:
                raise
            except duckdb.InterruptException as fault:
                raise WorkspaceReplacedError from fault
            except duckdb.Error as fault:
                if not opening.is_damage(fault):
                    raise
                detail = opening.first_line(fault)
                folder = str(self.path.parent)
                raise DamagedWorkspaceError(folder=folder, detail=detail) from fault
            finally:
                cursor.close()

    def _new_cursor(self) -> duckdb.DuckDBPyConnection:
        return self._connection.cursor()

    @contextmanager
    def transaction(self, *, keep: bool = True) -> Iterator[duckdb.DuckDBPyConnection]:
        """Lend a cursor inside a transaction; all of it is kept, or nothing.

        Raises
        ------
        WriteFailedError
            The disk refused; the database is open again and as it was before.
        """
        with self._refused_by_disk(), self.cursor() as cursor, transaction(cursor, keep=keep):
            yield cursor

    def verify(self) -> None:
        """Read every block of the file.

        Raises
        ------
        DamagedWorkspaceError
            One does not hold what was written to it.
        """
        with self.cursor() as cursor:
            cursor.execute(sql_files.step("verify")).fetchall()

    def checkpoint(self) -> None:
        """Move what is in the log into the file; left for later while somebody reads.

        Raises
        ------
        WriteFailedError
            The disk refused; nothing that was committed is lost.
        """
        unless_read = suppress(duckdb.TransactionException)
        with self._refused_by_disk(), self.cursor() as cursor, unless_read:
            cursor.execute("CHECKPOINT")

    def replace(self, exchange: Callable[[], None]) -> None:
        """Close the file, let ``exchange`` put another in its place, and open that.

        Questions that are being answered are broken off. The caller holds the turnstile.

        Raises
        ------
        WorkspaceBusyError
            A question could not be broken off; nothing was changed.
        """
        with self._gate.emptied(_SECONDS_TO_LEAVE) as is_empty:
            if not is_empty:
                raise WorkspaceBusyError(folder=str(self.path.parent), process=os.getpid())
            self._connection.close()
            try:
                exchange()
            finally:
                self._connection = opening.connect(self.path, read_only=self.read_only)

    @contextmanager
    def _refused_by_disk(self) -> Iterator[None]:
        try:
            yield
        except duckdb.FatalException as fault:  # every cursor is dead until the file is reopened
            self.replace(lambda: None)
            raise WriteFailedError(path=self.path.name, reason=opening.first_line(fault)) from fault
        except (duckdb.IOException, duckdb.OutOfMemoryException) as fault:
            raise WriteFailedError(path=self.path.name, reason=opening.first_line(fault)) from fault
