"""What is stuck: units by age, price, fees, speed, and where else they could go."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics import clearance
from analytics.clearance import Ageing, Stuck
from analytics.inventory.layers import Layers, fifo_layers
from analytics.services import clearance_fees, fees
from analytics.services.clearance_fees import Terms
from analytics.services.clearing_prices import Answers
from analytics.services.planning import Basis
from analytics.services.received import received
from analytics.store import Store

Array = NDArray[np.float64]
Ints = NDArray[np.int64]
Texts = NDArray[np.object_]
STUCK = ("dead", "slow", "ageing")
SPEEDS = ("low", "median", "high")
CHARGES = 36  # months whose fees on age are counted one by one
STORED_DAYS = 30.0  # days that a storage fee pays for
UNRATED = ("fulfilment", "storage", "ageing", "exit")  # fees that may be in another currency
_TAKEN = ("referral_pct", "advertising_pct", "return_pct")  # of the price


@dataclass(frozen=True, slots=True)
class Selling:
    """What a unit brings in and costs where it stands; shape (n_rows,) each, in the base currency.

    Attributes
    ----------
    price : ndarray
        Before fees; NaN = unknown.
    fee_share : ndarray
        Of the price, 0 to 1.
    fulfilment : ndarray
        Per unit sold.
    storage : ndarray
        Per unit and day.
    volume : ndarray
        m3 of a unit; NaN = unknown.
    storage_source : ndarray of str
        ``item`` (stated of the product), or one of `clearance_fees.SOURCES`.
    told : DataFrame
        The fees that hold, indexed by market: `clearance_fees.in_force`.
    steps : DataFrame
        Those that grow with age: `clearance_fees.steps_in_force`.
    unrated : mapping of str to ndarray of str
        By fee (`UNRATED`) the currency that it was said in, where it has no exchange rate; else
        empty.
    assumed : mapping of str to ndarray of bool
        Whether ``referral_pct`` and ``fulfilment_fee`` are defaults that nobody settled.
    """

    price: Array
    fee_share: Array
    fulfilment: Array
    storage: Array
    volume: Array
    storage_source: Texts
    told: pd.DataFrame
    steps: pd.DataFrame
    unrated: Mapping[str, Texts]
    assumed: Mapping[str, NDArray[np.bool_]]

    @property
    def is_rated(self) -> NDArray[np.bool_]:
        """Return whether every fee can be put into the base currency, shape (n_rows,)."""
        return np.asarray(np.all([told == "" for told in self.unrated.values()], axis=0))


@dataclass(frozen=True, slots=True)
class Case:
    """What is stuck; rows of everything are those of ``rows``.

    Attributes
    ----------
    rows : ndarray of int, shape (n_stuck,)
        Rows of the plan's items that are dead, slow or ageing, whose price is known and whose fees
        can all be put into the base currency.
    stuck : Stuck
        At the speed that the forecast expects.
    speeds : ndarray, shape (3, n_stuck)
        Units a day that are likely: low (1 in 10 is slower), median, high (1 in 10 is faster).
    ageing : Ageing
        What growing old costs.
    layers : DataFrame
        ``item`` (row of ``rows``), ``age`` (days; NaN = unknown), ``units``, the oldest first.
    liquidation_fee, scrap_fee, recovery : ndarray
        Per unit, per unit, and share of the price.
    elasticity_source : ndarray of str
        ``setting``, ``learnt`` or ``default``.
    category : ndarray of str
        Each item's; empty = none.
    price_changes : ndarray of int
        Changes of price in the item's category, whether or not they taught enough.
    sources : mapping of str to ndarray of str
        Whose word each fee is; of ``ageing`` also ``none`` (there is no such fee), and ``unknown``
        where it goes by the m3 and a unit's volume is not known, so that it counts as nothing.
    charges : ndarray of datetime64
        Days on which age is charged.
    """

    rows: Ints
    stuck: Stuck
    speeds: Array
    ageing: Ageing
    layers: pd.DataFrame
    liquidation_fee: Array
    scrap_fee: Array
    recovery: Array
    elasticity_source: Texts
    category: Texts
    price_changes: Ints
    sources: Mapping[str, Texts]
    charges: NDArray[np.datetime64]

    def take(self, rows: Ints) -> Self:
        """Return some of the items."""
        place = pd.Series(np.arange(len(rows)), index=rows)
        layers = self.layers.loc[self.layers["item"].isin(rows)]
        return replace(
            self,
            rows=self.rows[rows],
            stuck=Stuck(*(getattr(self.stuck, field.name)[rows] for field in fields(self.stuck))),
            speeds=self.speeds[:, rows],
            ageing=self.ageing.take(rows),
            layers=layers.assign(item=layers["item"].map(place)).reset_index(drop=True),
            liquidation_fee=self.liquidation_fee[rows],
            scrap_fee=self.scrap_fee[rows],
            recovery=self.recovery[rows],
            elasticity_source=self.elasticity_source[rows],
            category=self.category[rows],
            price_changes=self.price_changes[rows],
            sources={name: source[rows] for name, source in self.sources.items()},
        )


def rows_of(basis: Basis) -> Ints:
    """Return the rows of the plan's items that are stuck, whether or not a price is known."""
    tiers = basis.tiers
    is_stuck = tiers["status"].isin(STUCK).to_numpy() & (tiers["on_hand"] > 0).to_numpy()
    return np.flatnonzero(is_stuck)


