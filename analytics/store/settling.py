"""Settling what stands, from the lines of all imports that were not taken back."""

from collections.abc import Sequence

import duckdb
import pyarrow as pa

from analytics.store import kinship, sql_files
from analytics.store.cursors import with_incoming


def rebuild(cursor: duckdb.DuckDBPyConnection) -> None:
    """Settle anew everything that questions read."""
    cursor.execute(sql_files.step("rebuild_sales"))
    mark_reversed(cursor)
    rebuild_names(cursor)


def settle(cursor: duckdb.DuckDBPyConnection, *, sales_changed: bool) -> None:
    """Settle what is derived from the lines that stand, after a load has let them stand."""
    if sales_changed:
        cursor.execute(sql_files.step("unmark_reversed"))
        mark_reversed(cursor)
    rebuild_names(cursor)


def mark_reversed(cursor: duckdb.DuckDBPyConnection) -> None:
    """Find which of the sales that stand were taken back; none is marked yet."""
    pairs = cursor.execute(sql_files.step("reversals")).fetchall()
    reversed_lines = paired(pairs)
    if reversed_lines:
        ids, rows = zip(*reversed_lines, strict=True)
        columns = {"import_id": pa.array(ids, pa.int32()), "row_no": pa.array(rows, pa.int32())}
        with_incoming(cursor, pa.table(columns), "mark_reversed", {})


def rebuild_names(cursor: duckdb.DuckDBPyConnection) -> None:
    """Settle anew how SKUs are written, what they stand for, and which markets are one."""
    cursor.execute(sql_files.step("rebuild_skus"))
    cursor.execute(sql_files.step("rebuild_markets"))
    aliases, bundles = stated(cursor)
    ends = kinship.followed(aliases)
    columns = {
        "alias_key": pa.array(ends.keys(), pa.string()),
        "sku_key": pa.array(ends.values(), pa.string()),
    }
    with_incoming(cursor, pa.table(columns), "rebuild_aliases", {})
    parts = [
        (bundle, sku, quantity)
        for bundle, found in kinship.taken_apart(kinship.bundles_of(bundles, ends)).items()
        for sku, quantity in found.items()
    ]
    columns = {
        "bundle_key": pa.array([part[0] for part in parts], pa.string()),
        "sku_key": pa.array([part[1] for part in parts], pa.string()),
        "quantity": pa.array([part[2] for part in parts], pa.float64()),
    }
    with_incoming(cursor, pa.table(columns), "rebuild_bundles", {})


def stated(
    cursor: duckdb.DuckDBPyConnection,
) -> tuple[dict[str, str], list[tuple[str, str, float]]]:
    """Return what aliases and bundles were last said to be."""
    aliases = dict(cursor.execute(sql_files.step("stated_aliases")).fetchall())
    return aliases, cursor.execute(sql_files.step("stated_bundles")).fetchall()


def paired(pairs: Sequence[tuple[int, int, int, int]]) -> list[tuple[int, int]]:
    """Return the sales that are taken back: each reversal takes one, each sale goes once.

    >>> paired([(2, 1, 1, 7), (2, 1, 1, 5), (2, 2, 1, 7), (2, 2, 1, 5)])
    [(1, 7), (1, 5)]
    """
    spent: set[tuple[int, int]] = set()
    taken: dict[tuple[int, int], None] = {}
    for by_import, by_row, import_id, row in pairs:
        if (by_import, by_row) not in spent and (import_id, row) not in taken:
            spent.add((by_import, by_row))
            taken[import_id, row] = None
    return list(taken)
