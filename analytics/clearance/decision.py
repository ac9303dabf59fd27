"""Which of the options is worth most, item by item."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analytics.clearance.ageing import Ageing
from analytics.clearance.values import (
    RECOVERY,
    Array,
    Elsewhere,
    Stuck,
    discounted,
    kept_units,
    liquidation_value,
    present_value,
    value_of_discount,
    value_of_transfer,
)

DISCOUNTS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6)
OPTIONS = ("keep", "discount", "transfer", "liquidate", "scrap", "keep_some")
_GRID = 16  # parts of the stock that are tried where fees leap with age
_MOVES = (-0.75, -0.5, -0.25, 0.25, 0.5, 0.75)  # of a part, around the best one
_ROUNDS = 4  # each four times as fine


@dataclass(frozen=True, slots=True)
class Decision:
    """What the stock of each item is worth under each option; shape (n_items,) each.

    Attributes
    ----------
    option : ndarray of str
        The best, one of `OPTIONS`.
    value : ndarray
        Of the best.
    values : mapping of str to ndarray
        Present value of every option; NaN = not possible.
    discount : ndarray
        Best share off the price if all is to be sold.
    tail_discount, keep : ndarray
        Best share off the price, and units kept, if the rest goes at once (``keep_some``).
    exit_value : ndarray
        What a unit brings that goes at once: liquidated, or scrapped if that costs less.
    floor_price : ndarray
        Price below which letting a unit go at once is better than selling it today.
    """

    option: NDArray[np.object_]
    value: Array
    values: dict[str, Array]
    discount: Array
    tail_discount: Array
    keep: Array
    exit_value: Array
    floor_price: Array


def decide(
    stuck: Stuck,
    interest: float,
    *,
    there: Elsewhere | None = None,
    liquidation_fee: ArrayLike = 0.0,
    scrap_fee: ArrayLike = 0.0,
    recovery: ArrayLike = RECOVERY,
    ageing: Ageing | None = None,
    discounts: tuple[float, ...] = DISCOUNTS,
    in_whole_units: bool = True,
) -> Decision:
    """Return the best option for each item, by present value.

    Parameters
    ----------
    stuck : Stuck
        The stock.
    interest : float
        Per day, see `daily_rate`: the owner's hurdle rate, or what cash earns elsewhere.
    there : Elsewhere, optional
        Another market or warehouse.
    liquidation_fee, scrap_fee : array_like
        Per unit, today.
    recovery : array_like
        Gross share of the price that a liquidator pays.
    ageing : Ageing, optional
        Fees that grow with age, on what stays here; none = there are none.
    discounts : tuple of float
        Shares off the price to try; 0 is keeping.
    in_whole_units : bool
        Whether ``keep`` is a whole number: the better of its neighbours.

    Examples
    --------
    >>> fees = {"fee_share": 0.15, "fulfilment": 4.0, "storage_fee": 0.02}
    >>> stuck = Stuck.of(600, 0.5, 20, **fees, elasticity=2.5)
    >>> best = decide(stuck, np.log(1.4) / 365, liquidation_fee=0.5, scrap_fee=0.35)
    >>> best.option.tolist(), best.tail_discount.tolist(), best.keep.tolist()
    (['keep_some'], [0.1], [277.0])
    """
    n = stuck.units
    scrap = -np.broadcast_to(np.asarray(scrap_fee, dtype=np.float64), n.shape)
    liquid = liquidation_value(stuck.price, interest, fee=liquidation_fee, recovery=recovery)
    exit_value = np.maximum(liquid, scrap)
    tried = np.array(discounts)
    whole = np.array([value_here(stuck, interest, cut, ageing) for cut in discounts])
    best = whole.argmax(axis=0)
    tails = [
        _tail(stuck, interest, cut, exit_value, ageing, in_whole_units=in_whole_units)
        for cut in discounts
    ]
    tail = np.array([value for _, value in tails])
    best_tail = tail.argmax(axis=0)
    every = np.arange(len(n))
    values = {
        "keep": value_here(stuck, interest, 0.0, ageing),
        "discount": whole[best, every],
        "transfer": np.full(n.shape, np.nan)
        if there is None
        else value_of_transfer(n, there, interest),
        "liquidate": liquid * n,
        "scrap": scrap * n + 0.0,  # no -0
        "keep_some": tail[best_tail, every],
    }
    table = np.array([np.nan_to_num(values[name], nan=-np.inf) for name in OPTIONS])
    first = np.isclose(table, table.max(axis=0), rtol=1e-12, atol=1e-9).argmax(axis=0)
    floor = (exit_value + stuck.fulfilment) / np.maximum(1 - stuck.fee_share, 1e-9)
    return Decision(
        option=np.array(OPTIONS, dtype=object)[first],
        value=table.max(axis=0),
        values=values,
        discount=tried[best],
        tail_discount=tried[best_tail],
        keep=np.array([kept for kept, _ in tails])[best_tail, every],
        exit_value=exit_value,
        floor_price=np.maximum(floor, 0.0),
    )


def value_here(
    stuck: Stuck, interest: float, discount: ArrayLike, ageing: Ageing | None = None
) -> Array:
    """Return `value_of_discount` less what the stock's growing old costs, shape (n_items,)."""
    value = value_of_discount(stuck, interest, discount)
    if ageing is None:
        return value
    rate, _ = discounted(stuck, discount)
    return value - ageing.cost(stuck.units, rate, interest)


