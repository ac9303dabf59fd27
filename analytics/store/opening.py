"""Opening a DuckDB file: made, migrated, locked down; every refusal in our own words."""

import os
import re
import secrets
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from analytics.errors import (
    DamagedWorkspaceError,
    LostWorkspaceError,
    NewerWorkspaceError,
    OlderWorkspaceError,
    WorkspaceBusyError,
    WorkspaceUnusableError,
    WriteFailedError,
)
from analytics.store import durable, lake_reading, scratch, snapshots, sql_files
from analytics.store.cursors import transaction

_CONFIG = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "allow_persistent_secrets": "false",
    "memory_limit": "512MB",
    "threads": str(min(4, os.cpu_count() or 1)),
    "max_temp_directory_size": "5GB",
    "enable_external_access": "false",  # from the first byte that is read
}
_ABOVE = 2  # folders: the workspace's own, and that of all workspaces
# The order matters: after the last line nothing can be set any more, the time zone included.
_LOCKDOWN = (
    "PRAGMA disable_checkpoint_on_shutdown",  # a damaged file is closed as it was found
    "SET TimeZone = 'UTC'",
    "SET lock_configuration = true",
)
# What DuckDB says of a file that does not hold what was written to it.
_DAMAGE = re.compile(
    r"Corrupt|checksum|not a valid DuckDB|replaying WAL|Could not read enough bytes"
    r"|[Ss]erialization|Failed to deserialize|INTERNAL Error"
)


def exists(path: Path) -> bool:
    """Return whether there is a database at ``path``; refuse where nobody may look."""
    try:
        return path.exists()
    except OSError as fault:
        reason = fault.strerror or str(fault)
        raise WorkspaceUnusableError(folder=str(path.parent), reason=reason) from fault


def connect(path: Path, *, read_only: bool) -> duckdb.DuckDBPyConnection:
    """Open the file at ``path``; unless ``read_only``, bring it up to date.

    Before it is brought to a newer shape, a copy goes to the folder ``backup``.

    Raises
    ------
    LostWorkspaceError
        There is no file, and it was to be written.
    WorkspaceBusyError
        Another process holds the file.
    WorkspaceUnusableError
        It is damaged, out of reach, or of a newer version.
    """
    if not read_only and not exists(path):
        raise LostWorkspaceError(folder=str(path.parent))
    connection = bare(path, read_only=read_only)
    try:
        _migrate(connection, path, read_only=read_only, keeps_copy=True)
        connection = _with_lake(connection, path, read_only=read_only)
        for statement in _LOCKDOWN:
            connection.execute(statement)
    except BaseException:
        connection.close()
        raise
    return connection


def _with_lake(
    connection: duckdb.DuckDBPyConnection, path: Path, *, read_only: bool
) -> duckdb.DuckDBPyConnection:
    """Return the database with the files of its lake at hand, if it is linked to one.

    DuckDB is told which files it may read only once it runs, and before access goes off. So the
    file is opened twice: first with access to nothing, which replays its log and reads what it is.
    """
    with as_damage(path):
        found = lake_reading.files_of(connection, path)
    if found is None:
        return connection
    folder, manifest = found
    for statement in _LOCKDOWN[:1]:
        connection.execute(statement)
    connection.close()
    connection = bare(path, read_only=read_only, reads=tuple(manifest.all_paths(folder)))
    lake_reading.attach(connection, folder, manifest)
    return connection


def bare(
    path: Path, *, read_only: bool = False, reads: Sequence[Path] = ()
) -> duckdb.DuckDBPyConnection:
    """Open the file at ``path`` as it is, with access to nothing else; nothing is run over it.

    Parameters
    ----------
    path : Path
        The database.
    read_only : bool
    reads : sequence of Path
        Files that it may open beside its own, by name; no folder, and nothing new in one.

    Raises
    ------
    WorkspaceBusyError
        Another process holds the file.
    WorkspaceUnusableError
        It is damaged, or out of reach.
    """
    config: dict[str, str | bool | int | float | list[str]] = {**_CONFIG}
    if reads:
        del config["enable_external_access"]
    try:
        connection = duckdb.connect(str(path), read_only=read_only, config=config)
        if reads:
            _close_doors(connection, reads)
    except duckdb.Error as fault:
        holder = re.search(r"Could not set lock.*?(?:PID (\d+)|$)", str(fault), re.DOTALL)
        if holder:
            raise WorkspaceBusyError(
                folder=str(path.parent), process=holder.group(1) or "?"
            ) from fault
        if isinstance(fault, duckdb.IOException) and "Cannot open file" in str(fault):
            reason = str(fault).rsplit(": ", 1)[-1]
            raise WorkspaceUnusableError(folder=str(path.parent), reason=reason) from fault
        raise DamagedWorkspaceError(folder=str(path.parent), detail=first_line(fault)) from fault
    return connection


