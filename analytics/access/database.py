"""The register's file: opening, versions, transactions, and what it says when it cannot."""

import contextlib
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from importlib import resources
from pathlib import Path

from analytics.errors import (
    AnalyticsError,
    DamagedRegisterError,
    NewerRegisterError,
    RegisterBusyError,
    RegisterUnusableError,
    WriteFailedError,
)

FILE = "access.sqlite3"
_OURS = 0x4C574159  # "LWAY": the file's application id
_PATIENCE = 15.0  # seconds that one writer waits for another
_KEPT_OPEN = 4  # connections that wait for the next question
_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT})
_BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL})

Step = Callable[[sqlite3.Connection], None]


def _first(connection: sqlite3.Connection) -> None:
    text = resources.files("analytics.access").joinpath("schema.sql").read_text("utf-8")
    run_all(connection, text)
    connection.execute(f"PRAGMA application_id = {_OURS}")


STEPS: tuple[Step, ...] = (_first,)  # the n-th brings a file from version n - 1 to n


def run_all(connection: sqlite3.Connection, script: str) -> None:
    """Run statements one by one, within the transaction that is open."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            connection.execute(statement)
            statement = ""


class _Connection(sqlite3.Connection):
    """A connection that knows which process opened which file."""

    file = (0, 0, 0)


class Database:
    """One SQLite file that threads and processes share.

    Each transaction has a connection to itself; a few wait open for the next.

    Parameters
    ----------
    path : Path
        The file; it is made if there is none, for its owner's eyes only.
    steps : sequence of callable
        What brings an older file up to date, one transaction each.

    Raises
    ------
    RegisterUnusableError
        It cannot be opened (`DamagedRegisterError`, `NewerRegisterError`, `RegisterBusyError`).
    """

    def __init__(self, path: Path, steps: Sequence[Step] = STEPS) -> None:
        self.path = path
        self._idle: list[_Connection] = []
        self._abandoned: list[_Connection] = []
        self._lock = threading.Lock()
        self._file = (0, 0, 0)
        self._is_closed = False
        with self._told():
            self._make()
            with self._connection() as connection:
                self._bring_up_to_date(connection, steps)

    def close(self) -> None:
        """Close the connections; those at work are closed when they are done."""
        with self._lock:
            self._is_closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    @contextlib.contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Look at one state of the file, whatever others write meanwhile."""
        with self._transaction("BEGIN") as connection:
            yield connection

    @contextlib.contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Change the file: all of it is on the disk when this ends, or nothing is."""
        with self._transaction("BEGIN IMMEDIATE") as connection:
            yield connection

    def copy_to(self, path: Path) -> None:
        """Write a whole copy of the file, for its owner's eyes only, while others go on writing."""
        with self._told(), self._connection() as connection:
            _write_copy(connection, path)

    def findings(self) -> list[str]:
        """Return what SQLite's own check of the file finds, in its words; none is well."""
        with self._told(), self._connection() as connection:
            found = [str(line) for (line,) in connection.execute("PRAGMA quick_check(20)")]
        return [line for line in found if line != "ok"]

    @contextlib.contextmanager
    def _transaction(self, begin: str) -> Iterator[sqlite3.Connection]:
        with self._told(), self._connection() as connection:
            connection.execute(begin)
            try:
                yield connection
                connection.execute("COMMIT")
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

    @contextlib.contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection; one that met an error is not lent again."""
        connection = self._taken() or self._opened()
        try:
            yield connection
        except AnalyticsError:  # refused by ourselves: the connection is well
            self._put_back(connection)
            raise
        except BaseException:
            connection.close()
            raise
        self._put_back(connection)

    def _taken(self) -> _Connection | None:
        """Take one that waits, unless it is a parent process's, or of a file that was replaced."""
        status = self.path.stat()
        now = (os.getpid(), status.st_dev, status.st_ino)
        with self._lock:
            if now != self._file:  # none survives a fork: it is not even ours to close
                self._abandoned += self._idle
                self._idle, self._file = [], now
            return self._idle.pop() if self._idle else None

    def _put_back(self, connection: _Connection) -> None:
        with self._lock:
            is_wanted = not self._is_closed and connection.file == self._file
            if is_wanted and len(self._idle) < _KEPT_OPEN:
                self._idle.append(connection)
                return
        connection.close()

    def _opened(self) -> _Connection:
        connection = sqlite3.connect(
            f"{self.path.absolute().as_uri()}?mode=rw", uri=True, timeout=_PATIENCE,
            isolation_level=None, check_same_thread=False, factory=_Connection,
        )  # fmt: skip
        connection.file = self._file
        try:
            for setting in ("synchronous = FULL", "recursive_triggers = ON", "secure_delete = ON",
                            "trusted_schema = OFF", "cell_size_check = ON"):  # fmt: skip
                connection.execute(f"PRAGMA {setting}")
        except BaseException:
            connection.close()
            raise
        return connection

    def _make(self) -> None:
        """Make folder and file for their owner's eyes only; the journals take the file's mode."""
        if not self.path.parent.exists():
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600))

    def _bring_up_to_date(self, connection: sqlite3.Connection, steps: Sequence[Step]) -> None:
        version = self._version(connection, len(steps))
        if version == len(steps):
            return
        if version:
            self._keep_a_copy(connection, version)
        _say_wal(connection)
        for number, step in enumerate(steps, 1):
            connection.execute("BEGIN IMMEDIATE")
            try:
                if self._version(connection, len(steps)) < number:  # nobody else did meanwhile
                    step(connection)
                    connection.execute(f"PRAGMA user_version = {number}")
                connection.execute("COMMIT")
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

    def _version(self, connection: sqlite3.Connection, known: int) -> int:
        (ours,) = connection.execute("PRAGMA application_id").fetchone()
        (found,) = connection.execute("PRAGMA user_version").fetchone()
        (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if (ours != _OURS or not found) and (ours or found or tables):
            raise DamagedRegisterError(file=str(self.path), detail="another program's file")
        if found > known:
            raise NewerRegisterError(file=str(self.path), found=found, known=known)
        return int(found)

    def _keep_a_copy(self, connection: sqlite3.Connection, version: int) -> None:
        """Copy a file aside before it is changed; a copy that is there already stays."""
        copy = self.path.with_name(f"{self.path.name}.v{version}")
        with contextlib.suppress(FileExistsError):
            _write_copy(connection, copy)

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """Say in a sentence what SQLite or the system refuses."""
        try:
            yield
        except sqlite3.IntegrityError:  # a rule of ours was broken by ourselves
            raise
        except (sqlite3.DatabaseError, OSError) as error:
            raise self._sentence(error) from error

    def _sentence(self, error: sqlite3.DatabaseError | OSError) -> AnalyticsError:
        file = str(self.path)
        if isinstance(error, OSError):
            return RegisterUnusableError(file=file, reason=error.strerror or str(error))
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
        if code in _DAMAGED or code == sqlite3.SQLITE_ERROR:  # a table of ours is missing
            return DamagedRegisterError(file=file, detail=str(error))
        if code in _BUSY:
            return RegisterBusyError(file=file)
        if code == sqlite3.SQLITE_FULL:
            return WriteFailedError(path=file, reason=str(error))
        return RegisterUnusableError(file=file, reason=str(error))


def _write_copy(connection: sqlite3.Connection, path: Path) -> None:
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    with contextlib.closing(sqlite3.connect(path)) as target:
        connection.backup(target)


def _say_wal(connection: sqlite3.Connection) -> None:
    """Let readers and a writer work side by side; two that open a new file at once may collide."""
    for _ in range(50):
        with contextlib.suppress(sqlite3.OperationalError):
            connection.execute("PRAGMA journal_mode = WAL")
            return
        threading.Event().wait(0.1)
    connection.execute("PRAGMA journal_mode = WAL")
