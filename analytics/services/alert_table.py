"""The alarms of a day, computed once per data version and day, whatever people did about them."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from analytics.scenario import Scenario
from analytics.services import alert_rules, alert_settings, planning
from analytics.services import unusual_sales as surprises
from analytics.services.alert_causes import EXPLAINS
from analytics.services.alert_rules import Seen
from analytics.services.levels import levels
from analytics.services.memory import Recent
from analytics.services.planning import Note
from analytics.store import Store

KINDS = (
    "stockout_ahead", "warning_line", "order_overdue", "sales_up", "sales_down", "sales_drift",
    "ageing_soon", "over_order",
)  # fmt: skip
ACTIONS = (
    "order", "expedite", "ask_supplier", "check_listing", "raise_order", "hold_order", "clear",
    "look",
)  # fmt: skip
STATES = ("open", "snoozed", "acknowledged")
COLUMNS = (
    "alert_id", "kind", "sku", "market", "name", "tier", "since_on", "due_on", "money_per_day",
    "units", "cause", "action", "order_id", "facts", "state", "snoozed_until", "reason", "who",
    "acted_at",
)  # fmt: skip
_MEMORY = 64 * 2**20


@dataclass(frozen=True, slots=True)
class Alerts:
    """The alarms of a day.

    Attributes
    ----------
    as_of : date
        The data's day.
    currency : str
        Base currency of all money; empty if no cost is known.
    table : DataFrame
        One row per alarm, columns `COLUMNS`, what costs most per day of waiting first; where the
        money is not known (NaN) by units, after all others. ``alert_id``:
        ``kind|sku|market|order``, the same text for as long as it is the same alarm. ``kind`` one
        of `KINDS`, ``cause`` of `CAUSES` (sales only; else empty), ``action`` of `ACTIONS`,
        ``state`` of `STATES`. ``units``: short, unusual, ageing or too many. ``since_on``,
        ``due_on``: since when, and when it hurts (NaT = not told). ``facts``: numbers and dates
        that its sentence names.
    notes : tuple of (code, facts)
        What was not looked at, and what explains sales that would else be alarms.
    """

    as_of: date
    currency: str
    table: pd.DataFrame
    notes: tuple[Note, ...]

    @property
    def nbytes(self) -> int:
        """Return about how much memory it holds."""
        return int(self.table.memory_usage().sum()) + 1_000 * len(self.table)


@dataclass(frozen=True, slots=True)
class Computed:
    """Alarms before anybody did anything about them, and all unusual sales."""

    alerts: Alerts
    sales: pd.DataFrame

    @property
    def nbytes(self) -> int:
        """Return about how much memory it holds."""
        return self.alerts.nbytes + 1_000 * len(self.sales)


_RECENT: Recent[Computed] = Recent(_MEMORY)


def computed(store: Store, as_of: date | None) -> Computed:
    """Return the alarms of a day and its unusual sales; errors are those of `planning.basis`."""
    return _RECENT.answer((store.version, as_of), lambda: _compute(store, as_of))


def _compute(store: Store, as_of: date | None) -> Computed:
    basis = planning.basis(store, as_of)
    needed = levels(basis, Scenario(as_of=as_of))
    seen = alert_rules.seen_of(basis, needed, alert_settings.rules(store))
    sales = surprises.found(seen)
    loud = sales.loc[sales["is_alarm"].astype(bool), [*alert_rules.COLUMNS]]
    parts = [
        alert_rules.stock(seen), alert_rules.orders(seen), loud, alert_rules.ageing(seen),
        alert_rules.over_orders(seen),
    ]  # fmt: skip
    every = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
    table = _ranked(_named(seen, _collapsed(seen, every)))
    found = Alerts(basis.outlook.as_of, basis.currency, table, tuple(_notes(seen, sales)))
    return Computed(found, _told_sales(seen, sales))


def _collapsed(seen: Seen, every: pd.DataFrame) -> pd.DataFrame:
    """Return the alarms without those that another one says already."""
    row = every["row"].to_numpy(dtype=np.int64)
    kind = every["kind"].to_numpy(dtype=object)
    short = frozenset(row[np.isin(kind.astype(str), ["stockout_ahead", "warning_line"])].tolist())
    ends = frozenset(row[kind == "stockout_ahead"].tolist())
    brings = alert_rules.overdue_items(seen)
    names = every["order_id"].to_numpy(dtype=object)
    said = np.array(
        [
            (code == "over_order" and item in short)
            or (code == "order_overdue" and brings.get(str(name), frozenset([-1])) <= ends)
            for code, item, name in zip(kind.tolist(), row.tolist(), names.tolist(), strict=True)
        ],
        dtype=bool,
    )
    held = frozenset(row[(kind == "over_order") & ~said].tolist())
    aged = (kind == "ageing_soon") & np.isin(row, [*held])
    left: pd.DataFrame = every.loc[~(said | aged)]
    return left


def _named(seen: Seen, every: pd.DataFrame) -> pd.DataFrame:
    """Return the alarms with their items and their lasting names, open all of them."""
    item = seen.lines[["sku", "market", "name", "tier"]].iloc[every["row"].to_numpy(dtype=np.int64)]
    item = item.reset_index(drop=True).astype(object)
    every = every.reset_index(drop=True)
    by_order = (every["kind"] == "order_overdue").to_numpy()
    parts = [
        every["kind"],
        item["sku"].where(~by_order, ""),
        item["market"].where(~by_order, ""),
        every["order_id"].where(by_order, ""),
    ]
    name = pd.Series(["|".join(map(str, row)) for row in zip(*parts, strict=True)], dtype=object)
    n = len(every)
    return every.assign(
        sku=item["sku"], market=item["market"], name=item["name"], tier=item["tier"],
        alert_id=name, state="open",
        snoozed_until=np.full(n, np.datetime64("NaT"), dtype="M8[us]"), reason="", who="",
        acted_at=np.full(n, np.datetime64("NaT"), dtype="M8[us]"),
    )[[*COLUMNS]]  # fmt: skip


def _ranked(table: pd.DataFrame) -> pd.DataFrame:
    """Return the alarms, the dearest first; what has no price after them, the most units first."""
    order = pd.Series(range(len(KINDS)), list(KINDS))
    ranked = table.assign(rank=table["kind"].map(order).astype(float), units_=-table["units"])
    ranked = ranked.assign(money_=-table["money_per_day"].astype(float))
    return ranked.sort_values(
        ["money_", "rank", "units_", "sku", "market"], na_position="last", kind="stable",
        ignore_index=True,
    )[[*COLUMNS]]  # fmt: skip


def _notes(seen: Seen, sales: pd.DataFrame) -> list[Note]:
    """Say what was not looked at for want of data, and what sold unusually for a known reason."""
    found: list[Note] = []
    unknown = int(np.isnan(seen.position).sum())
    if unknown:
        found.append(("alerts_without_stock", {"items": unknown, "all": len(seen.lines)}))
    if seen.basis.outlook.orders.empty:
        found.append(("alerts_without_orders", {}))
    priceless = int(np.isnan(seen.basis.economics.stockout_cost).sum())
    if priceless:
        found.append(("alerts_without_money", {"items": priceless}))
    explained = sales["cause"].isin(EXPLAINS).sum()
    if explained:
        found.append(("sales_explained", {"items": int(explained)}))
    return found


def _told_sales(seen: Seen, sales: pd.DataFrame) -> pd.DataFrame:
    item = seen.lines[["sku", "market", "name", "tier"]].iloc[sales["row"].to_numpy(dtype=np.int64)]
    told = pd.DataFrame(
        [*sales["facts"]], columns=["sold", "expected", "change"], index=item.index
    ).astype(np.float64)
    kept = ["kind", "since_on", "units", "gain_per_day", "cause", "is_alarm"]
    own = sales[kept].rename(columns={"gain_per_day": "money_per_day"}).set_axis(item.index)
    table = pd.concat([item, own, told], axis=1).reset_index(drop=True)
    key = table["money_per_day"].astype(np.float64)
    return table.iloc[np.argsort(-key.to_numpy(), kind="stable")].reset_index(drop=True)
