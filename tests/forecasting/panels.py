"""Panels with a known truth."""

import numpy as np
import pandas as pd

FIRST = np.datetime64("2024-01-01")  # a Monday


def weeks(count):
    return FIRST + np.arange(count) * np.timedelta64(7, "D")


def panel(units, market="US", group="", names=None):
    """A panel out of a matrix, items down and weeks across; NaN = unobserved."""
    units = np.asarray(units, dtype=float)
    count = units.shape[1]
    names = names or [f"S{row:03d}" for row in range(len(units))]
    return pd.DataFrame(
        {
            "sku": np.repeat(names, count),
            "market": market,
            "group": group,
            "week": np.tile(weeks(count).astype("M8[us]"), len(units)),
            "units": units.ravel(),
        }
    )


def christmas(count, height=2.0):
    """Season factors with a peak in the last weeks of the year, averaging about 1."""
    day = (weeks(count) + np.timedelta64(3, "D")).astype("M8[D]")
    of_year = (day - day.astype("M8[Y]").astype("M8[D]")).astype(int) / 7
    return 0.8 + height * np.exp(-0.5 * ((of_year - 48) / 2.5) ** 2)


def sellers(n_items, n_weeks, seed=0, season=True, rate=None):
    """Poisson sellers of very different size that share a season."""
    rng = np.random.default_rng(seed)
    level = np.exp(rng.normal(2.5, 1.0, n_items)) if rate is None else np.full(n_items, rate)
    factor = christmas(n_weeks) if season else np.ones(n_weeks)
    return rng.poisson(level[:, None] * factor).astype(float)
