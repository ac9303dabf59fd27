"""What was decided of suggested orders: accepted, changed or skipped, and what became of it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.errors import OutOfBoundsError, UnknownFieldError, UnknownJudgementError
from analytics.store import Store

REASONS = ("cash", "demand", "stock", "price", "supplier", "space", "season", "other")
CLOSE_REASONS = ("received", "short", "cancelled", "other")
STATUSES = ("open", "received", "closed", "skipped", "taken_back")
ACTS = ("accept", "change", "skip")
MOST_UNITS = 1e7  # of one line

_KEYS = ["sku", "market"]
_MATERIAL = 0.25  # share of a skipped quantity by which a suggestion has become another one
_SOON = pd.Timedelta(days=7)  # by which its day has
_FROM_ITEMS = ["name", "supplier", "unit_cost", "currency", "carton_quantity",
               "carton_volume_m3", "carton_weight_kg"]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What is decided of one suggestion.

    Attributes
    ----------
    sku, market : str
        The item.
    quantity : float
        Units to order; 0 = the suggestion is skipped.
    suggested_quantity : float, optional
        Units that were suggested; None = it was nobody's suggestion.
    route : str
        Code of the route.
    order_by : date, optional
        The day by which it was suggested to order.
    expected_on : date, optional
        The day on which the units are expected.
    reason : str
        One of `REASONS`, or empty.
    note : str
        In the seller's own words; no supplier reads it.

    Raises
    ------
    OutOfBoundsError
        The quantity is negative, no number, or above `MOST_UNITS`.
    UnknownFieldError
        There is no such reason.

    Examples
    --------
    >>> Decision(sku="A", market="US", quantity=240.0, suggested_quantity=300.0).act
    'change'
    """

    sku: str
    market: str
    quantity: float
    suggested_quantity: float | None = None
    route: str = "sea"
    order_by: date | None = None
    expected_on: date | None = None
    reason: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        if not 0 <= self.quantity <= MOST_UNITS:  # refuses NaN too
            raise OutOfBoundsError(
                name="order_quantity", value=self.quantity, low=0, high=f"{MOST_UNITS:,.0f}"
            )
        if self.reason and self.reason not in REASONS:
            raise UnknownFieldError(name=self.reason)

    @property
    def act(self) -> str:
        """What it does to the suggestion: ``accept``, ``change`` or ``skip``."""
        if not self.quantity:
            return "skip"
        return "accept" if self.quantity == self.suggested_quantity else "change"


@dataclass(frozen=True, slots=True)
class Decided:
    """What decisions became.

    Attributes
    ----------
    line_ids : tuple of int
        Number of each decision, in their order.
    order_ids : tuple of str
        The orders that were made of them, one per supplier, market and route; each becomes a
        workbook, and its number stands on it.
    """

    line_ids: tuple[int, ...]
    order_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PurchaseOrder:
    """One order as the supplier reads it.

    Attributes
    ----------
    order_id, supplier : str
        Its number; whom it goes to (empty if unknown).
    lines : DataFrame
        ``order_id``, ``supplier``, ``sku``, ``name``, ``market``, ``route``, ``quantity``,
        ``carton_quantity``, ``cartons`` (whole ones), ``volume_m3``, ``weight_kg``, ``unit_cost``,
        ``currency``, ``order_value``, ``ordered_on``, ``expected_on``; NaN where unknown.
    totals : dict
        ``quantity``, ``cartons``, ``volume_m3``, ``weight_kg``, ``order_value``: NaN where a part
        is unknown, the value also where currencies differ.
    """

    order_id: str
    supplier: str
    lines: pd.DataFrame
    totals: dict[str, float]


def decide(
    store: Store, decisions: Sequence[Decision], *, decided_on: date, who: str = ""
) -> Decided:
    """Note decisions, all of them or none; what is ordered counts as on order from now on.

    Parameters
    ----------
    store : Store
        The workspace.
    decisions : sequence of Decision
        One per suggestion.
    decided_on : date
        The plan's day; the orders are of this day.
    who : str
        Who decides.

    Raises
    ------
    ReadOnlyWorkspaceError
        The workspace only reads.
    """
    if not decisions:
        return Decided((), ())
    said = pd.DataFrame([asdict(decision) for decision in decisions])
    known = store.items()[[*_KEYS, *_FROM_ITEMS]]
    rows = said.merge(known, on=_KEYS, how="left", sort=False)
    numbers = store.decide(rows, decided_on=decided_on, who=who)
    noted = store.ledger().set_index("line_id")["order_id"].loc[numbers]
    return Decided(tuple(numbers), tuple(dict.fromkeys(noted.dropna())))


