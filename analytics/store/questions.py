"""What can be asked of a workspace: one query per question."""

from datetime import date
from pathlib import Path

import pandas as pd

from analytics.actor import LOCAL, Actor
from analytics.errors import ReadOnlyWorkspaceError
from analytics.store import sql_files
from analytics.store.database import Database
from analytics.store.recovery import Recovery


class Questions:
    """The questions; each call has a cursor of its own, so threads may ask at once."""

    folder: Path
    read_only: bool
    is_lent: bool = False  # to a guest, who may look and take nothing along
    actor: Actor = LOCAL
    _database: Database

    # What a workspace is

    @property
    def version(self) -> str:
        """A random id that changes with every change of the data."""
        return str(self._fact("version"))

    @property
    def is_empty(self) -> bool:
        """Whether it holds no sales."""
        return bool(self._value("is_empty"))

    @property
    def salt(self) -> str:
        """The secret of this workspace that customers are hashed with."""
        return str(self._fact("salt"))

    # Questions

    def daily_sales(self) -> pd.DataFrame:
        """Return units sold: ``sku``, ``market``, ``date``, ``units`` (above zero).

        Cancelled and reversed lines do not count, what was sent back does; aliases, bundles and
        pooled markets are applied; totals of weeks and months are spread evenly over their days.
        Where files tell line by line also ``orders`` (lines), ``largest`` (units of one line) and
        ``price`` (of a unit, in the item's commonest currency).
        """
        return self._frame("daily_sales")

    def daily_returns(self) -> pd.DataFrame:
        """Return units that came back: ``sku``, ``market``, ``date``, ``returned``."""
        return self._frame("daily_returns")

    def prices_paid(self, starts_on: date, ends_on: date) -> pd.DataFrame:
        """Return what buyers paid: ``sku``, ``market``, ``currency``, ``units``, ``revenue``.

        Of the lines of those days that name a price; without a currency it is missing.
        """
        return self._frame("prices_paid", starts_on=starts_on, ends_on=ends_on)

    def coverage(self) -> pd.DataFrame:
        """Return the days that files tell of: ``market``, ``starts_on``, ``ends_on``."""
        return self._frame("coverage")

    def item_coverage(self) -> pd.DataFrame:
        """Return the days that the files of an item's shops tell of.

        Columns ``sku``, ``market``, ``shop``, ``starts_on``, ``ends_on``; shops in which the item
        has sold.
        """
        return self._frame("item_coverage")

    def items(self, as_of: date | None = None) -> pd.DataFrame:
        """Return what is planned, one row per ``sku`` and ``market``, with its master data.

        Further columns: ``name``, ``category``, ``supplier``, ``unit_cost``, ``price`` (that no
        list states: the mean of what was paid until ``as_of``; none = at any time), ``currency``
        (of the cost), ``price_currency``, ``moq``, ``carton_quantity`` (units),
        ``carton_volume_m3``, ``carton_weight_kg``, ``lead_time_days`` (only if it was edited),
        ``launched_on``, ``tier``, ``storage_fee``, ``storage_currency``, ``salvage_value``,
        ``salvage_currency`` (each of the row that states the amount), ``discontinued`` (bool),
        ``note`` (may be empty), ``predecessor`` (a SKU), ``first_sale``, ``last_sale``,
        ``units`` (sold in all).

        Judgements of the kind ``item`` are applied last: scope ``{"sku", "market"}`` (no or an
        empty market = every one), body ``{column: value}``. Of several that name a column the
        newest counts, an item's own before that of its SKU everywhere; null gives the column back
        to the files, and so does a value of the wrong kind.
        """
        return self._frame("items", as_of=as_of)

    def stock_history(self) -> pd.DataFrame:
        """Return counts of stock, summed over warehouses, each at its latest count.

        Columns ``sku``, ``market``, ``date``, ``on_hand``, ``inbound``, ``reserved`` (units).
        Without a market it is a central store's; without a date it counts as of the plan's day.
        """
        return self._frame("stock_history")

    def stock_places(self) -> pd.DataFrame:
        """Return counts of stock, warehouse by warehouse.

        Columns ``sku``, ``market`` (missing = a central store), ``warehouse`` (missing = all of
        them together, in a list that names none), ``date`` (missing = the plan's day), ``until``
        (first day on which the count no longer holds, as a newer one does; missing = it holds),
        ``on_hand``, ``inbound``, ``reserved`` (units).

        On any day the counts with ``date <= day < until`` add up to those of `stock_history`.
        """
        return self._frame("stock_places")

    def purchase_orders(self) -> pd.DataFrame:
        """Return orders with suppliers, one row per receipt; ``open_quantity`` is still to come.

        Those of the ledger are among them, until an imported line has the same order number and
        SKU, or they are taken back.
        """
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

    def readings(self) -> pd.DataFrame:
        """Return what was named for sheets that stand: ``sha256, place, market, shop``."""
        return self._frame("readings")

    def rejects(self, import_id: int) -> pd.DataFrame:
        """Return the rows of an import that could not be used, and why."""
        return self._frame("rejects", import_id=import_id)

    def acts(self) -> pd.DataFrame:
        """Return what was done to imports later: ``import_id``, ``act``, ``who``, ``acted_at``."""
        return self._frame("acts")

    def mapping(self, fingerprint: str) -> str | None:
        """Return what was chosen for files of one shape, or None."""
        found = self._frame("mapping", fingerprint=fingerprint)["choice"]
        return None if found.empty else str(found.iloc[0])

    def mappings(self) -> pd.DataFrame:
        """Return all choices: ``fingerprint``, ``choice``, ``chosen_at``, the latest first."""
        return self._frame("mappings")

    def named(self, kind: str) -> pd.DataFrame:
        """Return aliases, bundles or pooled markets as last stated and as they were written.

        Columns ``alias``, ``sku``; ``bundle``, ``sku``, ``quantity``; ``country``, ``market``.
        """
        answers = {
            "aliases": self.named_aliases,
            "bundles": self.named_bundles,
            "markets": self.named_markets,
        }
        return answers[kind]()

    def named_aliases(self) -> pd.DataFrame:
        """Return the aliases that hold: ``alias``, ``sku``."""
        return self._frame("named_aliases")

    def named_bundles(self) -> pd.DataFrame:
        """Return what bundles hold: ``bundle``, ``sku``, ``quantity``."""
        return self._frame("named_bundles")

    def named_markets(self) -> pd.DataFrame:
        """Return the countries that are pooled: ``country``, ``market``."""
        return self._frame("named_markets")

    # Soundness

    @property
    def recovery(self) -> Recovery | None:
        """What was last wrong with the file, and what was done about it; None once forgotten."""
        found = self._fact("recovery")
        return None if found is None else Recovery.from_json(str(found))

    @property
    def is_settled(self) -> bool:
        """Whether the sales that everything reads are those that the imports give."""
        return bool(self._value("is_settled"))

    def unbalanced(self) -> pd.DataFrame:
        """Return the imports (``import_id``) whose account does not close on their lines."""
        return self._frame("unbalanced")

    def _refuse_if_read_only(self) -> None:
        if self.read_only:
            raise ReadOnlyWorkspaceError(folder=str(self.folder))

    def _frame(self, name: str, **params: object) -> pd.DataFrame:
        with self._database.asking() as cursor:
            return cursor.execute(sql_files.question(name), params or None).df()

    def _value(self, name: str) -> object:
        with self._database.asking() as cursor:
            row = cursor.execute(sql_files.question(name)).fetchone()
        return row[0] if row else None

    def _fact(self, name: str) -> object:
        """Return what the file says of itself, wherever its sales lie."""
        with self._database.cursor() as cursor:
            row = cursor.execute(sql_files.question(name)).fetchone()
        return row[0] if row else None
