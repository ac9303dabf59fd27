"""What changed from one period to the next: sales, stock, tiers, orders, and service kept."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics import kpi
from analytics.services import past_stock
from analytics.services.planning import Basis
from analytics.services.review_periods import Period, Wanted, asked, covered, gaps, wanted

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
MEASURES = ("units_sold", "sales_value", "stock_value", "days_out", "items_out", "slow_items",
            "dead_items", "tier_moves", "orders_placed", "orders_received",
            "orders_overdue")  # fmt: skip
UNITS = ("units", "money", "money", "days", "items", "items", "items", "items", "units", "units",
         "orders")  # fmt: skip
BY = ("tier", "market")
SLOW_CHANGES = ("came", "stayed", "left")
_STANDS_STILL = ("slow", "dead")
_KEYS = ["sku", "market"]
_SALES = ["units_sold", "sales_value"]
_SUMS = ("units_sold", "sales_value", "value_now", "days_out")


@dataclass(frozen=True, slots=True)
class Now:
    """One period, and what was known at its end.

    Attributes
    ----------
    period : Period
        Its days.
    basis : Basis
        Of the last of them.
    ledger : kpi.Ledger
        What stood and sold on each of them; rows are the items of ``basis``.
    """

    period: Period
    basis: Basis
    ledger: kpi.Ledger

    @classmethod
    def of(cls, basis: Basis, period: Period) -> "Now":
        """Return a period whose last day is that of ``basis``."""
        ledger = past_stock.days(basis, starts_on=period.starts_on, ends_on=period.ends_on)
        return cls(period, basis, ledger)

    @property
    def keys(self) -> pd.MultiIndex:
        """Return SKU and market of each row."""
        return pd.MultiIndex.from_frame(self.basis.outlook.items[_KEYS].astype(object))

    @property
    def tier(self) -> NDArray[np.object_]:
        """Return each item's tier, shape (n_items,)."""
        return self.basis.tiers["tier"].to_numpy(dtype=object)

    @property
    def is_out(self) -> NDArray[np.bool_]:
        """Return whether each item was on sale and had nothing left, by day."""
        return np.asarray(self.ledger.is_active & self.ledger.is_out)

    @property
    def asked(self) -> Array:
        """Return what buyers asked for by item and day, see `review_periods.asked`."""
        ledger = self.ledger
        return asked(self.basis.outlook, self.period, ledger.demand_rate, ledger.on_hand)

    @property
    def wanted(self) -> Wanted:
        """Return what they asked for in all, and how much of that is known."""
        ledger = self.ledger
        return wanted(self.basis.outlook, self.period, ledger.demand_rate, ledger.on_hand)

    @property
    def is_covered(self) -> Flags:
        """Return whether the files cover every day, shape (n_items,)."""
        return covered(self.basis.outlook, self.period)

    def by_item(self) -> pd.DataFrame:
        """Return ``units_sold``, ``sales_value``, ``value_now``, ``days_out`` of each item."""
        found = pd.DataFrame(kpi.inputs(self.ledger))
        return pd.DataFrame(
            {
                "units_sold": found["sold"],
                "sales_value": found["revenue"].where(found["sold"] > 0, 0.0),
                "value_now": found["value_now"],
                "days_out": found["days_out"].where(found["days_known"] > 0),
            }
        )


def changes(now: Now, then: Now | None) -> pd.DataFrame:
    """Return what a period came to, beside the one before.

    Returns
    -------
    DataFrame
        ``measure`` (`MEASURES`), ``unit``, ``this_period``, ``last_period``, ``difference``,
        ``change`` (share of what was before; NaN = there was nothing, or it is not known). NaN =
        cannot be said: without stock lists no stock, without purchase orders no orders. Sales are
        those of items whose files cover every day of both periods.
    """
    known, was_known = comparable(now, then)
    after = _figures(now, known) | {"tier_moves": float(len(moves(now, then))) if then else np.nan}
    before = _figures(then, was_known) if then else {}
    frame = pd.DataFrame(
        {
            "measure": MEASURES,
            "unit": UNITS,
            "this_period": [after[name] for name in MEASURES],
            "last_period": [before.get(name, np.nan) for name in MEASURES],
        }
    )
    more = frame["this_period"] - frame["last_period"]
    share = (more / frame["last_period"]).where(frame["last_period"] > 0)
    return frame.assign(difference=more, change=share)


def comparable(now: Now, then: Now | None) -> tuple[Flags, Flags]:
    """Return whose sales are known of every day of both periods: of items now, and of items then.

    An item that was not there yet sold nothing, if the files cover its market. Where no item's are
    known of both, those of the period itself count, and there is nothing to compare them with.
    """
    if then is None:
        return now.is_covered, np.zeros(0, dtype=bool)
    market = now.basis.outlook.items["market"].to_numpy(dtype=object)
    told = {name for name, _ in gaps(then.basis.outlook, then.period)}
    place = then.keys.get_indexer(now.keys)
    before = np.where(place >= 0, then.is_covered[place], ~np.isin(market, list(told)))
    both = now.is_covered & before
    if not both.any():
        return now.is_covered, np.zeros(len(then.keys), dtype=bool)
    back = now.keys.get_indexer(then.keys)
    return both, np.where(back >= 0, both[back], False)


