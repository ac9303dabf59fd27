"""Writing a lake: aside, forced to disk, then moved into place; there is a whole one, or none."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from analytics.errors import WriteFailedError
from analytics.progress import Progress
from analytics.store import durable, lake, scratch, sql_files
from analytics.store.cursors import named
from analytics.store.database import Database
from analytics.store.lake_reading import FACT
from analytics.store.questions import Questions

MOST_LINES = 20_000_000  # of a file; some 400 MB
_BATCH = 122_880  # lines of a row group, as DuckDB writes its own
_READ_ONLY = 0o440


@dataclass
class _Part:
    """Lines that go into one folder of the lake."""

    home: Path
    part: str
    market: str
    year: int
    files: list[lake.LakeFile] = field(default_factory=list)

    def write(self, batches: Iterator[pa.RecordBatch], schema: pa.Schema) -> None:
        """Write all ``batches``, in files of at most `MOST_LINES`."""
        lines = 0
        for batch in batches:
            if lines and lines + batch.num_rows > MOST_LINES:
                self._close()
                lines = 0
            if not lines:
                name = lake.name_of(self.part, self.market, self.year, len(self.files))
                self._open(name, schema)
            lines += batch.num_rows
            self._add(batch)
        if lines:
            self._close()

    def _open(self, name: str, schema: pa.Schema) -> None:
        self._name, self._rows, self._units = name, 0, 0.0
        path = self.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        self._writer = pq.ParquetWriter(path, schema, compression="zstd")

    def _add(self, batch: pa.RecordBatch) -> None:
        self._writer.write_batch(batch, row_group_size=_BATCH)
        self._rows += batch.num_rows
        self._units += pc.sum(batch["quantity"]).as_py() or 0.0

    def _close(self) -> None:
        self._writer.close()
        self.files.append(_sealed(self.home, self._name, self._rows, self._units))


def export(
    store: Questions, folder: Path, now: datetime | None, progress: Progress
) -> lake.Manifest:
    """Do what `Lakes.export_lake` says."""
    folder = folder.expanduser().absolute()
    with durable.refused_by_disk(folder):
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise WriteFailedError(path=str(folder), reason="it is not empty")
        folder.parent.mkdir(parents=True, exist_ok=True)
        home = Path(tempfile.mkdtemp(dir=folder.parent, prefix=scratch.prefix("new")))
    try:
        with durable.refused_by_disk(folder), _moment(store._database) as cursor:
            _write(cursor, home, now or datetime.now(UTC), progress)
        with durable.refused_by_disk(folder):
            _place(home, folder)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    return lake.read(folder)


@contextmanager
def _moment(database: Database) -> Iterator[duckdb.DuckDBPyConnection]:
    """Lend a cursor to which the workspace stays as it is now."""
    with ExitStack() as stack:
        with database.turnstile.held(FACT):  # nobody writes between the marks and the moment
            cursor = stack.enter_context(database.asking())
            cursor.begin()
            cursor.execute(sql_files.question("is_empty")).fetchone()  # it begins when asked
        yield cursor
        cursor.rollback()


def _write(
    cursor: duckdb.DuckDBPyConnection, home: Path, now: datetime, progress: Progress
) -> None:
    """Write all files into ``home``, the list last."""
    cells = [
        (part, market, year)
        for part in lake.PARTS
        for market, year in cursor.execute(sql_files.step(f"lake_cells_{part}")).fetchall()
    ]
    total = len(cells) + len(lake.TABLES)
    files: list[lake.LakeFile] = []
    for done, (part, market, year) in enumerate(cells):
        progress(done, total, f"{market} {year}")
        files += _lines(cursor, _Part(home, part, market, year))
    for done, table in enumerate(lake.TABLES, start=len(cells)):
        progress(done, total, table)
        files.append(_table(cursor, home, table))
    progress(total, total, "")
    facts = named(cursor, "lake_facts", {})
    taken_at = now.astimezone(UTC).isoformat(timespec="seconds")
    manifest = lake.Manifest(**facts, taken_at=taken_at, files=tuple(files))
    durable.replaced(home / lake.MANIFEST, manifest.as_json())
    (home / lake.MANIFEST).chmod(_READ_ONLY)


def _lines(cursor: duckdb.DuckDBPyConnection, part: _Part) -> list[lake.LakeFile]:
    facts = {"market": part.market, "year": part.year}
    found = cursor.sql(sql_files.step(f"lake_export_{part.part}"), params=facts)
    reader = found.to_arrow_reader(_BATCH)
    part.write(iter(reader), reader.schema)
    return part.files


def _table(cursor: duckdb.DuckDBPyConnection, home: Path, table: str) -> lake.LakeFile:
    statement = sql_files.step("lake_export_table").replace("small_table", table)
    rows = cursor.sql(statement).to_arrow_table()
    name = f"tables/{table}.parquet"
    (home / "tables").mkdir(exist_ok=True)
    pq.write_table(rows, home / name, compression="zstd")
    return _sealed(home, name, rows.num_rows, 0.0)


def _sealed(home: Path, name: str, rows: int, units: float) -> lake.LakeFile:
    """Return a file that is on the disk for good, and that nobody writes any more."""
    path = home / name
    with path.open("rb") as file:
        durable.force(file.fileno())
    path.chmod(_READ_ONLY)
    return lake.LakeFile(name, rows, units, path.stat().st_size, lake.digest(path))


def _place(home: Path, folder: Path) -> None:
    for inner, _, _ in os.walk(home):
        durable.force_folder(Path(inner))
    home.chmod(0o750)
    if folder.exists():
        folder.rmdir()
    home.rename(folder)
    durable.force_folder(folder.parent)
