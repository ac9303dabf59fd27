"""Columns of what the delay lab answers: what each table holds, in this order.

Units are pieces, ``*_before`` is at rest, dates are NaT where nothing happens.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, Generic, Protocol, TypeVar, cast

import pandas as pd

from analytics.scenario import Scenario
from analytics.services.planning import Note

HORIZON = 90  # days
PLANS = ("current", "replanned")  # A: open orders only; B: with today's orders and those after
CASES = ("baseline", "scenario")
ACTIONS = ("transfer", "split_by_air", "expedite", "accept", "none")
ACTION_REASONS = (
    "earns", "costs_more", "saves_nothing", "cost_unknown", "margin_unknown", "nothing_to_move",
    "no_faster_route", "no_open_order", "already_shipped", "nothing_lost", "remains", "all_covered",
)  # fmt: skip

# One row per plan and case. ``out_30``, ``out_60``, ``out_90``: items that run out within so many
# days; ``units_short``: demand lost within the horizon; ``revenue_at_risk``,
# ``contribution_at_risk``: what it would have brought in (amounts that are not known are left out
# and counted in the notes); ``stockout_days``: item-days without stock; ``items_left_out``: items
# whose stock is not known.
TOTALS = (
    "plan", "case", "out_30", "out_60", "out_90", "units_short", "revenue_at_risk",
    "contribution_at_risk", "stockout_days", "items_left_out",
)  # fmt: skip

# One row per case. ``safety_stock`` (units, signed), ``safety_stock_cash`` (at landed cost),
# ``order_quantity``, ``order_value`` (orders of today; ex works), ``order_now`` (items),
# ``items_earlier``, ``median_days_earlier`` (of those with an earlier last safe day to order),
# ``units_to_fly`` (worth flying), ``items_hit``, ``orders_hit`` (open order lines in scope).
NEEDS = (
    "case", "safety_stock", "safety_stock_cash", "order_quantity", "order_value", "order_now",
    "items_earlier", "median_days_earlier", "units_to_fly", "items_hit", "orders_hit",
)  # fmt: skip

# One row per item. ``on_hand`` and ``inventory_position``: units, NaN = unknown;
# ``next_arrival_*``: first open order; ``stockout_*``: first day on which demand is not met by plan
# A if open orders take the mean delay; ``stockout_early_on``: first day by which the chance of that
# is 20 %; ``stockout_days*``: days without stock within the horizon, expected;
# ``stockout_probability*``: that stock does not last to the next arrival (0 to 1);
# ``units_short*``: lost by plan A within the horizon, expected, ``units_short_more`` by the
# scenario, by plan A or by plan B, whichever loses more than at rest: ``stake``, one of PLANS;
# ``replanned_short*``: by plan B; ``revenue_at_risk``, ``contribution_at_risk``: of
# ``units_short_more``; ``unit_contribution``: per unit lost, never below zero; ``safety_stock*``:
# signed, not rounded; ``extra_cash``: of ``extra_safety_stock``; ``order_by*``: last safe day;
# ``days_earlier``; ``order_quantity*``: of today; ``order_value``: base currency; ``air_units``:
# worth sending by a faster route now, ``air_premium``: what flying costs more per unit,
# ``break_even_premium``: up to which the first unit pays, ``air_earns``; ``transfer_units``: from
# the central store; ``expedite_order``: the number of the open order that saves most if it comes
# on time; ``*_earns``: contribution saved less cost, NaN = not known; ``action``: one of ACTIONS;
# ``left_at_risk``: contribution at risk after it.
LINES = (
    "sku", "market", "name", "tier", "supplier", "route", "is_hit", "on_hand",
    "inventory_position", "next_arrival_before", "next_arrival_on", "stockout_before",
    "stockout_on", "stockout_early_on", "stockout_days_before", "stockout_days",
    "stockout_probability_before", "stockout_probability", "units_short_before", "units_short",
    "units_short_more", "stake", "replanned_short_before", "replanned_short", "revenue_at_risk",
    "contribution_at_risk", "unit_contribution", "safety_stock_before", "safety_stock",
    "extra_safety_stock",
    "extra_cash", "reorder_point_before", "reorder_point", "order_by_before", "order_by",
    "days_earlier", "order_quantity_before", "order_quantity", "order_value", "air_units",
    "air_route", "air_lands_on",
    "air_premium", "break_even_premium", "air_earns", "transfer_units", "transfer_earns",
    "expedite_order", "expedite_earns", "action", "action_earns", "left_at_risk", "currency",
)  # fmt: skip

# One row per open order line that is hit. ``eta_before``, ``eta_on``: day expected;
# ``saved_units``, ``saved_contribution``: if this order came on the day of ``eta_before`` and the
# others late; ``expedite_cost``: by the faster route, of an order not shipped yet; NaN = not known,
# and ``saved_contribution`` is the most that may be paid; ``saved_per_money``; ``pays``.
ORDERS = (
    "order_id", "sku", "market", "name", "supplier", "route", "units", "ordered_on", "is_shipped",
    "eta_before", "eta_on", "days_late", "saved_units", "saved_contribution", "expedite_cost",
    "saved_per_money", "pays",
)  # fmt: skip

# ``week``: its Monday; ``items_out``: items that have run out by its end.
TIMELINE = ("week", "plan", "case", "items_out")

MONEY_COLUMNS = (
    "revenue_at_risk", "contribution_at_risk", "unit_contribution", "safety_stock_cash",
    "order_value", "extra_cash",
    "air_premium", "break_even_premium", "air_earns", "transfer_earns", "expedite_earns",
    "action_earns", "left_at_risk", "currency", "saved_contribution", "expedite_cost",
    "saved_per_money", "pays", "cost", "earns",
)  # fmt: skip


_T = TypeVar("_T")


class Later(Generic[_T]):
    """A field that may be given as a function: it is asked once, when the field is read."""

    def __set_name__(self, owner: type, name: str) -> None:
        """Note under which name the value is kept."""
        self._name = name

    def __get__(self, holder: object, owner: type | None = None) -> _T:
        """Return the value, made now if it waits to be; the class itself has none."""
        if holder is None:
            raise AttributeError(self._name)
        held = vars(holder)[self._name]
        if callable(held):
            held = vars(holder)[self._name] = held()
        return cast("_T", held)

    def __set__(self, holder: object, value: _T | Callable[[], _T]) -> None:
        """Keep a value, or how to make it."""
        vars(holder)[self._name] = value


class Waiting(Protocol):
    """A table that is made when all of it is asked for, and parts of it before."""

    def __call__(self) -> pd.DataFrame:
        """Return all of it."""
        ...

    def __len__(self) -> int:
        """Return its rows."""
        ...

    def part(self, names: Sequence[str]) -> pd.DataFrame:
        """Return those of some columns that there are."""
        ...

    def first(self, most: int, action: str) -> pd.DataFrame:
        """Return the first rows; with an ``action`` the first that have it."""
        ...


class WaitingOrders(Protocol):
    """`Impact.orders` before they are asked for."""

    def __call__(self) -> pd.DataFrame:
        """Return all of them."""
        ...

    @property
    def paying(self) -> int | None:
        """Return how many pay if they are hurried; None where money is hidden."""
        ...


@dataclass(frozen=True)
class Impact:
    """What a scenario does to the whole catalogue; columns as named above.

    Attributes
    ----------
    as_of : date
        The day the plan is made on.
    currency : str
        Base currency of all money; empty if no cost is known.
    horizon : int
        Days looked ahead.
    scenario : Scenario
        As asked.
    totals : DataFrame
        Columns `TOTALS`: one row per plan and case.
    needs : DataFrame
        Columns `NEEDS`: one row per case.
    lines : DataFrame
        Columns `LINES`: one row per item, what has most contribution at risk first.
    orders : DataFrame
        Columns `ORDERS`: one row per open order line that is hit, best worth expediting first.
    timeline : DataFrame
        Columns `TIMELINE`: one row per week, plan and case.
    checksum : str
        Short hash of what ``lines`` say beside money: equal on two screens that show the same.
    notes : tuple of (code, facts)
        What was assumed or left out; texts ``note.<code>``.

    Notes
    -----
    Tables of thousands of rows are made when they are read: what a page shows first are figures, a
    ranking and the first rows, see `first` and `part`.
    """

    as_of: date
    currency: str
    horizon: int
    scenario: Scenario
    totals: pd.DataFrame
    needs: pd.DataFrame
    notes: tuple[Note, ...]
    lines: Later[pd.DataFrame] = Later()
    orders: Later[pd.DataFrame] = Later()
    timeline: Later[pd.DataFrame] = Later()
    checksum: Later[str] = Later()

    def __getstate__(self) -> dict[str, Any]:
        """Return all of it, made: what waits cannot be copied."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @property
    def n_items(self) -> int:
        """Return how many rows `lines` has."""
        return len(vars(self)["lines"])

    @property
    def worth_expediting(self) -> int | None:
        """Return how many of `orders` pay if they are hurried; None where money is hidden."""
        held: pd.DataFrame | WaitingOrders = vars(self)["orders"]
        if not isinstance(held, pd.DataFrame):
            return held.paying
        return int(held["pays"].sum()) if "pays" in held else None

    def part(self, names: Sequence[str]) -> pd.DataFrame:
        """Return those of some columns that `lines` has, of every item."""
        held: pd.DataFrame | Waiting = vars(self)["lines"]
        if isinstance(held, pd.DataFrame):
            return held[[name for name in names if name in held]]
        return held.part(names)

    def first(self, most: int, *, action: str = "") -> pd.DataFrame:
        """Return the first rows of `lines`; with an ``action`` the first that have it."""
        held: pd.DataFrame | Waiting = vars(self)["lines"]
        if isinstance(held, pd.DataFrame):
            chosen = held[held["action"] == action] if action else held
            return chosen.head(most).reset_index(drop=True)
        return held.first(most, action)