def _figures(now: Now, is_known: Flags) -> dict[str, float]:
    found, status = _told(now, is_known), now.basis.tiers["status"]
    last = now.ledger.last_stock
    has_stock = bool(np.isfinite(last).any())
    sums = {name: _sum(found[name]) for name in _SUMS}
    return {
        **sums,
        "stock_value": sums["value_now"],
        "items_out": float(now.is_out[:, -1].sum()) if has_stock else np.nan,
        "slow_items": float((status == "slow").sum()) if has_stock else np.nan,
        "dead_items": float((status == "dead").sum()) if has_stock else np.nan,
        **_orders_of(now),
    }


def _told(now: Now, is_known: Flags) -> pd.DataFrame:
    """Return `Now.by_item` without the sales of which not every day is known."""
    found = now.by_item()
    return found.assign(**{name: found[name].where(is_known) for name in _SALES})


def _sum(values: pd.Series) -> float:
    known = values.dropna()
    return float(known.sum()) if len(known) else np.nan


def _orders_of(now: Now) -> dict[str, float]:
    names = ("orders_placed", "orders_received", "orders_overdue")
    if now.basis.outlook.orders.empty:
        return dict.fromkeys(names, np.nan)
    found = orders(now)
    total = found.groupby("event")["quantity"].sum()
    late = found.loc[found["event"] == "overdue"]
    values = (total.get("placed", 0.0), total.get("received", 0.0), float(len(late)))
    return dict(zip(names, map(float, values), strict=True))


def groups(now: Now, then: Now | None) -> pd.DataFrame:
    """Return the same by tier and by market.

    Returns
    -------
    DataFrame
        ``by`` (one of `BY`), ``group``, then each of ``units_sold``, ``sales_value``, ``value_now``
        (of stock, at the end), ``days_out`` and the same of the period before as
        ``units_sold_before`` ... An item counts with the tier that it has now in either period;
        sales as of `changes`.
    """
    known, was_known = comparable(now, then)
    found = _told(now, known).assign(tier=now.tier, market=now.keys.get_level_values(1))
    if then is None:
        past = pd.DataFrame(np.nan, index=found.index, columns=list(_SUMS))
    else:
        at = then.keys.get_indexer(now.keys)
        past = _told(then, was_known).reindex(at).reset_index(drop=True)
        is_new = known & (at < 0) & bool(was_known.any())
        past["units_sold"] = past["units_sold"].mask(is_new, 0.0)  # it was not there: sold nothing
    wide = found.join(past.add_suffix("_before"))
    names = [name for each in _SUMS for name in (each, f"{each}_before")]
    parts = [
        wide.groupby(by)[names].sum(min_count=1).rename_axis("group").reset_index().assign(by=by)
        for by in BY
    ]
    return pd.concat(parts, ignore_index=True)[["by", "group", *names]]


def moves(now: Now, then: Now | None) -> pd.DataFrame:
    """Return the items that changed their tier: ``sku``, ``market``, ``name``, both tiers."""
    both = _both(now, then)
    moved = both.loc[both["tier_was"].notna() & (both["tier"] != both["tier_was"])]
    moved = moved.sort_values("units_sold", ascending=False, kind="stable").reset_index(drop=True)
    return moved[[*_KEYS, "name", "tier_was", "tier", "units_sold"]]


def slow(now: Now, then: Now | None) -> pd.DataFrame:
    """Return what stands still, and what did not or does no longer, most money first.

    Returns
    -------
    DataFrame
        ``sku``, ``market``, ``name``, ``tier``, ``moved`` (one of `SLOW_CHANGES`),
        ``status_before`` (missing = nobody knows), ``status``, ``on_hand`` (units), ``value_now``
        (NaN = no cost), ``aged_units``, ``slow_days`` (the threshold).
    """
    both: pd.DataFrame = _both(now, then)
    was, now_ = (both[name].isin(_STANDS_STILL) for name in ("status_before", "status"))
    moved = np.select([now_ & was, now_, was], ["stayed", "came", "left"], "")
    both = both.assign(moved=moved).loc[moved != ""]
    columns = [*_KEYS, "name", "tier", "moved", "status_before", "status", "on_hand", "value_now",
               "aged_units", "slow_days"]  # fmt: skip
    order = ["value_now", "on_hand"]
    return both[columns].sort_values(order, ascending=False, kind="stable", ignore_index=True)


