"""What is stuck, and what do I do with it? By present value, whatever it was bought for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from analytics import clearance as numbers
from analytics.clearance import DISCOUNTS, OPTIONS
from analytics.errors import UnknownItemError
from analytics.services import (
    assumptions,
    cash_price,
    clearance_fees,
    clearing_case,
    clearing_item,
    clearing_lines,
    clearing_notes,
    clearing_places,
    clearing_prices,
    planning,
)
from analytics.services.clearance_fees import Terms
from analytics.services.clearing_item import ItemClearance
from analytics.services.clearing_lines import REASONS, SOON, Decided
from analytics.services.memory import Recent
from analytics.services.plan_notes import Note
from analytics.services.planning import Basis
from analytics.store import Store

__all__ = [
    "DISCOUNTS", "OPTIONS", "REASONS", "SOON", "Clearance", "ItemClearance", "Rate", "Terms",
    "clearance", "elasticities", "fees_in_force", "item",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rate:
    """What a year of waiting costs, in per cent.

    Attributes
    ----------
    annual_pct : float
        The greater of the two.
    hurdle_pct : float
        What a year's use of money costs, as assumed.
    cash_pct : float
        What the next unit of cash would earn in orders; NaN = no cash limit is settled.
    source : str
        ``cash``, ``setting`` (the owner's rate), ``default`` (nobody settled one).
    """

    annual_pct: float
    hurdle_pct: float
    cash_pct: float
    source: str


@dataclass(frozen=True, slots=True)
class Clearance:
    """What is stuck, and what to do with it.

    Attributes
    ----------
    as_of : date
    currency : str
        The base currency, of all amounts.
    rate : Rate
        By which later money counts less.
    lines : DataFrame
        One row per item that is dead, slow or ageing, what gains most over keeping all first:
        ``sku``, ``market``, ``name``, ``category``, ``supplier``, ``tier``, ``status``,
        ``slow_days``, ``on_hand``, ``cover_days``, ``aged_units`` (older than the slow threshold),
        ``oldest_days``, ``age_unknown`` (units that no receipt explains), ``age_fee_source``
        (`clearing_case.Case.sources`), ``daily_sales`` (of the last 90 days in stock), ``speed``
        (units a day reckoned with), ``speed_low``, ``speed_median``, ``speed_high``, ``price``,
        ``storage_fee`` (per unit and day),
        ``elasticity``, ``elasticity_source`` (``setting``, ``learnt``, ``default``),
        ``price_changes`` (seen in its category),
        ``value_<option>`` of each of `OPTIONS` (present value; NaN = not possible), ``option``
        (empty = it cannot be weighed), ``value``, ``gain`` (over keeping all), ``price_floor``
        (below it a unit is better let go at once), ``break_even_elasticity`` (from which
        ``break_even_discount`` beats keeping; NaN = never), ``regret_low``, ``regret_high`` (what
        the plan loses against the best one at a low or high speed), ``discount`` (0 to 1),
        ``offer_price``, ``offer_price_local`` (in ``price_currency``), ``keep_units``,
        ``clear_units`` (go at once), ``exit`` (``liquidate``, ``scrap``; empty = none go so),
        ``days_to_sell`` (what stays), ``act_by`` (the next charge for age), ``transfer_market``,
        ``transfer_place`` (``market``, ``overseas``), ``transfer_cost`` (per unit),
        ``transfer_source`` (``setting``, ``estimate``), ``cash_soon``
        (within 90 days), ``cash_released`` (in all), ``book_value``, ``book_loss`` (NaN = the cost
        is unknown), ``reason`` (one of `REASONS`), ``currency`` (the base).
    layers : DataFrame
        ``sku``, ``market``, ``age`` (days; NaN = unknown), ``units``, the oldest first; of each
        item they add up to what is on hand.
    options : DataFrame
        One row per option that is advised, in the order of `OPTIONS`: ``option``, ``items``,
        ``units``, ``gain``, ``cash_soon``, ``cash_released``, ``book_loss``.
    totals : mapping of str to float
        ``items``, ``units``, ``aged_units``, ``book_value``, ``gain``, ``cash_soon``,
        ``cash_released``, ``book_loss``: the sums of the lines, cash to the cent.
    notes : tuple of (code, facts)
        What was assumed.
    """

    as_of: date
    currency: str
    rate: Rate
    lines: pd.DataFrame
    layers: pd.DataFrame
    options: pd.DataFrame
    totals: Mapping[str, float]
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class _Answer:
    """An answer that is kept, and what it was made of."""

    clearance: Clearance
    decided: Decided
    names: Sequence[tuple[str, str]]  # SKU and market by row of the case

    def row(self, sku: str, market: str) -> int:
        """Return the row of an item in the case; the SKU is compared without case."""
        wanted = sku.strip().casefold()
        for row, name in enumerate(self.names):
            if (name[0].casefold(), name[1]) == (wanted, market):
                return row
        raise UnknownItemError(sku=sku, market=market)

    @property
    def nbytes(self) -> int:
        frames = (self.clearance.lines, self.clearance.layers, self.decided.case.layers)
        return sum(int(frame.memory_usage().sum()) for frame in frames)


_RECENT: Recent[_Answer] = Recent(64 * 2**20)


def clearance(
    store: Store, as_of: date | None = None, *, assumptions: Terms | None = None
) -> Clearance:
    """Return what is stuck and what to do with it, at rest.

    Parameters
    ----------
    store : Store
        The workspace.
    as_of : date, optional
        The plan's day; none = the last day that any market's sales cover.
    assumptions : Terms, optional
        Fees and elasticities to reckon with; none = as settled.

    Raises
    ------
    NoDataError
        No sales have been imported.
    OutOfBoundsError
        The sales do not cover that day.

    Notes
    -----
    See `analytics.clearance` for the formulas. What an item was bought for enters nowhere but its
    book value and book loss, and, where a cash limit is settled, what cash earns in new orders.
    """
    return _answer(store, as_of, assumptions).clearance


def item(
    store: Store,
    sku: str,
    market: str,
    as_of: date | None = None,
    *,
    assumptions: Terms | None = None,
) -> ItemClearance:
    """Return one stuck item in full; errors also those of `clearance`.

    Raises
    ------
    UnknownItemError
        There is no such item, or it is not stuck, or its price is unknown.
    """
    found = _answer(store, as_of, assumptions)
    row = found.row(sku, market)
    return clearing_item.item(found.clearance, found.decided, row, found.names[row])


def elasticities(store: Store, as_of: date | None = None) -> pd.DataFrame:
    """Return how demand answers to prices, by category.

    Returns
    -------
    DataFrame
        ``category``, ``items``, ``price_changes`` (that were seen, promotions among them),
        ``learnt`` (from them; NaN = they say too little), ``used``, ``elasticity_source``
        (``setting``, ``learnt``, ``default``), ``elasticity`` (as settled; NaN = nobody did);
        errors are those of `clearance`.
    """
    basis, terms = planning.basis(store, as_of), clearance_fees.settled(store)
    taught = clearing_prices.answers(store, basis)
    used, source = clearing_case.elasticities(basis, terms, taught)
    learnt = np.where(taught.is_learnt, taught.value, np.nan)
    category = basis.outlook.items["category"].astype(str)
    frame = pd.DataFrame(
        {
            "category": category,
            "learnt": learnt,
            "used": used,
            "elasticity_source": source,
            "price_changes": taught.changes,
        }
    )
    by = frame.groupby("category", sort=True)
    found = by.agg(
        items=("used", "size"), price_changes=("price_changes", "first"),
        learnt=("learnt", "median"), used=("used", "median"),
        elasticity_source=("elasticity_source", "first"),
    ).reset_index()  # fmt: skip
    settled = found["category"].map(dict(terms.elasticity)).astype(np.float64)
    return found.assign(elasticity=settled)


def fees_in_force(store: Store, as_of: date | None = None) -> pd.DataFrame:
    """Return every fee that holds on the plan's day, and whose word it is.

    Returns
    -------
    DataFrame
        ``market``, ``part`` (one of `clearance_fees.PARTS`, ``fee_m3`` or ``fee_unit``),
        ``over_days`` (of the last two; else NaN), ``amount`` (in the base currency; per cent and
        days as they are), ``source`` (one of `clearance_fees.SOURCES`), ``since`` (NaT = unknown);
        errors are those of `clearance`.
    """
    basis, terms = planning.basis(store, as_of), clearance_fees.settled(store)
    markets = sorted(set(basis.outlook.items["market"].astype(str)))
    rates = {**basis.rates, "": 1.0}
    told = clearance_fees.in_force(terms, markets, basis.outlook.as_of, rates)
    steps = clearance_fees.steps_in_force(terms, markets, basis.outlook.as_of, rates)
    rows = [
        (market, part, np.nan, row[part], row[f"{part}_source"], row[f"{part}_since"])
        for market, row in told.to_dict("index").items()
        for part in clearance_fees.PARTS
    ]  # fmt: skip
    rows += [
        (row["market"], part, row["over_days"], row[part], row["source"], row["starts_on"])
        for row in steps.to_dict("records")
        for part in clearance_fees.AGEING_PARTS
        if not np.isnan(row[part])
    ]
    columns = ["market", "part", "over_days", "amount", "source", "since"]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.assign(since=pd.to_datetime(frame["since"]))


def _answer(store: Store, as_of: date | None, terms: Terms | None) -> _Answer:
    basis = planning.basis(store, as_of)
    if terms is not None:
        return _computed(store, basis, terms)
    key = (store.version, basis.outlook.as_of)
    return _RECENT.answer(key, lambda: _computed(store, basis, clearance_fees.settled(store)))


def _computed(store: Store, basis: Basis, terms: Terms) -> _Answer:
    rate = _rate(store, basis)
    interest = numbers.daily_rate(rate.annual_pct)
    sells = clearing_case.selling(store, basis, terms)
    taught = clearing_prices.answers(store, basis)
    case = clearing_case.case(basis, sells, terms, taught)
    ways = clearing_places.places(basis, sells, case, interest)
    nowhere = clearing_places.by_item(clearing_places.nothing(ways), len(case.rows))
    alone = clearing_lines.decide(case, ways.iloc[:0], nowhere, interest)
    best = clearing_places.assigned(ways, alone.decision.value)
    there = clearing_places.by_item(best, len(case.rows))
    decided = clearing_lines.decide(case, best, there, interest)
    every = clearing_case.rows_of(basis)
    without = {
        int(row): "price_unknown" if np.isnan(sells.price[row]) else "rate_unknown"
        for row in np.setdiff1d(every, case.rows)
    }
    lines = clearing_lines.lines(basis, decided, without)
    listed = basis.outlook.items.iloc[case.rows]
    names = [*zip(listed["sku"].astype(str), listed["market"].astype(str), strict=True)]
    answer = Clearance(
        as_of=basis.outlook.as_of,
        currency=basis.currency,
        rate=rate,
        lines=lines.assign(currency=basis.currency),
        layers=_named(clearing_case.layers_of(basis, every), basis.outlook.items.iloc[every]),
        options=_by_option(lines),
        totals=_totals(lines),
        notes=(
            (f"clearance_rate_{rate.source}", {"annual_pct": rate.annual_pct}),
            *clearing_notes.counts(case, lines, ways),
            *clearing_notes.fees(sells, basis.assumed, every),
        ),
    )
    return _Answer(answer, decided, names)


def _rate(store: Store, basis: Basis) -> Rate:
    hurdle = float(basis.assumed.capital_rate_pct)
    cash = cash_price.cash_price(store, basis).annual_pct
    if cash > hurdle:
        return Rate(cash, hurdle, cash, "cash")
    is_settled = "capital_rate_pct" in assumptions.settled(store)
    return Rate(hurdle, hurdle, cash, "setting" if is_settled else "default")


def _named(layers: pd.DataFrame, listed: pd.DataFrame) -> pd.DataFrame:
    names = listed[["sku", "market"]].iloc[layers["item"].to_numpy(dtype=np.int64)]
    return pd.concat(
        [names.reset_index(drop=True), layers[["age", "units"]].reset_index(drop=True)], axis=1
    )


def _cents(amounts: pd.Series) -> float:
    """Return a sum of amounts that are whole cents, to the cent."""
    return float(np.rint(amounts.fillna(0.0).to_numpy(dtype=np.float64) * 100).sum() / 100)


def _totals(lines: pd.DataFrame) -> dict[str, float]:
    plain = {name: float(lines[name].sum()) for name in ("aged_units", "book_value", "gain")}
    cash = {name: _cents(lines[name]) for name in ("cash_soon", "cash_released")}
    return {
        "items": float(len(lines)),
        "units": float(lines["on_hand"].sum()),
        **plain,
        **cash,
        "book_loss": float(lines["book_loss"].sum()),
    }


def _by_option(lines: pd.DataFrame) -> pd.DataFrame:
    rows = [
        (option, len(own), float(own["on_hand"].sum()), float(own["gain"].sum()),
         _cents(own["cash_soon"]), _cents(own["cash_released"]), float(own["book_loss"].sum()))
        for option in OPTIONS
        if len(own := lines.loc[lines["option"] == option])
    ]  # fmt: skip
    columns = ["option", "items", "units", "gain", "cash_soon", "cash_released", "book_loss"]
    return pd.DataFrame(rows, columns=columns)