def selling(store: Store, basis: Basis, terms: Terms) -> Selling:
    """Return what every item of the plan brings in and costs where it stands."""
    listed, worth = basis.outlook.items, basis.economics
    markets, day = listed["market"].astype(str), basis.outlook.as_of
    rates = {**basis.rates, "": 1.0}
    taken = fees.of(store, markets, day, basis.assumed).loc[markets.tolist()]
    share = sum((taken[part].to_numpy(np.float64) for part in _TAKEN), np.zeros(len(listed))) / 100
    rate = taken["currency"].map(lambda code: rates.get(str(code), np.nan)).to_numpy(np.float64)
    amount = taken["fulfilment_fee"].to_numpy(dtype=np.float64)
    box = np.maximum(_numbers(listed, "carton_quantity", np.nan), 1.0)
    volume = listed["carton_volume_m3"].to_numpy(dtype=np.float64, na_value=np.nan) / box
    told = clearance_fees.in_force(terms, markets, day, rates)
    stored, source = _storage(worth.storage_fee, told.loc[markets.tolist()], volume)
    steps = clearance_fees.steps_in_force(terms, markets, day, rates)
    lacks = (amount != 0) & np.isnan(rate)
    return Selling(
        price=worth.price,
        fee_share=np.clip(share, 0.0, 1.0),
        fulfilment=np.where(amount == 0, 0.0, np.nan_to_num(amount * rate)),
        storage=stored,
        volume=volume,
        storage_source=source,
        told=told,
        steps=steps,
        unrated={
            "fulfilment": np.where(lacks, taken["currency"].to_numpy(dtype=object), ""),
            **_unrated(basis, told.loc[markets.tolist()], steps, volume),
        },
        assumed={
            part: (taken[f"{part}_source"] == "default").to_numpy()
            for part in ("referral_pct", "fulfilment_fee")
        },
    )


def _storage(stated: Array, told: pd.DataFrame, volume: Array) -> tuple[Array, Texts]:
    """Return the storage fee per unit and day: the product's own, by the unit, or by the m3."""
    by_unit = told["storage_fee_unit"].to_numpy(dtype=np.float64)
    by_room = told["storage_fee_m3"].to_numpy(dtype=np.float64) * volume
    known = [~np.isnan(part) for part in (stated, by_unit, by_room)]
    fee = np.select(known, [stated, by_unit, by_room], 0.0) / STORED_DAYS
    sources = [np.full(len(fee), "item", dtype=object),
               told["storage_fee_unit_source"].to_numpy(dtype=object),
               told["storage_fee_m3_source"].to_numpy(dtype=object)]  # fmt: skip
    return fee, np.asarray(np.select(known, sources, "unknown"), dtype=object)


def _unrated(
    basis: Basis, told: pd.DataFrame, steps: pd.DataFrame, volume: Array
) -> dict[str, Texts]:
    """Return the currencies without a rate of fees for storage, for age, and for letting go."""
    listed, worth = basis.outlook.items, basis.economics
    own = listed["storage_fee"].notna().to_numpy()
    lacks = {part: (told[f"{part}_source"] == "no_rate").to_numpy() for part in
             ("storage_fee_unit", "storage_fee_m3", "liquidation_fee", "scrap_fee")}  # fmt: skip
    said = {part: told[f"{part}_currency"].to_numpy(dtype=object) for part in lacks}
    by_unit = told["storage_fee_unit"].notna().to_numpy()
    room = lacks["storage_fee_m3"] & ~np.isnan(volume) & ~by_unit
    stored = np.select(
        [own & np.isnan(worth.storage_fee), own, lacks["storage_fee_unit"], room],
        [listed["storage_currency"].to_numpy(dtype=object), np.full(len(own), "", dtype=object),
         said["storage_fee_unit"], said["storage_fee_m3"]],
        "",
    )  # fmt: skip
    worst = steps.groupby("market")["unrated"].max()
    stated = worth.sources["salvage"] == "stated"
    exits = [lacks["liquidation_fee"] & ~stated, lacks["scrap_fee"]]
    names = [said["liquidation_fee"], said["scrap_fee"]]
    return {
        "storage": np.asarray(stored, dtype=object),
        "ageing": np.array([worst.get(market, "") for market in listed["market"]], dtype=object),
        "exit": np.asarray(np.select(exits, names, ""), dtype=object),
    }


