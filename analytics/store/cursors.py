"""Small ways of asking a cursor."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

import duckdb
import pyarrow as pa

from analytics.store import sql_files


class RefusedCommitError(duckdb.IOException):
    """What was done could not be written for good."""


def with_incoming(
    cursor: duckdb.DuckDBPyConnection, rows: pa.Table, step: str, facts: Mapping[str, object]
) -> None:
    """Run a step that reads ``incoming``: Arrow memory, never a file."""
    with lent(cursor, "incoming", rows):
        cursor.execute(sql_files.step(step), dict(facts) or None)


def answered(
    cursor: duckdb.DuckDBPyConnection, rows: pa.Table, step: str, facts: Mapping[str, object]
) -> list[tuple[Any, ...]]:
    """Run a step that reads ``incoming``, and return what it answers."""
    with lent(cursor, "incoming", rows):
        return cursor.execute(sql_files.step(step), dict(facts) or None).fetchall()


@contextmanager
def lent(cursor: duckdb.DuckDBPyConnection, name: str, rows: pa.Table) -> Iterator[None]:
    """Let statements read Arrow memory under a name."""
    cursor.register(name, rows)
    try:
        yield
    finally:
        # After a statement that failed this is refused too, and would hide why that one failed.
        with suppress(duckdb.Error):
            cursor.unregister(name)


def one(
    cursor: duckdb.DuckDBPyConnection, step: str, facts: Mapping[str, object]
) -> tuple[Any, ...]:
    """Return the first row of a step's answer."""
    rows = cursor.execute(sql_files.step(step), dict(facts) or None).fetchall()
    return rows[0] if rows else ()


def named(
    cursor: duckdb.DuckDBPyConnection, step: str, facts: Mapping[str, object]
) -> dict[str, Any]:
    """Return the first row of a step's answer, by column."""
    cursor.execute(sql_files.step(step), dict(facts) or None)
    names = [column[0] for column in cursor.description or ()]
    [row] = cursor.fetchall()
    return dict(zip(names, row, strict=True))


@contextmanager
def transaction(cursor: duckdb.DuckDBPyConnection, *, keep: bool) -> Iterator[None]:
    """Keep all of what is done inside, or nothing."""
    cursor.begin()
    try:
        yield
        if keep:
            _commit(cursor)
    except BaseException:
        _roll_back(cursor)
        raise
    if not keep:
        cursor.rollback()


def _commit(cursor: duckdb.DuckDBPyConnection) -> None:
    try:
        cursor.commit()
    except duckdb.TransactionException as fault:  # elsewhere it tells of a bug, here of the disk
        raise RefusedCommitError(str(fault)) from fault


def _roll_back(cursor: duckdb.DuckDBPyConnection) -> None:
    try:
        cursor.rollback()
    except duckdb.Error:
        return  # nothing is left to roll back: the commit failed, or the database is gone