def lines(store: Store) -> pd.DataFrame:
    """Return every decision and what became of it, the newest first.

    Returns
    -------
    DataFrame
        The columns of `Store.ledger`, with ``act`` (one of `ACTS`) and ``order_value`` (quantity
        times unit cost, in ``currency``; NaN = no cost was known). ``status`` is one of `STATUSES`.
    """
    found = store.ledger()
    quantity = found["quantity"]
    same = np.where(quantity == found["suggested_quantity"], "accept", "change")
    act = np.where(quantity > 0, same, "skip").astype(object)
    return found.assign(act=act, order_value=quantity * found["unit_cost"])


def orders(store: Store) -> pd.DataFrame:
    """Return the orders that were made here, the newest first; lines taken back are left out.

    Returns
    -------
    DataFrame
        One row per order: ``order_id``, ``supplier``, ``market``, ``route``, ``decided_on``,
        ``expected_on`` (the first of its lines), ``items``, ``quantity``, ``open_quantity``
        (units), ``cartons``, ``volume_m3``, ``weight_kg``, ``order_value`` (NaN where a part is
        unknown), ``currency`` (missing where currencies differ), ``status`` (``open`` while a line
        is, else ``closed`` if all were, else ``received``).
    """
    found = lines(store)
    placed = _packed(found.loc[found["order_id"].notna() & (found["status"] != "taken_back")])
    table = placed.groupby("order_id", sort=False, as_index=False).agg(
        supplier=("supplier", "first"),
        market=("market", "first"),
        route=("route", "first"),
        decided_on=("decided_on", "first"),
        expected_on=("expected_on", "min"),
        items=("line_id", "size"),
        quantity=("quantity", "sum"),
        open_quantity=("open_quantity", "sum"),
        cartons=("cartons", _sum),
        volume_m3=("volume_m3", _sum),
        weight_kg=("weight_kg", _sum),
        order_value=("order_value", _sum),
        currency=("currency", _only),
        status=("status", _joint),
    )
    return table.assign(order_value=table["order_value"].where(table["currency"].notna()))


def close(
    store: Store,
    line_ids: Sequence[int],
    *,
    reason: str,
    closed_on: date,
    note: str = "",
    who: str = "",
) -> list[int]:
    """Let nothing more be expected of open lines; return the numbers of the acts, for `undo`.

    Parameters
    ----------
    store : Store
        The workspace.
    line_ids : sequence of int
        Lines that are open.
    reason : str
        One of `CLOSE_REASONS`.
    closed_on : date
        The plan's day.
    note, who : str
        In the seller's own words; who closes.

    Raises
    ------
    UnknownFieldError
        There is no such reason.
    UnknownJudgementError
        One of the lines is not open.
    """
    if reason not in CLOSE_REASONS:
        raise UnknownFieldError(name=reason)
    return store.act_on(
        "close", dict.fromkeys(line_ids), acted_on=closed_on, reason=reason, note=note, who=who
    )


def ship(store: Store, line_ids: Sequence[int], *, shipped_on: date, who: str = "") -> list[int]:
    """Note that the supplier has sent open lines; refusals are those of `close`."""
    return store.act_on("ship", dict.fromkeys(line_ids), acted_on=shipped_on, who=who)


def receive(
    store: Store, quantities: dict[int, float], *, received_on: date, who: str = ""
) -> list[int]:
    """Note that units of open lines came; what is left stays open.

    Parameters
    ----------
    store : Store
        The workspace.
    quantities : dict of int to float
        Units that came, by line; above zero.
    received_on : date
        The day on which they could be sold.
    who : str
        Who notes it.

    Raises
    ------
    OutOfBoundsError
        No units, or more than `MOST_UNITS`.
    UnknownJudgementError
        One of the lines is not open.
    """
    for units in quantities.values():
        if not 0 < units <= MOST_UNITS:
            raise OutOfBoundsError(
                name="quantity_received", value=units, low=1, high=f"{MOST_UNITS:,.0f}"
            )
    return store.act_on("receive", quantities, acted_on=received_on, who=who)


def take_back(store: Store, line_ids: Sequence[int], *, who: str = "") -> list[int]:
    """Let decisions stand no longer, as if they had never been made; `undo` brings them back.

    Raises
    ------
    UnknownJudgementError
        One of them does not stand.
    """
    return store.act_on("take_back", dict.fromkeys(line_ids), who=who)


