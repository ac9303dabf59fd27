"""What is an item worth? Costs, margin and what a unit too many or too few costs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.inventory.history import route_codes
from analytics.services import assumptions, fees, money, routes
from analytics.store import Store

Array = NDArray[np.float64]
Ranks = NDArray[np.int64]
SOURCES = ("stated", "setting", "default", "partial", "unknown")
STATED, SETTING, DEFAULT, PARTIAL, UNKNOWN = range(len(SOURCES))
DAYS = 365.0  # of a year
_STORED = 30.0  # days that a storage fee pays for


@dataclass(frozen=True, slots=True)
class Changes:
    """What money is other than stated: factors, 1 = as stated.

    Attributes
    ----------
    freight : float
        On what freight costs.
    currency : float
        On what every other currency is worth in the base currency.
    price : float
        On every price.
    """

    freight: float = 1.0
    currency: float = 1.0
    price: float = 1.0

    def rates(self, base: str, rates: Mapping[str, float]) -> dict[str, float]:
        """Return rates to the base currency with every other one changed.

        >>> Changes(currency=1.5).rates("USD", {"USD": 1.0, "CNY": 0.125})
        {'USD': 1.0, 'CNY': 0.1875}
        """
        same = (base, "")
        return {
            code: rate if code in same else rate * self.currency for code, rate in rates.items()
        }


@dataclass(frozen=True, slots=True)
class Economics:
    """The money of every item, in the base currency; shape (n_items,) each, NaN = not known.

    Attributes
    ----------
    currency : str
        The base currency.
    unit_cost : ndarray
        Ex works, per unit.
    freight : ndarray
        By the item's route, per unit.
    duty : ndarray
        Per unit.
    landed_cost : ndarray
        Unit cost, freight and duty, per unit; freight that is not known counts as nothing.
    price : ndarray
        Per unit, before fees.
    net_price : ndarray
        What is left of it after referral, fulfilment, advertising and returns.
    contribution : ndarray
        Net price less landed cost; below zero where every sale loses money.
    holding_cost : ndarray
        Per unit and year: the capital bound in it, and storage.
    storage_fee : ndarray
        Per unit and 30 days; not stated = nothing in the holding cost.
    stockout_cost : ndarray
        Per unit short: the lost contribution, never below zero, and goodwill.
    salvage : ndarray
        What a leftover unit brings in, net.
    sources : dict of str to ndarray of str
        By name of the amount, of each item the weakest of what it is made of: ``stated`` (in the
        data), ``setting`` (settled on the Settings page), ``default`` (stated by nobody),
        ``partial`` (a part is not known and counts as nothing), ``unknown``.
    """

    currency: str
    unit_cost: Array
    freight: Array
    duty: Array
    landed_cost: Array
    price: Array
    net_price: Array
    contribution: Array
    holding_cost: Array
    storage_fee: Array
    stockout_cost: Array
    salvage: Array
    sources: dict[str, NDArray[np.object_]]


@dataclass(frozen=True, slots=True)
class _Amount:
    """An amount per item, and the rank of its source in `SOURCES`."""

    value: Array
    rank: Ranks

    @classmethod
    def of(cls, value: Array, rank: int | Ranks = STATED) -> "_Amount":
        return cls(value, np.where(np.isnan(value), UNKNOWN, rank))

    def or_else(self, other: "_Amount") -> "_Amount":
        known = ~np.isnan(self.value)
        return _Amount(
            np.where(known, self.value, other.value), np.where(known, self.rank, other.rank)
        )

    def or_nothing(self, rank: int) -> "_Amount":
        """Return the amount with nothing in the place of what is not known."""
        return self.or_else(_Amount(np.zeros_like(self.value), np.full_like(self.rank, rank)))

    def plus(self, other: "_Amount", times: float = 1.0) -> "_Amount":
        return _Amount.of(self.value + times * other.value, np.maximum(self.rank, other.rank))

    def times(self, factor: float) -> "_Amount":
        return _Amount(factor * self.value, self.rank)

    def share(self, pct: "_Amount") -> "_Amount":
        return _Amount.of(self.value * pct.value / 100, np.maximum(self.rank, pct.rank))


def of(
    store: Store,
    items: pd.DataFrame,
    by: Sequence[str],
    as_of: date,
    changes: Changes | None = None,
) -> Economics:
    """Return the money of every item on the plan's day.

    Parameters
    ----------
    store : Store
        The workspace: rates, routes, and what was settled.
    items : DataFrame
        `Store.items`; rows may repeat, to ask about several routes of one item.
    by : sequence of str, shape (n_items,)
        Route that each row is bought by.
    as_of : date
        Fees and rates are those of this day.
    changes : Changes, optional
        What is other than stated; none = nothing is.

    Notes
    -----
    Per unit, c the unit cost, p the price, all in the base currency by the rates of the day:
    ``landed = c + freight + duty_pct c``; ``freight`` of a carton by measure or by weight,
    whichever is more, over the units in it;
    ``net = p (1 - referral - advertising - returns) - fulfilment``;
    ``holding = i landed + storage_fee 365 / 30``; ``stockout = max(net - landed, 0) + goodwill p``.
    What was typed without a currency is in the base currency; an amount of a file without one
    counts only where no cost and no price has any.
    """
    known, settled = assumptions.of(store), assumptions.settled(store)
    base = assumptions.currency(store, items)
    told = changes or Changes()
    rates = money.rates_to(base, store.rates(), as_of) if base else {"": 1.0}
    rates = told.rates(base, rates)
    typed = {**rates, "": 1.0}

    def settings(name: str) -> _Amount:
        value = np.full(len(items), np.float64(getattr(known, name)))
        return _Amount.of(value, SETTING if name in settled else DEFAULT)

    def stated(name: str, currency: str) -> _Amount:
        return _Amount.of(_in_base(_column(items, name), _texts(items, currency), rates))

    fee = _fees(fees.of(store, items["market"].astype(str), as_of, known), items, typed)
    unit_cost = stated("unit_cost", "currency")
    price = stated("price", "price_currency").times(told.price)
    freight = _freight(routes.table(store), items, by, typed).times(told.freight)
    duty = unit_cost.share(fee["duty_pct"])
    landed = unit_cost.plus(freight.or_nothing(PARTIAL)).plus(duty)
    net = price.plus(fee["fulfilment_fee"], -1.0)
    for part in ("referral_pct", "advertising_pct", "return_pct"):
        net = net.plus(price.share(fee[part]), -1.0)
    contribution = net.plus(landed, -1.0)
    storage = stated("storage_fee", "storage_currency")
    per_year = _Amount(storage.value * DAYS / _STORED, storage.rank).or_nothing(DEFAULT)
    lost = _Amount(np.maximum(contribution.value, 0.0), contribution.rank)
    amounts = {
        "unit_cost": unit_cost,
        "freight": freight,
        "duty": duty,
        "landed_cost": landed,
        "price": price,
        "net_price": net,
        "contribution": contribution,
        "holding_cost": landed.share(settings("capital_rate_pct")).plus(per_year),
        "storage_fee": storage,
        "stockout_cost": lost.plus(price.share(settings("goodwill_pct"))),
        "salvage": stated("salvage_value", "salvage_currency").or_else(
            price.share(settings("salvage_pct"))
        ),
    }
    names = np.array(SOURCES, dtype=object)
    return Economics(
        currency=base,
        sources={name: names[amount.rank] for name, amount in amounts.items()},
        **{name: amount.value for name, amount in amounts.items()},
    )


def _fees(said: pd.DataFrame, items: pd.DataFrame, rates: dict[str, float]) -> dict[str, _Amount]:
    """Return each part of the fees per item; the fulfilment fee in the base currency."""
    rows = said.loc[items["market"].astype(str).tolist()]
    found = {}
    for part in fees.PARTS:
        value = rows[part].to_numpy(dtype=np.float64)
        if part == "fulfilment_fee":
            value = np.where(value == 0, 0.0, _in_base(value, _texts(rows, "currency"), rates))
        is_set = (rows[f"{part}_source"] == "setting").to_numpy()
        found[part] = _Amount.of(value, np.where(is_set, SETTING, DEFAULT))
    return found


def _freight(
    ways: pd.DataFrame, items: pd.DataFrame, by: Sequence[str], rates: dict[str, float]
) -> _Amount:
    """Return the freight per unit: by measure or by weight, whichever is more.

    Of the two a way may have one rate only. A rate whose measure no carton states leaves the
    freight partly known.
    """
    used = _ways_of(ways, items, by)
    cartons = np.maximum(_column(items, "carton_quantity"), 1.0)
    lacks, costs = np.zeros(len(items), dtype=bool), []
    for rate, measure in (("cost_per_m3", "carton_volume_m3"), ("cost_per_kg", "carton_weight_kg")):
        per_measure = _in_base(_column(used, rate), _texts(used, "currency"), rates)
        cost = per_measure * _column(items, measure) / cartons
        lacks |= ~np.isnan(per_measure) & np.isnan(cost)
        costs.append(cost)
    return _Amount.of(np.fmax(*costs), np.where(lacks, PARTIAL, STATED))


def _ways_of(ways: pd.DataFrame, items: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Return the way that each row is bought by; blank where none is listed.

    Rates without a currency are in the base currency, as everything that is typed here.
    """
    lines = ways.assign(route=route_codes(ways["route"]), market=ways["market"].astype(object))
    lines = lines.drop_duplicates(["market", "route"], keep="last")
    wanted = pd.DataFrame(
        {
            "market": items["market"].astype(object).to_numpy(),
            "route": route_codes(pd.Series(list(by), dtype=object)).to_numpy(dtype=object),
        }
    )
    return wanted.merge(lines, on=["market", "route"], how="left", sort=False)


def _in_base(amounts: Array, currencies: pd.Series, rates: dict[str, float]) -> Array:
    return money.in_base(pd.Series(amounts), currencies, rates).to_numpy(dtype=np.float64)


def _column(frame: pd.DataFrame, name: str) -> Array:
    """Return a column of numbers, NaN where it is missing."""
    if name not in frame:
        return np.full(len(frame), np.nan)
    return frame[name].to_numpy(dtype=np.float64, na_value=np.nan)


def _texts(frame: pd.DataFrame, name: str) -> pd.Series:
    """Return a column of codes, empty where one is missing."""
    values = frame[name].astype(object).reset_index(drop=True)
    return values.where(values.notna(), "")
