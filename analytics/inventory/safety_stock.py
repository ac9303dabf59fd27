"""Safety stock: the max-average rule, and the quantile of demand over the lead time."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analytics.distributions import Mixture
from analytics.errors import NegativeInputError

Array = NDArray[np.float64]


def safety_stock_max_average(
    demand_max: ArrayLike,
    lead_time_max: ArrayLike,
    demand_mean: ArrayLike,
    lead_time_mean: ArrayLike,
) -> Array:
    """Return safety stock by the max-average rule: worst case minus usual case.

    Parameters
    ----------
    demand_max, demand_mean : array_like, shape (n_items,)
        Largest and mean demand over a fixed window, in units/day.
    lead_time_max, lead_time_mean : array_like, shape (n_items,)
        Longest and mean lead time, in days.

    Returns
    -------
    ndarray, shape (n_items,)
        Units, signed and not rounded.

    Raises
    ------
    NegativeInputError
        A demand or a lead time is negative.

    Notes
    -----
    ``SS = d_max L_max - d_mean L_mean``. It lets the largest demand of one day last through the
    longest lead time: 3 to 33 times what 95 % service needs, growing with the window, since a
    maximum is no property of the product; after a quiet window it can be unsafe all the same.

    Examples
    --------
    >>> float(safety_stock_max_average(20, 21, 10, 14))
    280.0
    """
    usual = _known("demand_mean", demand_mean) * _known("lead_time_mean", lead_time_mean)
    return np.asarray(reorder_point_max_average(demand_max, lead_time_max) - usual)


def reorder_point_max_average(demand_max: ArrayLike, lead_time_max: ArrayLike) -> Array:
    """Return the reorder point by the max-average rule, ``d_max L_max``, in units, not rounded.

    Parameters
    ----------
    demand_max : array_like, shape (n_items,)
        Largest demand over a fixed window, in units/day.
    lead_time_max : array_like, shape (n_items,)
        Longest lead time, in days.

    Raises
    ------
    NegativeInputError
        A demand or a lead time is negative.

    Examples
    --------
    >>> float(reorder_point_max_average(20, 21))
    420.0
    """
    largest = _known("demand_max", demand_max)
    return np.asarray(largest * _known("lead_time_max", lead_time_max))


def safety_stock_quantile(protection: Mixture, service_level: ArrayLike) -> tuple[Array, Array]:
    """Return safety stock and reorder point by the quantile of demand over the lead time.

    Parameters
    ----------
    protection : Mixture
        Demand over lead time plus review period.
    service_level : array_like, shape () or (n_items,)
        Cycle service level: probability, 0 to 1, that an order arrives before the stock is used up.

    Returns
    -------
    safety_stock, reorder_point : ndarray, shape (n_items,)
        Units, not rounded. Safety stock is signed: where demand is rare and skewed, the quantile
        can lie below the mean, and no buffer is needed.

    Notes
    -----
    ``ROP = F⁻¹(service)``, ``F(x) = Σ_l w_l F_D(l)(x)``; ``SS = ROP - E[D]`` (inventory.md, e).
    """
    reorder_point = protection.quantile(service_level)
    return reorder_point - protection.mean, reorder_point


def warning_line(safety_stock: ArrayLike, reorder_point: ArrayLike) -> Array:
    """Return the inventory position at which to look at an item: ``max(2 SS, ROP)``, in units.

    Twice the safety stock alone lies below the reorder point exactly for steady best-sellers.

    Parameters
    ----------
    safety_stock, reorder_point : array_like, shape (n_items,)
        Units; safety stock signed.

    Examples
    --------
    >>> float(warning_line(280, 420))
    560.0
    """
    twice = 2 * np.asarray(safety_stock, dtype=np.float64)
    return np.maximum(twice, np.asarray(reorder_point, dtype=np.float64))


def _known(name: str, value: ArrayLike) -> Array:
    array = np.asarray(value, dtype=np.float64)
    if (array < 0).any():
        raise NegativeInputError(name=name, value=float(np.nanmin(array)))
    return array