def _close_doors(connection: duckdb.DuckDBPyConnection, reads: Sequence[Path]) -> None:
    connection.execute(sql_files.step("allow_paths"), {"paths": [str(path) for path in reads]})
    connection.execute(sql_files.step("close_doors"))


def verify(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Read every block of the file; its checksums tell a damaged one.

    Raises
    ------
    DamagedWorkspaceError
        A block does not hold what was written to it.
    """
    with as_damage(path):
        connection.execute(sql_files.step("verify")).fetchall()


@contextmanager
def as_damage(path: Path) -> Iterator[None]:
    """Say of a file that it is damaged if it cannot be read."""
    try:
        yield
    except duckdb.Error as fault:
        raise DamagedWorkspaceError(folder=str(path.parent), detail=first_line(fault)) from fault


def is_damage(fault: duckdb.Error) -> bool:
    """Return whether DuckDB complains about what the file holds."""
    return _DAMAGE.search(str(fault)) is not None


def log_of(path: Path) -> Path:
    """Return where DuckDB keeps what is committed and not yet in the file itself."""
    return snapshots.log_of(path)


def create(path: Path) -> None:
    """Make a new database aside and move it into place: there is a whole file, or none.

    Raises
    ------
    WriteFailedError
        The disk refused.
    """
    try:
        durable.make_folder(path.parent)
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=scratch.prefix("new")) as folder:
            made = Path(folder) / path.name
            connection = bare(made)
            _migrate(connection, made, read_only=False, keeps_copy=False)
            connection.close()
            _move_into_place(made, path)
        durable.force_names((path, *path.parents[:_ABOVE]))  # who hosts it may have made those
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


def _migrate(
    connection: duckdb.DuckDBPyConnection, path: Path, *, read_only: bool, keeps_copy: bool
) -> None:
    scripts = sql_files.migrations()
    found = schema_version(connection, path)
    if found > len(scripts):
        raise NewerWorkspaceError(folder=str(path.parent), found=found, known=len(scripts))
    if read_only and found < len(scripts):
        raise OlderWorkspaceError(folder=str(path.parent), found=found, known=len(scripts))
    if keeps_copy and 0 < found < len(scripts):
        now = datetime.now(UTC)
        snapshots.keep_schema(path, path.parent / "backup", found, now)
    for version, script in enumerate(scripts[found:], start=found + 1):
        try:
            _apply(connection, version, script)
        except duckdb.Error as fault:
            if not is_damage(fault):
                raise
            detail = first_line(fault)
            raise DamagedWorkspaceError(folder=str(path.parent), detail=detail) from fault


def _apply(connection: duckdb.DuckDBPyConnection, version: int, script: str) -> None:
    """Run one migration: all of it, or nothing."""
    with transaction(connection, keep=True):
        connection.execute(script)
        connection.execute(sql_files.step("set_schema_version"), {"version": version})
        if version == 1:
            connection.execute(
                sql_files.step("set_identity"),
                {"version": secrets.token_hex(16), "salt": secrets.token_hex(16)},
            )
    connection.execute("CHECKPOINT")


def schema_version(connection: duckdb.DuckDBPyConnection, path: Path) -> int:
    """Return the newest shape that the file was brought to; 0 if nothing is in it.

    Raises
    ------
    DamagedWorkspaceError
        It is no workspace.
    """
    try:
        tables = {name for (name,) in connection.execute(sql_files.step("tables")).fetchall()}
        if "schema_version" in tables:
            found = connection.execute(sql_files.step("schema_version")).fetchall()
            return int(found[0][0])
    except duckdb.Error as fault:
        raise DamagedWorkspaceError(folder=str(path.parent), detail=first_line(fault)) from fault
    if tables:
        raise DamagedWorkspaceError(folder=str(path.parent), detail="no schema_version")
    return 0


def first_line(fault: Exception) -> str:
    """Return what DuckDB says, without its advice."""
    return (str(fault).splitlines() or [type(fault).__name__])[0]
