"""Linking a workspace to a lake, and letting go of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

from analytics.errors import NotLinkedError, OtherLakeError
from analytics.progress import Progress
from analytics.store import lake, lake_reading, private, settling, sql_files
from analytics.store.cursors import lent, one
from analytics.store.lake_reading import FACT, Link
from analytics.store.questions import Questions
from analytics.store.safekeeping import Safekeeping
from analytics.store.version import renew

# What a seller may have said before any file came; the lake's word goes before it.
_SAID_EARLY = ("settings", "mappings")
# What is derived; the lake's is read in place.
_DERIVED = ("skus",)


def linked(store: Questions) -> tuple[Path | None, Link] | None:
    """Return where the workspace's lake lies and what it is; None if it reads none."""
    with store._database.cursor() as cursor:
        link = lake_reading.link_of(cursor)
    return None if link is None else (lake_reading.folder_of(store._database.path), link)


def link(store: Safekeeping, folder: Path, progress: Progress) -> lake.Manifest:
    """Do what `Lakes.link_lake` says."""
    folder = folder.expanduser().absolute()
    manifest = lake.read(folder)
    lake.check(folder, manifest, progress)
    with store._database.turnstile.held(FACT):
        how = _how(store, folder, manifest)
        with _told(store.folder, str(folder)):
            if how == "moved":
                store._database.replace(lambda: None)
            else:
                store._database.remake(lambda own: _tie(own, folder, manifest, how))
        store._snapshot_or_warn()
    return manifest


def unlink(store: Safekeeping) -> int:
    """Do what `Lakes.unlink_lake` says."""
    database = store._database
    with database.turnstile.held(FACT):
        if linked(store) is None:
            raise NotLinkedError(workspace=str(store.folder))
        with database.cursor() as cursor:
            lake_reading.refuse_missing(cursor, database.path)
        database.remake(lambda own: _untie(own, database.path))
        _note(store.folder, None)
        with database.cursor() as cursor:
            (lines,) = one(cursor, "count_sales", {})
        store._snapshot_or_warn()
    return int(lines)


def _tie(own: duckdb.DuckDBPyConnection, folder: Path, manifest: lake.Manifest, how: str) -> None:
    """Put the lake in the place of the workspace's own lines, or of nothing."""
    if how == "same":
        own.execute(sql_files.step("forget_sales_lines"))
        own.execute(sql_files.step("forget_sales"))
    else:
        _fill(own, folder)
    fact = Link(manifest.identity, manifest.imports, manifest.lines).as_json()
    own.execute(sql_files.step("set_fact"), {"name": FACT, "value": fact})


def _untie(own: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Put the lines of the lake in its place."""
    lake_reading.refuse_missing(own, path)
    own.execute(sql_files.step("bring_lake_back"))
    own.execute(sql_files.step("forget_fact"), {"name": FACT})
    settling.rebuild(own)
    renew(own)


@contextmanager
def _told(home: Path, folder: str) -> Iterator[None]:
    """Note where the lake lies; if what follows fails, what was noted before holds again."""
    before = private.read(home).get(FACT)
    _note(home, folder)
    try:
        yield
    except BaseException:
        _note(home, before)
        raise


def _note(home: Path, folder: object) -> None:
    content = private.read(home)
    content.pop(FACT, None)
    private.write(home, content | ({} if folder is None else {FACT: folder}))


def _how(store: Questions, folder: Path, manifest: lake.Manifest) -> str:
    """Return what the lake is to the workspace: ``moved``, the ``same`` data, or ``new``."""
    with store._database.cursor() as cursor:
        link = lake_reading.link_of(cursor)
        facts = one(cursor, "lake_kinship", {})
    if link is not None and link.identity == manifest.identity:
        return "moved"
    version, things = facts
    if version == manifest.version and _lines(store) == _held(manifest):
        return "same"
    if link is None and not things:
        return "new"
    raise OtherLakeError(workspace=str(store.folder), folder=str(folder))


def _lines(store: Questions) -> tuple[int, int]:
    """Return the lines that stand, and all lines, wherever they lie."""
    with store._database.asking() as cursor:
        stand, every = one(cursor, "count_lines", {})
    return int(stand), int(every)


def _held(manifest: lake.Manifest) -> tuple[int, int]:
    every = sum(file.rows for file in manifest.files if file.part in lake.PARTS)
    return manifest.lines, every


def _fill(cursor: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Take over the small tables of a lake."""
    for table in lake.TABLES:
        if table in _DERIVED:
            continue
        if table in _SAID_EARLY:
            statement = sql_files.step("empty_table").replace("small_table", table)
            cursor.execute(statement)
        rows: Any = pq.read_table(folder / "tables" / f"{table}.parquet", partitioning=None)
        with lent(cursor, "incoming", rows):
            statement = sql_files.step("fill_table").replace("small_table", table)
            cursor.execute(statement)
    settling.rebuild_names(cursor)
    renew(cursor)