def case(basis: Basis, sells: Selling, terms: Terms, taught: Answers) -> Case:
    """Return what is stuck, and what each thing that can be done with it costs."""
    rows = rows_of(basis)
    rows = rows[~np.isnan(sells.price[rows]) & sells.is_rated[rows]]
    listed = basis.outlook.items.iloc[rows]
    told = sells.told.loc[listed["market"].astype(str).tolist()]
    on_hand = basis.tiers["on_hand"].to_numpy(dtype=np.float64)[rows]
    elasticity, elasticity_source = elasticities(basis, terms, taught)
    speeds, rate = _speeds(basis, rows)
    found = layers_of(basis, rows)
    charges = charge_days(basis.outlook.as_of)
    recovery, fee, source = _liquidation(basis, rows, told, sells.price[rows])
    return Case(
        rows=rows,
        stuck=Stuck.of(
            on_hand, rate, sells.price[rows], fee_share=sells.fee_share[rows],
            fulfilment=sells.fulfilment[rows], storage_fee=sells.storage[rows],
            elasticity=elasticity[rows],
        ),
        speeds=speeds,
        ageing=_ageing(basis, rows, sells, found, charges),
        layers=found,
        liquidation_fee=fee,
        scrap_fee=np.nan_to_num(told["scrap_fee"].to_numpy(dtype=np.float64)),
        recovery=recovery,
        elasticity_source=elasticity_source[rows],
        category=listed["category"].astype(str).to_numpy(dtype=object),
        price_changes=taught.changes[rows],
        sources={
            "storage": sells.storage_source[rows],
            "liquidation": source,
            "scrap": told["scrap_fee_source"].to_numpy(dtype=object),
            "ageing": _age_source(sells.steps, listed["market"].astype(str), sells.volume[rows]),
        },
        charges=charges,
    )  # fmt: skip


def elasticities(basis: Basis, terms: Terms, taught: Answers) -> tuple[Array, Texts]:
    """Return each item's elasticity, and whether it was settled, learnt or is the default."""
    listed = basis.outlook.items
    said = listed["category"].astype(str).map(dict(terms.elasticity))
    own = said.fillna(terms.elasticity.get("", np.nan)).to_numpy(dtype=np.float64)
    known = [~np.isnan(own), taught.is_learnt]
    value = np.select(known, [own, taught.value], clearance.ELASTICITY)
    return value, np.asarray(np.select(known, ["setting", "learnt"], "default"), dtype=object)


def _speeds(basis: Basis, rows: Ints) -> tuple[Array, Array]:
    """Return the likely speeds of sale, and the one expected; units a day.

    Expected is the steady speed that uses up the stock on the day on which the forecast does. How
    far others lie from it is learnt from the last 90 days in stock; where nothing is forecast, the
    speeds are those themselves.
    """
    recent = basis.recent.iloc[rows]
    days = np.nan_to_num(recent["demand_days"].to_numpy(dtype=np.float64))
    sold = np.nan_to_num(recent["demand_mean"].to_numpy(dtype=np.float64)) * days
    likely = clearance.likely_speeds(sold, days)
    tiers = basis.tiers.iloc[rows]
    on_hand, cover = (tiers[name].to_numpy(dtype=np.float64) for name in ("on_hand", "cover_days"))
    expected = np.where(np.isfinite(cover), on_hand / np.maximum(cover, 1.0), 0.0)
    factors = likely * np.maximum(days, 1.0) / (sold + 0.5)
    speeds = np.where(expected > 0, expected * factors, likely)
    return speeds, np.where(expected > 0, expected, likely[1])


