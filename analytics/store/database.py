"""One DuckDB file: opened once per process, migrated, locked down; a cursor per call."""

import os
import re
import secrets
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb

from analytics.errors import (
    DamagedWorkspaceError,
    NewerWorkspaceError,
    WorkspaceBusyError,
    WorkspaceUnusableError,
    WriteFailedError,
)
from analytics.store import sql_files
from analytics.store.turnstile import Turnstile

_CONFIG = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "allow_persistent_secrets": "false",
    "memory_limit": "512MB",
    "threads": str(min(4, os.cpu_count() or 1)),
    "max_temp_directory_size": "5GB",
}
# The order matters: after the last line nothing can be set any more, the time zone included.
_LOCKDOWN = (
    "SET TimeZone = 'UTC'",
    "SET enable_external_access = false",
    "SET lock_configuration = true",
)

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
        self._connection = _connect(path, read_only=read_only)

    @classmethod
    def shared(cls, path: Path, *, read_only: bool) -> "Database":
        """Return the database of ``path``, opening it if this process has not yet.

        Raises
        ------
        WorkspaceBusyError
            Another process holds the file, or this one holds it for reading only.
        WorkspaceUnusableError
            The file is damaged, out of reach, or of a newer version.
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
                self._connection.close()
                _opened.pop(self.path, None)

    @contextmanager
    def cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Lend a cursor: connections must not be shared between threads, cursors need not be."""
        cursor = self._connection.cursor()
        try:
            yield cursor
        finally:
            cursor.close()

    @contextmanager
    def transaction(self, *, keep: bool = True) -> Iterator[duckdb.DuckDBPyConnection]:
        """Lend a cursor inside a transaction; all of it is kept, or nothing.

        Raises
        ------
        WriteFailedError
            The disk refused; the database is open again and as it was before.
        """
        with self._refused_by_disk(), self.cursor() as cursor, _transaction(cursor, keep=keep):
            yield cursor

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

    @contextmanager
    def _refused_by_disk(self) -> Iterator[None]:
        try:
            yield
        except duckdb.FatalException as fault:  # every cursor is dead until the file is reopened
            self._reopen()
            raise WriteFailedError(path=self.path.name, reason=_first_line(fault)) from fault
        except (duckdb.IOException, duckdb.OutOfMemoryException) as fault:
            raise WriteFailedError(path=self.path.name, reason=_first_line(fault)) from fault

    def _reopen(self) -> None:
        with _opening:
            self._connection.close()
            self._connection = _connect(self.path, read_only=self.read_only)


@contextmanager
def _transaction(cursor: duckdb.DuckDBPyConnection, *, keep: bool) -> Iterator[None]:
    cursor.begin()
    try:
        yield
        if keep:
            cursor.commit()
    except BaseException:
        _roll_back(cursor)
        raise
    if not keep:
        cursor.rollback()


def _roll_back(cursor: duckdb.DuckDBPyConnection) -> None:
    try:
        cursor.rollback()
    except duckdb.Error:
        return  # nothing is left to roll back: the commit failed, or the database is gone


def exists(path: Path) -> bool:
    """Return whether there is a database at ``path``; refuse where nobody may look."""
    try:
        return path.exists()
    except OSError as fault:
        reason = fault.strerror or str(fault)
        raise WorkspaceUnusableError(folder=str(path.parent), reason=reason) from fault


def _connect(path: Path, *, read_only: bool) -> duckdb.DuckDBPyConnection:
    if not read_only and not exists(path):
        _create(path)
    connection = _open(path, read_only=read_only)
    try:
        _migrate(connection, path, read_only=read_only)
        for statement in _LOCKDOWN:
            connection.execute(statement)
    except BaseException:
        connection.close()
        raise
    return connection


def _open(path: Path, *, read_only: bool) -> duckdb.DuckDBPyConnection:
    try:
        return duckdb.connect(str(path), read_only=read_only, config=dict(_CONFIG))
    except duckdb.Error as fault:
        holder = re.search(r"Could not set lock.*?(?:PID (\d+)|$)", str(fault), re.DOTALL)
        if holder:
            raise WorkspaceBusyError(
                folder=str(path.parent), process=holder.group(1) or "?"
            ) from fault
        if isinstance(fault, duckdb.IOException) and "Cannot open file" in str(fault):
            reason = str(fault).rsplit(": ", 1)[-1]
            raise WorkspaceUnusableError(folder=str(path.parent), reason=reason) from fault
        raise DamagedWorkspaceError(folder=str(path.parent), detail=_first_line(fault)) from fault


def _create(path: Path) -> None:
    """Make a new database aside and move it into place: there is a whole file, or none."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".new-") as folder:
            made = Path(folder) / path.name
            connection = _open(made, read_only=False)
            _migrate(connection, made, read_only=False)
            connection.close()
            _move_into_place(made, path)
    except OSError as fault:
        raise WriteFailedError(
            path=str(path.parent), reason=fault.strerror or str(fault)
        ) from fault


def _move_into_place(made: Path, path: Path) -> None:
    try:
        os.link(made, path)  # unlike a rename, never replaces what another process has just made
    except FileExistsError:
        return
    except OSError:  # the file system knows no links
        made.rename(path)


def _migrate(connection: duckdb.DuckDBPyConnection, path: Path, *, read_only: bool) -> None:
    scripts = sql_files.migrations()
    found = _schema_version(connection, path)
    if found > len(scripts):
        raise NewerWorkspaceError(folder=str(path.parent), found=found, known=len(scripts))
    if read_only and found < len(scripts):
        raise DamagedWorkspaceError(folder=str(path.parent), detail=f"schema {found}")
    for version, script in enumerate(scripts[found:], start=found + 1):
        with _transaction(connection, keep=True):
            connection.execute(script)
            connection.execute(sql_files.step("set_schema_version"), {"version": version})
            if version == 1:
                connection.execute(
                    sql_files.step("set_identity"),
                    {"version": secrets.token_hex(16), "salt": secrets.token_hex(16)},
                )
        connection.execute("CHECKPOINT")


def _schema_version(connection: duckdb.DuckDBPyConnection, path: Path) -> int:
    try:
        tables = {name for (name,) in connection.execute(sql_files.step("tables")).fetchall()}
        if "schema_version" in tables:
            found = connection.execute(sql_files.step("schema_version")).fetchall()
            return int(found[0][0])
    except duckdb.Error as fault:
        raise DamagedWorkspaceError(folder=str(path.parent), detail=_first_line(fault)) from fault
    if tables:
        raise DamagedWorkspaceError(folder=str(path.parent), detail="no schema_version")
    return 0


def _first_line(fault: Exception) -> str:
    return (str(fault).splitlines() or [type(fault).__name__])[0]