@dataclass(frozen=True, slots=True)
class ItemImpact:
    """What a scenario does to one item.

    Attributes
    ----------
    sku, market, name : str
        Which.
    as_of : date
        The day the plan is made on.
    currency : str
        Base currency.
    line : dict
        The item's row of `Impact.lines`.
    course : DataFrame
        One row per day, plan (`PLANS`) and case (`CASES`): ``day``, ``plan``, ``case``,
        ``on_hand``, ``low``, ``high`` (stock if demand is such as only one time in ten is exceeded,
        or undercut), ``arrivals``, ``lost`` (units of that day). Open orders come on the day that
        is expected; no rows where stock is unknown.
    arrivals : DataFrame
        ``date``, ``case``, ``plan`` (orders to come belong to ``replanned``), ``units``,
        ``order_id`` (empty = announced, or new), ``route``, ``is_new``.
    actions : DataFrame
        One row per option of `ACTIONS` but ``none``: ``option``, ``units``, ``cost``,
        ``saved_units``, ``saved_contribution``, ``earns`` (NaN = not known), ``is_best``,
        ``reason`` (of `ACTION_REASONS`).
    facts : dict
        ``lead_time_source``, ``lead_time_receipts``, ``lead_time_open`` (deliveries and open orders
        that lead times rest on), ``lead_time_before``, ``lead_time`` (mean days), ``open_orders``,
        ``orders_hit`` (of this item), ``horizon`` (days).
    notes : tuple of (code, facts)
        ``delay_lost_sales``: what finds no stock is lost, and the forecast does not change.
    """

    sku: str
    market: str
    name: str
    as_of: date
    currency: str
    line: dict[str, object]
    course: pd.DataFrame
    arrivals: pd.DataFrame
    actions: pd.DataFrame
    facts: dict[str, object]
    notes: tuple[Note, ...]