def layers_of(basis: Basis, rows: Ints) -> pd.DataFrame:
    """Return units by age of some of the plan's items, whose stock is known.

    Returns
    -------
    DataFrame
        ``item`` (row of ``rows``), ``age`` (days since the receipt; NaN = no receipt explains
        them), ``units``; of each item the oldest first, and adding up to what is on hand.
    """
    on_hand = basis.tiers["on_hand"].to_numpy(dtype=np.float64)[rows]
    came = received(basis.outlook)
    place = pd.Series(np.arange(len(rows)), index=rows)
    came = came.assign(item=came["item"].map(place)).dropna(subset="item")
    found: Layers = fifo_layers(on_hand, came["item"].astype(np.int64), came["age"], came["units"])
    unknown = np.flatnonzero(found.unknown > 0)
    frame = pd.DataFrame(
        {
            "item": np.concatenate([unknown, found.item]),
            "age": np.concatenate([np.full(len(unknown), np.nan), found.age]),
            "units": np.concatenate([found.unknown[unknown], found.units]),
        }
    )
    return frame.sort_values(
        ["item", "age"], ascending=[True, False], na_position="first", ignore_index=True
    )


def charge_days(as_of: date) -> NDArray[np.datetime64]:
    """Return the days on which age is charged: the 15th of each month after ``as_of``.

    >>> charge_days(date(2026, 5, 31))[:2].astype(str).tolist()
    ['2026-06-15', '2026-07-15']
    """
    month = np.datetime64(as_of, "M")
    first = month.astype("M8[D]") + 14
    start = month + (1 if first <= np.datetime64(as_of, "D") else 0)
    return np.asarray((start + np.arange(CHARGES)).astype("M8[D]") + 14)


def _ageing(
    basis: Basis,
    rows: Ints,
    sells: Selling,
    layers: pd.DataFrame,
    charges: NDArray[np.datetime64],
) -> Ageing:
    """Return the fees on age; units of unknown age are as old as the oldest that is known."""
    markets = basis.outlook.items["market"].astype(str).iloc[rows].to_numpy()
    steps = sells.steps
    over = np.unique(steps["over_days"].to_numpy(dtype=np.float64))
    table = np.zeros((len(rows), len(over)))
    for market, own in steps.groupby("market"):
        here = np.flatnonzero(markets == market)
        table[here] = _by_step(own, over, sells.volume[rows[here]])
    oldest = layers.groupby("item")["age"].transform("max").fillna(0.0)
    age = layers["age"].fillna(oldest).to_numpy(dtype=np.float64)
    days = (charges - np.datetime64(basis.outlook.as_of, "D")).astype(np.float64)
    return Ageing.of(
        layers["item"].to_numpy(dtype=np.int64), age, layers["units"].to_numpy(dtype=np.float64),
        days=days, over=over, fees=table,
    )  # fmt: skip


def _by_step(steps: pd.DataFrame, over: Array, volume: Array) -> Array:
    """Return a market's fee per unit by step, shape (n_items, n_steps): the greater of the two."""
    own = steps.sort_values("over_days")
    by_room = own["fee_m3"].to_numpy(dtype=np.float64) * volume[:, None]
    least = own["fee_unit"].to_numpy(dtype=np.float64)
    fee = np.maximum(np.nan_to_num(by_room), np.nan_to_num(least))
    place = np.searchsorted(own["over_days"].to_numpy(dtype=np.float64), over, side="right")
    padded: Array = np.concatenate([np.zeros((len(volume), 1)), fee], axis=1)[:, place]
    return padded


def _age_source(steps: pd.DataFrame, markets: pd.Series, volume: Array) -> Texts:
    told = markets.map(steps.groupby("market")["source"].first()).astype(object).fillna("none")
    by_room = markets.isin(steps.loc[steps["fee_m3"] > 0, "market"])
    return told.mask(by_room & ~(volume > 0), "unknown").to_numpy(dtype=object)


def _liquidation(
    basis: Basis, rows: Ints, told: pd.DataFrame, price: Array
) -> tuple[Array, Array, Texts]:
    """Return the share of the price that liquidators pay, the fee, and whose word it is.

    What is stated of a product as its salvage value is net of fees.
    """
    worth = basis.economics
    stated = (worth.sources["salvage"][rows] == "stated") & (price > 0)
    share = told["recovery_pct"].to_numpy(dtype=np.float64) / 100
    net = worth.salvage[rows] / np.where(price > 0, price, 1.0) / (1 - clearance.REFERRAL)
    fee = np.nan_to_num(told["liquidation_fee"].to_numpy(dtype=np.float64))
    source = np.where(stated, "item", told["liquidation_fee_source"].to_numpy(dtype=object))
    share = np.where(stated, net, np.nan_to_num(share))
    return share, np.where(stated, 0.0, fee), np.asarray(source, dtype=object)


def _numbers(listed: pd.DataFrame, name: str, default: float) -> Array:
    told: Array = listed[name].to_numpy(dtype=np.float64, na_value=np.nan)
    return np.asarray(np.nan_to_num(told, nan=default))
