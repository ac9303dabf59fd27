"""Small ways of asking a cursor."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import duckdb
import pyarrow as pa

from analytics.store import sql_files


def with_incoming(
    cursor: duckdb.DuckDBPyConnection, rows: pa.Table, step: str, facts: Mapping[str, object]
) -> None:
    """Run a step that reads ``incoming``: Arrow memory, never a file."""
    cursor.register("incoming", rows)
    try:
        cursor.execute(sql_files.step(step), dict(facts) or None)
    finally:
        cursor.unregister("incoming")


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
