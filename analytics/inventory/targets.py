"""Reorder points of a promise, read from the demand over the lead time, and what they promise."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analytics.distributions import Mixture
from analytics.inventory.fill import undershoot_moments
from analytics.policy import Measure

Array = NDArray[np.float64]
_HALVINGS = 30
_LEAST_SERVED = 1e-6
_STRICTER = 5.0  # times fewer cycles than units may go short, at the most


def reorder_levels(
    lead: Mixture,
    protection: Mixture,
    measure: ArrayLike,
    service_level: ArrayLike,
    *,
    order_size: ArrayLike,
    review_mean: ArrayLike,
    review_sd: ArrayLike,
) -> Array:
    """Return every item's reorder point by what is promised of it.

    Parameters
    ----------
    lead, protection : Mixture
        Demand over the lead time, and over lead time plus review period.
    measure : array_like of Measure (or its text), shape () or (n_items,)
        What the service level is a share of: cycles, or units asked for.
    service_level : array_like, shape () or (n_items,)
        0 to 1.
    order_size : array_like, shape () or (n_items,)
        Units per order beyond the reorder point: order-up-to level less reorder point, or the
        batch. Below the demand of one review period that demand counts.
    review_mean, review_sd : array_like, shape () or (n_items,)
        Of the demand per review period, in units.

    Returns
    -------
    ndarray, shape (n_items,)
        Units, not rounded, never negative: a shop that is sold out has a position of 0, so at a
        trigger below it no order would ever be due.

    Notes
    -----
    Cycle: the quantile of the demand over lead time and review period. Fill: see
    `reorder_point_fill_of`, but no more than `most_for_fill` asks for: where most units are asked
    for in rare lumps, a share of the units means stock for the largest lump there can be.
    """
    by_fill = np.broadcast_to(np.asarray(measure) == Measure.FILL.value, len(lead))
    level = protection.quantile(service_level)
    if by_fill.any():
        fill = reorder_point_fill_of(
            lead,
            service_level,
            order_size=order_size,
            review_mean=review_mean,
            review_sd=review_sd,
        )
        most = protection.quantile(np.where(by_fill, most_for_fill(service_level), 0.5))
        level = np.where(by_fill, np.minimum(fill, most), level)
    return np.asarray(np.maximum(level, 0.0))


def most_for_fill(fill_rate: ArrayLike) -> Array:
    """Return the cycle service beyond which no fill rate is worth stock, ``1 - (1 - β) / 5``.

    >>> most_for_fill([0.95, 0.98]).round(6).tolist()
    [0.99, 0.996]
    """
    return np.asarray(1 - (1 - np.asarray(fill_rate, dtype=np.float64)) / _STRICTER)


def reorder_point_fill_of(
    lead: Mixture,
    fill_rate: ArrayLike,
    *,
    order_size: ArrayLike,
    review_mean: ArrayLike,
    review_sd: ArrayLike,
) -> Array:
    """Return the reorder point of a fill rate, undershoot included.

    Parameters
    ----------
    lead : Mixture
        Demand over the lead time.
    fill_rate, order_size, review_mean, review_sd : array_like, shape () or (n_items,)
        As in `reorder_levels`.

    Returns
    -------
    ndarray, shape (n_items,)
        Units, not rounded; maybe negative.

    Notes
    -----
    The smallest s with ``E[(X_L + U - s)+] <= Q (1 - β) / β``: on a marketplace a buyer who finds
    no stock is gone, so a cycle's buyers are those of the batch and those it missed. The undershoot
    U is not added to the batch, although an order up to a level brings ``Q + E[U]``: in 72
    simulated cases (looked at daily to monthly, batches of two weeks to two months) a promise of
    97 % then gives 96.4 to 99.3 %, most where an order lasts less than the time to the next look,
    and one of 90 % gives 89.7 to 96.4 %. With it their means are nearer (97.6 for 98.0, 91.9 for
    93.2 %), but as little as 95 and 88 % is kept where somebody looks once a month: U then has two
    humps, which a mean and a variance do not tell. Those who order a fixed batch get no U at all.
    """
    size = _order_size(order_size, review_mean)
    beta = np.clip(np.asarray(fill_rate, dtype=np.float64), _LEAST_SERVED, 1.0)
    shift, ratio = _stretch(lead, review_mean, review_sd)
    return np.asarray(shift + ratio * lead.level_of_loss(size * (1 - beta) / beta / ratio))


def reorder_point_review_of(
    lead: Mixture,
    protection: Mixture,
    fill_rate: ArrayLike,
    *,
    order_size: ArrayLike,
    review_mean: ArrayLike,
    review_sd: ArrayLike,
) -> Array:
    """Return the reorder point of a fill rate under (R, s, S) by Tijms and Groenevelt (1984).

    Parameters
    ----------
    lead, protection : Mixture
        Demand over the lead time, and over lead time plus review period.
    fill_rate, order_size, review_mean, review_sd : array_like, shape () or (n_items,)
        As in `reorder_levels`; meant for an ``order_size`` of 1.5 review periods' demand or more.

    Returns
    -------
    ndarray, shape (n_items,)
        Units, not rounded.

    Notes
    -----
    ``E[(X_{L+R} - s)+²] - E[(X_L - s)+²] = 2 (1 - β) μ_R [S - s + (σ_R² + μ_R²) / (2 μ_R)]``: the
    balance of `reorder_point_fill_of`, with the undershoot in the batch and buyers who wait.
    """
    mean = np.broadcast_to(np.asarray(review_mean, dtype=np.float64), len(lead))
    below, _ = undershoot_moments(mean, review_sd)
    beta = np.asarray(fill_rate, dtype=np.float64)
    allowed = 2 * (1 - beta) * mean * (np.asarray(order_size, dtype=np.float64) + below)
    low = lead.mean - 4 * lead.sd
    high = np.maximum(protection.units[:, -1].astype(np.float64), low)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        short = protection.second_loss(middle) - lead.second_loss(middle) > allowed
        low, high = np.where(short, middle, low), np.where(short, high, middle)
    return np.where(mean > 0, high, 0.0)


def cycle_service(protection: Mixture, reorder_point: ArrayLike) -> Array:
    """Return the probability that an order arrives before the stock is used up.

    Parameters
    ----------
    protection : Mixture
        Demand over lead time plus review period.
    reorder_point : array_like, shape () or (n_items,)
        Units; from whatever method.

    Returns
    -------
    ndarray, shape (n_items,)
        0 to 1.
    """
    return protection.probability(reorder_point)


def fill_rate_of(
    lead: Mixture,
    reorder_point: ArrayLike,
    *,
    order_size: ArrayLike,
    review_mean: ArrayLike,
    review_sd: ArrayLike,
) -> Array:
    """Return the share of the units asked for that a reorder point serves.

    Parameters
    ----------
    lead : Mixture
        Demand over the lead time.
    reorder_point, order_size, review_mean, review_sd : array_like, shape () or (n_items,)
        As in `reorder_levels`.

    Returns
    -------
    ndarray, shape (n_items,)
        ``Q / (Q + E[(X_L + U - s)+])``, 0 to 1; 1 where nothing sells.
    """
    size = _order_size(order_size, review_mean)
    shift, ratio = _stretch(lead, review_mean, review_sd)
    short = ratio * lead.loss((np.asarray(reorder_point, dtype=np.float64) - shift) / ratio)
    asked = size + short
    return np.asarray(np.where(asked > 0, size / np.where(asked > 0, asked, 1.0), 1.0))


def _stretch(lead: Mixture, review_mean: ArrayLike, review_sd: ArrayLike) -> tuple[Array, Array]:
    return lead.undershoot_stretch(*undershoot_moments(review_mean, review_sd, whole_units=True))


def _order_size(order_size: ArrayLike, review_mean: ArrayLike) -> Array:
    least = np.asarray(review_mean, dtype=np.float64)
    return np.asarray(np.maximum(np.asarray(order_size, dtype=np.float64), least))
