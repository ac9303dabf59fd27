"""The present value of each thing that can be done with a stock."""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analytics.errors import NegativeInputError, OutOfBoundsError

Array = NDArray[np.float64]
ELASTICITY = 2.0  # % more units per % less price, where nothing is known
RECOVERY = 0.07  # gross share of the price that a liquidator pays, of 5 to 10 %
REFERRAL = 0.15  # of it, kept by the marketplace
PAID_AFTER = 90.0  # days
_NEVER = 1e7  # days; a stock that sells nothing never ends
_NONE = 1e-10  # rate per day below which the limit without interest is more exact


def daily_rate(annual_pct: float) -> float:
    """Return the continuous rate per day of ``annual_pct`` % a year, ``ln(1 + a) / 365``.

    Raises
    ------
    OutOfBoundsError
        The rate lies outside 0 to 1,000 %.

    Examples
    --------
    >>> round(daily_rate(40.0), 16)
    0.0009218417441677
    """
    if not 0.0 <= annual_pct <= 1_000.0:
        raise OutOfBoundsError(name="annual_pct", value=annual_pct, low=0.0, high=1_000.0)
    return float(np.log1p(annual_pct / 100) / 365)


@dataclass(frozen=True, slots=True)
class Stuck:
    """Stock whose future is to be decided; shape (n_items,) each.

    Attributes
    ----------
    units : ndarray
        Units on hand.
    demand_mean : ndarray
        Units sold per day at today's price.
    price : ndarray
        Of a unit, before fees.
    fee_share : ndarray
        Share of the price that the marketplace keeps, 0 to 1.
    fulfilment : ndarray
        Fee per unit sold.
    storage_fee : ndarray
        Per unit and day.
    elasticity : ndarray
        % more units per % less price.
    """

    units: Array
    demand_mean: Array
    price: Array
    fee_share: Array
    fulfilment: Array
    storage_fee: Array
    elasticity: Array

    @classmethod
    def of(
        cls,
        units: ArrayLike,
        demand_mean: ArrayLike,
        price: ArrayLike,
        *,
        fee_share: ArrayLike = 0.0,
        fulfilment: ArrayLike = 0.0,
        storage_fee: ArrayLike = 0.0,
        elasticity: ArrayLike = ELASTICITY,
    ) -> Self:
        """Return the stock of some items; single numbers hold for all.

        Raises
        ------
        NegativeInputError
            A number is negative or not known.
        """
        parts = {
            "units": units,
            "demand_mean": demand_mean,
            "price": price,
            "fee_share": fee_share,
            "fulfilment": fulfilment,
            "storage_fee": storage_fee,
            "elasticity": elasticity,
        }
        arrays = np.broadcast_arrays(
            *(np.asarray(part, dtype=np.float64) for part in parts.values())
        )
        for name, array in zip(parts, arrays, strict=True):
            if not (array >= 0).all():  # refuses NaN too
                raise NegativeInputError(name=name, value=float(array.min()))
        return cls(*(np.atleast_1d(array).astype(np.float64) for array in arrays))

    def faster(self, factor: ArrayLike) -> Self:
        """Return the same stock selling ``factor`` times as fast."""
        return replace(self, demand_mean=self.demand_mean * np.asarray(factor, dtype=np.float64))


