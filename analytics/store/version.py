"""The version of the data: a random number, written with every change."""

import secrets

import duckdb

from analytics.store import sql_files


def renew(cursor: duckdb.DuckDBPyConnection) -> None:
    """Give the data a version that it never had, within the caller's transaction."""
    cursor.execute(sql_files.step("set_version"), {"version": secrets.token_hex(16)})
