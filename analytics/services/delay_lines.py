"""One line per item: at rest beside the scenario."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.services.delay_actions import Done, by_plan_b, more_lost
from analytics.services.delay_chances import early_days, stockout_probability
from analytics.services.delay_numbers import Outcome
from analytics.services.delay_tables import ACTIONS, LINES, PLANS

Array = NDArray[np.float64]


def lines(
    before: Outcome,
    after: Outcome,
    high: Array,
    probability_before: Array,
    done: Done,
) -> pd.DataFrame:
    """Return `delay_tables.LINES`, in the order of the basis."""
    parts = [
        _described(after),
        _supplied(before, after, high, probability_before),
        _needed(before, after),
        _acted(before, after, done),
    ]
    frame = pd.DataFrame({name: column for part in parts for name, column in part.items()})
    return frame[list(LINES)]


def _described(after: Outcome) -> dict[str, object]:
    texts = ("sku", "market", "name", "tier", "supplier", "route", "on_hand", "inventory_position")
    return {name: after.lines[name].array for name in texts} | {
        "is_hit": is_hit(after),
        "currency": _named([after.basis.currency], np.zeros(len(after.lines), dtype=np.int64)),
    }


def _named(names: list[str], place: NDArray[np.int64]) -> pd.api.extensions.ExtensionArray:
    """Return a column of texts, each of which is made once."""
    return pd.array(names, dtype="str").take(place)


def is_hit(after: Outcome) -> NDArray[np.bool_]:
    """Return where an order of today, or an open one, is hit, shape (n_items,)."""
    hit = after.needed.is_hit.copy()
    item = after.basis.arrivals["item"].to_numpy(dtype=np.int64)[after.orders.is_hit]
    hit[item[item < len(hit)]] = True
    return hit


def _supplied(
    before: Outcome, after: Outcome, high: Array, probability_before: Array
) -> dict[str, object]:
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
        "stake": _named(list(PLANS), by_plan_b(before, after).astype(np.int64)),
        "replanned_short_before": before.replanned.lost,
        "replanned_short": after.replanned.lost,
        "unit_contribution": np.maximum(worth.contribution, 0.0),
        "revenue_at_risk": more * worth.price,
        "contribution_at_risk": more * np.maximum(worth.contribution, 0.0),
    }


def _needed(before: Outcome, after: Outcome) -> dict[str, object]:
    """Return levels, and what is ordered by when."""
    old, new, worth = before.lines, after.lines, after.basis.economics
    extra = new["safety_stock"].to_numpy() - old["safety_stock"].to_numpy()
    both = {
        name: frame[column].to_numpy()
        for suffix, frame in (("_before", old), ("", new))
        for column in ("safety_stock", "reorder_point", "order_by", "order_quantity")
        for name in (column + suffix,)
    }
    return both | {
        "extra_safety_stock": extra,
        "extra_cash": extra * worth.landed_cost,
        "days_earlier": (old["order_by"] - new["order_by"]).dt.days.to_numpy(dtype=np.float64),
        "order_value": new["order_quantity"].to_numpy() * worth.unit_cost,
    }


def _acted(before: Outcome, after: Outcome, done: Done) -> dict[str, object]:
    """Return what can be done, and what is left."""
    moved, flown, sped, choice = done
    worth = np.maximum(after.basis.economics.contribution, 0.0)
    at_risk = more_lost(before, after) * worth
    saved = np.minimum(choice.saved, np.maximum(more_lost(before, after), 0.0))
    number = np.append(sped.row, -1)[choice.order]
    names = [*after.basis.arrivals["order_id"].fillna("").tolist(), ""]
    earns = np.append(sped.earns, np.nan)[choice.order]
    return {
        "air_units": flown.units,
        "air_route": flown.route,
        "air_lands_on": _dates(after, flown.landing),
        "air_premium": flown.premium,
        "break_even_premium": flown.break_even,
        "air_earns": flown.earns,
        "transfer_units": moved.units,
        "transfer_earns": moved.earns,
        "expedite_order": _named(names, number % len(names)),
        "expedite_earns": earns,
        "action": _named(list(ACTIONS), choice.action),
        "action_earns": choice.earns,
        "left_at_risk": at_risk - np.where(choice.saved > 0, saved * worth, 0.0),
    }


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