def value_of_keeping_some(
    stuck: Stuck,
    interest: float,
    discount: float,
    exit_value: ArrayLike,
    ageing: Ageing | None = None,
) -> tuple[Array, Array]:
    """Return the units to keep at a discount, and the value with the rest gone now; (n_items,).

    ``NPV_keep(k) + (n - k) v``, k fractional; the oldest units go.
    """
    exit_ = np.broadcast_to(np.asarray(exit_value, dtype=np.float64), stuck.units.shape)
    return _tail(stuck, interest, discount, exit_, ageing, in_whole_units=False)


def _tail(
    stuck: Stuck,
    interest: float,
    discount: float,
    exit_value: Array,
    ageing: Ageing | None,
    *,
    in_whole_units: bool,
) -> tuple[Array, Array]:
    rate, cash = discounted(stuck, discount)
    fee, n = stuck.storage_fee, stuck.units

    def worth(kept: Array) -> Array:
        gone = present_value(kept, rate, cash, fee, interest) + (n - kept) * exit_value
        return gone if ageing is None else gone - ageing.cost(kept, rate, interest)

    keep = kept_units(n, rate, cash, fee, exit_value, interest=interest)
    if ageing is not None and len(rows := ageing.charged):
        own = ageing.take(rows)
        told = [part[rows] for part in (n, rate, cash, fee, exit_value)]
        keep[rows] = _best_of_all(keep[rows], told, own, interest)
    if not in_whole_units:
        return keep, worth(keep)
    low, high = np.floor(keep), np.minimum(np.ceil(keep), n)
    keep = np.where(worth(high) > worth(low), high, low)
    return keep, worth(keep)


def _best_of_all(keep: Array, told: list[Array], ageing: Ageing, interest: float) -> Array:
    """Return the units to keep where fees leap: the best of a grid, looked at ever closer."""
    n, rate, cash, fee, exit_value = told

    def worth(kept: Array) -> Array:
        gone = present_value(kept, rate, cash, fee, interest) + (n - kept) * exit_value
        return gone - ageing.cost(kept, rate, interest)

    best, value = keep, worth(keep)
    for share in np.linspace(0.0, 1.0, _GRID + 1):
        best, value = _better(worth, best, value, share * n)
    for turn in range(_ROUNDS):
        centre, step = best, n / _GRID / 4.0**turn
        for move in _MOVES:
            tried = np.clip(centre + move * step, 0.0, n)
            best, value = _better(worth, best, value, tried)
    return best


def _better(
    worth: Callable[[Array], Array], best: Array, value: Array, tried: Array
) -> tuple[Array, Array]:
    other = worth(tried)
    wins = other > value
    return np.where(wins, tried, best), np.where(wins, other, value)
