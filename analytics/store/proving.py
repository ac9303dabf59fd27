"""Proves that a database that somebody brought is a workspace; run as a program of its own.

Whoever made the file may have made it to harm whoever opens it. So a process that holds nothing
opens it first, without access to anything else and under limits, and compares what is in it with
what we would have made, before a single statement of ours runs over it.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))  # -I leaves even the own folder out

import duckdb

from analytics.errors import (
    BadBackupError,
    NewerBackupError,
    NewerWorkspaceError,
    WorkspaceUnusableError,
)
from analytics.restraint import restrain
from analytics.store import opening, recovery, sql_files
from analytics.store.cursors import named

_MEMORY = 2 << 30  # bytes
_SECONDS = 240  # of computing; by the clock others may keep the processors busy
_PATIENCE = 2.5
_ROOM = 64 << 20  # bytes that a small file may grow by while it is brought up to date
_FACTS = ("schema", "version", "imports", "lines")

Facts = dict[str, Any]


def prove(database: Path, file: str) -> Facts:
    """Let another process open ``database``, bring it up to date and read it to its end.

    Parameters
    ----------
    database : Path
        A copy that nobody else uses.
    file : str
        What it came as.

    Returns
    -------
    dict
        What it held before: ``schema``, ``version``, ``imports``, ``lines``.

    Raises
    ------
    BadBackupError
        It is damaged, or no workspace of ours.
    NewerBackupError
        It was written by a newer version.
    """
    command = [sys.executable, "-I", __file__, str(database)]
    try:
        outcome = subprocess.run(  # noqa: S603
            command, capture_output=True, check=False, timeout=_SECONDS * _PATIENCE
        )
        told = json.loads(outcome.stdout)
    except (subprocess.TimeoutExpired, ValueError) as fault:
        raise BadBackupError(file=file, reason="it could not be opened") from fault
    if "found" in told:
        raise NewerBackupError(file=file, reason="", **told)
    if "reason" in told:
        raise BadBackupError(file=file, reason=told["reason"])
    return {name: told[name] for name in _FACTS}


def _answer(path: Path) -> Facts:
    """Return the facts of the database at ``path``, or why it is refused."""
    try:
        facts = _facts(path)
        recovery.settled(path)
        _forget_what_was(path)
    except NewerWorkspaceError as problem:
        return {name: problem.params[name] for name in ("found", "known")}
    except WorkspaceUnusableError as problem:
        return {"reason": str(problem.params.get("detail") or problem.params.get("reason") or "")}
    except (duckdb.Error, MemoryError) as fault:
        return {"reason": opening.first_line(fault)}
    return facts


def _facts(path: Path) -> Facts:
    """Return what the file holds, once it is known to be made as we would have made it."""
    connection = opening.bare(path)
    try:
        schema = opening.schema_version(connection, path)
        known = len(sql_files.migrations())
        if schema > known:
            raise NewerWorkspaceError(folder=str(path.parent), found=schema, known=known)
        strange = sorted(_shape(connection) ^ _fresh(schema))
        if strange:
            return _refuse(path, strange[0])
        return named(connection, "backup_facts", {})
    finally:
        connection.close()


def _refuse(path: Path, strange: tuple[str, ...]) -> Facts:
    name = " ".join(strange[:3])[:80]
    raise WorkspaceUnusableError(folder=str(path.parent), reason=f"made otherwise: {name}")


def _shape(connection: duckdb.DuckDBPyConnection) -> set[tuple[str, ...]]:
    rows = connection.execute(sql_files.step("shape")).fetchall()
    return {tuple(str(cell) for cell in row) for row in rows}


def _fresh(schema: int) -> set[tuple[str, ...]]:
    """Return the shape of a workspace that was just made."""
    with duckdb.connect() as connection:
        for script in sql_files.migrations()[:schema]:
            connection.execute(script)
        return _shape(connection)


def _forget_what_was(path: Path) -> None:
    """Forget what holds of the file that the copy was made of alone: it is another one.

    What was once wrong with it, and which links are open: one may have been closed since.
    """
    connection = opening.connect(path, read_only=False)
    try:
        connection.execute(sql_files.step("forget_fact"), {"name": "recovery"})
        connection.execute(sql_files.step("revoke_shares"))
        connection.execute("CHECKPOINT")
    finally:
        connection.close()


if __name__ == "__main__":
    copy = Path(sys.argv[1])
    restrain(5, data=_MEMORY, cpu=_SECONDS, fsize=4 * copy.stat().st_size + _ROOM, core=0)
    sys.stdout.write(json.dumps(_answer(copy)))
