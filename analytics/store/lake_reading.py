"""Reading a lake in place: which files a database may open, and what its questions see of them.

A database that is linked says so in itself (``meta``: the lake's identity); where the lake lies on
this machine is in the workspace's private file. Neither counts without the other.
"""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from analytics.errors import AnalyticsError, InLakeError, LakeMissingError
from analytics.store import lake, private, settling, sql_files
from analytics.store.cursors import lent

FACT = "lake"
_marking = threading.Lock()
_COPIES = "backup"  # the folder of a workspace that holds copies for readers


@dataclass(frozen=True, slots=True)
class Link:
    """What a database knows of the lake that holds its history.

    Attributes
    ----------
    identity : str
        SHA-256 of the lake's list of files.
    imports : int
        Number of the last import whose sales are in the lake.
    lines : int
        Lines of sales that stand there.
    """

    identity: str
    imports: int
    lines: int

    def as_json(self) -> str:
        """Return the link as the database keeps it."""
        return json.dumps(asdict(self))


def link_of(connection: duckdb.DuckDBPyConnection) -> Link | None:
    """Return what the database is linked to; None if its history is its own."""
    row = connection.execute(sql_files.step("fact"), {"name": FACT}).fetchone()
    return None if row is None else Link(**json.loads(row[0]))


def folder_of(path: Path) -> Path | None:
    """Return where the lake of the database at ``path`` lies on this machine, if that was said."""
    home = path.parent.parent if path.parent.name == _COPIES else path.parent
    named = private.read(home).get(FACT)
    return Path(named) if isinstance(named, str) and named else None


def files_of(
    connection: duckdb.DuckDBPyConnection, path: Path
) -> tuple[Path, lake.Manifest] | None:
    """Return the lake that the database at ``path`` reads, if it is linked and all is there."""
    link = link_of(connection)
    folder = folder_of(path)
    if link is None or folder is None:
        return None
    try:
        manifest = lake.read(folder)
    except AnalyticsError:  # a question says so
        return None
    return (folder, manifest) if manifest.identity == link.identity else None


def attach(connection: duckdb.DuckDBPyConnection, folder: Path, manifest: lake.Manifest) -> None:
    """Let the database read the lake's files, under names in a catalog that is in memory only."""
    connection.execute(sql_files.step("attach_lake"))
    for view, part in (("lines", "sales"), ("replaced", "replaced")):
        _view(connection, view, manifest.paths(folder, part))
    connection.execute(sql_files.step("lake_no_marks"))
    connection.execute(sql_files.step("lake_note_marked"), {"version": ""})
    _view(connection, "skus", [folder / "tables" / "skus.parquet"])


def show(cursor: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Let a question to a database that is linked see own and lake's sales as one.

    A temporary view goes before a table of that name, in the views of the file as well.

    Raises
    ------
    LakeMissingError
        Its lake is not at hand.
    """
    refuse_missing(cursor, path)
    own = _own(cursor)
    for step in ("lake_kept", "lake_sales_lines", "lake_skus", "lake_sales"):
        statement = own(step)
        cursor.execute(statement)
    if _is_marked(cursor, own):
        statement = own("lake_marked_sales")
        cursor.execute(statement)


def _own(cursor: duckdb.DuckDBPyConnection) -> Callable[[str], str]:
    """Return a function from a step to its text, with the name of the workspace's own file."""
    (name,) = cursor.execute(sql_files.step("own_name")).fetchone() or ("",)
    own = '"' + str(name).replace('"', '""') + '".main.'
    return lambda step: sql_files.step(step).replace("own.main.", own)


def _is_marked(cursor: duckdb.DuckDBPyConnection, own: Callable[[str], str]) -> bool:
    """Return whether anything is taken back across the lake's end; found once per data version."""
    (version,) = cursor.execute(sql_files.question("version")).fetchone() or ("",)
    with _marking:
        known = cursor.execute(sql_files.step("lake_marked")).fetchone()
        if known is None or known[0] != version:
            _mark(cursor, own)
            cursor.execute(sql_files.step("lake_note_marked"), {"version": version})
            known = cursor.execute(sql_files.step("lake_marked")).fetchone()
    return bool(known and known[1])


def _mark(cursor: duckdb.DuckDBPyConnection, own: Callable[[str], str]) -> None:
    """Pair returns and sales anew, over lake and workspace as one."""
    statement = own("lake_takes_back")
    if cursor.execute(statement).fetchone() != (True,):
        cursor.execute(sql_files.step("lake_no_marks"))
        return
    taken = settling.paired(cursor.execute(sql_files.step("reversals")).fetchall())
    columns = {
        "import_id": pa.array([line[0] for line in taken], pa.int32()),
        "row_no": pa.array([line[1] for line in taken], pa.int32()),
    }
    with lent(cursor, "incoming", pa.table(columns)):
        cursor.execute(sql_files.step("lake_marks"))


def refuse_missing(cursor: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Raise `LakeMissingError` unless the lake that the database is linked to can be read."""
    if cursor.execute(sql_files.step("has_lake")).fetchone() == (True,):
        return
    folder = folder_of(path)
    reason = "-" if folder is None else _why_not(folder)
    shown = "?" if folder is None else str(folder)
    raise LakeMissingError(workspace=str(path.parent), folder=shown, reason=reason)


@contextmanager
def said_when_missing(path: Path) -> Iterator[None]:
    """Say of a lake's file that cannot be read while it is asked that the lake is not at hand."""
    try:
        yield
    except duckdb.Error as fault:
        folder = folder_of(path)
        if folder is None or str(folder) not in str(fault):
            raise
        reason = str(fault).splitlines()[0]
        raise LakeMissingError(
            workspace=str(path.parent), folder=str(folder), reason=reason
        ) from fault


def refuse_reversal(cursor: duckdb.DuckDBPyConnection, import_id: object) -> None:
    """Refuse to take back, or to bring back, an import whose sales are in the lake.

    Raises
    ------
    InLakeError
        They are.
    """
    link = link_of(cursor)
    if link is None or not isinstance(import_id, int) or import_id > link.imports:
        return
    kind = cursor.execute(sql_files.step("kind_of_import"), {"import_id": import_id}).fetchone()
    if kind == ("sales",):
        raise InLakeError(import_id=import_id)


def _why_not(folder: Path) -> str:
    try:
        lake.read(folder)
    except AnalyticsError as fault:
        return str(fault.params.get("reason", "")) or type(fault).__name__
    return f"{lake.MANIFEST}: sha256"


def _view(connection: duckdb.DuckDBPyConnection, name: str, paths: list[Path]) -> None:
    step = "lake_lines" if paths else "lake_no_lines"
    files = ", ".join("'" + str(path).replace("'", "''") + "'" for path in paths)
    statement = sql_files.step(step).replace("'files'", files).replace("lake.lines", f"lake.{name}")
    connection.execute(statement)
