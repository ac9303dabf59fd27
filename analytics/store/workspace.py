"""The workspace: questions to its data, and the few ways to change them."""

import logging
import secrets
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

import duckdb
import pandas as pd
import pyarrow as pa

from analytics.errors import (
    DamagedWorkspaceError,
    NoDataError,
    ReadOnlyWorkspaceError,
    UnknownImportError,
    WriteFailedError,
)
from analytics.progress import Progress, silent
from analytics.store import durable, loading, snapshots, sql_files
from analytics.store.checking import Finding, raw_findings
from analytics.store.database import Database, exists
from analytics.store.loading import SheetAccount, SheetLoad

if TYPE_CHECKING:
    from datetime import datetime

FILE = "leeway.duckdb"
FORECASTS_KEPT = 4
RAW_DAYS = 30

_log = logging.getLogger(__name__)


class Store:
    """One workspace: a folder with one DuckDB file, the raw uploads, and copies for readers.

    A store may be shared between threads; every call has a cursor of its own.

    Examples
    --------
    >>> with Store.open(getfixture("tmp_path")) as store:
    ...     store.is_empty, list(store.imports())[:3]
    (True, ['import_id', 'file', 'sheet'])
    """

    def __init__(self, database: Database, folder: Path, *, read_only: bool) -> None:
        self._database = database
        self._is_open = True
        self.folder = folder
        self.read_only = read_only
        self.snapshot_time: datetime | None = None

    @classmethod
    def open(cls, folder: Path, *, read_only: bool = False) -> Self:
        """Open the workspace in ``folder``; unless ``read_only``, make it if there is none.

        Raises
        ------
        WorkspaceBusyError
            Another process holds it.
        WorkspaceUnusableError
            It is damaged, out of reach, or of a newer version; nothing was changed.
        NoDataError
            It is to be read only, and does not exist.
        """
        folder = folder.expanduser().absolute()
        path = folder / FILE
        if read_only and not exists(path):
            raise NoDataError
        database = Database.shared(path.resolve(), read_only=read_only)
        return cls(database, folder, read_only=read_only)

    @classmethod
    def open_snapshot(cls, folder: Path) -> Self | None:
        """Open the newest readable copy that was taken of the workspace in ``folder``, if any."""
        folder = folder.expanduser().absolute()
        for path in snapshots.newest_first(folder / "backup"):
            try:
                database = Database.shared(path.resolve(), read_only=True)
            except DamagedWorkspaceError:
                continue
            store = cls(database, folder, read_only=True)
            store.snapshot_time = snapshots.taken_at(path)
            return store
        return None

    def close(self) -> None:
        """Let go of the workspace; the file is closed with the last store of the process."""
        if self._is_open:
            self._is_open = False
            self._database.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    # What a workspace is

    @property
    def version(self) -> str:
        """A random id that changes with every change of the data."""
        return str(self._value("version"))

    @property
    def is_empty(self) -> bool:
        """Whether it holds no sales."""
        return bool(self._value("is_empty"))

    @property
    def salt(self) -> str:
        """The secret of this workspace that customers are hashed with."""
        return str(self._value("salt"))

    @property
    def busy_with(self) -> str:
        """Whose change is being made, and waited for; empty if nobody's."""
        return self._database.turnstile.holder

    # Questions

    def daily_sales(self) -> pd.DataFrame:
        """Return units sold: ``sku``, ``market``, ``date``, ``units`` (above zero).

        Cancelled and reversed lines do not count, what was sent back does; aliases, bundles and
        pooled markets are applied; totals of weeks and months are spread evenly over their days.
        """
        return self._frame("daily_sales")

    def coverage(self) -> pd.DataFrame:
        """Return the days that files tell of: ``market``, ``starts_on``, ``ends_on``."""
        return self._frame("coverage")

    def item_coverage(self) -> pd.DataFrame:
        """Return the days that the files of an item's shops tell of.

        Columns ``sku``, ``market``, ``shop``, ``starts_on``, ``ends_on``; shops in which the item
        has sold.
        """
        return self._frame("item_coverage")

    def items(self) -> pd.DataFrame:
        """Return what is planned, one row per ``sku`` and ``market``, with its master data.

        Further columns: ``name``, ``category``, ``supplier``, ``unit_cost``, ``price``,
        ``currency`` (of the cost), ``price_currency``, ``moq``, ``carton_quantity`` (units),
        ``launched_on``, ``tier``, ``storage_fee``, ``first_sale``, ``last_sale``, ``units`` (sold
        in all).
        """
        return self._frame("items")

    def stock_history(self) -> pd.DataFrame:
        """Return counts of stock, summed over warehouses, each at its latest count.

        Columns ``sku``, ``market``, ``date``, ``on_hand``, ``inbound``, ``reserved`` (units).
        Without a market it is a central store's; without a date it counts as of the plan's day.
        """
        return self._frame("stock_history")

    def purchase_orders(self) -> pd.DataFrame:
        """Return orders with suppliers, one row per receipt; ``open_quantity`` is still to come."""
        return self._frame("purchase_orders")

    def events(self) -> pd.DataFrame:
        """Return the seller's own dated events."""
        return self._frame("events")

    def routes(self) -> pd.DataFrame:
        """Return ways from supplier to shelf, in days per stage."""
        return self._frame("routes")

    def rates(self) -> pd.DataFrame:
        """Return exchange rates: ``currency``, ``date``, ``rate``."""
        return self._frame("rates")

    def settings(self) -> dict[str, str]:
        """Return what the seller decided, by name."""
        frame = self._frame("settings")
        return dict(zip(frame["name"], frame["value"], strict=True))

    def imports(self) -> pd.DataFrame:
        """Return every import with its row account, newest first."""
        return self._frame("imports")

    def rejects(self, import_id: int) -> pd.DataFrame:
        """Return the rows of an import that could not be used, and why."""
        return self._frame("rejects", import_id=import_id)

    def forecast(self, key: str) -> pd.DataFrame | None:
        """Return the forecast stored under ``key``, or None."""
        frame = self._frame("forecast", key=key)
        return None if frame.empty else frame

    # Soundness

    @property
    def is_settled(self) -> bool:
        """Whether the sales that everything reads are those that the imports give."""
        return bool(self._value("is_settled"))

    def unbalanced(self) -> pd.DataFrame:
        """Return the imports (``import_id``) whose account does not close on their lines."""
        return self._frame("unbalanced")

    def check(self) -> list[Finding]:
        """Return what is wrong with the workspace as codes and facts; nothing is an empty list."""
        numbers = self.unbalanced()["import_id"]
        found: list[Finding] = [("check.unbalanced", {"import_id": int(n)}) for n in numbers]
        if not self.is_settled:
            found.append(("check.unsettled", {}))
        digests = self.imports()["sha256"].unique()
        return [*found, *raw_findings(self.folder / "raw", digests), *self._copies()]

    def _copies(self) -> Iterator[Finding]:
        for path in snapshots.newest_first(self.folder / "backup"):
            try:
                Database.shared(path.resolve(), read_only=True).release()
            except DamagedWorkspaceError:
                yield "check.copy_damaged", {"path": str(path)}

    # Changes

    def keep_raw(self, source: bytes | Path) -> tuple[str, Path]:
        """Keep an upload as it came, before anybody reads it; return its SHA-256 and its path."""
        self._refuse_if_read_only()
        return durable.keep(self.folder / "raw", source)

    def sweep_raw(self, today: date) -> None:
        """Delete uploads that were kept longer than the setting ``raw_days`` says, 30 by default.

        A disk that refuses is logged: what was imported stands.
        """
        self._refuse_if_read_only()
        days = _days_of(self.settings().get("raw_days", ""))
        try:
            durable.sweep(self.folder / "raw", date.fromordinal(max(today.toordinal() - days, 1)))
        except WriteFailedError as fault:
            _log.warning("Old uploads could not be deleted: %s", fault)

    def load(
        self, sheets: Sequence[SheetLoad], *, dry_run: bool = False, progress: Progress = silent
    ) -> list[SheetAccount]:
        """Load ``sheets``, all of them or none; return what became of their rows.

        Parameters
        ----------
        sheets : sequence of SheetLoad
            Each becomes an import of its own, numbered in this order.
        dry_run : bool
            Do the same, then take everything back.
        progress : Progress
            Told the file in hand, or whom the load waits for; may raise `Cancelled`.

        Raises
        ------
        ReadOnlyWorkspaceError
            The workspace only reads.
        WriteFailedError
            The disk refused; nothing was changed.
        """
        self._refuse_if_read_only()
        who = sheets[0].who or sheets[0].file if sheets else ""
        with self._database.turnstile.held(who, progress):
            with self._database.transaction(keep=not dry_run) as cursor:
                accounts = loading.load(cursor, sheets, progress)
                is_changed = any(account.same_as is None for account in accounts)
                if is_changed and not dry_run:
                    progress(len(sheets), len(sheets) + 1, "")
                    self._settle(cursor)
            if is_changed and not dry_run:
                self._snapshot_or_warn()
        return accounts

    def undo(self, import_id: int, *, who: str = "") -> None:
        """Take an import back, wherever it stands in the history.

        Raises
        ------
        UnknownImportError
            There is no such import, or it was taken back already.
        """
        self._refuse_if_read_only()
        with self._database.turnstile.held(who):
            with self._database.transaction() as cursor:
                facts = {"import_id": import_id, "who": who}
                if cursor.execute(sql_files.step("undo_import"), facts).fetchone() is None:
                    raise UnknownImportError(import_id=import_id)
                self._settle(cursor)
            self._snapshot_or_warn()

    def save_setting(self, name: str, value: str) -> None:
        """Keep a decision of the seller."""
        self._refuse_if_read_only()
        with self._database.turnstile.held(name), self._database.transaction() as cursor:
            cursor.execute(sql_files.step("set_setting"), {"name": name, "value": value})
            _renew(cursor)

    def save_forecast(self, key: str, frame: pd.DataFrame) -> None:
        """Keep a forecast under ``key``; of older ones the newest few stay.

        Parameters
        ----------
        key : str
            What the forecast depends on: data version, day, method.
        frame : DataFrame
            ``sku``, ``market``, ``step``, ``week``, ``mean``, ``sd``, ``cumulative_mean``,
            ``cumulative_sd``, ``group``, ``season_strength``, ``member``.
        """
        self._refuse_if_read_only()
        rows = pa.Table.from_pandas(frame, preserve_index=False)
        with self._database.turnstile.held(key), self._database.transaction() as cursor:
            cursor.execute(sql_files.step("drop_forecast"), {"key": key})
            cursor.register("incoming", rows)
            cursor.execute(sql_files.step("insert_forecast"), {"key": key})
            cursor.execute(sql_files.step("forget_forecasts"), {"keep": FORECASTS_KEPT})

    def snapshot(self) -> Path:
        """Copy the workspace for readers while this process holds it; return the copy.

        Raises
        ------
        WriteFailedError
            The disk refused.
        """
        self._refuse_if_read_only()
        with self._database.turnstile.held("snapshot"):
            return self._snapshot()

    # Parts of a change

    def _settle(self, cursor: duckdb.DuckDBPyConnection) -> None:
        loading.rebuild(cursor)
        _renew(cursor)

    def _snapshot_or_warn(self) -> None:
        """Copy what was saved; the change stands even if no copy could be made of it."""
        try:
            self._snapshot()
        except WriteFailedError as fault:
            _log.warning("No snapshot after the change: %s", fault)

    def _snapshot(self) -> Path:
        self._database.checkpoint()
        return snapshots.take(self._database.path, self.folder / "backup", self.version)

    def _refuse_if_read_only(self) -> None:
        if self.read_only:
            raise ReadOnlyWorkspaceError(folder=str(self.folder))

    def _frame(self, name: str, **params: object) -> pd.DataFrame:
        with self._database.cursor() as cursor:
            return cursor.execute(sql_files.question(name), params or None).df()

    def _value(self, name: str) -> object:
        with self._database.cursor() as cursor:
            row = cursor.execute(sql_files.question(name)).fetchone()
        return row[0] if row else None


def _days_of(setting: str) -> int:
    """Return for how many days uploads are kept; what is no number of days is no setting."""
    return int(setting) if setting.isdecimal() else RAW_DAYS


def _renew(cursor: duckdb.DuckDBPyConnection) -> None:
    cursor.execute(sql_files.step("set_version"), {"version": secrets.token_hex(16)})