def undo(store: Store, act_ids: Sequence[int], *, who: str = "") -> None:
    """Undo what `close`, `ship`, `receive` or `take_back` noted.

    Raises
    ------
    UnknownJudgementError
        It was undone already.
    """
    store.undo_acts(act_ids, who=who)


def silenced(ledger: pd.DataFrame, suggestions: pd.DataFrame, *, as_of: date) -> NDArray[np.bool_]:
    """Return which suggestions were skipped, and have not become others since.

    Parameters
    ----------
    ledger : DataFrame
        `lines`.
    suggestions : DataFrame
        ``sku``, ``market``, ``order_quantity``, ``order_by``; ``route`` where it has one.
    as_of : date
        The plan's day.

    Returns
    -------
    ndarray of bool, shape (n_suggestions,)

    Notes
    -----
    The newest decision on an item (and route) counts, if it skipped. It holds until the suggested
    quantity differs from the skipped one by more than a quarter, or the day to order by from the
    skipped one by more than a week; that a day has come, or is past, changes nothing.
    """
    keys = [*_KEYS, "route"] if "route" in suggestions else _KEYS
    stands = ledger.loc[ledger["status"] != "taken_back"]
    newest = stands.sort_values("line_id").drop_duplicates(keys, keep="last")
    skipped = newest.loc[newest["status"] == "skipped", [*keys, "suggested_quantity", "order_by"]]
    both = suggestions[[*keys, "order_quantity", "order_by"]].merge(
        skipped, on=keys, how="left", sort=False, suffixes=("", "_then"), indicator="was"
    )
    today = pd.Timestamp(as_of)
    day = pd.to_datetime(both["order_by"])  # without one, only the quantity can differ
    then = pd.to_datetime(both["order_by_then"]).fillna(day)
    sooner, later = day < then - _SOON, (day > then + _SOON) & (day > today)
    units = both["suggested_quantity"]
    differs = (both["order_quantity"] - units).abs() > _MATERIAL * units
    return ((both["was"] == "both") & ~sooner & ~later & ~differs).to_numpy()


def purchase_order(store: Store, order_id: str) -> PurchaseOrder:
    """Return an order as the supplier reads it.

    Raises
    ------
    UnknownJudgementError
        There is no such order, or all of it was taken back.
    """
    found = lines(store)
    own = found.loc[(found["order_id"] == order_id) & (found["status"] != "taken_back")]
    if own.empty:
        raise UnknownJudgementError(judgement_id=order_id)
    packed = _packed(own).rename(columns={"decided_on": "ordered_on"}).sort_values("line_id")
    columns = ["order_id", "supplier", "sku", "name", "market", "route", "quantity",
               "carton_quantity", "cartons", "volume_m3", "weight_kg", "unit_cost", "currency",
               "order_value", "ordered_on", "expected_on"]  # fmt: skip
    table = packed[columns].reset_index(drop=True)
    summed = ("quantity", "cartons", "volume_m3", "weight_kg", "order_value")
    totals = {name: _sum(table[name]) for name in summed}
    if _only(table["currency"]) is None:
        totals["order_value"] = float("nan")
    supplier = table["supplier"].iloc[0]
    return PurchaseOrder(order_id, "" if pd.isna(supplier) else str(supplier), table, totals)


def _packed(table: pd.DataFrame) -> pd.DataFrame:
    """Return lines with ``cartons``, ``volume_m3`` and ``weight_kg``; NaN where unknown."""
    per_carton = table["carton_quantity"].where(table["carton_quantity"] > 0)
    cartons = np.ceil(table["quantity"] / per_carton)
    return table.assign(
        cartons=cartons,
        volume_m3=cartons * table["carton_volume_m3"],
        weight_kg=cartons * table["carton_weight_kg"],
    )


def _sum(values: "pd.Series[Any]") -> float:
    """Return the sum; NaN if any part of it is unknown."""
    return float(values.sum(skipna=False))


def _only(texts: "pd.Series[Any]") -> str | None:
    """Return the text that all share; None if they do not."""
    first = texts.iloc[0]
    return str(first) if pd.notna(first) and (texts == first).all() else None


def _joint(statuses: "pd.Series[Any]") -> str:
    if (statuses == "open").any():
        return "open"
    return "closed" if (statuses == "closed").all() else "received"