def present_value(
    units: ArrayLike, rate: ArrayLike, cash: ArrayLike, storage_fee: ArrayLike, interest: float
) -> Array:
    """Return the present value of selling a stock at a steady rate until it is gone.

    ``m lambda (1 - e^(-rT)) / r - h [n / r - (lambda / r^2)(1 - e^(-rT))]``, ``T = n / lambda``; at
    r = 0 its limit ``m n - h n T / 2``.

    Parameters
    ----------
    units, rate, cash, storage_fee : array_like
        n, lambda (units/day), m and h.
    interest : float
        r, per day.

    Notes
    -----
    Stock that sells nothing is stored for ever, at ``-h n / r``.

    Examples
    --------
    >>> r = daily_rate(40.0)
    >>> round(float(present_value(600, 0.5, 20 * 0.85 - 4, 0.02, r)), 6)
    -424.149441
    """
    n, per_day, gain, fee = np.broadcast_arrays(
        *(np.asarray(part, dtype=np.float64) for part in (units, rate, cash, storage_fee))
    )
    days = np.minimum(n / np.maximum(per_day, 1e-12), _NEVER)
    if interest < _NONE:
        return np.asarray(gain * np.minimum(per_day * days, n) - fee * n * days / 2)
    sold = per_day * -np.expm1(-interest * days) / interest  # units, each at today's worth
    return np.asarray(gain * sold - fee * (n - sold) / interest)


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Where stock could be moved to; numbers, or arrays of shape (n_items,).

    Attributes
    ----------
    cost : array_like
        Per unit, now.
    days : array_like
        Under way; without storage.
    demand_mean, price, fee_share, fulfilment, storage_fee : array_like
        As in `Stuck`, over there.
    """

    cost: ArrayLike
    days: ArrayLike
    demand_mean: ArrayLike
    price: ArrayLike
    fee_share: ArrayLike = 0.0
    fulfilment: ArrayLike = 0.0
    storage_fee: ArrayLike = 0.0


def value_of_discount(stuck: Stuck, interest: float, discount: ArrayLike) -> Array:
    """Return the present value of selling all at a discount, shape of (n_items,) and discount.

    ``lambda_d = lambda (1 - d)^(-e)``, ``m_d = p (1 - d)(1 - f) - F``. Without a discount it is the
    value of keeping.

    Raises
    ------
    OutOfBoundsError
        A discount lies outside 0 to 0.99.

    Examples
    --------
    >>> fees = {"fee_share": 0.15, "fulfilment": 4.0, "storage_fee": 0.02}
    >>> stuck = Stuck.of(600, 0.5, 20, **fees, elasticity=2.5)
    >>> value_of_discount(stuck, daily_rate(40.0), 0.4).round(6).tolist()
    [1384.659375]
    """
    rate, cash = discounted(stuck, discount)
    return present_value(stuck.units, rate, cash, stuck.storage_fee, interest)


def discounted(stuck: Stuck, discount: ArrayLike) -> tuple[Array, Array]:
    """Return units/day and cash per unit at a discount."""
    left = 1 - np.asarray(discount, dtype=np.float64)
    if not ((left >= 0.01) & (left <= 1)).all():
        worst = float(np.max(1 - left)) if (left < 0.01).any() else float(np.min(1 - left))
        raise OutOfBoundsError(name="discount", value=worst, low=0.0, high=0.99)
    rate = stuck.demand_mean * left**-stuck.elasticity
    return rate, stuck.price * left * (1 - stuck.fee_share) - stuck.fulfilment


def value_of_transfer(units: ArrayLike, there: Elsewhere, interest: float) -> Array:
    """Return the present value of moving all and selling there, shape (n_items,).

    ``-c n + e^(-r tau) NPV(n, lambda_2, m_2, h_2)``.

    Examples
    --------
    >>> there = Elsewhere(2.2, 30, 4, 18, fee_share=0.15, fulfilment=4.5, storage_fee=0.008)
    >>> value_of_transfer(600, there, daily_rate(40.0)).round(6).tolist()
    [4232.28264]
    """
    n = np.atleast_1d(np.asarray(units, dtype=np.float64))
    price = np.asarray(there.price, dtype=np.float64)
    cash = price * (1 - np.asarray(there.fee_share)) - np.asarray(there.fulfilment)
    later = present_value(n, there.demand_mean, cash, there.storage_fee, interest)
    wait = np.exp(-interest * np.asarray(there.days, dtype=np.float64))
    return np.asarray(wait * later - np.asarray(there.cost, dtype=np.float64) * n)


def liquidation_value(
    price: ArrayLike, interest: float, *, fee: ArrayLike = 0.0, recovery: ArrayLike = RECOVERY
) -> Array:
    """Return what a liquidator's unit brings today, shape of ``price``; may be negative.

    ``recovery x price x (1 - 15 %) e^(-90 r) - fee``: paid within 90 days, the fee today.

    Examples
    --------
    >>> round(float(liquidation_value(20.0, daily_rate(40.0), fee=0.5)), 10)
    0.5952553694
    """
    gross = np.asarray(recovery) * np.asarray(price, dtype=np.float64) * (1 - REFERRAL)
    return np.asarray(gross * np.exp(-interest * PAID_AFTER) - np.asarray(fee, dtype=np.float64))


def kept_units(
    units: ArrayLike,
    rate: ArrayLike,
    cash: ArrayLike,
    storage_fee: ArrayLike,
    exit_value: ArrayLike,
    *,
    interest: float,
) -> Array:
    """Return how many units to keep if the rest can go now for ``exit_value`` each; fractional.

    A unit sold at time t is worth ``m e^(-rt) - h (1 - e^(-rt)) / r`` today; keep those that are
    worth more than the exit: ``t* = ln((m + h/r) / (v + h/r)) / r``, ``k = clamp(lambda t*, 0,
    n)``;
    all, if storing a unit for ever costs less than the exit. At r = 0, ``t* = (m - v) / h``.

    Examples
    --------
    >>> r = daily_rate(40.0)
    >>> gone = liquidation_value(20, r, fee=0.5)
    >>> round(float(kept_units(600, 0.5 * 0.9**-2.5, 11.3, 0.02, gone, interest=r)), 6)
    276.828515
    """
    n, per_day, gain, fee, exit_ = np.broadcast_arrays(
        *(
            np.asarray(part, dtype=np.float64)
            for part in (units, rate, cash, storage_fee, exit_value)
        )
    )
    days = _days_to_keep(gain, fee, exit_, interest)
    sold = np.where(per_day > 0, per_day * np.where(per_day > 0, days, 0.0), 0.0)
    if interest >= _NONE:  # where waiting is worth more the longer, it is all or nothing
        better = present_value(n, per_day, gain, fee, interest) > n * exit_
        sold = np.where(gain + fee / interest <= 0, np.where(better, n, 0.0), sold)
    return np.clip(sold, 0.0, n)


def _days_to_keep(gain: Array, fee: Array, exit_value: Array, interest: float) -> Array:
    """Return the day from which a unit sold then is worth less than its exit now."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        if interest < _NONE:
            free = np.where(gain > exit_value, np.inf, 0.0)
            return np.where(fee > 0, (gain - exit_value) / fee, free)
        above, below = gain + fee / interest, exit_value + fee / interest
        days = np.log(np.maximum(above, 1e-300) / below) / interest
        return np.where(below > 0, days, np.inf)
