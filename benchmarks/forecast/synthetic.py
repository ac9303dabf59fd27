"""Four families of made-up sales, so that nothing is tuned to three real sets.

They are seeded and have what public retail sets are known for: slow, intermittent grocery items;
stores with promotions about every other week; departments whose seasons differ by a factor of ten;
a young webshop whose items are launched, fade, and now and then get one huge order. With them comes
the sample seller. Their figures are reported apart from those of the real sets.
"""

from collections.abc import Callable
from datetime import date

import numpy as np
import pandas as pd

from analytics.services import planning, workspaces
from benchmarks.forecast.sets import WEEK, Array, Panel, since_first_sale

WEEKS = 156
HISTORIES = (13, 26, 52, 104)
MOST = 120  # series judged at one origin


def _mondays(first: date) -> np.ndarray:
    return np.datetime64(first, "D") + np.arange(WEEKS) * WEEK


def _bump(weeks: np.ndarray, month: int, day: int, width: float) -> Array:
    """Return a bell over the weeks around a day of each year, 1 at its top; ``width`` in weeks."""
    tops = [
        np.datetime64(date(year, month, day), "D")
        for year in range(int(str(weeks[0])[:4]), int(str(weeks[-1])[:4]) + 2)
    ]
    gap = np.min([np.abs((weeks - top).astype(int) + 3) for top in tops], axis=0) / 7
    return np.asarray(np.exp(-0.5 * (gap / width) ** 2))


def _walk(rng: np.random.Generator, count: int, sd: float) -> Array:
    """Return log levels that wander by ``sd`` a week, shape (count, WEEKS)."""
    return rng.normal(0, sd, (count, WEEKS)).cumsum(axis=1)


def _counts(rng: np.random.Generator, mean: Array, dispersion: Array | float) -> Array:
    """Return negative binomial counts, ``variance = mean + dispersion mean²``."""
    shape = 1 / np.broadcast_to(np.asarray(dispersion), mean.shape)
    return rng.poisson(rng.gamma(shape, np.maximum(mean, 1e-9) / shape)).astype(np.float64)


