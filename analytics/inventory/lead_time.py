"""How long an order takes until its units can be sold: by route and supplier, from past orders."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import special

Array = NDArray[np.float64]
LONGEST = 196  # days; with a review the kernel's 204; later arrivals count as this late, said
DEFAULT_ROUTE = "sea"
BUILT_IN = {
    "sea": (45.0, 70.0),
    "air": (10.0, 16.0),
}  # usual and worst days, where nothing is known
_WORST = 1.645  # sds above the mean at which "worst" lies: one in twenty
_ENOUGH = 3  # receipts without which a history says nothing
_HALF = 8.0  # receipts at which an own history weighs as much as its pool's
_RECENT = 365  # days within which a longest lead time is looked for
_KEPT = 730  # days after which a receipt says nothing about the next one
_STAGES = ("production", "quality_check", "booking", "transit", "customs", "check_in")
_NARROW = 0.3  # days of sd below which there is no spread to speak of


@dataclass(frozen=True, slots=True)
class LeadTimes:
    """The lead time of every item on its default route.

    Attributes
    ----------
    lines : DataFrame
        One row per item: ``route``; ``lead_time_source`` (``own``: at least 3 receipts from this
        supplier, drawn to the route's; ``route_pool``: those of the route to this market;
        ``routes_table``; ``assumed``); ``lead_time_receipts`` (behind it); ``lead_time_mean``,
        ``lead_time_sd`` (days); ``lead_time_usual``, ``lead_time_max`` (mean and longest of the
        last 12 months' receipts, else usual and worst days).
    probabilities : ndarray, shape (n_distributions, 196)
        Probability of 1, 2, ... 196 days.
    row : ndarray of int, shape (n_items,)
        Each item's distribution.
    """

    lines: pd.DataFrame
    probabilities: Array
    row: NDArray[np.int64]


def lead_times(
    items: pd.DataFrame, orders: pd.DataFrame, routes: pd.DataFrame, as_of: date
) -> LeadTimes:
    """Return every item's lead time on its default route.

    Parameters
    ----------
    items : DataFrame
        ``sku``, ``market``, ``supplier``.
    orders : DataFrame
        Purchase orders, one row per receipt: ``order_id``, ``sku``, ``market``, ``supplier``,
        ``route``, ``quantity``, ``quantity_received``, ``open_quantity``, ``ordered_on``,
        ``received_on``.
    routes : DataFrame
        ``market``, ``route``, and per stage ``<stage>_days`` and ``<stage>_days_worst``.
    as_of : date
        Receipts after it are not known.

    Notes
    -----
    A line's lead time runs to its last receipt. With n own receipts, ``mean = w own + (1-w) pool``
    and ``sd² = w own² + (1-w) (cv_pool mean)²``, ``w = n / (n + 8)``. Fewer than 3 in the pool: the
    routes table, else 45 / 70 days by sea and 10 / 16 by air; ``sd = (worst - usual) / 1.645``.
    """
    received = _receipts(orders, as_of)
    lines = _described(items, received)
    pool = _history(received, ["market", "route"])
    own = _history(received, ["supplier", "market", "route"])
    lines = lines.merge(_stated(routes), on=["market", "route"], how="left", sort=False)
    lines = lines.merge(pool, on=["market", "route"], how="left", sort=False)
    keys = ["supplier", "market", "route"]
    lines = lines.merge(own, on=keys, how="left", sort=False, suffixes=("_pool", "_own"))
    return _combined(_chosen(lines))


def _receipts(orders: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """Return one row per order line that has arrived, but for a fifth at most."""
    today = pd.Timestamp(as_of)
    known = orders.loc[orders["received_on"].notna() & (orders["received_on"] <= today)]
    frame = known.assign(
        route=route_codes(known["route"]),
        supplier=_supplier(known),
        units=known["quantity_received"].fillna(known["quantity"]),
        line=known["order_id"].astype(object).where(known["order_id"].notna(), "-"),
    )
    keys = ["line", "sku", "market", "supplier", "route", "ordered_on"]
    lines = frame.groupby(keys, dropna=False, as_index=False, sort=False).agg(
        received_on=("received_on", "max"), units=("units", "sum"), open=("open_quantity", "sum")
    )
    days = (lines["received_on"] - lines["ordered_on"]).dt.days.to_numpy(dtype=np.float64)
    age = (today - lines["received_on"]).dt.days.to_numpy(dtype=np.float64)
    arrived = (lines["open"] <= 0.2 * (lines["open"] + lines["units"])).to_numpy()
    usable = arrived & (days >= 1) & (days <= 2 * LONGEST) & (age <= _KEPT)
    return pd.DataFrame(lines.assign(days=days, age=age).loc[usable])


def route_codes(routes: pd.Series) -> pd.Series:
    """Return routes as lower-case codes; a missing one is the default route."""
    text = routes.astype(object).where(routes.notna(), DEFAULT_ROUTE).astype(str)
    text = text.str.strip().str.lower()
    return text.where(text != "", DEFAULT_ROUTE)


def _supplier(frame: pd.DataFrame) -> pd.Series:
    """Return the supplier, or the SKU itself where none is named."""
    named = frame["supplier"].notna() & (frame["supplier"].astype(object) != "")
    return frame["supplier"].astype(object).where(named, frame["sku"].astype(object))


def _described(items: pd.DataFrame, received: pd.DataFrame) -> pd.DataFrame:
    """Return ``sku``, ``market``, ``supplier`` and the default route of every item."""
    recent = received[received["age"] < _RECENT]
    units = recent.groupby(["sku", "market", "route"], as_index=False).agg(units=("units", "sum"))
    ranked = units.sort_values(["units"], ascending=False, kind="stable")
    most = ranked.drop_duplicates(["sku", "market"])
    frame = items[["sku", "market"]].assign(supplier=_supplier(items))
    frame = frame.merge(
        most[["sku", "market", "route"]], on=["sku", "market"], how="left", sort=False
    )
    return frame.assign(route=frame["route"].astype(object).fillna(DEFAULT_ROUTE))


def _history(received: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Return ``n``, ``mean``, ``sd`` of all receipts and ``usual``, ``longest`` of recent ones."""
    every = received.groupby(keys, as_index=False).agg(
        n=("days", "size"), mean=("days", "mean"), sd=("days", "std"), longest=("days", "max")
    )
    recent = (
        received[received["age"] < _RECENT]
        .groupby(keys, as_index=False)
        .agg(
            recent_n=("days", "size"), recent_usual=("days", "mean"), recent_longest=("days", "max")
        )
    )
    frame = every.merge(recent, on=keys, how="left")
    enough = frame["recent_n"] >= _ENOUGH
    return frame[[*keys, "n", "mean", "sd"]].assign(
        usual=frame["recent_usual"].where(enough, frame["mean"]),
        longest=frame["recent_longest"].where(enough, frame["longest"]),
    )


def _stated(routes: pd.DataFrame) -> pd.DataFrame:
    """Return ``market``, ``route``, ``stated_usual``, ``stated_worst`` of the routes table."""
    usual = [f"{stage}_days" for stage in _STAGES]
    days = routes[usual].astype(np.float64)
    worst = routes[[f"{name}_worst" for name in usual]].astype(np.float64)
    worst = worst.set_axis(usual, axis=1).fillna(days)
    frame = pd.DataFrame(
        {
            "market": routes["market"].astype(object),
            "route": route_codes(routes["route"]),
            "stated_usual": days.sum(axis=1),
            "stated_worst": np.maximum(worst, days).sum(axis=1),
        }
    )
    return frame[frame["stated_usual"] > 0].drop_duplicates(["market", "route"], keep="last")


def _chosen(lines: pd.DataFrame) -> pd.DataFrame:
    """Return the columns of `LeadTimes.lines`, and ``mean``, ``sd`` before they are cut to days."""
    own = (lines["n_own"] >= _ENOUGH) & (lines["n_pool"] >= _ENOUGH)
    pool = ~own & (lines["n_pool"] >= _ENOUGH)
    stated = ~own & ~pool & lines["stated_usual"].notna()
    built_in = [BUILT_IN.get(route, BUILT_IN[DEFAULT_ROUTE]) for route in lines["route"]]
    usual = lines["stated_usual"].fillna(pd.Series([pair[0] for pair in built_in], lines.index))
    worst = lines["stated_worst"].fillna(pd.Series([pair[1] for pair in built_in], lines.index))
    weight = lines["n_own"] / (lines["n_own"] + _HALF)
    own_mean = weight * lines["mean_own"] + (1 - weight) * lines["mean_pool"]
    drawn = (1 - weight) * (lines["sd_pool"] / lines["mean_pool"] * own_mean) ** 2
    source = np.select([own, pool, stated], ["own", "route_pool", "routes_table"], "assumed")

    def pick(mine: pd.Series, pooled: pd.Series, otherwise: pd.Series) -> Array:
        return np.select([own, pool], [mine, pooled], otherwise.astype(np.float64))

    return pd.DataFrame(
        {
            "route": lines["route"],
            "lead_time_source": source,
            "lead_time_receipts": pick(lines["n_own"], lines["n_pool"], usual * 0),
            "mean": pick(own_mean, lines["mean_pool"], usual),
            "sd": pick(
                (weight * lines["sd_own"] ** 2 + drawn) ** 0.5,
                lines["sd_pool"],
                (worst - usual) / _WORST,
            ),
            "lead_time_usual": pick(lines["usual_own"], lines["usual_pool"], usual),
            "lead_time_max": pick(lines["longest_own"], lines["longest_pool"], worst),
        }
    )


def _combined(lines: pd.DataFrame) -> LeadTimes:
    pairs, row = np.unique(lines[["mean", "sd"]].to_numpy(), axis=0, return_inverse=True)
    probabilities = lead_time_probabilities(pairs[:, 0], pairs[:, 1])
    mean, sd = moments(probabilities)
    row = row.reshape(-1)
    described = lines.drop(columns=["mean", "sd"]).assign(
        lead_time_mean=mean[row], lead_time_sd=sd[row]
    )
    return LeadTimes(described, probabilities, row)


def lead_time_probabilities(mean: ArrayLike, sd: ArrayLike) -> Array:
    """Return the probability of a lead time of 1, 2, ... 196 days.

    Parameters
    ----------
    mean, sd : array_like, shape (n,)
        Days.

    Returns
    -------
    ndarray, shape (n, 196)
        A gamma law cut into days, ``G(l + 1/2) - G(l - 1/2)``; longer lead times count as 196. With
        hardly any spread the mean is split between its two neighbouring days.

    Examples
    --------
    >>> p = lead_time_probabilities([45.0], [0.0])
    >>> float(p[0, 44])
    1.0
    """
    mu = np.atleast_1d(np.asarray(mean, dtype=np.float64))[:, None]
    sigma = np.atleast_1d(np.asarray(sd, dtype=np.float64))[:, None]
    edge = (np.arange(1, LONGEST, dtype=np.float64) + 0.5)[None, :]
    below = np.column_stack([np.zeros(len(mu)), _distribution(edge, mu, sigma), np.ones(len(mu))])
    return np.diff(below, axis=1)


def _distribution(days: Array, mean: Array, sd: Array) -> Array:
    """Return the probability of a lead time below ``days``; the arguments broadcast."""
    some = np.maximum(sd, _NARROW)
    gamma = special.gammainc((mean / some) ** 2, days * mean / some**2)
    split = np.clip(days + 0.5 - mean, 0.0, 1.0)
    return np.asarray(np.where(sd < _NARROW, split, gamma))


def shifted(probabilities: Array, days: int, *, longest: int = LONGEST) -> Array:
    """Return the probabilities of a lead time that is ``days`` longer, cut at ``longest`` days.

    >>> shifted(np.array([[0.5, 0.3, 0.2]]), 1, longest=3).tolist()
    [[0.0, 0.5, 0.5]]
    """
    out = np.zeros((len(probabilities), longest))
    kept = min(max(longest - days, 0), probabilities.shape[1])
    out[:, days : days + kept] = probabilities[:, :kept]
    out[:, -1] += probabilities[:, kept:].sum(axis=1)
    return out


def moments(probabilities: Array) -> tuple[Array, Array]:
    """Return mean and sd, in days, of lead times given as probabilities of 1, 2, ... days."""
    day = np.arange(1, probabilities.shape[1] + 1)
    mean = probabilities @ day
    variance = (probabilities * (day - mean[:, None]) ** 2).sum(axis=1)
    return mean, np.sqrt(variance)
