"""How sure a decision is: other speeds of sale, other elasticities."""

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from analytics.clearance.ageing import Ageing
from analytics.clearance.decision import Decision, value_here
from analytics.clearance.values import (
    Array,
    Elsewhere,
    Stuck,
    discounted,
    present_value,
    value_of_transfer,
)

_CHANCES = (0.1, 0.5, 0.9)
_STEEPEST = 20.0  # % more units per % less price; nothing sells like that
_HALVINGS = 40


def likely_speeds(
    units_sold: ArrayLike, days: ArrayLike, chances: tuple[float, ...] = _CHANCES
) -> Array:
    """Return the units per day that sales leave likely, shape (n_chances, n_items).

    Quantiles of the gamma posterior of a Poisson rate under Jeffreys' prior:
    ``Gamma(sold + 1/2, days)``.

    Parameters
    ----------
    units_sold, days : array_like, shape (n_items,)
        Units, and the days in stock on which they sold.
    chances : tuple of float
        Probabilities.

    Examples
    --------
    >>> likely_speeds([0.0], [90.0], (0.5,)).round(5).tolist()  # chi2(1) median .45494 / 2 / 90
    [[0.00253]]
    """
    sold = np.atleast_1d(np.asarray(units_sold, dtype=np.float64))
    seen = np.maximum(np.asarray(days, dtype=np.float64), 1.0)
    chance = np.array(chances)[:, None]
    return np.asarray(stats.gamma.ppf(chance, sold + 0.5) / seen)


def value_of_plan(
    decision: Decision,
    stuck: Stuck,
    interest: float,
    there: Elsewhere | None = None,
    ageing: Ageing | None = None,
) -> Array:
    """Return what a decision is worth on another stock or at another speed, shape (n_items,).

    The discount and the units kept are those of the decision.
    """
    n, keep = stuck.units, np.minimum(decision.keep, stuck.units)
    rate, cash = discounted(stuck, decision.tail_discount)
    some = present_value(keep, rate, cash, stuck.storage_fee, interest)
    some = some if ageing is None else some - ageing.cost(keep, rate, interest)
    worth = {
        "keep": value_here(stuck, interest, 0.0, ageing),
        "discount": value_here(stuck, interest, decision.discount, ageing),
        "liquidate": decision.values["liquidate"],
        "scrap": decision.values["scrap"],
        "keep_some": some + (n - keep) * decision.exit_value,
    }
    if there is not None:
        worth["transfer"] = value_of_transfer(n, there, interest)
    out = np.zeros(len(n))
    for option, value in worth.items():
        out = np.where(decision.option == option, value, out)
    return out


def break_even_elasticity(
    stuck: Stuck, interest: float, discount: ArrayLike, ageing: Ageing | None = None
) -> Array:
    """Return the elasticity from which a discount beats keeping all, shape (n_items,).

    NaN where no elasticity up to 20 does, because each unit would lose money.

    Examples
    --------
    >>> stuck = Stuck.of(600, 0.5, 20, fee_share=0.15, fulfilment=4, storage_fee=0.02)
    >>> even = break_even_elasticity(stuck, np.log(1.4) / 365, 0.1)
    >>> bool(0.0 < even[0] < 2.5)  # at 2.5 the discount wins
    True
    """
    keep = value_here(stuck, interest, 0.0, ageing)
    low, high = np.zeros(len(stuck.units)), np.full(len(stuck.units), _STEEPEST)

    def gain(elasticity: Array) -> Array:
        tried = Stuck.of(
            stuck.units, stuck.demand_mean, stuck.price, fee_share=stuck.fee_share,
            fulfilment=stuck.fulfilment, storage_fee=stuck.storage_fee, elasticity=elasticity,
        )  # fmt: skip
        return value_here(tried, interest, discount, ageing) - keep

    reachable = gain(high) > 0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        wins = gain(middle) > 0
        low, high = np.where(wins, low, middle), np.where(wins, middle, high)
    return np.where(reachable, high, np.nan)
