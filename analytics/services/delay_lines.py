"""One line per item: at rest beside the scenario."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.extensions import ExtensionArray

from analytics import inventory
from analytics.services.delay_actions import Done, by_plan_b, more_lost
from analytics.services.delay_chances import early_days, stockout_probability
from analytics.services.delay_numbers import Outcome
from analytics.services.delay_tables import ACTIONS, LINES, PLANS
from analytics.services.planning import Basis

Array = NDArray[np.float64]
Rows = NDArray[np.int64]


class Coded(NamedTuple):
    """A column of few texts: the texts, and which one each row has, shape (n_items,)."""

    texts: Sequence[str]
    place: Rows


Column = NDArray[np.generic] | ExtensionArray | Coded


@dataclass(frozen=True, slots=True)
class Columns:
    """`delay_tables.LINES` in the order of the basis, before a frame is made of them."""

    held: Mapping[str, Column]
    texts: Mapping[str, bytes]  # columns as they are told, where no scenario moves them

    def __len__(self) -> int:
        """Return the number of items."""
        return len(self.number("units_short"))

    @property
    def nbytes(self) -> int:
        """Return about how much memory they hold."""
        return 8 * len(self) * len(self.held)

    def number(self, name: str) -> Array:
        """Return a column of numbers."""
        return np.asarray(self.held[name], dtype=np.float64)

    def has(self, action: str) -> NDArray[np.bool_]:
        """Return which items an action is advised for."""
        column = self.held["action"]
        place = ACTIONS.index(action)
        return np.asarray(isinstance(column, Coded) and column.place == place)

    def frame(self, names: Sequence[str], rows: Rows) -> pd.DataFrame:
        """Return some columns of some items, in that order."""
        return pd.DataFrame({name: _taken(self.held[name], rows) for name in names})

    def told(self, name: str) -> bytes:
        """Return a column as it is shown: numbers rounded, so that no last digit differs."""
        if name in self.texts:
            return self.texts[name]
        column = self.held[name]
        if isinstance(column, Coded):
            known = np.array(column.texts, dtype=object)
            return _joined(known[column.place].tolist())
        if isinstance(column, ExtensionArray):
            return _joined(pd.Series(column).astype(object).fillna("").tolist())
        if column.dtype.kind == "f":
            return np.asarray(np.round(self.number(name), 3) + 0.0).tobytes()
        return column.tobytes()


def texts(basis: Basis) -> dict[str, bytes]:
    """Return the columns of texts that no scenario moves as `Columns.told` has them."""
    rest = Columns(_named(basis), {})
    return {name: rest.told(name) for name in rest.held}


def _joined(told: list[str]) -> bytes:
    return "\x1f".join(told).encode()


def _taken(column: Column, rows: Rows) -> NDArray[np.generic] | ExtensionArray:
    if isinstance(column, Coded):
        return pd.array(list(column.texts), dtype="str").take(column.place[rows])
    return column.take(rows)


def columns(
    before: Outcome,
    after: Outcome,
    high: Array,
    probability_before: Array,
    done: Done,
    *,
    known: Mapping[str, bytes],
) -> Columns:
    """Return all that is told of each item."""
    found = (
        _described(after)
        | _supplied(before, after, high, probability_before)
        | _needed(before, after)
        | _acted(before, after, done)
    )
    return Columns({name: found[name] for name in LINES}, known)


def _named(basis: Basis) -> dict[str, Column]:
    """Return what an item is called, which no scenario moves."""
    listed = basis.outlook.items
    names: dict[str, Column] = {
        name: listed[name].array for name in ("sku", "market", "name", "supplier")
    }
    return names | {"tier": basis.tiers["tier"].array}


def _described(after: Outcome) -> dict[str, Column]:
    basis = after.basis
    listed, stock = basis.outlook.items, basis.positions
    return _named(basis) | {
        "route": basis.lead_times.lines["route"].array,
        "on_hand": stock["on_hand"].to_numpy(dtype=np.float64),
        "inventory_position": stock["inventory_position"].to_numpy(dtype=np.float64),
        "is_hit": is_hit(after),
        "currency": Coded([basis.currency], np.zeros(len(listed), dtype=np.int64)),
    }


def is_hit(after: Outcome) -> NDArray[np.bool_]:
    """Return where an order of today, or an open one, is hit, shape (n_items,)."""
    hit = after.needed.is_hit.copy()
    item = after.basis.arrivals["item"].to_numpy(dtype=np.int64)[after.orders.is_hit]
    hit[item[item < len(hit)]] = True
    return hit


def _supplied(
    before: Outcome, after: Outcome, high: Array, probability_before: Array
) -> dict[str, Column]:
    """Return what comes and when, and what plan A and plan B lose."""
    worth, more = after.basis.economics, more_lost(before, after)
    at_rest = after is before
    return {
        "next_arrival_before": _next_arrival(before),
        "next_arrival_on": _next_arrival(after),
        "stockout_before": _dates(before, before.current.first),
        "stockout_on": _dates(after, after.current.first),
        "stockout_early_on": _dates(after, early_days(after, high)),
        "stockout_days_before": before.current.days,
        "stockout_days": after.current.days,
        "stockout_probability_before": probability_before,
        "stockout_probability": probability_before if at_rest else stockout_probability(after),
        "units_short_before": before.current.lost,
        "units_short": after.current.lost,
        "units_short_more": more,
        "stake": Coded(PLANS, by_plan_b(before, after).astype(np.int64)),
        "replanned_short_before": before.replanned.lost,
        "replanned_short": after.replanned.lost,
        "unit_contribution": np.maximum(worth.contribution, 0.0),
        "revenue_at_risk": more * worth.price,
        "contribution_at_risk": more * np.maximum(worth.contribution, 0.0),
    }


def _needed(before: Outcome, after: Outcome) -> dict[str, Column]:
    """Return levels, and what is ordered by when."""
    old, new, worth = before.needed, after.needed, after.basis.economics
    extra = new.safety_stock - old.safety_stock
    return {
        "safety_stock_before": old.safety_stock,
        "safety_stock": new.safety_stock,
        "reorder_point_before": inventory.whole(old.reorder_point),
        "reorder_point": inventory.whole(new.reorder_point),
        "order_by_before": _dates(before, before.today.order_by),
        "order_by": _dates(after, after.today.order_by),
        "order_quantity_before": before.today.quantity,
        "order_quantity": after.today.quantity,
        "extra_safety_stock": extra,
        "extra_cash": extra * worth.landed_cost,
        "days_earlier": before.today.order_by - after.today.order_by,
        "order_value": after.today.quantity * worth.unit_cost,
    }


def _acted(before: Outcome, after: Outcome, done: Done) -> dict[str, Column]:
    """Return what can be done, and what is left."""
    moved, flown, sped, choice = done
    worth = np.maximum(after.basis.economics.contribution, 0.0)
    at_risk = more_lost(before, after) * worth
    saved = np.minimum(choice.saved, np.maximum(more_lost(before, after), 0.0))
    number = np.append(sped.row, -1)[choice.order]
    earns = np.append(sped.earns, np.nan)[choice.order]
    return {
        "air_units": flown.units,
        "air_route": _texts(after.basis.by_route.lines["route"], flown.line),
        "air_lands_on": _dates(after, flown.landing),
        "air_premium": flown.premium,
        "break_even_premium": flown.break_even,
        "air_earns": flown.earns,
        "transfer_units": moved.units,
        "transfer_earns": moved.earns,
        "expedite_order": _texts(after.basis.arrivals["order_id"], number),
        "expedite_earns": earns,
        "action": Coded(ACTIONS, choice.action),
        "action_earns": choice.earns,
        "left_at_risk": at_risk - np.where(choice.saved > 0, saved * worth, 0.0),
    }


def _texts(column: pd.Series, row: Rows) -> Coded:
    """Return the text of a row for each item; empty where it is -1."""
    shown, place = np.unique(row, return_inverse=True)
    known = column.iloc[shown[shown >= 0]].fillna("").tolist()
    return Coded([""] * (len(shown) - len(known)) + known, place.reshape(-1))


def _dates(one: Outcome, days: Array) -> NDArray[np.datetime64]:
    today = np.datetime64(one.basis.outlook.as_of, "D")
    known = ~np.isnan(days)
    out = np.full(len(days), np.datetime64("NaT", "us"))
    out[known] = (today + days[known].astype("m8[D]")).astype("M8[us]")
    return out


def _next_arrival(one: Outcome) -> NDArray[np.datetime64]:
    """Return when the first open order is expected."""
    never = np.iinfo(np.int64).max
    day = np.where(one.incoming.units > 0, one.incoming.expected, never).min(axis=1, initial=never)
    return _dates(one, np.where(day == never, np.nan, day))