def _both(now: Now, then: Now | None) -> pd.DataFrame:
    """Return every item with its tier and status at both ends."""
    told = now.basis.tiers
    found = now.basis.outlook.items[[*_KEYS, "name"]].assign(
        tier=told["tier"].to_numpy(dtype=object),
        status=told["status"].to_numpy(dtype=object),
        on_hand=told["on_hand"].to_numpy(dtype=np.float64),
        aged_units=told["aged_units"].to_numpy(dtype=np.float64),
        slow_days=told["slow_days"].to_numpy(),
        units_sold=now.ledger.sold.sum(axis=1),
    )
    found = found.assign(value_now=found["on_hand"] * now.basis.economics.landed_cost)
    if then is None:
        return found.assign(tier_was=None, status_before=None)
    past = then.basis.tiers.reindex(then.keys.get_indexer(now.keys))
    return found.assign(
        tier_was=past["tier"].to_numpy(dtype=object),
        status_before=past["status"].to_numpy(dtype=object),
    )


def orders(now: Now) -> pd.DataFrame:
    """Return what was ordered and what came in the period, and what is overdue at its end.

    Returns
    -------
    DataFrame
        ``event`` (``placed``, ``received``, ``overdue``), ``date`` (of the event; of what is
        overdue the day on which it was expected), ``order_id``, ``sku``, ``market``, ``supplier``,
        ``route``, ``quantity`` (units).
    """
    first, last = (pd.Timestamp(day) for day in (now.period.starts_on, now.period.ends_on))
    known, late = now.basis.outlook.orders, now.basis.arrivals
    came = known["received_on"].between(first, last)
    units = known["quantity_received"].fillna(known["quantity"])
    received = known.loc[came].assign(
        event="received", date=known["received_on"], quantity=units[came]
    )
    placed = known.loc[known["ordered_on"].between(first, last)]
    placed = placed.assign(event="placed", date=placed["ordered_on"], quantity=_ordered(placed))
    late = late.loc[late["is_overdue"].astype(bool) & late["order_id"].notna()]
    items = now.basis.outlook.items
    late = late.assign(
        event="overdue",
        date=late["expected_on"],
        sku=items["sku"].to_numpy()[late["item"]],
        quantity=late["units"],
    )
    columns = ["event", "date", "order_id", *_KEYS, "supplier", "route", "quantity"]
    parts = [part[columns].astype({"route": object, "supplier": object}) for part in
             (placed, received, late)]  # fmt: skip
    filled = [part for part in parts if len(part)]
    return pd.concat(filled, ignore_index=True) if filled else parts[0].reset_index(drop=True)


def _ordered(placed: pd.DataFrame) -> pd.Series:
    """Return the units of each receipt's part of an order: of several, each has its own."""
    several = placed.duplicated(["order_id", *_KEYS, "ordered_on"], keep=False)
    part = placed["quantity_received"].fillna(0.0) + placed["open_quantity"].fillna(0.0)
    return placed["quantity"].where(~several, part)


def service(now: Now, then: Now | None) -> pd.DataFrame:
    """Return what was promised and what was kept, of all (``tier`` empty) and by tier.

    Returns
    -------
    DataFrame
        ``tier``, ``items``, ``target`` (the policies' targets, weighted by demand), ``in_stock``
        (share of demand that met stock), ``in_stock_before``, ``days_out`` of
        ``days_known``, ``units_lost`` (estimated: what would usually have sold on those days).
        NaN = no stock is known.
    """
    frame = _kept(now)
    before = frame[["tier"]].assign(in_stock_before=np.nan)
    if then is not None:
        before = _kept(then)[["tier", "in_stock"]].rename(columns={"in_stock": "in_stock_before"})
    columns = ["tier", "items", "target", "in_stock", "in_stock_before", "days_out", "days_known",
               "units_lost"]  # fmt: skip
    return frame.merge(before, on="tier", how="left", sort=False)[columns]


def _kept(now: Now) -> pd.DataFrame:
    ledger, tier = now.ledger, now.tier.astype(str)
    rate = kpi.measures(ledger, tier).rename(columns={"group": "tier", "in_stock_rate": "in_stock"})
    found = pd.DataFrame(kpi.inputs(ledger))
    weight = found["demand_known"].fillna(0.0)
    missed = np.maximum(np.nan_to_num(now.asked) - ledger.sold, 0.0)
    each = pd.DataFrame(
        {
            "tier": tier,
            "weight": weight,
            "promise": weight * now.basis.policies.service_level,
            "units_lost": np.where(now.is_out, missed, 0.0).sum(axis=1),
            "days_out": found["days_out"],
            "days_known": found["days_known"],
        }
    )
    whole = each.drop(columns="tier").sum().to_frame("").T
    total = pd.concat([whole, each.groupby("tier").sum()])
    total = total.rename_axis("tier").reset_index()
    told = total["days_known"] > 0
    total = total.assign(
        target=(total["promise"] / total["weight"]).where(total["weight"] > 0),
        units_lost=total["units_lost"].where(told),
        days_out=total["days_out"].where(told),
    )
    return rate[["tier", "items", "in_stock"]].merge(total, on="tier", sort=False)
