"""Expected demand under a scenario: a factor per item, and one on the days of a window."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from analytics import distributions
from analytics.distributions import Kernel, Mixture
from analytics.scenario import Scenario
from analytics.services import outlooks

if TYPE_CHECKING:
    from analytics.forecasting import Background
    from analytics.services.planning import Basis

Array = NDArray[np.float64]
SHOWN = 91  # days that demand per day is the mean of


@dataclass(frozen=True, slots=True)
class Expected:
    """Expected demand under a scenario.

    Attributes
    ----------
    growth : ndarray, shape (n_rows,)
        Factor on all demand: its change, and what buyers make of the change of price.
    ahead, at_rest : ndarray, shape (n_rows, n_days)
        Expected demand up to the end of day 1, 2, ... under the scenario, and at rest.
    is_reshaped : bool
        Whether the days of a window have a factor of their own.
    """

    growth: Array
    ahead: Array
    at_rest: Array
    is_reshaped: bool

    @classmethod
    def of(cls, basis: "Basis", scenario: Scenario) -> "Expected":
        """Return what a scenario makes of the demand of a basis."""
        return cls(
            growth=growth(basis, scenario),
            ahead=ahead(basis, scenario),
            at_rest=basis.demand_by_day,
            is_reshaped=has_window(scenario),
        )

    @property
    def swelling(self) -> Array:
        """Return the factor on the demand of the weeks that are shown, shape (n_rows,)."""
        if not self.is_reshaped:
            return self.growth
        return ratio(self.ahead[:, SHOWN - 1], self.at_rest[:, SHOWN - 1], self.growth)

    def take(self, rows: NDArray[np.int64]) -> "Expected":
        """Return the demand of some rows."""
        parts = (self.growth[rows], self.ahead[rows], self.at_rest[rows])
        return Expected(*parts, is_reshaped=self.is_reshaped)

    def mixed(self, kernel: Kernel, laws: Array, row: NDArray[np.int64]) -> Mixture:
        """Return the demand over as many days as some laws say.

        Parameters
        ----------
        kernel : Kernel
            Of the same rows, at rest.
        laws : ndarray, shape (n_laws, n_days)
            Probabilities of 1, 2, ... days.
        row : ndarray of int, shape (n_rows,)
            Each row's law.

        Notes
        -----
        With a window the same demand sells on other days: what is expected by the end of a day is
        expected by the end of another one at rest, times the same factor for all days. Longer lead
        times so never need less, as they could if each were stretched by its own factor.
        """
        weights = distributions.bin_weights(laws)[row]
        factor = self.growth
        if self.is_reshaped:
            last = distributions.LAST_DAY - 1
            factor = ratio(self.ahead[:, last], self.at_rest[:, last], factor)
            weights = self._sold_by(kernel, weights, factor)
        mixture = kernel.mixed(weights)
        return mixture if (factor == 1.0).all() else mixture.scaled(factor)

    def _sold_by(self, kernel: Kernel, weights: Array, factor: Array) -> Array:
        """Return the weights of the bins by whose end, at rest, as much is expected."""
        n_rows, n_bins = weights.shape
        some = factor > 0
        bins = np.asarray(distributions.BINS) - 1
        wanted = self.ahead[:, bins] / np.where(some, factor, 1.0)[:, None]
        known = kernel.mean
        rows = np.arange(n_rows)[:, None]
        # Every row of means, as shares of its last, stands behind the row before: one search.
        most = np.where(known[:, -1:] > 0, known[:, -1:], 1.0)
        shelf = (2 * rows + known / most).ravel()
        place = np.searchsorted(shelf, 2 * rows + np.minimum(wanted / most, 1.0)) - n_bins * rows
        high = np.clip(place, 1, n_bins - 1)
        below, above = known[rows, high - 1], known[rows, high]
        share = np.clip((wanted - below) / np.where(above > below, above - below, 1.0), 0.0, 1.0)
        cells = np.stack([rows * n_bins + high - 1, rows * n_bins + high])
        mass = np.stack([weights * (1 - share), weights * share])
        moved = np.bincount(cells.ravel(), mass.ravel(), n_rows * n_bins).reshape(n_rows, n_bins)
        return np.where((some & (known[:, -1] > 0))[:, None], moved, weights)


def elasticities(background: "Background", n_items: int) -> Array:
    """Return by how many per cent demand falls per per cent of price, shape (n_items,).

    What the forecast learnt of prices; 0 where no price was ever seen to move, so that no belief of
    ours moves a plan.
    """
    effects = background.effects
    if effects is None or effects.single.weeks[0, -1] <= 0:
        return np.zeros(n_items)
    return np.asarray(-effects.single.elasticity(effects.groups.of_item))


def growth(basis: "Basis", scenario: Scenario) -> Array:
    """Return the factor on all demand of every row, shape (n_rows,).

    ``(1 + demand change) (1 + price change)^-elasticity``, the elasticity a positive number.
    """
    grown = 1 + scenario.demand_change_pct / 100
    if not scenario.price_change_pct:
        return np.full(len(basis.demand_by_day), grown)
    dearer = 1 + scenario.price_change_pct / 100
    return np.asarray(grown * dearer ** (-basis.elasticity))


def has_window(scenario: Scenario) -> bool:
    """Return whether demand of some days moves by itself."""
    return scenario.demand_window_pct != 0


def in_window(basis: "Basis", scenario: Scenario) -> Array:
    """Return the factor on the demand of day 1, 2, ... that the window has, shape (n_days,)."""
    n_days = basis.demand_by_day.shape[1]
    day = np.datetime64(basis.outlook.as_of, "D") + np.arange(1, n_days + 1)
    inside = np.ones(n_days, dtype=bool)
    if scenario.demand_from is not None:
        inside &= day >= np.datetime64(scenario.demand_from, "D")
    if scenario.demand_until is not None:
        inside &= day <= np.datetime64(scenario.demand_until, "D")
    return np.where(inside, 1 + scenario.demand_window_pct / 100, 1.0)


def ahead(basis: "Basis", scenario: Scenario) -> Array:
    """Return expected demand up to the end of day 1, 2, ..., shape (n_rows, n_days).

    At rest the array of the basis itself.
    """
    factor = growth(basis, scenario)
    if has_window(scenario):
        by_day = np.diff(basis.demand_by_day, axis=1, prepend=0.0)
        by_day *= factor[:, None] * in_window(basis, scenario)
        return np.asarray(by_day.cumsum(axis=1))
    if (factor == 1.0).all():
        return basis.demand_by_day
    return factor[:, None] * basis.demand_by_day


def sd_ahead(basis: "Basis", scenario: Scenario, rows: NDArray[np.int64]) -> Array:
    """Return the sd of that, of some rows, shape (n_chosen, n_days).

    Each day's part of the variance grows with the square of the day's factor.
    """
    factor = growth(basis, scenario)[rows]
    if not has_window(scenario):
        return np.asarray(factor[:, None] * basis.sd_by_day[rows])
    by_day = np.diff(basis.sd_by_day[rows] ** 2, axis=1, prepend=0.0)
    by_day *= (factor[:, None] * in_window(basis, scenario)) ** 2
    return np.asarray(np.sqrt(np.maximum(by_day.cumsum(axis=1), 0.0)))


def by_week(
    basis: "Basis", scenario: Scenario, rows: NDArray[np.int64], weeks: int
) -> tuple[Array, Array]:
    """Return the factor on the demand of each week ahead, and on that up to its end.

    Shape (n_chosen, n_weeks) each; the first week is the rest of the week of ``as_of``.
    """
    factor = np.repeat(growth(basis, scenario)[rows, None], weeks, axis=1)
    if not has_window(scenario):
        return factor, factor
    first = 7 - outlooks.first_weekday(basis.outlook.days)
    end = first - 1 + 7 * np.arange(weeks)
    now, rest = (every[rows][:, end] for every in (ahead(basis, scenario), basis.demand_by_day))
    alone = ratio(np.diff(now, axis=1, prepend=0.0), np.diff(rest, axis=1, prepend=0.0), factor)
    return alone, ratio(now, rest, factor)


def ratio(now: Array, rest: Array, factor: Array) -> Array:
    """Return how many times as large demand is as at rest; the factor where none is expected."""
    known = rest > 0
    return np.where(known, now / np.where(known, rest, 1.0), factor)


def demand_after(cumulative: Array, start: Array, days: Array) -> Array:
    """Return expected demand of some days after another day; days need not be whole.

    Parameters
    ----------
    cumulative : ndarray, shape (n_items, n_days)
        Expected demand up to the end of day 1, 2, ...
    start, days : ndarray, shape (n_items,)
        The day after which they begin, and how many they are. What lies beyond the days given sells
        like the last of them.

    Examples
    --------
    >>> demand_after(np.array([[2.0, 4.0, 6.0, 8.0]]), np.array([1.5]), np.array([2.0])).tolist()
    [4.0]
    """
    last = cumulative.shape[1]
    end = np.minimum(start + days, last)
    begin = np.minimum(start, np.maximum(end - days, 0.0))
    short = np.where(end > begin, days / np.maximum(end - begin, 1e-9), 0.0)
    return np.asarray(short * (demand_by(cumulative, end) - demand_by(cumulative, begin)))


def demand_by(cumulative: Array, days: Array) -> Array:
    """Return expected demand up to the end of a day, which need not be whole, shape (n_items,)."""
    whole = np.clip(np.floor(days).astype(np.int64), 0, cumulative.shape[1] - 1)
    rows = np.arange(len(cumulative))
    low = np.where(whole > 0, cumulative[rows, np.maximum(whole - 1, 0)], 0.0)
    return np.asarray(low + np.clip(days - whole, 0.0, 1.0) * (cumulative[rows, whole] - low))
