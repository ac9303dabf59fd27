"""The pooled season beside the one that statsmodels finds in the group's totals."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.forecasting.groups import pools
from analytics.forecasting.matrix import Array, Matrix, matrix
from analytics.forecasting.season import WEEKS_OF_YEAR, Seasons, seasons
from analytics.forecasting.settings import Settings

_COLUMNS = ("group", "items", "weeks", "correlation", "difference")


def cross_check(panel: pd.DataFrame, settings: Settings | None = None) -> pd.DataFrame:
    """Return how well each group's season agrees with statsmodels' STL on the group's totals.

    Parameters
    ----------
    panel : DataFrame
        As `forecast` takes it.
    settings : Settings, optional
        As `forecast` takes them.

    Returns
    -------
    DataFrame
        One row per group that has a season and two whole cycles: ``group``, ``items`` (SKUs that
        taught it), ``weeks``, ``correlation`` (of the log profiles, -1 to 1; NaN for a flat one),
        ``difference`` (root mean square of the log factors, about a share: 0.1 = 10 %).

    Notes
    -----
    Robust STL (Cleveland et al. 1990) with a period of 52 weeks on the log of demand over the sum
    of the observed items' means, so that missing weeks do not look like a season; its seasonal
    component is averaged by week of the year. Two cycles leave STL noisy where a pool is small;
    the pooled profile is drawn to its parent there, and should then be the smoother of the two.
    """
    assumed = settings or Settings()
    data = matrix(panel)
    return checked(data, seasons(data, pools(data, assumed), assumed))


def checked(data: Matrix, season: Seasons) -> pd.DataFrame:
    """Return the cross-check of seasons that are already learnt; see `cross_check`."""
    rows: list[dict[str, object]] = []
    if season.is_learnt and len(data.weeks) >= 2 * WEEKS_OF_YEAR:
        for pool, profile in zip(season.pools.pools, season.log_profile, strict=True):
            reference = _stl_profile(data, pool.rows)
            if reference is not None:
                rows.append({"group": pool.name, "items": len(pool.rows), "weeks": len(data.weeks)})
                rows[-1] |= _agreement(profile, reference)
    return pd.DataFrame(rows, columns=list(_COLUMNS))


def _stl_profile(data: Matrix, rows: NDArray[np.int64]) -> Array | None:
    """Return the log profile by STL, shape (52,); None where a week has no observation at all."""
    from statsmodels.tsa.seasonal import STL  # noqa: PLC0415 - takes 1.5 s, and only here

    observed = data.observed[rows]
    units = data.units[rows]
    usual = units.sum(axis=1) / np.maximum(observed.sum(axis=1), 1)
    expected = usual @ observed
    if not len(rows) or (expected <= 0).any():
        return None
    ratio = (units.sum(axis=0) + 0.02 * expected) / (1.02 * expected)
    fit = STL(np.log(ratio), period=WEEKS_OF_YEAR, robust=True).fit()
    place = data.week_of_year
    count = np.bincount(place, minlength=WEEKS_OF_YEAR)
    total = np.bincount(place, weights=fit.seasonal, minlength=WEEKS_OF_YEAR)
    effect = total / np.maximum(count, 1)
    return np.asarray(effect - np.log(np.exp(effect).mean()))


def _agreement(profile: Array, reference: Array) -> dict[str, object]:
    flat = profile.std() < 1e-9 or reference.std() < 1e-9
    return {
        "correlation": np.nan if flat else float(np.corrcoef(profile, reference)[0, 1]),
        "difference": float(np.sqrt(np.mean((profile - reference) ** 2))),
    }