def _items(count: int, markets: int, groups: list[str]) -> pd.DataFrame:
    number = np.arange(count)
    return pd.DataFrame(
        {
            "sku": [f"item {n // markets:03d}" for n in number],
            "market": [f"place {n % markets}" for n in number],
            "group": [groups[(n // markets) % len(groups)] for n in number],
        }
    )


def _family(name: str, items: pd.DataFrame, weeks: np.ndarray, units: Array) -> Panel:
    return Panel(name, items, weeks, units, HISTORIES, MOST)


def grocery() -> Panel:
    """Return slow items: a median of one unit a week, runs of zeros, hardly any season."""
    rng = np.random.default_rng(20_261)
    weeks, count = _mondays(date(2021, 3, 1)), 300
    level = np.exp(rng.normal(0.0, 1.2, (count, 1)) + _walk(rng, count, 0.03))
    season = 1 + 0.15 * rng.normal(1, 0.5, (count, 1)) * _bump(weeks, 7, 1, 8)
    season = season * (1 - 0.35 * _bump(weeks, 12, 25, 0.5))
    units = _counts(rng, level * season, rng.gamma(2.0, 0.4, (count, 1)))
    for row in np.flatnonzero(rng.random(count) < 0.3):  # off the shelf for a while, unrecorded
        begin = int(rng.integers(10, WEEKS - 20))
        units[row, begin : begin + int(rng.integers(4, 16))] = 0.0
    gone = np.flatnonzero(rng.random(count) < 0.06)
    for row in gone:
        units[row, int(rng.integers(60, WEEKS)) :] = 0.0
    items = _items(count, 3, ["dry", "drinks", "household", "fresh"])
    return _family("grocery", items, weeks, since_first_sale(units))


def drugstores() -> Panel:
    """Return busy stores: little noise, promotions about every other week, December, closures."""
    rng = np.random.default_rng(20_262)
    weeks, count = _mondays(date(2013, 1, 7)), 200
    level = rng.normal(9.0, 0.4, (count, 1)) + _walk(rng, count, 0.012)
    slips = (rng.random((2, WEEKS)) < 0.1).cumsum(axis=1)  # two chains, each out of step at times
    promoted = ((np.arange(WEEKS) + slips) % 2 == 0)[rng.integers(0, 2, count)]
    promoted &= rng.random((count, WEEKS)) < 0.95
    uplift = rng.normal(0.33, 0.08, (count, 1)) * promoted
    december = rng.normal(0.45, 0.15, (count, 1)) * _bump(weeks, 12, 19, 1.3)
    slack = -0.25 * _bump(weeks, 12, 30, 0.6) - 0.12 * _bump(weeks, 1, 10, 1.5)
    shared = rng.normal(0, 0.04, WEEKS)
    noise = rng.normal(0, 0.06, (count, WEEKS))
    units = np.exp(level + uplift + december + slack + shared + noise).round()
    for row in np.flatnonzero(rng.random(count) < 0.15):
        begin = int(rng.integers(20, WEEKS - 30))
        units[row, begin : begin + int(rng.integers(3, 14))] = np.nan
    return _family("drugstores", _items(count, 1, [""]), weeks, units)


def departments() -> Panel:
    """Return departments of stores: flat ones, gifts with fivefold Decembers, gardens, schools."""
    rng = np.random.default_rng(20_263)
    weeks, count = _mondays(date(2010, 2, 1)), 320
    items = _items(count, 8, ["food", "gifts", "garden", "school", "clothing"])
    shapes = {
        "food": 0.12 * _bump(weeks, 12, 22, 1.0) + 0.1 * _bump(weeks, 11, 24, 0.5),
        "gifts": 1.7 * _bump(weeks, 12, 16, 2.0) + 0.9 * _bump(weeks, 11, 26, 0.5),
        "garden": 1.3 * _bump(weeks, 5, 15, 6.0) - 0.8 * _bump(weeks, 12, 20, 6.0),
        "school": 1.5 * _bump(weeks, 8, 15, 2.2),
        "clothing": 0.4 * _bump(weeks, 4, 10, 3.0) + 0.6 * _bump(weeks, 12, 18, 2.0),
    }
    season = np.stack([shapes[group] for group in items["group"]])
    season = season * rng.normal(1.0, 0.2, (count, 1))
    level = rng.normal(5.5, 1.3, (count, 1)) + _walk(rng, count, 0.02)
    shared = rng.normal(0, 0.05, WEEKS)
    mean = np.exp(level + season + shared + 0.05 * _bump(weeks, 2, 8, 0.5))
    units = _counts(rng, mean, rng.gamma(2.0, 0.015, (count, 1)))
    return _family("departments", items, weeks, units)


def webshop() -> Panel:
    """Return a growing webshop: launches, fading items, Black Friday, huge single orders."""
    rng = np.random.default_rng(20_264)
    weeks, count = _mondays(date(2022, 5, 2)), 300
    week = np.arange(WEEKS)
    launch = np.where(rng.random(count) < 0.4, 0, rng.integers(0, WEEKS - 10, count))[:, None]
    age = np.maximum(week - launch, 0)
    fade = rng.choice([0.0, 0.006, 0.02], (count, 1), p=[0.5, 0.3, 0.2])
    life = (1 - np.exp(-(age + 1) / 4)) * np.exp(-fade * age) * (week >= launch)
    growth = 1 + 0.5 * week / 52
    season = np.exp(0.7 * _bump(weeks, 12, 8, 2.0) + 0.8 * _bump(weeks, 11, 26, 0.5))
    level = np.exp(rng.normal(1.8, 1.3, (count, 1)) + _walk(rng, count, 0.04))
    shared = np.exp(rng.normal(0, 0.1, WEEKS))
    mean = level * life * growth * season * shared
    units = _counts(rng, mean, rng.gamma(2.0, 0.2, (count, 1)))
    freak = rng.random((count, WEEKS)) < 0.004
    units = units + np.where(freak & (life > 0), np.ceil(12 * mean + 10), 0.0)
    return _family(
        "webshop", _items(count, 1, ["home", "toys", "sport"]), weeks, since_first_sale(units)
    )


def sample() -> Panel:
    """Return the sample seller's demand as the app cleans it; without stock it is unobserved."""
    with workspaces.open_sample() as store:
        table = planning.outlook(store).panel
    names = ["sku", "market", "group"]
    wide = table.astype(dict.fromkeys(names, object))
    weeks = np.unique(wide["week"].to_numpy(dtype="M8[D]"))
    items = wide[names].iloc[:: len(weeks)].reset_index(drop=True)
    units = wide["units"].to_numpy(float).reshape(len(items), len(weeks))
    return Panel("sample", items, weeks, units, (13, 26, 52, 78), MOST)


FAMILIES: dict[str, Callable[[], Panel]] = {
    "grocery": grocery,
    "drugstores": drugstores,
    "departments": departments,
    "webshop": webshop,
    "sample": sample,
}
