"""One DuckDB file: opened once per process, shared by all its stores; a cursor per call."""

import os
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import duckdb

from analytics.errors import (
    DamagedWorkspaceError,
    UnknownRoomError,
    WorkspaceBusyError,
    WorkspaceReplacedError,
    WriteFailedError,
)
from analytics.store import durable, lake_reading, opening, recovery, sql_files
from analytics.store.cursors import transaction
from analytics.store.gate import Gate
from analytics.store.turnstile import Turnstile

_SECONDS_TO_LEAVE = 10.0  # for questions that are being answered when the file is changed
_NO_PATIENCE = -1.0  # seconds: nobody is asked to leave

MOST_AWAKE = 15  # of the databases that may rest: with the first workspace 16 have memory, threads

_opened: dict[Path, "Database"] = {}
_opening = threading.Lock()  # of what is opened and by how many: held for moments
_doors: defaultdict[Path, threading.Lock] = defaultdict(threading.Lock)  # one opens or closes
_waking = threading.Lock()
_left: "deque[Database]" = deque()  # by stores that were collected; a collector may hold any lock


class _RestingError(Exception):
    """A file is closed until the next question."""


class Database:
    """A file that is open; every `Store` on it within the process shares this.

    No other code of the process may open the file itself: on POSIX, closing any handle to it gives
    up the lock that keeps other processes out.
    """

    def __init__(self, path: Path, *, read_only: bool, rests: bool = False) -> None:
        self.path = path
        self.read_only = read_only
        self.rests = rests
        self.turnstile = Turnstile()
        self.users = 0
        self._used_at = time.monotonic()
        self._is_retired = False
        self._is_linked = False
        self._gate: Gate[duckdb.DuckDBPyConnection] = Gate()
        self._connection: duckdb.DuckDBPyConnection | None = self._connect()

    def _connect(self) -> duckdb.DuckDBPyConnection:
        connect = opening.connect if self.read_only else recovery.connect
        return self._looked_at(connect(self.path, read_only=self.read_only))

    def _looked_at(self, connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
        """Note whether the file is linked to a lake; only `remake` and `replace` change that."""
        try:
            with opening.as_damage(self.path):
                self._is_linked = lake_reading.link_of(connection) is not None
        except BaseException:
            connection.close()
            raise
        return connection

    @classmethod
    def shared(cls, path: Path, *, read_only: bool, rests: bool = False) -> "Database":
        """Return the database of ``path``, opening it if this process has not yet.

        A damaged file is repaired, or restored from its newest good copy, unless ``read_only``.
        One that ``rests`` is closed while many others of its kind are used and it is not, and
        opened again by the next question.

        Raises
        ------
        WorkspaceBusyError
            Another process holds the file, or this one holds it for reading only.
        WorkspaceUnusableError
            The file is damaged and there is no copy, is out of reach, or of a newer version.
        """
        _settle()
        with _door_of(path):
            with _opening:
                database = _opened.get(path)
                if database is not None:
                    if database.read_only and not read_only:
                        raise WorkspaceBusyError(folder=str(path.parent), process=os.getpid())
                    database.users += 1
                    return database
            if rests:
                with _waking:
                    _let_rest()
                    database = cls(path, read_only=read_only, rests=True)
            else:
                database = cls(path, read_only=read_only)
            with _opening:
                _opened[path] = database
                database.users += 1
            return database

    def borrow(self) -> "Database":
        """Return the same database, used by one store more."""
        with _opening:
            self.users += 1
        return self

    def leave(self) -> None:
        """Note that a store was collected; it is counted when the next one comes or goes.

        Nothing is locked: a collector may run within any line, with any lock held.
        """
        _left.append(self)

    def release(self) -> None:
        """Close the file when nobody uses it any more."""
        self._count_off()
        _settle()

    def _count_off(self) -> None:
        with _door_of(self.path):
            with _opening:
                self.users -= 1
                is_last = self.users == 0 and _opened.get(self.path) is self
            if is_last:
                self._shut()
                with _opening:
                    _opened.pop(self.path, None)

    def rest(self) -> bool:
        """Close the file until the next question if nobody is inside; return whether it rests."""
        if self.turnstile.holder:
            return False
        with self._gate.emptied(_NO_PATIENCE) as is_empty:
            if is_empty:
                self._close()
        return is_empty

    def retire(self) -> None:
        """Close the file for good: whoever still holds a store on it is refused from now on."""
        with _door_of(self.path):
            self._is_retired = True
            self._shut()
            with _opening:
                if _opened.get(self.path) is self:
                    del _opened[self.path]

    @property
    def is_retired(self) -> bool:
        """Whether the file was closed for good."""
        return self._is_retired

    @property
    def is_awake(self) -> bool:
        """Whether the file is open now."""
        return self._connection is not None

    def _shut(self) -> None:
        # A connection in use refuses to be closed.
        with self._gate.emptied(_SECONDS_TO_LEAVE):
            self._close()

    def _close(self) -> None:
        if self._connection is not None:
            if not self.read_only:
                self._empty_log(self._connection)
            self._connection.close()
            self._connection = None

    @staticmethod
    def _empty_log(connection: duckdb.DuckDBPyConnection) -> None:
        """Leave the file alone with everything in it; what cannot be moved there stays safe."""
        with suppress(duckdb.Error):
            connection.execute("CHECKPOINT")

    def _awake(self) -> duckdb.DuckDBPyConnection:
        """Return the open file, opening it again if it rested; inside the gate."""
        if self._is_retired:
            raise UnknownRoomError
        if self._connection is None:
            self._connection = self._connect()
        return self._connection

    @contextmanager
    def cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Lend a cursor: connections must not be shared between threads, cursors need not be.

        Raises
        ------
        WorkspaceReplacedError
            Another file took this one's place meanwhile.
        DamagedWorkspaceError
            The file does not hold what was written to it.
        UnknownRoomError
            It was closed for good.
        """
        self._wake()
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

    @contextmanager
    def asking(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Lend a cursor to a question: what is in a lake is seen as if it were in the file.

        Raises
        ------
        LakeMissingError
            The lake that the file is linked to is not at hand.
        """
        with self.cursor() as cursor:
            if not self._is_linked:
                yield cursor
                return
            with lake_reading.said_when_missing(self.path):
                lake_reading.show(cursor, self.path)
                yield cursor

    def _new_cursor(self) -> duckdb.DuckDBPyConnection:
        self._used_at = time.monotonic()
        return self._awake().cursor()

    def answers(self) -> bool:
        """Return whether the file answers; one that rests is not woken.

        For a supervisor: it counts as no use, so that nobody is kept awake by it.
        """
        try:
            with self._gate.passed(self._look) as cursor, closing(cursor):
                return cursor.execute(sql_files.question("version")).fetchone() is not None
        except (_RestingError, duckdb.InterruptException):  # or somebody changes the file
            return True
        except duckdb.Error:
            return False

    def _look(self) -> duckdb.DuckDBPyConnection:
        if self._connection is None:
            raise _RestingError
        return self._connection.cursor()

    def _wake(self) -> None:
        """Let others rest before this one is opened again; one at a time."""
        if self._connection is None and not self._is_retired:
            with _waking:
                if self._connection is None:
                    _let_rest()
                with self._gate.passed(self._new_cursor) as cursor:
                    cursor.close()

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
        if keep:
            with durable.refused_by_disk(self.path):
                durable.force_folder(self.path.parent)  # DuckDB forces its log, not the log's name

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
            connection = self._awake()
            self._empty_log(connection)  # so that what is set aside is whole without a log
            connection.close()
            try:
                exchange()
            finally:
                self._connection = None  # if it does not open now, the next question tries again
                found = opening.connect(self.path, read_only=self.read_only)
                self._connection = self._looked_at(found)

    def remake(self, change: Callable[[duckdb.DuckDBPyConnection], None]) -> None:
        """Change where the sales lie, all of it or nothing, while nobody asks for them.

        Questions that are being answered are broken off. The caller holds the turnstile.

        Raises
        ------
        WorkspaceBusyError
            A question could not be broken off; nothing was changed.
        WriteFailedError
            The disk refused; the database is open again and as it was before.
        """

        def exchange() -> None:
            with closing(opening.connect(self.path, read_only=False)) as connection:
                with transaction(connection, keep=True):
                    change(connection)
                self._empty_log(connection)

        with self._refused_by_disk():
            self.replace(exchange)

    @contextmanager
    def _refused_by_disk(self) -> Iterator[None]:
        try:
            yield
        except duckdb.FatalException as fault:  # every cursor is dead until the file is reopened
            self.replace(lambda: None)
            raise WriteFailedError(path=self.path.name, reason=opening.first_line(fault)) from fault
        except (duckdb.IOException, duckdb.OutOfMemoryException) as fault:
            raise WriteFailedError(path=self.path.name, reason=opening.first_line(fault)) from fault


def retire(path: Path) -> None:
    """Close the file at ``path`` for good if this process has it open."""
    with _opening:
        database = _opened.get(path)
    if database is not None:
        database.retire()


def silent() -> tuple[Path, ...]:
    """Return the files that this process has open and that do not answer."""
    with _opening:
        found = tuple(_opened.values())
    return tuple(database.path for database in found if not database.answers())


def _door_of(path: Path) -> threading.Lock:
    with _opening:
        return _doors[path]


def _settle() -> None:
    """Count off the stores that were collected; close what nobody uses any more."""
    while _left:
        with suppress(IndexError):  # another thread was faster
            _left.popleft()._count_off()


def _let_rest() -> None:
    """Make room for one more that is awake: the longest unused go to rest."""
    with _opening:
        awake = [found for found in _opened.values() if found.rests and found.is_awake]
    awake.sort(key=lambda found: found._used_at)
    for database in awake:
        if len(awake) < MOST_AWAKE:
            return
        if database.rest():
            awake = awake[1:]
